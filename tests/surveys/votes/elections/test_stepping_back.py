"""Agreeing and stepping back on paper, before and after the ballot is printed; on both databases."""

from datetime import timedelta

import pytest

from kernel.database import reading
from kernel.errors import NotAllowed
from surveys.votes import queries, verify
from surveys.votes.elections.services import calls, nominating
from surveys.votes.rules.nominations import Contest
from surveys.votes.services import bundles
from surveys.votes.services.preparing import Staff
from tests.surveys.votes.elections.calls import (
    DOORS,
    OTHER,
    UNTIL,
    a_call,
    closed,
    listed,
    named,
    opened_ballot,
    recommended,
    refusal,
    said,
    stands,
    view,
)
from tests.surveys.votes.proofs import logged, photographed, proved_by
from tests.surveys.votes.stories import HOUR, NOW, STREET, Estate, cast


def test_who_steps_back_after_printing_stays_on_the_paper_and_takes_no_votes(estate: Estate) -> None:
    call_id = a_call(estate)
    nominees = {who: stands(call_id, estate, who) for who in ("chen", "li", "zhao")}
    until = listed(call_id)
    vote_id = opened_ballot(call_id, until)
    for who in ("chen", "li"):
        cast(vote_id, estate.voter(who), DOORS[who], ["chen", "li", "zhao"], now=until + HOUR)
    nominating.withdraw(call_id, nominees["chen"], by=estate.voter("chen"), now=until + 2 * HOUR)
    assert (
        refusal(nominating.withdraw, call_id, nominees["chen"], by=estate.voter("chen"), now=until + 2 * HOUR)
        == "withdrawn-already"
    )
    told = refusal(cast, vote_id, estate.voter("zhao"), DOORS["zhao"], ["chen"], now=until + 3 * HOUR)
    assert told == "candidate-withdrawn"
    assert logged("ballot.refused")["why"] == "not-filled-in", "the log does not say who was ticked"
    for who in ("zhao", "qian"):
        cast(vote_id, estate.voter(who), DOORS[who], ["li", "zhao"], now=until + 3 * HOUR)
    cast(vote_id, estate.voter("factory"), "1栋1单元202", ["li"], now=until + 3 * HOUR)
    closes = closed(vote_id)
    assert named(vote_id, said(vote_id)) == {"li": "elected", "zhao": "elected", "chen": "withdrawn"}
    assert verify.verify(bundles.auditor_bundle(vote_id, by=STREET, reason="抽查", now=closes)).faults == []
    late = refusal(nominating.withdraw, call_id, nominees["li"], by=estate.voter("li"), now=closes)
    assert late == "voting-over"


def test_who_steps_back_before_printing_is_not_on_the_paper(estate: Estate) -> None:
    call_id = a_call(estate, contest=Contest.MORE)
    nominees = {who: stands(call_id, estate, who) for who in ("chen", "li", "zhao", "qian")}
    until = listed(call_id)
    with pytest.raises(NotAllowed):
        nominating.withdraw(call_id, nominees["chen"], by=estate.voter("li"), now=UNTIL)
    nominating.withdraw(call_id, nominees["chen"], by=estate.voter("chen"), now=UNTIL)
    assert refusal(calls.print_ballot, call_id, by=STREET, now=until) == "too-few-candidates"


def test_who_has_no_phone_agrees_and_steps_back_on_paper_with_a_photo(estate: Estate, worker: Staff) -> None:
    call_id = a_call(estate)
    nominee = nominating.recommend_by_committee(call_id, recommended(call_id, "li", DOORS["li"]), by=OTHER, now=NOW)
    signed = photographed(estate, worker, "consent")
    nominating.consent_on_paper(call_id, nominee, [signed], by=worker, now=NOW)
    (shown_,) = view(call_id).nominees
    assert (shown_.name, shown_.consent) == ("li", "given")
    assert refusal(nominating.withdraw_on_paper, call_id, nominee, [], by=worker, now=NOW) == "photo-needed"
    left = photographed(estate, worker, "consent")
    nominating.withdraw_on_paper(call_id, nominee, [left], by=worker, now=NOW)
    assert view(call_id).nominees[0].withdrawn
    proofs = proved_by(f"withdrawal:{nominee}")
    assert len(proofs) == 1
    assert logged("nominee.withdrawn")["proofs"] == proofs


def test_nobody_steps_back_between_the_closing_instant_and_the_clocks_job(estate: Estate) -> None:
    call_id = a_call(estate)
    nominees = {who: stands(call_id, estate, who) for who in ("chen", "li", "zhao")}
    until = listed(call_id)
    vote_id = opened_ballot(call_id, until)
    closes = queries.vote_by_public_id(reading(), vote_id).closes_at
    assert closes is not None
    late = refusal(nominating.withdraw, call_id, nominees["chen"], by=estate.voter("chen"), now=closes)
    assert late == "voting-over"
    just = closes - timedelta(microseconds=1)
    nominating.withdraw(call_id, nominees["chen"], by=estate.voter("chen"), now=just)
