"""The voter confirms on a worker's phone by a code of the own phone: right, wrong, twice, another's, too late."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.database import reading
from kernel.errors import Conflict, Gone, TooMany
from portal import jobs
from portal.notices import sms
from surveys.votes import queries, verify
from surveys.votes.assisted import queries as assisted
from surveys.votes.assisted import services as codes
from surveys.votes.rules import assisted as rules
from surveys.votes.services import bundles, counting
from tests.factories import Factory
from tests.surveys.votes.paper.stories import AT, Worker, a_worker, photo_of
from tests.surveys.votes.proofs import logged
from tests.surveys.votes.stories import CLOSES, GROUP, PUMP, STREET, Estate, cast, filled, line_of, opened, vote_row
from tests.surveys.votes.test_http import text_of

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ago", "by_worker", "may"),
    [([], 0, True), ([59], 0, False), ([60], 0, True), ([60] * 4, 0, True), ([60] * 5, 0, False), ([], 100, False)],
)
def test_codes_go_out_a_minute_apart_and_not_too_many_a_day(ago: list[int], by_worker: int, may: bool) -> None:
    sent = [AT - timedelta(seconds=seconds) for seconds in ago]
    if may:
        rules.may_send(sent, by_worker, AT)
    else:
        with pytest.raises(TooMany):
            rules.may_send(sent, by_worker, AT)


@pytest.mark.parametrize(
    ("wrong", "used", "expires_at", "refusal"),
    [
        (4, False, AT + MINUTE, None),
        (5, False, AT + MINUTE, Conflict),
        (0, True, AT + MINUTE, Gone),
        (0, False, AT, Gone),
    ],
)
def test_a_code_is_answered_while_it_is_good(
    wrong: int, used: bool, expires_at: datetime, refusal: type[Exception] | None
) -> None:
    if refusal is None:
        rules.may_answer(wrong=wrong, used=used, expires_at=expires_at, now=AT)
    else:
        with pytest.raises(refusal):
            rules.may_answer(wrong=wrong, used=used, expires_at=expires_at, now=AT)


@pytest.fixture
def worker(estate: Estate, make: Factory) -> Worker:
    return a_worker(make, estate)


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The short messages that went out: (number, text)."""
    found: list[tuple[str, str]] = []
    monkeypatch.setattr(sms, "send", lambda phone, text: found.append((phone, text)))
    return found


def ballot(vote_id: str, door: str, voter: str, *given: object, **proof: Any) -> dict[str, Any]:
    return {
        "line_id": line_of(vote_id, f"1栋1单元{door}"),
        "text_hash": vote_row(vote_id).text_hash,
        "choices": filled(vote_id, *given),
        "voter": voter,
        **proof,
    }


def test_the_voter_says_the_code_of_the_own_phone_and_the_ballot_says_so(
    estate: Estate, make: Factory, worker: Worker, inbox: list[tuple[str, str]]
) -> None:
    vote_id = opened(estate, PUMP)
    hands, chen = make.signed_in(worker.account), estate.people["chen"].public_id
    base = f"/api/v1/votes/{vote_id}"
    line = line_of(vote_id, "1栋1单元101")
    with clock.at(AT):
        page = text_of(hands.get(f"/work/help-vote/{vote_id}/ballot?line={line}&voter={chen}"))
        assert "验证码发到投票人登记的手机 138****1000" in page
        assert "改为本人签名" in page
        asked = hands.post(f"{base}/assisted-codes", json={"line_id": line, "voter": chen}, key="one-code-for-chen")
        assert asked.status_code == 201, asked.json
        assert asked.json["phone"] == "138****1000"
        again = hands.post(f"{base}/assisted-codes", json={"line_id": line, "voter": chen}, key="one-code-for-chen")
        assert again.json == asked.json
        soon = hands.post(f"{base}/assisted-codes", json={"line_id": line, "voter": chen})
        assert soon.status_code == 429
        other = hands.post(f"{base}/assisted-codes", json={"line_id": line, "voter": estate.people["li"].public_id})
        assert (other.status_code, other.json["code"]) == (403, "owners-only")
        for _ in range(2):
            jobs.deliver_news(now=AT)
        ((number, text),) = inbox
        assert number == "13800001000"
        assert "没有在投票，请勿告诉别人" in text
        code = re.findall(r"\d{6}", text)[0]
        saying = f"{base}/assisted-codes/{asked.json['id']}/confirmation"
        unsaid = hands.post(
            f"{base}/assisted-ballots", json=ballot(vote_id, "101", chen, "approve", code=asked.json["id"])
        )
        assert (unsaid.status_code, unsaid.json["code"]) == (409, "code-not-said")
        wrong = hands.post(saying, json={"code": "000000" if code != "000000" else "000001"})
        assert (wrong.status_code, wrong.json["code"]) == (422, "wrong-code")
        assert "还可以试 4 次" in wrong.json["detail"]
        assert hands.post(saying, json={"code": "12345"}).status_code == 422
        stranger = make.signed_in(a_worker(make, estate, "other").account)
        assert stranger.post(saying, json={"code": code}).status_code == 404, "another worker's code"
        for _ in range(2):
            assert hands.post(saying, json={"code": code}).status_code == 200
        other_line = ballot(vote_id, "401", estate.people["zhao"].public_id, "approve", code=asked.json["id"])
        refused = hands.post(f"{base}/assisted-ballots", json=other_line)
        assert (refused.status_code, refused.json["code"]) == (409, "code-not-said")
        neither = hands.post(f"{base}/assisted-ballots", json=ballot(vote_id, "101", chen, "approve"))
        assert (neither.status_code, neither.json["code"]) == (422, "sign-first")
        done = hands.post(
            f"{base}/assisted-ballots", json=ballot(vote_id, "101", chen, "approve", code=asked.json["id"])
        )
        assert done.status_code == 201, done.json
        spent = hands.post(saying, json={"code": code})
        assert (spent.status_code, spent.json["code"]) == (410, "code-expired")
    cast_now = queries.ballot_by_receipt(reading(), vote_row(vote_id).id, done.json["receipt_no"])
    assert cast_now is not None
    assert (cast_now.confirmed, cast_now.helper_id, cast_now.person_id) == (
        "code",
        worker.account.id,
        estate.people["chen"].id,
    )
    kept = assisted.code_by_public_id(reading(), asked.json["id"])
    assert kept is not None
    assert (kept.ballot_id, kept.code_sealed) == (cast_now.id, None)
    assert logged("ballot.cast")["confirmed"] == "code"
    assert code not in str(logged("ballot.code_confirmed"))


