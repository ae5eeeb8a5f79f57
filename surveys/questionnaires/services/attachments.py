"""Photos and signatures: cleaned, kept outside the database, part of a response once it is submitted."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from kernel import grants, pictures
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.errors import TooMany
from kernel.idempotency import Key, recall, remember
from kernel.places.queries import dwelling_by_id, place_by_id
from kernel.storage import store
from surveys.questionnaires import queries
from surveys.questionnaires.models import Attachment, Purpose
from surveys.questionnaires.rules import lifecycle
from surveys.questionnaires.rules.lifecycle import Channel, State
from surveys.questionnaires.services.responses import ASSIST
from surveys.questionnaires.standing import queries as standing

MOST_LOOSE = 40
KEPT_LOOSE = timedelta(days=30)


def attach(
    campaign: str,
    dwelling: str,
    *,
    purpose: Purpose,
    data: bytes,
    channel: Channel,
    account_id: int,
    person_id: int | None,
    key: Key,
    now: datetime,
) -> str:
    """Keep an uploaded picture for a dwelling's response; its public id. Nothing of it but the pixels is kept.

    Raises Invalid (not a picture, too large, blank), NotFound, Conflict, Gone, TooMany, Unavailable (disk full).
    """
    clean = pictures.signature(data) if purpose == Purpose.SIGNATURE else pictures.photo(data)
    suffix, mimetype = (".png", "image/png") if purpose == Purpose.SIGNATURE else (".jpg", "image/jpeg")
    storage_key = store().put(clean, suffix=suffix)
    try:
        made = _keep(
            campaign,
            dwelling,
            values={"purpose": purpose, "storage_key": storage_key, "mimetype": mimetype, "size_bytes": len(clean)},
            channel=channel,
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
    campaign: str,
    dwelling: str,
    *,
    values: dict[str, object],
    channel: Channel,
    account_id: int,
    person_id: int | None,
    key: Key,
    now: datetime,
) -> Attachment:
    with transaction() as session:
        done = recall(session, key)
        if done is not None:
            return queries.attachment_by_public_id(session, done)
        asked = queries.asked(session, campaign, dwelling, account_id)
        may = (
            grants.may(session, person_id, ASSIST, place_by_id(session, asked.building_id), now)
            if channel == Channel.WORKER_VISIT
            else asked.relation is not None
        )
        if not may or not asked.in_scope:
            raise queries.NO_DWELLING
        lifecycle.must_take_answers(State(asked.campaign_state), asked.closes_at, now)
        if queries.loose_attachments(session, asked.campaign_id, asked.dwelling_id, account_id) >= MOST_LOOSE:
            raise TooMany("too-many-files", "照片传得太多了，请先提交问卷。", retry_after_s=3600)
        public_id = new_public_id()
        remember(session, key, public_id, now=now)
        made = Attachment(
            public_id=public_id,
            campaign_id=asked.campaign_id,
            dwelling_id=asked.dwelling_id,
            account_id=account_id,
            created_at=now,
            **values,
        )
        session.add(made)
        session.flush()
        return made


def picture(attachment: str, *, account_id: int, person_id: int | None, now: datetime) -> tuple[bytes, str]:
    """An upload and its media type, for the account that uploaded it: one that spoke for the dwelling (its own picture
    stays its own), or a visitor while his role at the door lasts. Raises NotFound for everybody else."""
    session = reading()
    found = queries.attachment_by_public_id(session, attachment)
    if found.account_id != account_id:
        raise queries.NO_FILE
    if standing.relation_of(session, account_id, found.dwelling_id) is None:
        building = place_by_id(session, dwelling_by_id(session, found.dwelling_id).building_id)
        if not grants.may(session, person_id, ASSIST, building, now):
            raise queries.NO_FILE
    return store().get(found.storage_key), found.mimetype


def forget_unused(*, now: datetime) -> int:
    """Delete uploads that never became part of a response within thirty days; how many. A nightly job."""
    gone = _drop_unused(before=now - KEPT_LOOSE)
    for storage_key in gone:
        store().delete(storage_key)
    return len(gone)


@use_case
def _drop_unused(*, before: datetime, limit: int = 500) -> list[str]:
    with transaction() as session:
        found = queries.forgotten_attachments(session, before, limit)
        session.execute(
            sa.delete(Attachment).where(
                Attachment.id.in_([attachment.id for attachment in found]), Attachment.response_id.is_(None)
            )
        )
        return [attachment.storage_key for attachment in found]
