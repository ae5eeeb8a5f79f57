"""What a page of results costs with ten thousand and with a million answers stored, and what an export takes.

    sh dev bench results [--pages 10000,100000,1000000] [--exports 10000,100000] [--formats csv,sav,xlsx] [--rounds 30]

Each size is a fresh SQLite city of 20 estates in a process of its own. Responses are inserted by SQL from one sheet of
41 answers; the counters, the public releases and the estates' sheets are then made as the jobs make them (from the
counts of that sheet), so a page reads what it would read. Pages go through the application without a network. Exports
are the job's own work without names, with the peak of the process's memory. Compare rows of one table only.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.parts.seeding import places
from kernel import clock
from kernel.clock import CHINA
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.people.models import Account
from kernel.places.models import Place
from surveys.questionnaires import data, queries
from surveys.questionnaires.exports.models import Format
from surveys.questionnaires.exports.table import write
from surveys.questionnaires.models import Campaign, TallyCounter
from surveys.questionnaires.publicly.models import PublicRelease
from surveys.questionnaires.rules import release, sheet, tally
from surveys.questionnaires.rules.rates import Part, Rates
from surveys.questionnaires.services import campaigns, forms, results
from surveys.questionnaires.sheets.models import EstateSheet
from tests.conftest import migrated, test_config
from tests.factories import Factory
from tests.surveys.questionnaires.answers import FULL

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=CHINA)
PRIVATE = ("q36", "q36_phone")


@use_case
def fill(campaign: str, number: int, where: list[tuple[int, int, str]]) -> None:
    """Insert ``number`` homes with a response that counts each, and what the jobs would have made of them."""
    answers = {code: value for code, value in FULL.items() if code not in PRIVATE}
    with transaction() as session:
        found = queries.campaign_by_public_id(session, campaign)
        account = Account(public_id=new_public_id(), openid="bench", created_at=NOW)
        session.add(account)
        session.flush()
        estates, buildings = [row[0] for row in where], [row[1] for row in where]
        many = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :number)"
        values = {
            "number": number,
            "first": estates[0],
            "building": buildings[0],
            "step": estates[1] - estates[0],
            "estates": len(estates),
            "campaign": found.id,
            "version": found.version_id,
            "account": account.id,
            "answers": json.dumps(answers, ensure_ascii=False),
            "at": NOW.astimezone(tz=None).replace(tzinfo=None).isoformat(sep=" "),
        }
        for statement in (
            "INSERT INTO dwelling"
            " (public_id, estate_id, building_id, unit, floor, door, area_dm2, use, label, sort_key)"
            f" {many} SELECT 'd' || i, :first + i % :estates * :step, :building + i % :estates * :step, '1', i % 7 + 1,"
            " i, 8000, 'home', '1栋' || i, i FROM n",
            "INSERT INTO response (public_id, campaign_id, version_id, dwelling_id, estate_id, channel, relation,"
            " account_id, submitted_at, answers, receipt) SELECT 'r' || id, :campaign, :version, id, estate_id,"
            " 'wechat_self', 'self', :account, :at, :answers, 'x' FROM dwelling",
            "INSERT INTO valid_response (campaign_id, dwelling_id, response_id)"
            " SELECT campaign_id, dwelling_id, id FROM response",
        ):
            session.execute(sa.text(statement), values)
        counts = tally.count(forms.form_of(session, found.version_id), answers)
        each = number // len(estates)
        counted = Counter({key: n * each for key, n in counts.items()})
        homes = Part(each, 8000 * each)
        made = sheet.written(sheet.Sheet(Rates(homes, Part(), homes, homes, homes), (), {}))
        base = [{"campaign_id": found.id, "estate_id": estate} for estate in estates]
        session.execute(
            sa.insert(TallyCounter),
            [
                row | {"channel": "wechat_self", "question": key[0], "row": key[1], "cell": key[2], "n": n}
                for row in base
                for key, n in counted.items()
            ],
        )
        shown = release.written(release.Release(counted))
        session.execute(
            sa.insert(PublicRelease), [row | {"number": 1, "taken_at": NOW, "document": shown} for row in base]
        )
        session.execute(
            sa.insert(EstateSheet),
            [row | {"made_at": NOW, "responses": each, "homes": each, "document": made} for row in base],
        )


def city(folder: Path, number: int) -> tuple[Flask, str]:
    """A fresh city with so many answers; the campaign's public id."""
    app = migrated(test_config(folder, f"sqlite:///{folder}/city.db"))
    app.app_context().push()  # for as long as this process lives
    where = places()
    loaded = forms.load(data.shipped("estate-renovation-needs"), actor="bench", now=NOW)
    campaign = campaigns.create(
        version=loaded.version.public_id,
        title="bench",
        year=2026,
        place_codes=["bench"],
        opens_at=None,
        closes_at=None,
        person_id=None,
        actor="bench",
        now=NOW,
    )
    campaigns.open_by_hand(campaign, person_id=None, actor="bench", now=NOW)
    fill(campaign, number, where)
    return app, campaign


