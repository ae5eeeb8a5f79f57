"""What is shown of calls and petitions: names only of who agreed, signatures as numbers, never who signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit
from kernel.clock import china_day
from kernel.database import reading
from kernel.errors import DomainError
from kernel.masks import mask_name
from kernel.places.models import Place
from kernel.places.queries import dwellings_by_id, place_by_id, places_by_id
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.models import ElectionLot, ElectionSection, NominationCall, RecallPetition
from surveys.votes.elections.services import nominating, signing
from surveys.votes.elections.services.calls import name_of, nominated
from surveys.votes.elections.services.heads import heads_of, registered_name
from surveys.votes.elections.services.nominating import electorate_of as electorate_of_call
from surveys.votes.elections.services.nominees import is_nominee
from surveys.votes.elections.services.recalls import (
    Elected,
    electorate_of,
    kind_of,
    recalled_names,
    seated,
)
from surveys.votes.models import Vote
from surveys.votes.rules import catalogue
from surveys.votes.rules import nominations as rules
from surveys.votes.rules.bodies import BodyKind
from surveys.votes.rules.catalogue import Electorate, Rule
from surveys.votes.rules.nominations import CallState, Check, Consent, PetitionState, Way
from surveys.votes.rules.roll import VOTING_LEVEL
from surveys.votes.services.preparing import Staff, must_manage


@dataclass(frozen=True)
class NomineeView:
    """A nominee as shown. ``name`` is masked until consent for everybody but staff and the nominee; ``building`` of
    the door. ``me``: the viewer is the nominee; ``signed``: the viewer's line has signed.
    """

    id: str
    section: str
    name: str
    building: str
    door: str
    note: str
    way: Way
    signatures: int
    supported: bool
    consent: Consent
    check: Check
    check_reason: str
    withdrawn: bool
    stands: bool
    me: bool
    signed: bool
    may_take_back: bool


@dataclass(frozen=True)
class CallView:
    """A call as shown. ``may_nominate``: the viewer is of the electorate and nominations are open; ``own_name``: as
    the register has it, with which he may stand himself, or "" with ``self_refusal`` saying what comes first.
    """

    call: NominationCall
    place: Place
    state: CallState
    rule: Rule
    sections: Sequence[ElectionSection]
    nominees: tuple[NomineeView, ...]
    open: bool
    may_nominate: bool
    own_name: str
    self_refusal: str
    refusal: str
    to_verify: bool
    vote: Vote | None


def view(
    session: Session, call: NominationCall, now: datetime, *, account_id: int | None = None, staff: bool = False
) -> CallView:
    """A call for everybody, with what the viewer may do; ``staff`` reads every name and door."""
    place = place_by_id(session, call.place_id)
    sections = elections.sections_of(session, call.id)
    labels = {section.id: section.label for section in sections}
    state = CallState(call.state)
    is_open = state is CallState.OPEN and now < call.until
    mine: set[int] = set()
    refusal, code, own_name = "", "", ""
    if account_id is not None and is_open:
        try:
            heads = heads_of(session, place, electorate_of_call(call), account_id)
            mine = {each.dwelling_id for each in heads.mine}
            own_name = registered_name(session, heads.mine)
        except DomainError as error:
            refusal, code = error.detail, error.code
    signed = elections.signatures_of(session, call.id)
    nominees, standing = [], elections.nominees_of(session, call.id)
    doors = dwellings_by_id(session, (each.dwelling_id for each in standing))
    buildings = places_by_id(session, (door.building_id for door in doors.values()))
    my_doors, i_signed = set[int](), set[int]()
    if account_id is not None:
        my_doors = elections.verified_doors(session, account_id, VOTING_LEVEL)
        i_signed = elections.signed_on(session, call.id, account_id)
    for each in standing:
        me = account_id is not None and each.dwelling_id in my_doors and is_nominee(session, each, account_id)
        known = staff or me or each.consent == Consent.GIVEN
        if not known and each.consent == Consent.DECLINED:
            continue  # nobody but staff and the person learns that somebody would not stand
        door, name = doors[each.dwelling_id], name_of(each)
        signatures = signed[each.id]
        nominees.append(
            NomineeView(
                id=each.public_id,
                section=labels[each.section_id],
                name=name if known else mask_name(name),
                building=buildings[door.building_id].name,
                door=door.label if staff or me else "",
                note=each.note if known else "",
                way=Way(each.way),
                signatures=len(signatures),
                supported=rules.is_supported(nominated(each, len(signatures)), call.signatures),
                consent=Consent(each.consent),
                check=Check(each.checked),
                check_reason=each.check_reason if staff or me else "",
                withdrawn=each.withdrawn_at is not None,
                stands=rules.may_stand(nominated(each, len(signatures)), call.signatures),
                me=me,
                signed=bool(mine) and mine <= signatures,
                may_take_back=is_open and each.id in i_signed,
            )
        )
    return CallView(
        call=call,
        place=place,
        state=state,
        rule=catalogue.in_force(call.matter, china_day(call.created_at)),
        sections=sections,
        nominees=tuple(nominees),
        open=is_open,
        may_nominate=bool(mine),
        own_name=own_name,
        self_refusal=nominating.NAME_FIRST.detail if mine and not own_name else "",
        refusal=refusal,
        to_verify=code == "verify-first",
        vote=queries.vote_by_id(session, call.vote_id) if call.vote_id is not None else None,
    )


def managed_view(call_id: str, *, by: Staff, now: datetime) -> CallView:
    """A call for those in charge, with names and doors; the look is on record. Raises NotFound, NotAllowed."""
    session = reading()
    call = elections.call_by_public_id(session, call_id)
    must_manage(session, by, place_by_id(session, call.place_id), now)
    if elections.nominees_of(session, call.id):
        audit.look(actor=by.actor, what="names", subject=f"call:{call.public_id}", now=now, payload={"why": "nominees"})
        session = reading()
        call = elections.call_by_public_id(session, call_id)
    return view(session, call, now, staff=True)


@dataclass(frozen=True)
class PetitionView:
    """A petition as shown: numbers, never who signed. ``refusal``: why this viewer may not sign."""

    petition: RecallPetition
    kind: BodyKind
    electorate: Electorate
    election: Vote
    place: Place
    names: tuple[str, ...]
    signatures: int
    state: PetitionState
    open: bool
    may_sign: bool
    signed: bool
    may_take_back: bool
    refusal: str
    vote: Vote | None


def petition(session: Session, found: RecallPetition, now: datetime, *, account_id: int | None) -> PetitionView:
    """A petition for a signed-in resident or anybody."""
    election = queries.vote_by_id(session, found.election_id)
    place, kind = queries.place_of(session, election), kind_of(session, election)
    state, signed = PetitionState(found.state), elections.signed_by(session, found.id)
    is_open, mine, refusal = state is PetitionState.COLLECTING and now < found.until, set(), ""
    if account_id is not None and is_open:
        try:
            mine = {each.dwelling_id for each in heads_of(session, place, electorate_of(kind), account_id).mine}
        except DomainError as error:
            refusal = error.detail
    return PetitionView(
        petition=found,
        kind=kind,
        electorate=electorate_of(kind),
        election=election,
        place=place,
        names=tuple(recalled_names(session, found)),
        signatures=len(signed),
        state=state,
        open=is_open,
        may_sign=bool(mine - signed),
        signed=bool(mine) and mine <= signed,
        may_take_back=is_open
        and account_id is not None
        and any(row.account_id == account_id for row in signing.standing(session, found).values()),
        refusal=refusal,
        vote=queries.vote_by_id(session, found.vote_id) if found.vote_id is not None else None,
    )


def shown_petitions(session: Session, election: Vote) -> list[RecallPetition]:
    """The petitions somebody has signed: one that began on paper is nobody's business before its paper was checked."""
    return [each for each in elections.petitions_of(session, election.id) if elections.signed_by(session, each.id)]


