"""On a worker's phone: the voter of the register, his signature, the worker named as helper and never as voter."""

import base64
import re
from datetime import timedelta
from typing import Any

import pytest

from kernel import clock, evidence
from kernel.database import reading
from surveys.votes import queries
from surveys.votes.models import Ballot
from tests.factories import Factory
from tests.surveys.votes.paper.stories import AT, Worker, a_worker, photo_of
from tests.surveys.votes.secret_stories import cast_secretly, opened_by_trustees, sealed_by_phone, secret_election
from tests.surveys.votes.stories import PUMP, Estate, filled, line_of, opened, turnout, vote_row
from tests.surveys.votes.test_http import text_of

JUST = timedelta(minutes=1)


@pytest.fixture
def worker(estate: Estate, make: Factory) -> Worker:
    return a_worker(make, estate)


def body(vote_id: str, door: str, voter: str, signature: str, *given: object) -> dict[str, Any]:
    return {
        "line_id": line_of(vote_id, f"1栋1单元{door}"),
        "text_hash": vote_row(vote_id).text_hash,
        "choices": filled(vote_id, *given),
        "voter": voter,
        "evidence": [signature],
    }


def signed(worker: Worker, estate: Estate) -> str:
    return photo_of(worker, estate, "assisted_ballot")


def test_the_voter_signs_on_the_workers_phone_and_the_ballot_names_the_helper(
    estate: Estate, make: Factory, worker: Worker
) -> None:
    vote_id = opened(estate, PUMP)
    hands = make.signed_in(worker.account)
    chen = estate.people["chen"].public_id
    with clock.at(AT):
        assert "小区共同事项表决" in text_of(hands.get("/work/help-vote"))
        at_the_door = hands.get(f"/work/d/{estate.dwellings[0].public_id}").text
        (link,) = re.findall(r'href="(/work/help-vote/[^"]+)"', at_the_door)
        assert "本人投" in text_of(hands.get(link)), "one tap from the flat's page to its line"
        assert f"/work/deliveries/{vote_id}/d/{estate.dwellings[0].public_id}" in at_the_door
        assert "本人投" in text_of(hands.get(f"/work/help-vote/{vote_id}?door=101"))
        line = line_of(vote_id, "1栋1单元101")
        assert "投票人本人签名" in text_of(hands.get(f"/work/help-vote/{vote_id}/ballot?line={line}&voter={chen}"))
        path = f"/api/v1/votes/{vote_id}/assisted-ballots"
        proof = signed(worker, estate)
        bare = hands.post(path, json={**body(vote_id, "101", chen, proof, "approve"), "evidence": []})
        assert bare.status_code == 422
        other = hands.post(path, json=body(vote_id, "101", estate.people["zhao"].public_id, proof, "approve"))
        assert (other.status_code, other.json["code"]) == (403, "owners-only")
        done = hands.post(path, json=body(vote_id, "101", chen, proof, "approve"))
        assert done.status_code == 201, done.json
        assert "approve" not in done.get_data(as_text=True)
        again = hands.post(path, json=body(vote_id, "101", chen, signed(worker, estate), "against"))
        assert (again.status_code, again.json["code"]) == (409, "already-cast")
        reused = hands.post(path, json=body(vote_id, "401", estate.people["zhao"].public_id, proof, "approve"))
        assert (reused.status_code, reused.json["code"]) == (422, "file-not-usable")
        number = done.json["receipt_no"]
        assert number[:4] in text_of(hands.get(f"/work/help-vote/{vote_id}/receipt/{number}"))
        assert hands.get(f"/v/{vote_id}/receipt/{number}").status_code == 404, "the worker is not the voter"
        assert make.signed_in(estate.accounts["chen"]).get(f"/v/{vote_id}/receipt/{number}").status_code == 200
    session = reading()
    ballot = queries.ballot_by_receipt(session, vote_row(vote_id).id, number)
    assert isinstance(ballot, Ballot)
    assert (ballot.account_id, ballot.helper_id) == (None, worker.account.id)
    assert (ballot.device, ballot.confirmed, ballot.person_id) == ("worker", "signature", estate.people["chen"].id)
    assert [proof.title for proof in evidence.of(session, f"ballot:{ballot.public_id}")] == ["投票签名"]
    assert turnout(vote_id).lines == 1


def test_without_a_phone_of_ones_own_a_secret_choice_is_sealed_just_the_same(
    estate: Estate, make: Factory, worker: Worker
) -> None:
    election = secret_election(estate)
    hands = make.signed_in(worker.account)
    with clock.at(AT):
        for names, number in ((["陈建国"], "100000000001"), (["赵敏"], "100000000002")):
            sealed = sealed_by_phone(election, names, number)
            sent = body(election.vote_id, "401", "", signed(worker, estate), names)
            del sent["choices"]
            sent["envelope"] = base64.b64encode(sealed).decode()
            done = hands.post(f"/api/v1/votes/{election.vote_id}/assisted-envelopes", json=sent)
            assert done.status_code == 201, done.json
    cast_secretly(election, estate, "qian", "1栋1单元402", [], "100000000003", now=AT + JUST)
    document = opened_by_trustees(election)
    assert [each["number"] for each in document["ballots"]] == ["100000000002", "100000000003"]


def test_only_workers_of_the_place_help(estate: Estate, make: Factory, worker: Worker) -> None:
    vote_id = opened(estate, PUMP)
    elsewhere = make.account()
    make.grant(elsewhere, "community_worker", make.estate("别处"))
    stranger = make.signed_in(elsewhere)
    sent = body(vote_id, "101", estate.people["chen"].public_id, signed(worker, estate), "approve")
    with clock.at(AT):
        assert stranger.get(f"/work/help-vote/{vote_id}").status_code == 404
        assert stranger.post(f"/api/v1/votes/{vote_id}/assisted-ballots", json=sent).status_code == 403
        resident = make.signed_in(estate.accounts["chen"])
        assert resident.post(f"/api/v1/votes/{vote_id}/assisted-ballots", json=sent).status_code == 403
