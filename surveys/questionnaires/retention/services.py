"""De-identifying campaigns whose time by name is over: a timer's work, in small parts, audited.

What stays: the answers that are counted, the door they were given at, when, by which channel, and the receipt. What
goes: names and phones (sealed), who handed it in, signatures, the words of objections, keyings of papers. The counters
do not change. A receipt still stands in the audit chain; that its text was this very one can no longer be shown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import reading, transaction, use_case
from kernel.people.queries import account_by_openid
from kernel.people.services import make_sure_account
from kernel.storage import store
from surveys.questionnaires import settings
from surveys.questionnaires.models import Attachment
from surveys.questionnaires.retention import queries

CLOCK = "system:clock"
NOBODY = "nobody"
"""The account that stands where somebody's stood. No phone can sign in by it: an openid comes from WeChat."""
PART = 500


@dataclass(frozen=True)
class Due:
    """A campaign whose time by name is over. ``responses``: how many still say whose they are."""

    campaign: str
    title: str
    closed_at: datetime
    responses: int
    signatures: int


def due(*, now: datetime) -> list[Due]:
    """What a run would do now; nothing is changed."""
    session = reading()
    nobody = account_by_openid(session, NOBODY)
    found = []
    for campaign in queries.campaigns_due(session, _before(now)):
        assert campaign.closed_at is not None
        responses = queries.count_named(session, campaign.id, nobody.id if nobody else None)
        signatures = len(queries.signatures(session, campaign.id, 100_000))
        if responses or signatures:
            found.append(Due(campaign.public_id, campaign.title, campaign.closed_at, responses, signatures))
    return found


def _before(now: datetime) -> datetime:
    return now - timedelta(days=settings.current().named_days)


def forget_names(*, now: datetime, actor: str = CLOCK) -> int:
    """De-identify what is due; how many responses. Twice does it once; a run cut short is taken up by the next."""
    done = 0
    for campaign in due(now=now):
        while part := _forget(campaign.campaign, actor=actor, now=now):
            done += part.responses
            for storage_key in part.files:
                store().delete(storage_key)
    return done


@dataclass(frozen=True)
class _Part:
    responses: int
    files: list[str]

    def __bool__(self) -> bool:
        return bool(self.responses or self.files)


@use_case
def _forget(campaign: str, *, actor: str, now: datetime) -> _Part:
    with transaction() as session:
        found = next((one for one in queries.campaigns_due(session, _before(now)) if one.public_id == campaign), None)
        if found is None:
            return _Part(0, [])
        nobody = make_sure_account(session, NOBODY, now=now).id
        ids = queries.named(session, found.id, nobody, PART)
        queries.unname(session, ids, nobody)
        files = _drop(session, found.id)
        if not ids and not files:
            return _Part(0, [])
        queries.unname_pictures(session, found.id, nobody)
        queries.silence_disputes(session, found.id, nobody)
        queries.forget_keyings(session, found.id)
        audit.record(
            session,
            actor=actor,
            action="survey.deidentified",
            subject=f"campaign:{campaign}",
            now=now,
            payload={"responses": len(ids), "signatures": len(files), "after_days": settings.current().named_days},
        )
        return _Part(len(ids), files)


def _drop(session: Session, campaign_id: int) -> list[str]:
    """Delete signatures; their storage keys, to be deleted after the transaction."""
    found = queries.signatures(session, campaign_id, PART)
    keys = [each.storage_key for each in found]
    session.execute(sa.delete(Attachment).where(Attachment.id.in_([each.id for each in found])))
    return keys
