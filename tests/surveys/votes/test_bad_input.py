"""Whatever is sent to the votes' addresses, the answer is a refusal in words, never a fault of ours."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from tests.factories import Factory, Visitor
from tests.surveys.votes.stories import NOW, Estate, filled, line_of, opened, vote_row

ODD = ("%00", "%ED%A0%80", "%F0%9F%97%B3", "..", "a" * 3000, "%27%3B--", "None")
TEXTS = ("\x00", "\ud800", "🗳" * 50, "", " ", "<script>", "'; DROP TABLE vote; --")


def post(visitor: Visitor, address: str, body: dict[str, Any]) -> Any:
    """Send JSON as any program may: half a surrogate pair is plain ASCII on the wire."""
    return visitor.post(address, data=json.dumps(body), content_type="application/json")


def test_odd_addresses_are_not_found(client: FlaskClient, estate: Estate, make: Factory) -> None:
    vote_id = opened(estate)
    chen = make.signed_in(estate.accounts["chen"])
    for odd in ODD:
        for address in (
            f"/api/v1/votes/{odd}",
            f"/api/v1/votes/{odd}/result",
            f"/v/{odd}",
            f"/v/{vote_id}/ballot?line={odd}",
            f"/v/{vote_id}/receipt/{odd}",
            f"/api/v1/votes/{vote_id}/receipts/{odd}",
        ):
            assert chen.get(address).status_code in (404, 414), address
        for address in (f"/v/{vote_id}?d={odd}", f"/v/{vote_id}/board?no={odd}", f"/v/{vote_id}/roll?page={odd}"):
            assert client.get(address).status_code in (200, 404), address


def test_odd_ballots_are_refused_in_words(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate)
    chen = make.signed_in(estate.accounts["chen"])
    good = {
        "line_id": line_of(vote_id, "1栋1单元101"),
        "text_hash": vote_row(vote_id).text_hash,
        "choices": filled(vote_id, "approve"),
    }
    (motion,) = good["choices"]  # type: ignore[misc]
    with clock.at(NOW + timedelta(hours=1)):
        for text in TEXTS:
            for body in (
                {**good, "line_id": text},
                {**good, "text_hash": text},
                {**good, "choices": {text: "approve"}},
                {**good, "choices": {motion: text}},
                {**good, "choices": {motion: [text]}},
            ):
                answer = post(chen, f"/api/v1/votes/{vote_id}/ballots", body)
                assert answer.status_code in (404, 409, 422), (body, answer.text)
        for key in ("\x00" * 9, "x" * 65, "short"):
            answer = chen.post(f"/api/v1/votes/{vote_id}/ballots", json=good, key=key.replace("\x00", "\x01"))
            assert answer.status_code == 422


@pytest.mark.parametrize(
    "odd",
    [
        {"closes_at": "9999-12-31T23:59:59-12:00"},
        {"opens_at": "0001-01-01T00:00:00+12:00"},
        {"closes_at": "2026-13-01T00:00:00+08:00"},
        {"notice_days": 10**30},
        {"notice_days": 1.5},
        {"voting_days": True},
        {"place": "\x00"},
        {"place": "\ud800"},
        {"title": "\x00"},
        {"intro": "a\x00b"},
        {"headcount": "by_moon"},
        {"motions": [{"matter": "owners.other", "title": "a\x00b"}]},
        {"motions": [{"matter": "\x00", "title": "x"}]},
        {"motions": [{"matter": "owners.other", "title": "x"}] * 21},
    ],
)
def test_odd_drafts_are_refused_in_words(estate: Estate, make: Factory, odd: dict[str, Any]) -> None:
    street = make.account("o-street")
    make.grant(street, "street_officer", next(p for p in ancestors(reading(), estate.place) if p.kind == "street"))
    good = {"place": estate.place.code, "title": "表决", "motions": [{"matter": "owners.other", "title": "是否同意"}]}
    with clock.at(NOW):
        answer = post(make.signed_in(street), "/api/v1/votes", {**good, **odd})
    assert answer.status_code in (404, 422), answer.text
    assert answer.json is not None
    assert answer.json["detail"]