def who_may_be_recalled(session: Session, election: Vote) -> list[Elected]:
    """Who sits today of those an election brought out."""
    return [Elected(each.public_id, each.name) for each in seated(session, election)]


@dataclass(frozen=True)
class TieView:
    """A tie of a counted election: which group of equals, for a seat or for an alternate's place."""

    motion: str
    title: str
    names: tuple[tuple[str, str], ...]
    for_a_seat: bool
    open_seats: int


def ties(session: Session, vote: Vote) -> list[TieView]:
    """The ties of a vote's last result that wait for a lot or a run-off; those with a run-off are not shown."""
    result = queries.result_of(session, vote.id)
    if result is None:
        return []
    said = {each["motion"]: each for each in result.document["motions"]}
    candidates, runoffs = queries.candidates_of(session, vote.id), elections.runoffs_of(session, vote.id)
    found = []
    for motion in queries.motions_of(session, vote.id):
        names = {each.public_id: each.name for each in candidates.get(motion.id, ())}
        seat = rules.tied_for_a_seat(said[motion.public_id])
        for group in rules.tied_groups(said[motion.public_id]):
            if motion.id in runoffs:
                continue
            found.append(
                TieView(
                    motion.public_id,
                    motion.title,
                    tuple((each, names[each]) for each in names if each in group),
                    group == seat,
                    said[motion.public_id]["open_seats"],
                )
            )
    return found


@dataclass(frozen=True)
class LotView:
    """A recorded lot in words."""

    lot: ElectionLot
    title: str
    names: tuple[str, ...]


def lots(session: Session, vote: Vote) -> list[LotView]:
    """The lots of a vote."""
    candidates, found = queries.candidates_of(session, vote.id), elections.lots_of(session, vote.id)
    made = []
    for motion in queries.motions_of(session, vote.id):
        names = {each.public_id: each.name for each in candidates.get(motion.id, ())}
        made += [
            LotView(lot, motion.title, tuple(names[each] for each in lot.names)) for lot in found.get(motion.id, ())
        ]
    return made