def test_no_code_goes_to_the_phone_of_the_worker_himself(estate: Estate, make: Factory, worker: Worker) -> None:
    vote_id = opened(estate, PUMP)
    make.tie(worker.account, estate.dwellings[0], person=estate.people["chen"])
    own = replace(worker.staff, account_id=worker.account.id)
    line = line_of(vote_id, "1栋1单元101")
    with pytest.raises(Conflict) as refused:
        codes.ask(vote_id, line, estate.people["chen"].public_id, by=own, now=AT)
    assert refused.value.code == "own-phone"


def test_what_was_cast_on_a_workers_phone_stands_on_the_counterfactual_sheet_and_is_verified(
    estate: Estate, make: Factory, worker: Worker
) -> None:
    vote_id = opened(estate, PUMP)
    hands = make.signed_in(worker.account)
    with clock.at(AT):
        for who, door in (("chen", "101"), ("zhao", "401")):
            proof = photo_of(worker, estate, "assisted_ballot")
            sent = ballot(vote_id, door, estate.people[who].public_id, "approve", evidence=[proof])
            assert hands.post(f"/api/v1/votes/{vote_id}/assisted-ballots", json=sent).status_code == 201
    for who, door in (("li", "201"), ("factory", "202")):
        cast(vote_id, estate.voter(who), f"1栋1单元{door}", "approve" if who == "li" else "against", now=AT)
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    result = queries.result_of(reading(), vote_row(vote_id).id)
    assert result is not None
    (row,) = result.document["counterfactual"]
    assert (row["without"], row["ballots"], row["measures"]) == ("helped", 2, None), "of two ballots no sum is told"
    assert "不计在工作人员手机上投的票" in text_of(hands.get(f"/v/{vote_id}/result"))
    bundle = bundles.auditor_bundle(vote_id, by=STREET, reason="抽查", now=CLOSES)
    assert verify.verify(bundle).faults == []


def test_somebody_of_a_household_confirms_by_code_too(
    estate: Estate, make: Factory, worker: Worker, inbox: list[tuple[str, str]]
) -> None:
    vote_id = opened(estate, GROUP)
    hands, wu = make.signed_in(worker.account), estate.people["wu"].public_id
    line = line_of(vote_id, "1栋1单元201")
    with clock.at(AT):
        assert "代表这一户投" in text_of(hands.get(f"/work/help-vote/{vote_id}?door=201"))
        stranger = {"line_id": line, "voter": estate.people["zhao"].public_id}
        refused = hands.post(f"/api/v1/votes/{vote_id}/assisted-codes", json=stranger)
        assert refused.json["code"] == "not-of-the-household"
        asked = hands.post(f"/api/v1/votes/{vote_id}/assisted-codes", json={"line_id": line, "voter": wu})
        jobs.deliver_news(now=AT)
        code = re.findall(r"\d{6}", inbox[0][1])[0]
        codes.confirm(vote_id, asked.json["id"], code, by=replace(worker.staff, account_id=worker.account.id), now=AT)
        sent = ballot(vote_id, "201", wu, ["陈建国"], code=asked.json["id"])
        assert hands.post(f"/api/v1/votes/{vote_id}/assisted-ballots", json=sent).status_code == 201
