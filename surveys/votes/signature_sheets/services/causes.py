"""What a sheet is for: a petition to recall, or a joint nomination – where, by whom it is signed, and until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import grants
from kernel.places import queries as places
from kernel.places.models import Place
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.models import Nominee, RecallPetition
from surveys.votes.elections.services import calls, nominating, recalls
from surveys.votes.elections.services.supporting import must_be_signable
from surveys.votes.rules import nominations as rules
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.nominations import CallState, PetitionState
from surveys.votes.services.preparing import Staff
from surveys.votes.signature_sheets.models import SignatureSheet

ENTER = "paper.enter"
PETITION, NOMINEE = "petition", "nominee"


@dataclass(frozen=True)
class Cause:
    """A cause with its surroundings. ``key``: petition or nominee, and its public id, as addresses name it."""

    row: RecallPetition | Nominee
    key: tuple[str, str]
    title: str
    place: Place
    electorate: Electorate
    needed: int
    until: datetime
    open: bool


def of(session: Session, kind: str, public_id: str, now: datetime, *, hold: bool = False) -> Cause:
    """A cause by its kind and public id; ``hold`` what signatures of it lock. Raises NotFound."""
    if kind == PETITION:
        return _petition(session, elections.petition_by_public_id(session, public_id, hold=hold), now)
    return _nominee(session, elections.nominee_by_public_id(session, public_id), now, hold=hold)


def of_sheet(session: Session, sheet: SignatureSheet, now: datetime, *, hold: bool = False) -> Cause:
    """The cause of a sheet."""
    if sheet.petition_id is not None:
        row = session.get_one(RecallPetition, sheet.petition_id)
        return of(session, PETITION, row.public_id, now, hold=hold)
    return _nominee(session, session.get_one(Nominee, sheet.nominee_id), now, hold=hold)


def _petition(session: Session, row: RecallPetition, now: datetime) -> Cause:
    election = queries.vote_by_id(session, row.election_id)
    kind = recalls.kind_of(session, election)
    return Cause(
        row=row,
        key=(PETITION, row.public_id),
        title="提议罢免：" + "、".join(recalls.recalled_names(session, row)),
        place=queries.place_of(session, election),
        electorate=recalls.electorate_of(kind),
        needed=row.needed,
        until=row.until,
        open=row.state == PetitionState.COLLECTING and now < row.until,
    )


def _nominee(session: Session, row: Nominee, now: datetime, *, hold: bool = False) -> Cause:
    call = elections.call_by_id(session, row.call_id, hold=hold)
    return Cause(
        row=row,
        key=(NOMINEE, row.public_id),
        title=f"联名推荐：{calls.name_of(row)}",
        place=places.place_by_id(session, call.place_id),
        electorate=nominating.electorate_of(call),
        needed=call.signatures,
        until=call.until,
        open=call.state == CallState.OPEN and now < call.until,
    )


def must_take(cause: Cause, now: datetime) -> None:
    """Raises Conflict when a cause takes no signatures (any more)."""
    if isinstance(cause.row, RecallPetition):
        rules.must_collect(PetitionState(cause.row.state), until=cause.until, now=now)
    else:
        rules.must_nominate(CallState.OPEN if cause.open else CallState.LISTED, until=cause.until, now=now)
        must_be_signable(cause.row)


def must_enter(session: Session, by: Staff, cause: Cause, now: datetime) -> None:
    """Raises NotAllowed unless ``by`` may key papers at the cause's place now."""
    if not by.trusted:
        grants.require(session, by.person_id, ENTER, cause.place, now)


def record(session: Session, cause: Cause, action: str, actor: str, now: datetime, payload: dict[str, Any]) -> None:
    """An audit entry about a cause; never with a name or a door."""
    if isinstance(cause.row, RecallPetition):
        recalls.record(session, cause.row, action, actor, now, payload)
    else:
        call = elections.call_by_id(session, cause.row.call_id)
        calls.record(session, call, action, actor, now, {"nominee": cause.row.public_id, **payload})
