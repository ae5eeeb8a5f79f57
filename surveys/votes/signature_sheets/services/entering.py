"""Keying a sheet with its photo, beginning a recall with one, and noting that somebody took a signature back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import evidence, idempotency
from kernel.database import new_public_id, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Invalid, NotFound
from kernel.idempotency import Key
from kernel.people import queries as people
from kernel.people.models import Person
from kernel.people.services import name_of
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.models import RecallPetition
from surveys.votes.elections.services import recalls, signing
from surveys.votes.elections.services.heads import by_door
from surveys.votes.elections.services.nominees import plain
from surveys.votes.rules import signature_sheets as rules
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.signature_sheets import LineState, Signed
from surveys.votes.services.preparing import Staff
from surveys.votes.signature_sheets import queries as sheets
from surveys.votes.signature_sheets.models import SignatureLine, SignatureSheet
from surveys.votes.signature_sheets.services import causes
from surveys.votes.signature_sheets.services.causes import Cause


@dataclass(frozen=True)
class NewLine:
    """A line as it stands on the paper: the door and who signed."""

    door: str
    name: str


def name_context(sheet: str, position: int) -> str:
    """What the seal of a signed name is bound to."""
    return f"signature.name:{sheet}:{position}"


@use_case
def begin_recall(
    election_id: str,
    candidates: Sequence[str],
    reason: str,
    lines: Sequence[NewLine],
    photos: Sequence[str],
    *,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Begin a petition with the paper that asks for it; gives the sheet's public id.

    Nobody else sees the petition before its first signature counts. Raises NotAllowed, Conflict (no final result, one
    is running), Invalid (nobody who sits, no photo, no lines).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        election = queries.vote_for_update(session, election_id)
        electorate = recalls.electorate_of(recalls.kind_of(session, election))
        _, everyone = by_door(session, queries.place_of(session, election), electorate)
        petition = recalls.begin(
            session, election, candidates, reason, everyone=everyone, actor=by.actor, now=now, on_paper=True
        )
        cause = causes.of(session, causes.PETITION, petition.public_id, now)
        made = _enter(session, cause, lines, photos, by=by, now=now)
        idempotency.remember(session, key, made, now=now)
        return made


@use_case
def enter(
    kind: str,
    cause_id: str,
    lines: Sequence[NewLine],
    photos: Sequence[str],
    *,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Key a sheet of paper signatures; gives its public id. Nothing counts before another person has checked it.

    Raises NotFound, NotAllowed, Conflict (no signatures are taken any more), Invalid (no photo, no lines).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        cause = causes.of(session, kind, cause_id, now, hold=True)
        made = _enter(session, cause, lines, photos, by=by, now=now)
        idempotency.remember(session, key, made, now=now)
        return made


def _enter(
    session: Session, cause: Cause, lines: Sequence[NewLine], photos: Sequence[str], *, by: Staff, now: datetime
) -> str:
    causes.must_enter(session, by, cause, now)
    causes.must_take(cause, now)
    if not 1 <= len(lines) <= rules.MOST_LINES:
        raise Invalid("no-lines", f"请填 1 到 {rules.MOST_LINES} 行签名。", {"lines": ["请填写"]})
    if not photos and not by.trusted:
        raise Invalid("photo-needed", "请先给签名表拍照。", {"evidence": ["每一行都要看得清。"]})
    petition = cause.row if isinstance(cause.row, RecallPetition) else None
    sheet = SignatureSheet(
        public_id=new_public_id(),
        petition_id=petition.id if petition else None,
        nominee_id=None if petition else cause.row.id,
        entered_by=by.actor,
        entered_at=now,
    )
    session.add(sheet)
    session.flush()
    doors, _ = by_door(session, cause.place, cause.electorate)
    keyed = [("".join(line.door.split()), plain(line.name)) for line in lines]
    signed = [
        Signed(doors.get(door), doors.get(door) is not None and _stands(session, cause, door, name))
        for door, name in keyed
    ]
    states = rules.judge(signed, signing.standing(session, cause.row), cause.electorate)
    session.add_all(
        SignatureLine(
            sheet_id=sheet.id,
            position=position,
            door=door,
            name_sealed=vault().seal(name, context=name_context(sheet.public_id, position)),
            named=line.named,
            dwelling_id=line.head,
            state=state,
        )
        for position, ((door, name), line, state) in enumerate(zip(keyed, signed, states, strict=True), start=1)
    )
    proofs = _bound(session, photos, subject_of(sheet.public_id), cause, by)
    said = {"sheet": sheet.public_id, "lines": len(lines), "proofs": [each.sha256 for each in proofs]}
    causes.record(session, cause, "signatures.entered", by.actor, now, said)
    return sheet.public_id


def _bound(session: Session, photos: Sequence[str], subject: str, cause: Cause, by: Staff) -> list[evidence.Proof]:
    if not photos:
        return []
    return evidence.use(
        session, photos, subject=subject, purpose="petition", account_id=by.uploader(), place=cause.place
    )


def subject_of(sheet: str) -> str:
    """What a sheet's photos are bound to."""
    return f"signature_sheet:{sheet}"


def _stands(session: Session, cause: Cause, door: str, name: str) -> bool:
    """Whether a name stands on the register at a door: as an owner, for owners; else as anybody there."""
    dwelling = elections.dwelling_at(session, cause.place.id, door)
    if dwelling is None:
        return False
    if cause.electorate is Electorate.OWNERS:
        known = list(people.owners_of(session, dwelling.id))
    else:
        known = [person for _, person in people.holdings_of(session, dwelling.id)]
        known += [
            session.get_one(Person, tie.person_id) for tie in people.ties_to(session, dwelling.id) if tie.person_id
        ]
    return any(plain(name_of(person)) == name for person in known)


@use_case
def take_back(
    kind: str,
    cause_id: str,
    door: str,
    photos: Sequence[str],
    *,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Note that who signed on paper took it back in writing, with the photo; gives the cause's public id.

    Raises NotFound (nothing counts on paper for that door), NotAllowed, Conflict (over), Invalid without a photo.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        cause = causes.of(session, kind, cause_id, now, hold=True)
        causes.must_enter(session, by, cause, now)
        causes.must_take(cause, now)
        doors, _ = by_door(session, cause.place, cause.electorate)
        head = doors.get("".join(door.split()))
        line = sheets.counted_line(session, cause.row, head) if head is not None else None
        if line is None:
            raise NotFound("nothing-signed", "这一户没有计入的纸质签名。手机上签的，请本人在手机上撤回。")
        if not photos and not by.trusted:
            raise Invalid("photo-needed", "请拍下本人签名的撤回书。", {"evidence": ["请拍照"]})
        signing.take_back(session, cause.row, [line.dwelling_id or 0], now=now)
        line.state = LineState.WITHDRAWN
        subject = f"signature_taken_back:{cause.key[1]}:{line.id}"
        proofs = _bound(session, photos, subject, cause, by)
        said = {"line": line.id, "proofs": [each.sha256 for each in proofs]}
        causes.record(session, cause, "signatures.taken_back", by.actor, now, said)
        idempotency.remember(session, key, cause.key[1], now=now)
        return cause.key[1]
