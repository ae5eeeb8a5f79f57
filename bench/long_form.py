"""Does a long imported questionnaire keep the first question waiting? 200 questions against the official 38.

    sh dev bench long_form [--rounds 5]

A sheet of 200 questions without groups is written as an XLSForm, imported with ``flask survey import`` into the demo
city and asked in the demo resident's estate. Both are then opened in turn on a phone held to 1.6 Mb/s, 150 ms and a
processor slowed six times, cold each time, and a tap on 开始填写 brings the first question. The median of both is
printed, and their ratio, which is the figure to compare between machines.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from bench.pages import pages_behind, pages_of_the_card, sign_in, slow_down
from portal.demo.personas import TAOYUAN
from surveys.questionnaires.xlsform import workbook
from tests.support.browser import Phone, launch
from tests.support.live import Live

QUESTIONS = 200
RESIDENT = "demo-resident"


def sheets() -> dict[str, list[dict[str, str]]]:
    """An XLSForm of many questions of the common types, in one long list."""
    survey: list[dict[str, str]] = []
    for number in range(1, QUESTIONS + 1):
        label = f"{number}. 关于本小区第 {number} 件事，您家的看法和需要是什么？"
        row = {"name": f"q{number}", "label": label}
        kinds = (
            {"type": "select_one scale"},
            {"type": "select_multiple works", "constraint": "count-selected(.) <= 3"},
            {"type": "integer", "constraint": ". >= 0 and . <= 99"},
            {"type": "text", "constraint": "string-length(.) <= 200"},
        )
        survey.append({**row, **kinds[(number + 1) % 4]})
    choices = [{"list_name": "scale", "name": f"s{n}", "label": f"程度 {n}"} for n in range(1, 6)]
    choices += [{"list_name": "works", "name": f"w{n}", "label": f"第 {n} 项改造内容"} for n in range(1, 21)]
    settings = [{"form_id": "long-form", "form_title": "二百题问卷", "version": "1"}]
    return {"survey": survey, "choices": choices, "settings": settings}


def first_question_ms(browser: Browser, live: Live, path: str) -> tuple[float, float]:
    """(ready for the tap, first question there), in ms after the navigation began; a cold phone."""
    phone = Phone(browser, live.url)
    sign_in(phone, RESIDENT, path)
    phone.page.close()
    page = phone.context.new_page()
    slow_down(page)
    page.goto(path, wait_until="commit")
    page.wait_for_selector("body[data-ready]", state="attached")
    ready: float = page.evaluate("performance.now()")
    page.locator("[data-next]").click()
    page.wait_for_selector(".q")
    shown: float = page.evaluate("performance.now()")
    phone.close()
    return ready, shown


def main(arguments: list[str] | None = None) -> int:
    """Print both medians and the ratio."""
    parser = argparse.ArgumentParser(prog="sh dev bench long_form", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, launch() as browser:
        live = Live(Path(folder), demo=("demo", "seed", "--if-empty", "--households", "20"), workers=1).start()
        try:
            door = next(path for _, path, _ in pages_of_the_card(live) if path.startswith("/h/"))
            official = next(
                path for _, path, _ in pages_behind(browser, live, door, RESIDENT) if path.startswith("/q/")
            )
            form = Path(folder) / "long.xlsx"
            form.write_bytes(workbook.written(sheets()))
            told = json.loads(live.flask("survey", "import", str(form), "--json"))
            made = ("--questionnaire", "long-form", "--title", "二百题", "--year", "2026", "--place", TAOYUAN)
            campaign = live.flask("survey", "create", *made).strip().splitlines()[-1]
            live.flask("survey", "open", campaign)
            long = f"/q/{campaign}/{official.split('/')[3]}"
            times: dict[str, list[tuple[float, float]]] = {official: [], long: []}
            for _ in range(given.rounds):
                for path in times:
                    times[path].append(first_question_ms(browser, live, path))
        finally:
            live.stop()
    ready, shown = (
        [statistics.median(one[part] for one in times[path]) for path in (official, long)] for part in (0, 1)
    )
    print("| questions | ready ms | first question ms |")
    print("|---|---|---|")
    for words, at, seen in (
        ("38 (official)", ready[0], shown[0]),
        (f"{told['questions']} (imported)", ready[1], shown[1]),
    ):
        print(f"| {words} | {at:.0f} | {seen:.0f} |")
    print(f"ratio {shown[1] / shown[0]:.2f} ({given.rounds} rounds in turn)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
