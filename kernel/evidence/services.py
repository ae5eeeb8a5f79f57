"""Keeping, binding, showing and forgetting proofs."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, grants, pictures
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.errors import Invalid, NotAllowed, NotFound, TooMany
from kernel.evidence import queries
from kernel.evidence.models import EvidenceFile, EvidenceUse
from kernel.evidence.rules import PURPOSES
from kernel.idempotency import Key, recall, remember
from kernel.places.models import Place
from kernel.places.queries import is_within, place_by_code, place_by_id
from kernel.storage import store

MOST_LOOSE = 200
KEPT_LOOSE = timedelta(days=30)
USED = Invalid(
    "file-not-usable", "有一张照片用不了：不是您传的，或者已经用过。请重新拍一张。", {"evidence": ["请重新拍照。"]}
)


@dataclass(frozen=True)
class Proof:
    """A proof of a record: its public id, purpose in words, SHA-256 (hex) of the bytes kept."""

    file: str
    title: str
    sha256: str


def keep(
    data: bytes, *, purpose: str, place: str, account_id: int, person_id: int | None, key: Key, now: datetime
) -> str:
    """Keep an uploaded picture as a loose proof of ``purpose`` at the place with code ``place``; its public id.

    Raises Invalid (not a picture, no such purpose), NotFound (place), NotAllowed, TooMany, Unavailable (disk full).
    """
    if purpose not in PURPOSES:
        raise Invalid("no-such-purpose", "不知道这是什么照片。请刷新页面后再试。", {"purpose": ["没有这一种。"]})
    clean = pictures.photo(data)
    storage_key = store().put(clean, suffix=".jpg")
    try:
        made = _keep(
            purpose,
            place,
            values={
                "storage_key": storage_key,
                "sha256": hashlib.sha256(clean).hexdigest(),
                "size_bytes": len(clean),
            },
            account_id=account_id,
            person_id=person_id,
            key=key,
            now=now,
        )
    except Exception:
        store().delete(storage_key)
        raise
    if made.storage_key != storage_key:  # the key was used before: the first file is the one
        store().delete(storage_key)
    return made.public_id


@use_case
def _keep(
    purpose: str,
    place_code: str,
    *,
    values: dict[str, object],
    account_id: int,
    person_id: int | None,
    key: Key,
    now: datetime,
) -> EvidenceFile:
    with transaction() as session:
        done = recall(session, key)
        if done is not None:
            return queries.file_by_public_id(session, done)
        place = place_by_code(session, place_code)
        resident = PURPOSES[purpose].residents and queries.lives_at(session, account_id, place)
        if not resident and not _may_any(session, person_id, PURPOSES[purpose].put, place, now):
            raise NotAllowed("not-your-place", "您没有办理这里的权限，或任期已满。如有疑问请联系街道。")
        # A cap over a count locks its parent: two uploads at once are not both the last one.
        queries.hold_account(session, account_id)
        if queries.count_loose(session, account_id) >= MOST_LOOSE:
            raise TooMany("too-many-files", "还有很多照片没有用上，请先把手上的事办完。", retry_after_s=3600)
        public_id = new_public_id()
        remember(session, key, public_id, now=now)
        made = EvidenceFile(
            public_id=public_id, purpose=purpose, place_id=place.id, account_id=account_id, created_at=now, **values
        )
        session.add(made)
        session.flush()
        return made


def use(
    session: Session,
    files: Sequence[str],
    *,
    subject: str,
    purpose: str,
    account_id: int,
    place: Place,
) -> list[Proof]:
    """Bind loose files to the record ``subject`` (``"paper_ballot:" + public id``) in the caller's transaction.

    Each was uploaded by this account for this purpose, at the record's ``place`` or above or below it, and proves
    nothing yet, else Invalid. Gives their proofs, whose hashes belong into the record's audit entry.
    """
    found = queries.files_by_public_id(session, files)
    if len(set(files)) != len(files):
        raise USED
    proofs = []
    for position, name in enumerate(files):
        file = found.get(name)
        if file is None or file.account_id != account_id or file.purpose != purpose:
            raise USED
        if not _is_of(place_by_id(session, file.place_id), place):
            raise USED
        with translating({"evidence_use_pkey": USED}):
            session.execute(sa.insert(EvidenceUse), {"file_id": file.id, "subject": subject, "position": position})
        proofs.append(_proof(file))
    return proofs


def of(session: Session, subject: str) -> list[Proof]:
    """The proofs of a record, in the order they were given."""
    return [_proof(file) for file in queries.files_of(session, subject)]


def picture(file_id: str, *, account_id: int, person_id: int | None, actor: str, now: datetime) -> bytes:
    """The JPEG, for whoever may see this kind at its place; for its uploader while loose or while his role lasts.

    A look of another than the uploader goes on record. Raises NotFound for everybody else.
    """
    session = reading()
    file = queries.file_by_public_id(session, file_id)
    subject = queries.subject_of(session, file.id)
    place, purpose = place_by_id(session, file.place_id), PURPOSES[file.purpose]
    own = file.account_id == account_id
    if not (own and (subject is None or purpose.residents)):
        roles = purpose.see | purpose.put if own else purpose.see
        if not _may_any(session, person_id, roles, place, now):
            raise queries.NO_FILE
    if not own:
        audit.look(actor=actor, what="evidence", subject=subject or f"evidence:{file.public_id}", now=now)
    if not file.storage_key:
        raise NotFound("file-forgotten", "这张照片保存期满，已经删除。")
    return store().get(file.storage_key)


def forget(session: Session, subject: str, *, account_id: int) -> list[str]:
    """Forget the pictures of a record in the caller's transaction: their storage keys, to be deleted after it. What
    stays is that there was one, its hash, and ``account_id`` (nobody's) in place of its uploader's."""
    gone = [file for file in queries.files_of(session, subject) if file.storage_key]
    keys = [file.storage_key for file in gone]
    for file in gone:
        file.storage_key, file.account_id = "", account_id
    session.flush()
    return keys


def forget_loose(*, now: datetime) -> int:
    """Delete files that proved nothing within thirty days; how many. A nightly job."""
    gone = _drop_loose(before=now - KEPT_LOOSE)
    for storage_key in gone:
        store().delete(storage_key)
    return len(gone)


@use_case
def _drop_loose(*, before: datetime, limit: int = 500) -> list[str]:
    with transaction() as session:
        found = queries.forgotten(session, before, limit)
        session.execute(sa.delete(EvidenceFile).where(EvidenceFile.id.in_([file.id for file in found])))
        return [file.storage_key for file in found]


def _may_any(session: Session, person_id: int | None, actions: Iterable[str], place: Place, now: datetime) -> bool:
    return any(grants.may(session, person_id, action, place, now) for action in sorted(actions))


def _is_of(one: Place, other: Place) -> bool:
    return is_within(one, other) or is_within(other, one)


def _proof(file: EvidenceFile) -> Proof:
    return Proof(file.public_id, PURPOSES[file.purpose].title, file.sha256)
