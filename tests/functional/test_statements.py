"""No page asks the database once for each of its rows: all pages everybody can reach in the demo city, counted."""

import html
import re
from collections import Counter

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from kernel.database import reading
from kernel.people import queries as people
from portal.demo.personas import PERSONAS
from tests.factories import Factory

STARTS = ("/", "/work", "/board", "/city", "/work/cash", "/work/cash-desk")
LINK = re.compile(r'href="(/[^"#]*)')
FILES = re.compile(r"\.(pdf|xlsx|txt)(\?|$)|^/(assets|api|signin)\b")

MOST = 3
"""How often one page may ask the same thing of different rows. The demo's lists are longer than that."""

BY_A_FEW = {
    "alarms_pages.alarms": "both sides of a payment that came twice, until it is settled",
    "city.district": "a plan year each; kept a second",
    "payments_public_pages.books": "a publication each, until a screen of rows is found; kept a second",
    "street_desk.desk": "a bank account each, of which a street has one",
    "survey_needs_pages.menu": "an estate each, twelve at the most",
    "votes_paper_pages.overview": "a running vote each",
    "work.dwelling": "a running vote each",
}
"""Pages that ask more often, and of what: none of it grows with homes, estates or payments."""

LISTS = {
    "board.my_boards", "work.overview", "bodies_staff_pages.overview", "vote_delivery_pages.overview",
    "estate_clusters_pages.clusters", "spending_work.estates", "refunds_work.estates", "refunds_transfers.transfers",
    "survey_calls_pages.call_list", "survey_running_pages.run", "elections_staff_pages.manage", "elections_pages.call",
    "city.front", "payments_public_pages.books", "home.home", "home_resident.dwelling",
}  # fmt: skip
"""Lists that must be among the pages walked."""


def _endpoint(app: Flask, path: str) -> str | None:
    try:
        endpoint: str = app.url_map.bind("localhost").match(path.partition("?")[0])[0]
    except HTTPException:
        return None
    return endpoint


def _walk(
    app: Flask,
    client: FlaskClient,
    times: Counter[str],
    asked: list[tuple[str, str]],
    worst: dict[str, tuple[int, str]],
) -> None:
    """Follow every link a visitor finds to pages that were not seen five times (``times``) by now."""
    todo, seen = list(STARTS), set(STARTS)
    while todo:
        path = todo.pop(0)
        endpoint = _endpoint(app, path)
        if endpoint is None or (times[endpoint] >= 5 and path not in STARTS) or FILES.search(path):
            continue
        asked.clear()
        answer = client.get(path, headers={"Accept": "text/html"})
        found = [answer.headers["Location"]] if answer.status_code == 302 else []
        if answer.status_code == 200:
            times[endpoint] += 1
            shapes = Counter(shape for shape, _ in set(asked))
            shape, most = max(shapes.items(), key=lambda pair: pair[1], default=("", 0))
            worst[endpoint] = max(worst.get(endpoint, (0, "")), (most, f"{path}: {shape[:160]}"))
            found = [html.unescape(link) for link in LINK.findall(answer.text)]
        for link in found:
            if link not in seen:
                seen.add(link)
                todo.append(link)


@pytest.mark.parametrize("database_url", ["demo"], indirect=True)
def test_no_page_asks_the_database_once_for_each_row(app: Flask, make: Factory) -> None:
    asked: list[tuple[str, str]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked.append((re.sub(r"\(\?(, \?)*\)", "(?)", " ".join(statement.split())), repr(values)))

    worst: dict[str, tuple[int, str]] = {}
    times = Counter[str]()
    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        for persona in reversed(PERSONAS):  # those who see most come first
            account = people.account_by_openid(reading(), persona.openid)
            assert account is not None
            _walk(app, make.signed_in(account), times, asked, worst)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert worst.keys() >= LISTS, LISTS - worst.keys()
    assert len(worst) > 100
    assert {page: told for page, told in worst.items() if told[0] > MOST and page not in BY_A_FEW} == {}
