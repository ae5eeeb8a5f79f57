"""What staff see of causes and their sheets; names and doors only on the sheet itself, and the look is on record."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, evidence, grants
from kernel.database import reading
from kernel.encryption import vault
from kernel.places.queries import place_by_id
from kernel.places.rules import is_within
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import signing
from surveys.votes.rules.nominations import CallState, Way
from surveys.votes.rules.signature_sheets import LINE_WORDS, LineState, SheetState
from surveys.votes.services.preparing import Staff
from surveys.votes.services.two_people import had_a_hand
from surveys.votes.signature_sheets import queries as sheets
from surveys.votes.signature_sheets.models import SignatureSheet
from surveys.votes.signature_sheets.services import causes
from surveys.votes.signature_sheets.services.causes import Cause
from surveys.votes.signature_sheets.services.entering import name_context, subject_of


@dataclass(frozen=True)
class SheetLine:
    """A line for those who check: ``door`` and ``name`` as keyed."""

    position: int
    door: str
    name: str
    named: bool
    state: LineState
    word: str


@dataclass(frozen=True)
class SheetView:
    """A sheet as numbers; ``lines`` and ``photos`` only where it is looked at. ``mine``: who looks had keyed it."""

    sheet: SignatureSheet
    state: SheetState
    counts: dict[str, int]
    mine: bool
    lines: tuple[SheetLine, ...] = ()
    photos: tuple[str, ...] = ()


@dataclass(frozen=True)
class CauseView:
    """A cause with how many signed, of whom how many on paper, and its sheets."""

    cause: Cause
    signatures: int
    on_paper: int
    sheets: tuple[SheetView, ...]

    @property
    def waiting(self) -> int:
        """How many sheets wait for a second person."""
        return sum(each.state is SheetState.ENTERED for each in self.sheets)


def causes_at(session: Session, by: Staff, now: datetime) -> list[Cause]:
    """What takes signatures now at the places where somebody keys papers."""
    mine = grants.places_for(session, by.person_id, causes.ENTER, now)

    def here(place_id: int) -> bool:
        return any(is_within(place_by_id(session, place_id).path, place.path) for place in mine)

    found = [
        causes.of(session, causes.PETITION, each.public_id, now)
        for each in elections.collecting(session)
        if here(queries.vote_by_id(session, each.election_id).place_id)
    ]
    for call in elections.calls(session):
        if call.state == CallState.OPEN and here(call.place_id):
            found += [
                causes.of(session, causes.NOMINEE, each.public_id, now)
                for each in elections.nominees_of(session, call.id)
                if each.way == Way.JOINT and each.withdrawn_at is None
            ]
    return [each for each in found if each.open]


def list_causes(*, by: Staff, now: datetime) -> list[CauseView]:
    """The causes at one's places that take signatures now, as numbers."""
    session = reading()
    return [_cause(session, each, by) for each in causes_at(session, by, now)]


def one_cause(kind: str, cause_id: str, *, by: Staff, now: datetime) -> CauseView:
    """One cause with its sheets, as numbers. Raises NotFound, NotAllowed."""
    session = reading()
    cause = causes.of(session, kind, cause_id, now)
    causes.must_enter(session, by, cause, now)
    return _cause(session, cause, by)


def _cause(session: Session, cause: Cause, by: Staff) -> CauseView:
    signed = signing.standing(session, cause.row)
    return CauseView(
        cause=cause,
        signatures=len(signed),
        on_paper=sum(row.sheet_line_id is not None for row in signed.values()),
        sheets=tuple(_sheet(session, each, by) for each in sheets.sheets_of(session, cause.row)),
    )


def _sheet(session: Session, sheet: SignatureSheet, by: Staff) -> SheetView:
    states = [LineState(each.state) for each in sheets.lines_of(session, sheet.id)]
    counts = {LINE_WORDS[state]: states.count(state) for state in LineState if state in states}
    return SheetView(sheet, SheetState(sheet.state), counts, mine=had_a_hand(session, by, [sheet.entered_by]))


def one_sheet(sheet_id: str, *, by: Staff, now: datetime) -> tuple[Cause, SheetView]:
    """A sheet with its lines and photos, for who keys or checks; the look is on record. Raises NotFound, NotAllowed."""
    session = reading()
    sheet = sheets.sheet_by_public_id(session, sheet_id)
    causes.must_enter(session, by, causes.of_sheet(session, sheet, now), now)
    audit.look(actor=by.actor, what="signatures", subject=subject_of(sheet_id), now=now)
    session = reading()
    sheet = sheets.sheet_by_public_id(session, sheet_id)
    view = _sheet(session, sheet, by)
    lines = tuple(
        SheetLine(
            position=each.position,
            door=each.door,
            name=vault().open(each.name_sealed, context=name_context(sheet_id, each.position)),
            named=each.named,
            state=LineState(each.state),
            word=LINE_WORDS[LineState(each.state)],
        )
        for each in sheets.lines_of(session, sheet.id)
    )
    photos = tuple(proof.file for proof in evidence.of(session, subject_of(sheet_id)))
    shown = SheetView(sheet, view.state, view.counts, mine=view.mine, lines=lines, photos=photos)
    return causes.of_sheet(session, sheet, now), shown
