"""Secret elections over HTTP: key, envelope, receipt, opened list; and what each kind of visitor gets."""

import base64
import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from surveys.votes import ceremony, verify_secret
from tests.factories import Factory, Visitor
from tests.surveys.votes.secret_stories import (
    Secret,
    cast_secretly,
    opened_by_trustees,
    sealed_by_phone,
    secret_election,
)
from tests.surveys.votes.stories import CLOSES, GROUP, NOW, PUMP, Estate, drafted, line_of, opened, vote_row

DURING = NOW + timedelta(hours=2)
DOOR = "1栋1单元101"


@pytest.fixture
def election(estate: Estate) -> Secret:
    return secret_election(estate)


def body(election: Secret, label: str, names: list[str], number: str) -> dict[str, Any]:
    return {
        "line_id": line_of(election.vote_id, label),
        "text_hash": vote_row(election.vote_id).text_hash,
        "envelope": base64.b64encode(sealed_by_phone(election, names, number)).decode(),
    }


def text_of(page: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def street_officer(make: Factory, estate: Estate) -> Visitor:
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    account = make.account()
    make.grant(account, "street_officer", street)
    return make.signed_in(account)


def test_an_envelope_is_cast_twice_and_both_receipts_say_which_counts(
    estate: Estate, make: Factory, election: Secret
) -> None:
    chen = make.signed_in(estate.accounts["chen"])
    url = f"/api/v1/votes/{election.vote_id}/envelopes"
    with clock.at(DURING):
        sent = body(election, DOOR, ["陈建国"], "111111111111")
        first = chen.post(url, json=sent, key="one-key-of-chen")
        assert first.status_code == 201, first.json
        assert chen.post(url, json=sent, key="one-key-of-chen").json == first.json
        second = chen.post(url, json=body(election, DOOR, ["赵敏"], "222222222222"))
        assert second.status_code == 201
        old, new = (
            text_of(chen.get(f"/v/{election.vote_id}/receipt/{answer.json['receipt_no']}"))
            for answer in (first, second)
        )
        assert chen.get(f"/v/{election.vote_id}/ballot?line={sent['line_id']}").status_code == 200, "it may be recast"
    assert "已被重投代替" in old
    assert "已被重投代替" not in new
    assert second.json["envelope_hash"] in new
    assert len(second.data) == len(first.data)


def test_the_notice_prints_the_keys_fingerprint_and_the_phone_gets_key_and_length(
    client: FlaskClient, election: Secret
) -> None:
    with clock.at(DURING):
        page = text_of(client.get(f"/v/{election.vote_id}"))
    assert election.public["fingerprint"] in page
    assert "无记名投票" in page
    key = client.get(f"/api/v1/votes/{election.vote_id}/election-key").json
    assert key["public_key"] == election.public["public_key"]
    assert key["plain_length"] > 100


def test_odd_envelopes_are_refused_in_words(estate: Estate, make: Factory, election: Secret) -> None:
    chen = make.signed_in(estate.accounts["chen"])
    url = f"/api/v1/votes/{election.vote_id}/envelopes"
    with clock.at(DURING):
        sent = body(election, DOOR, ["陈建国"], "111111111111")
        for broken in (
            {**sent, "envelope": "not base64!"},
            {**sent, "envelope": "AQ=="},
            {**sent, "envelope": 7},
            {**sent, "envelope": "A" * 80_000},
            {**sent, "choices": {}},
            {"envelope": sent["envelope"]},
        ):
            assert chen.post(url, json=broken).status_code == 422, str(broken)[:80]
        named = chen.post(
            f"/api/v1/votes/{election.vote_id}/ballots",
            json={"line_id": sent["line_id"], "text_hash": sent["text_hash"], "choices": {}},
        )
        assert named.status_code in (409, 422)
        zhao = make.signed_in(estate.accounts["zhao"])
        assert zhao.post(url, json=sent).status_code == 404


def test_the_opened_list_is_public_after_the_opening_only(
    estate: Estate, make: Factory, client: FlaskClient, election: Secret
) -> None:
    cast_secretly(election, estate, "chen", DOOR, ["陈建国", "李桂兰"], "111111111111")
    cast_secretly(election, estate, "li", "1栋1单元201", [], "222222222222")
    for url in (
        f"/v/{election.vote_id}/numbers",
        *(f"/api/v1/votes/{election.vote_id}/{w}" for w in ("opening", "secret-bundle")),
    ):
        assert client.get(url).status_code == 409
    opened_by_trustees(election)
    page = text_of(client.get(f"/v/{election.vote_id}/numbers"))
    assert re.search(r"1111 1111 1111\s+(陈建国、李桂兰|李桂兰、陈建国)", page)
    assert re.search(r"2222 2222 2222\s+弃权", page)
    assert [each["number"] for each in client.get(f"/api/v1/votes/{election.vote_id}/opening").json["ballots"]] == [
        "111111111111",
        "222222222222",
    ]
    bundle = client.get(f"/api/v1/votes/{election.vote_id}/secret-bundle").json
    assert verify_secret.verify(bundle).faults == []
    result = text_of(client.get(f"/v/{election.vote_id}/result"))
    assert "无记名，按号码逐张公布" in result
    assert client.get(f"/v/{election.vote_id}/result.pdf").data[:4] == b"%PDF"


def test_an_organiser_sets_the_key_of_a_draft_and_is_told_how_to_open(
    estate: Estate, make: Factory, election: Secret
) -> None:
    officer = street_officer(make, estate)
    public, _ = ceremony.make(3, 2)
    vote_id = drafted(estate, GROUP)
    assert "130 个字符" in text_of(officer.get(f"/work/votes/{vote_id}"))
    assert "130 个字符" not in text_of(officer.get(f"/work/votes/{drafted(estate, PUMP)}"))
    url = f"/api/v1/votes/{vote_id}/election-key"
    assert officer.post(url, json={"public_key": "04"}).status_code == 422
    answer = officer.post(url, json={"public_key": public["public_key"]})
    assert (answer.status_code, answer.json["fingerprint"]) == (200, public["fingerprint"])
    assert public["fingerprint"] in text_of(officer.get(f"/work/votes/{vote_id}"))
    assert (
        make.signed_in(estate.accounts["chen"]).post(url, json={"public_key": public["public_key"]}).status_code == 403
    )
    with clock.at(CLOSES):
        assert officer.post(f"/api/v1/votes/{election.vote_id}/closing", json={}).status_code == 200
        refused = officer.post(f"/api/v1/votes/{election.vote_id}/result", json={})
        page = text_of(officer.get(f"/work/votes/{election.vote_id}"))
    assert (refused.status_code, refused.json["code"]) == (409, "secret-vote")
    assert "保管人开箱" in page


def test_named_votes_have_no_key_and_no_opened_list(client: FlaskClient, estate: Estate) -> None:
    vote_id = opened(estate, PUMP)
    for path in ("election-key", "opening", "secret-bundle"):
        assert client.get(f"/api/v1/votes/{vote_id}/{path}").status_code == 409