def cost_ms(work: Callable[[], Any], rounds: int) -> float:
    """Median of this process's processor time."""
    work()
    spent = []
    for _ in range(rounds):
        before = time.process_time()
        work()
        spent.append((time.process_time() - before) * 1e3)
    return statistics.median(spent)


def pages(number: int, rounds: int) -> dict[str, float]:
    """What each page costs with so many answers stored: milliseconds of the processor."""
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder:
        app, campaign = city(Path(folder), number)
        client = app.test_client()
        make = Factory()
        officer = make.account()
        make.grant(officer, "city_officer", reading().scalars(sa.select(Place).where(Place.kind == "city")).one())
        person = reading().get_one(Account, officer.id).person_id
        ticks = iter(range(10**6))

        def public(path: str) -> None:
            # A second later each time: the page kept for a second is not what is measured.
            with clock.at(datetime.fromtimestamp(NOW.timestamp() + next(ticks), CHINA)):
                answer = client.get(path)
            assert answer.status_code == 200, answer.status_code

        def staff(estate: str) -> None:
            results.staff_results(campaign, estate, person_id=person, now=clock.now())

        return {
            "public page of an estate": cost_ms(lambda: public(f"/q/{campaign}/results?estate=bench-1"), rounds),
            "public page of the city": cost_ms(lambda: public(f"/q/{campaign}/results?place=bench"), rounds),
            "what staff see of an estate": cost_ms(lambda: staff("bench-1"), rounds),
            "what staff see of the city": cost_ms(lambda: staff(""), rounds),
        }


def export(number: int, format: str) -> dict[str, float]:
    """Seconds by the clock and of the processor, and the peak of memory in MB, of a file of so many answers."""
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-") as folder:
        _, campaign = city(Path(folder), number)
        found = reading().scalars(sa.select(Campaign).where(Campaign.public_id == campaign)).one()
        estates = [estate.id for estate in queries.estates_of(reading(), found.id)]
        before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        path = Path(folder) / f"file.{format}"
        wall, cpu = time.perf_counter(), time.process_time()
        written = write(
            found, estates, path, format=Format(format), named=False, tell=lambda done, of: None, now=clock.now()
        )
        assert written == number, written
        return {
            "s": time.perf_counter() - wall,
            "cpu_s": time.process_time() - cpu,
            "before_mb": before_mb,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "file_mb": path.stat().st_size / 1e6,
        }


def _apart(*arguments: str) -> dict[str, float]:
    """Run one measurement in a process of its own: memory is a process's."""
    command = [sys.executable, "-m", "bench.results", *arguments]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def main() -> None:
    """Measure and print; one size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", default="10000,100000,1000000")
    parser.add_argument("--exports", default="10000,100000")
    parser.add_argument("--formats", default="csv,sav,xlsx")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--one", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        what, number, *more = asked.one
        print(json.dumps(pages(int(number), asked.rounds) if what == "pages" else export(int(number), more[0])))
        return
    sizes = [int(each) for each in asked.pages.split(",") if each]
    told = {size: _apart("--rounds", str(asked.rounds), "--one", "pages", str(size)) for size in sizes}
    print("| page, ms of the processor | " + " | ".join(f"{size:,}" for size in sizes) + " | ratio |")
    print("|---" * (len(sizes) + 2) + "|")
    for name in told[sizes[0]] if sizes else ():
        row = [told[size][name] for size in sizes]
        print(f"| {name} | " + " | ".join(f"{ms:.1f}" for ms in row) + f" | {row[-1] / row[0]:.2f} |")
    print("\n| export | responses | s | processor s | responses a second | MB at start | MB at peak | file MB |")
    print("|---|---|---|---|---|---|---|---|")
    for format in [each for each in asked.formats.split(",") if each]:
        for size in [int(each) for each in asked.exports.split(",") if each]:
            one = _apart("--one", "export", str(size), format)
            print(
                f"| {format} | {size:,} | {one['s']:.1f} | {one['cpu_s']:.1f} | {size / one['cpu_s']:,.0f}"
                f" | {one['before_mb']:.0f} | {one['peak_mb']:.0f} | {one['file_mb']:.1f} |"
            )


if __name__ == "__main__":
    main()
