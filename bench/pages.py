"""What a page costs a cheap phone: bytes over the wire and the time until it can be used.

    sh dev bench pages [PATH …] [--as OPENID] [--rounds 3] [--json]

Starts the demo city under gunicorn, opens each page in a fresh browser (nothing cached, but signed in) with the network
held to 1.6 Mb/s and 150 ms there and back and the processor slowed 6 times, and prints medians.

* *usable*: the later of the first contentful paint and DOMContentLoaded, which waits for all modules of the page.
* *bytes to usable*: everything received by then, as it came over the wire (compressed), with the headers of HTTP/1.1;
  *bodies*: the same without headers (HTTP/2 in front of gunicorn packs those to a few bytes).
* *all bytes*: what came until the network was quiet, so with everything the page loads later.
"""

import argparse
import json
import re
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Page

from tests.support.browser import Phone, launch
from tests.support.live import Live

DOWN_BYTES_S = 1_600_000 // 8
UP_BYTES_S = 750_000 // 8
ROUND_TRIP_MS = 150
CPU_SLOWDOWN = 6


@dataclass(frozen=True)
class Visit:
    """One cold visit. Times in ms after the navigation began, sizes in bytes on the wire."""

    first_paint_ms: float
    usable_ms: float
    bytes_to_usable: int
    bodies_to_usable: int
    bytes_all: int
    requests: int
    dom_nodes: int


def slow_down(page: Page) -> Any:
    """Holds the page's network and processor to a cheap phone's; gives the CDP session."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
    cdp.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": DOWN_BYTES_S,
            "uploadThroughput": UP_BYTES_S,
            "connectionType": "cellular4g",
        },
    )
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    return cdp


def visit(phone: Phone, path: str) -> Visit:
    """Opens ``path`` cold on a slowed page of this phone and measures."""
    page = phone.context.new_page()
    cdp = slow_down(page)
    arrived: list[tuple[float, int, int]] = []
    started: dict[str, float] = {}
    headers: dict[str, int] = {}
    cdp.on("Network.requestWillBeSent", lambda e: started.setdefault("first", e["timestamp"]))
    cdp.on(
        "Network.responseReceivedExtraInfo",
        lambda e: headers.__setitem__(e["requestId"], len(e.get("headersText", ""))),
    )
    cdp.on(
        "Network.loadingFinished",
        lambda e: arrived.append((e["timestamp"], int(e["encodedDataLength"]), headers.get(e["requestId"], 0))),
    )
    page.goto(path, wait_until="load")
    page.wait_for_load_state("networkidle")
    times = page.evaluate(
        """() => {
      const n = performance.getEntriesByType('navigation')[0];
      const p = performance.getEntriesByName('first-contentful-paint')[0];
      return [p ? p.startTime : 0, n.domContentLoadedEventEnd, document.querySelectorAll('*').length];
    }"""
    )
    usable_ms = max(times[0], times[1])
    until = started["first"] + usable_ms / 1000
    page.close()
    return Visit(
        first_paint_ms=times[0],
        usable_ms=usable_ms,
        bytes_to_usable=sum(size for at, size, _ in arrived if at <= until),
        bodies_to_usable=sum(size - head for at, size, head in arrived if at <= until),
        bytes_all=sum(size for _, size, _ in arrived),
        requests=len(arrived),
        dom_nodes=int(times[2]),
    )


def sign_in(phone: Phone, openid: str, path: str) -> Page:
    """Opens ``path`` signed in as one of the demo's people; the sandbox is not asked who that is."""
    return phone.belongs_to(openid).go("/signin?next=" + quote(path, safe="/"))


def median_visit(browser: Browser, live: Live, path: str, openid: str, rounds: int) -> Visit:
    """The median of ``rounds`` cold visits, each on a phone of its own that signed in before."""
    visits = []
    for _ in range(rounds):
        phone = Phone(browser, live.url)
        if openid:
            sign_in(phone, openid, path)
            phone.page.close()
        visits.append(visit(phone, path))
        phone.close()
    return Visit(**{name: statistics.median_low([asdict(v)[name] for v in visits]) for name in asdict(visits[0])})


def pages_of_the_card(live: Live) -> list[tuple[str, str, str]]:
    """(role, path, openid) of every address the demo card offers."""
    people = json.loads((live.folder / "sandbox" / "personas.json").read_text(encoding="utf-8"))
    found = []
    for line in live.flask("demo", "card").splitlines():
        address = re.search(rf"{re.escape(live.url)}(/\S*)", line)
        if address:
            openid = next((person["openid"] for person in people if person["name"].split("（")[0] in line), "")
            found.append((line.split("http")[0].strip(), address.group(1), openid))
    return found


def pages_behind(browser: Browser, live: Live, path: str, openid: str) -> list[tuple[str, str, str]]:
    """What a resident's page leads to: the questionnaire, the votes, the deposit."""
    phone = Phone(browser, live.url)
    links = sign_in(phone, openid, path).eval_on_selector_all(
        "a[href]", "links => links.map(a => a.getAttribute('href'))"
    )
    phone.close()
    wanted = [link for link in dict.fromkeys(links) if link.startswith(("/q/", "/v/", "/pay/"))]
    return [(link.split("/")[1] + ": " + link[:24], link, openid) for link in wanted]


def main(arguments: list[str] | None = None) -> int:
    """Prints one line a page; with ``--json`` a list of objects."""
    parser = argparse.ArgumentParser(prog="sh dev bench pages", description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", metavar="PATH", help="pages of the demo city; default: those of the card")
    parser.add_argument("--as", dest="openid", default="demo-resident", help="who opens them (an openid)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    results = []
    with tempfile.TemporaryDirectory() as folder, launch() as browser:
        live = Live(Path(folder), workers=2).start()
        try:
            pages = [(path, path, given.openid) for path in given.paths]
            if not pages:
                pages = pages_of_the_card(live)
                pages += pages_behind(browser, live, *next(page[1:] for page in pages if page[1].startswith("/h/")))
            for name, path, openid in pages:
                results.append((name, path, median_visit(browser, live, path, openid, given.rounds)))
        finally:
            live.stop()
    if given.json:
        json.dump([{"page": name, "path": path, **asdict(v)} for name, path, v in results], sys.stdout, indent=1)
        return 0
    print("| page | first paint ms | usable ms | bytes to usable | of it bodies | all bytes | requests | DOM |")
    print("|---|---|---|---|---|---|---|---|")
    for name, _, v in results:
        print(
            f"| {name} | {v.first_paint_ms:.0f} | {v.usable_ms:.0f} | {v.bytes_to_usable:,} "
            f"| {v.bodies_to_usable:,} | {v.bytes_all:,} | {v.requests} | {v.dom_nodes} |"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
