"""News of votes: extensions, withdrawals and results to everyone on the roll, nominations to everyone at the place,
answers to who objected, a question to nominees.

Told twice, written once.
"""

from datetime import datetime
from typing import Any

from kernel.database import transaction, use_case
from kernel.people import queries as people
from kernel.places.queries import place_by_id
from portal.notices.models import NoticeKind
from portal.notices.services import write
from surveys.votes import queries as votes
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services.nominees import is_nominee
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.rolls import queries as rolls
from surveys.votes.rules.nominations import Consent


@use_case
def on_vote_extended(payload: dict[str, Any], *, now: datetime) -> None:
    """A vote closes later: tell every account that speaks for a dwelling of its roll, once an extension."""
    with transaction() as session:
        vote = votes.vote_by_public_id(session, payload["vote"])
        source = f"vote:{vote.public_id}:{payload['number']}"
        for account_id, dwelling_id in votes.accounts_on_roll(session, vote.id):
            write(session, account_id, dwelling_id, NoticeKind.VOTE_EXTENDED, source, at=now, facts=_facts(vote))


def on_result(payload: dict[str, Any], *, now: datetime) -> None:
    """A preliminary result is out: tell everyone on the roll, once."""
    _tell_roll(payload["vote"], NoticeKind.RESULT_OUT, "first", now=now)


def on_recount(payload: dict[str, Any], *, now: datetime) -> None:
    """A vote was counted again: tell everyone on the roll when the result has changed, once a recount."""
    if payload["changed"]:
        _tell_roll(payload["vote"], NoticeKind.RESULT_OUT, str(payload["number"]), now=now)


def on_final(payload: dict[str, Any], *, now: datetime) -> None:
    """A result is final: tell everyone on the roll, once."""
    _tell_roll(payload["vote"], NoticeKind.RESULT_FINAL, "final", now=now)


@use_case
def _tell_roll(vote_id: str, kind: NoticeKind, which: str, *, now: datetime) -> None:
    with transaction() as session:
        vote = votes.vote_by_public_id(session, vote_id)
        source = f"result:{vote.public_id}:{which}"
        for account_id, dwelling_id in votes.accounts_on_roll(session, vote.id):
            write(session, account_id, dwelling_id, kind, source, at=now, facts=_facts(vote))


def _facts(vote: Vote) -> dict[str, str]:
    """What a notice says of a vote: which it is, and where it stands."""
    return {"title": vote.title, "page": f"/v/{vote.public_id}"}


@use_case
def on_result_answered(payload: dict[str, Any], *, now: datetime) -> None:
    """An objection to a result has its answer: tell who made it."""
    with transaction() as session:
        vote = votes.vote_by_public_id(session, payload["vote"])
        found = results.objection(session, vote.id, payload["objection"])
        dwelling_id = results.dwelling_of(session, found)
        source = f"result_objection:{found.public_id}"
        write(session, found.account_id, dwelling_id, NoticeKind.RESULT_ANSWERED, source, at=now, facts=_facts(vote))


@use_case
def on_nominee(payload: dict[str, Any], *, now: datetime) -> None:
    """Somebody was nominated by others: ask whoever may be that person. Who nominated himself knows."""
    with transaction() as session:
        call = elections.call_by_public_id(session, payload["call"])
        found = elections.nominee(session, call.id, payload["nominee"])
        if found.consent != Consent.ASKED:
            return
        for tie in people.ties_to(session, found.dwelling_id):
            if is_nominee(session, found, tie.account_id):
                source, facts = f"nominee:{found.public_id}", {"page": f"/n/{call.public_id}"}
                write(session, tie.account_id, found.dwelling_id, NoticeKind.NOMINEE_ASKED, source, at=now, facts=facts)


def on_nominations_opened(payload: dict[str, Any], *, now: datetime) -> None:
    """A call for nominations is out: tell everyone at the place, once."""
    _tell_place(payload["call"], NoticeKind.NOMINATIONS_OPEN, now=now)


def on_nominations_listed(payload: dict[str, Any], *, now: datetime) -> None:
    """The list of candidates is shown: tell everyone at the place, once."""
    _tell_place(payload["call"], NoticeKind.NOMINATIONS_LISTED, now=now)


def on_nominations_extended(payload: dict[str, Any], *, now: datetime) -> None:
    """Nominations run longer: tell everyone at the place, once for each new instant."""
    _tell_place(payload["call"], NoticeKind.NOMINATIONS_EXTENDED, now=now)


@use_case
def _tell_place(call_id: str, kind: NoticeKind, *, now: datetime) -> None:
    with transaction() as session:
        call = elections.call_by_public_id(session, call_id)
        source = f"call:{call.public_id}" + (
            f":{call.until:%y%m%d%H%M}" if kind == NoticeKind.NOMINATIONS_EXTENDED else ""
        )
        facts = {"page": f"/n/{call.public_id}"}
        for account_id, dwelling_id in votes.accounts_at(session, place_by_id(session, call.place_id)):
            write(session, account_id, dwelling_id, kind, source, at=now, facts=facts)


@use_case
def on_candidate_withdrawn(payload: dict[str, Any], *, now: datetime) -> None:
    """A candidate stepped back after printing: tell everyone on the roll once the notice is out; a draft says it."""
    with transaction() as session:
        vote = votes.vote_by_public_id(session, payload["vote"])
        if vote.published_at is None:
            return
        source = f"withdrawal:{payload['nominee']}"
        for account_id, dwelling_id in votes.accounts_on_roll(session, vote.id):
            write(session, account_id, dwelling_id, NoticeKind.CANDIDATE_WITHDRAWN, source, at=now, facts=_facts(vote))


@use_case
def on_roll_answered(payload: dict[str, Any], *, now: datetime) -> None:
    """An objection to a roll has its answer: tell who raised it."""
    with transaction() as session:
        vote = votes.vote_by_public_id(session, payload["vote"])
        found = rolls.objection_by_public_id(session, vote.id, payload["objection"])
        source = f"roll_objection:{found.public_id}"
        write(
            session, found.account_id, found.dwelling_id, NoticeKind.ROLL_ANSWERED, source, at=now, facts=_facts(vote)
        )
