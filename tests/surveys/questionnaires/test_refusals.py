"""The server refuses everything the form would, by whichever way it comes in: phone, family, door, ODK Collect, paper.

Each case is the complete sheet with one thing wrong. The door's pack sends what the page at the door sends.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from kernel import clock, pictures
from kernel.database import end_reading, reading
from kernel.web.rate_limits import limiter
from surveys.questionnaires.models import Attachment, Response
from surveys.questionnaires.paper.models import SurveyKeying
from tests.factories import Factory
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW, Survey, drawn
from tests.surveys.questionnaires.openrosa.collect import SIGNED, Phone, Visit, labelled, told
from tests.surveys.questionnaires.paper.test_paper import PAPER, Desk

NEVER = "-"
"""Where XML has no way to say it."""

CASES: list[tuple[str, dict[str, Any], str, Any]] = [
    # what is wrong, the changes, the question that is named, the same as fields of the XForm (None: the changes' texts)
    ("an unknown choice", {"q02": "nobody"}, "q02", None),
    ("an unknown choice among good ones", {"q12": ["water", "moon"]}, "q12", {"q12": "water moon"}),
    ("too many ticks", {"q09": "disagree", "q10": ["cost", "quality", "disturbance", "away"]}, "q10",
     {"q09": "disagree", "q10": "cost quality disturbance away"}),
    ("a tick twice", {"q12": ["water", "water"]}, "q12", {"q12": "water water"}),
    ("none of these, and one of these", {"q12": ["basic_none", "water"]}, "q12", {"q12": "basic_none water"}),
    ("two ranked of three", {"q15": ["drainage", "lift"]}, "q15", NEVER),
    ("a hidden answer", {"q10": ["cost"]}, "q10", {"q10": "cost"}),
    ("a hidden answer of another estate", {"q34": 9}, "q34", {"q34": "9"}),
    ("a question nobody asked", {"q99": "x"}, "q99", NEVER),
    ("a number as text", {"q04": "86"}, "q04", {"q04": "很大"}),
    ("a number out of bounds", {"q04": 999999}, "q04", {"q04": "9999.99"}),
    ("more old people than people", {"q07": {"total": 1, "over_60": 2}}, "q07",
     {"q07__total": "1", "q07__over_60": "2"}),
    ("a row nobody asked", {"q11": {**FULL["q11"], "cats": 3}}, "q11", NEVER),
    ("a grade there is not", {"q11": {**FULL["q11"], "water": 6}}, "q11", {"q11__water": "6"}),
    ("a list for a single choice", {"q02": ["owner"]}, "q02", NEVER),
    ("a text for a list", {"q12": "water"}, "q12", NEVER),
    ("a map for a text", {"q35": {"text": "x"}}, "q35", NEVER),
    ("too long a text", {"q35": "字" * 3000}, "q35", None),
    ("no phone number", {"q36_phone": "12345"}, "q36_phone", None),
    ("a day to come", {"q38_date": "2026-11-23"}, "q38_date", None),
    ("a day there is not", {"q38_date": "2026-02-30"}, "q38_date", None),
    ("without the consent to use it", {"q37": {"use": False, "call": False, "photos": False}}, "q37",
     {"q37__use": "no"}),
    ("somebody else's picture", {"q38": "x" * 22}, "files", NEVER),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _today(app: Flask) -> Iterator[None]:
    with clock.at(NOW):
        limiter.reset()
        yield


def stored() -> tuple[int, int]:
    """How many sheets and keyings there are."""
    end_reading()
    return tuple(reading().scalar(sa.select(sa.func.count()).select_from(each)) for each in (Response, SurveyKeying))


def over_the_api(survey: Survey, client: Any, home: Any, channel: str, account: Any) -> Callable[..., Any]:
    """A way in that posts a whole sheet; the fields its answer names."""
    signed = survey.signature(account, home, channel)
    more = {"q38": signed, "q38_date": "2026-11-22"}
    if channel == "worker_visit":
        more |= {f"q38_visitor_{n}": survey.signature(account, home, channel) for n in (1, 2)}
    if channel == "wechat_by_family":
        more |= {"q38_proxy_name": "黄家豪", "q38_proxy_relation": "child", "q38_proxy_phone": "13912341234"}

    def send(changes: Mapping[str, Any]) -> tuple[int, Any]:
        body = {"dwelling": home.public_id, "channel": channel, "answers": {**FULL, **more, **changes}}
        answer = client.post(f"/api/v1/campaigns/{survey.campaign}/responses", json=body)
        return answer.status_code, answer.json.get("fields")

    return send


def test_whatever_is_wrong_is_refused_with_its_question_by_every_way_and_nothing_is_stored(
    app: Flask, survey: Survey, make: Factory
) -> None:
    account = survey.owner(survey.dwellings[0])
    make.grant(worker := make.account("o-worker"), "community_worker", survey.estate)
    worker = reading().get_one(type(worker), worker.id)
    mine, theirs = make.signed_in(account), make.signed_in(worker)
    desk = Desk(survey)
    paper = desk.register(home=survey.dwellings[3])
    password = theirs.post("/api/v1/work/app-passwords", json={"label": "红米"}).json
    codes = [labelled(survey.dwellings[n]) for n in (2, 4, 5)]
    visit = Visit(survey, Phone(app, password["username"], password["password"]), worker, codes)

    def keyed(changes: Mapping[str, Any]) -> tuple[int, Any]:
        answers = {**PAPER, **changes}
        answer = desk.clients[0].post(f"/api/v1/staff/survey-papers/{paper}/keyings", json={"answers": answers})
        return answer.status_code, answer.json.get("fields")

    ways = {
        "the household's phone": over_the_api(survey, mine, survey.dwellings[0], "wechat_self", account),
        "a child's phone": over_the_api(survey, mine, survey.dwellings[0], "wechat_by_family", account),
        "the door": over_the_api(survey, theirs, survey.dwellings[1], "worker_visit", worker),
        "paper": keyed,
    }
    for number, (what, changes, question, fields) in enumerate(CASES):
        for way, send in ways.items():
            if way == "paper" and question in ("files", "q37"):
                continue  # a paper's signature is on its photo; who ticked no consent on paper left it empty
            status, named = send(changes)
            assert (status, question in (named or {})) == (422, True), (what, way, status, named)
        if fields != NEVER:
            # Its pictures wait thirty days for a sheet that is right, so many a door: not all at one.
            answer = visit.phone.send(visit.filled(codes[number % 3], **(fields or changes)), SIGNED)
            assert (answer.status_code, "：" in told(answer)) == (422, True), (what, "ODK Collect", told(answer))
    assert stored() == (0, 0)
    # And the same sheet without anything wrong comes in by each.
    assert [send({})[0] for send in (ways["the household's phone"], ways["the door"], ways["paper"])] == [201] * 3
    assert visit.phone.send(visit.filled(codes[0]), SIGNED).status_code == 201
    assert stored() == (3, 1)


def picture(*size: int, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (90, 120, 200)).save(out, kind)
    return out.getvalue()


LIMIT = 300_000
"""Instead of 8 MB, which would take its time nine times over."""

FILES = {
    "an empty file": b"",
    "a program called p.jpg": b"MZ\x90\x00" + b"\x00" * 300,
    "a page called p.jpg": b"<!doctype html><script>alert(1)</script>",
    "a drawing that can run scripts": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a picture cut off": picture(400, 300)[:400],
    "a picture's head on a program": picture(40, 30)[:20] + b"MZ\x90\x00" * 100,
    "a moving picture": b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + b"\x00" * 40,
    "a small file that unfolds to a huge picture": picture(8000, 6000, kind="PNG"),
    "a file over the limit": b"\xff\xd8\xff\xe0" + b"\x00" * LIMIT,
}  # fmt: skip


def test_a_file_that_is_too_large_or_lies_about_its_type_is_refused_by_every_way(
    app: Flask, survey: Survey, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_BYTES", LIMIT)
    account, home = survey.owner(survey.dwellings[0]), survey.dwellings[0]
    client = make.signed_in(account)
    desk = Desk(survey)
    theirs = desk.clients[0]
    password = theirs.post("/api/v1/work/app-passwords", json={"label": "红米"}).json
    code = labelled(survey.dwellings[2])
    visit = Visit(survey, Phone(app, password["username"], password["password"]), desk.accounts[0], [code])
    url = f"/api/v1/campaigns/{survey.campaign}/attachments"
    for what, data in FILES.items():
        for by, channel, where in ((client, "wechat_self", home), (theirs, "worker_visit", survey.dwellings[1])):
            for purpose in ("photo", "signature"):
                form = {"dwelling": where.public_id, "channel": channel, "purpose": purpose}
                answer = by.post(url, data={**form, "file": (io.BytesIO(data), "p.jpg", "image/jpeg")})
                assert answer.status_code in (413, 422), (what, channel, purpose, answer.status_code)
        form = {"purpose": "paper_response", "place": desk.building.code}
        proof = theirs.post("/api/v1/evidence", data={**form, "file": (io.BytesIO(data), "p.jpg", "image/jpeg")})
        assert proof.status_code in (413, 422), (what, "paper", proof.status_code)
        sent = visit.phone.send(visit.filled(code), {**SIGNED, "one.jpg": data})
        assert sent.status_code == 422, (what, "ODK Collect", sent.status_code)
    end_reading()
    kept = reading().scalars(sa.select(Attachment.dwelling_id)).all()
    assert set(kept) <= {survey.dwellings[2].id}  # of the forms: the good pictures that came before the bad one
    assert stored() == (0, 0)
    assert client.post(url, data={"dwelling": home.public_id, "channel": "wechat_self", "purpose": "signature",
                                  "file": (io.BytesIO(drawn()), "s.png")}).status_code == 201  # fmt: skip
