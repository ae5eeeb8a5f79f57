"""De-identifying campaigns whose time by name is over: a timer's work, in small parts, audited.

What stays: the answers that are counted, the door they were given at, when, by which channel, and the receipt. What
goes: names and phones (sealed), who handed it in, signatures, photos of papers, the words of objections and whose they
were, who confirmed a sheet, came along to a visit or gave marks, keyings of papers. The counters do not change. A
receipt still stands in the audit chain; that its text was this very one can no longer be shown.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, evidence
from kernel.database import reading, transaction, use_case
from kernel.people.queries import account_by_openid
from kernel.people.services import make_sure_account
from kernel.storage import store
from surveys.questionnaires import settings
from surveys.questionnaires.exports.photos import of_the_paper
from surveys.questionnaires.models import Attachment
from surveys.questionnaires.retention import queries
from surveys.questionnaires.services.forms import form_of

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
        if responses or signatures or queries.photographed_papers(session, campaign.id, 1):
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
        files = _drop(session, found.id) + _drop_papers(session, found.id, nobody)
        if not ids and not files:
            return _Part(0, [])
        queries.unname_pictures(session, found.id, nobody)
        _silence(session, found.id, now)
        _unname_reviews(session, found.id, now)
        queries.unname_visits(session, found.id)
        queries.unname_paper_objections(session, found.id)
        queries.unname_marks(session, found.id, nobody)
        queries.forget_keyings(session, found.id)
        audit.record(
            session,
            actor=actor,
            action="survey.deidentified",
            subject=f"campaign:{campaign}",
            now=now,
            payload={"responses": len(ids), "pictures": len(files), "after_days": settings.current().named_days},
        )
        return _Part(len(ids), files)


def _drop(session: Session, campaign_id: int) -> list[str]:
    """Delete signatures and photos of papers; their storage keys, to be deleted after the transaction."""
    found = list(queries.signatures(session, campaign_id, PART))
    found += [row[0] for row in queries.photographed(session, campaign_id) if _shows_paper(session, *row)]
    keys = [each.storage_key for each in found]
    session.execute(sa.delete(Attachment).where(Attachment.id.in_([each.id for each in found])))
    return keys


def _shows_paper(session: Session, photo: Attachment, version_id: int, answers: Mapping[str, Any]) -> bool:
    """Whether a photo is of a filled-in paper, with name, phone and signature. Others show leaks and walls."""
    form = form_of(session, version_id)
    return any(
        question.kind == "photo"
        and of_the_paper(question)
        and any(each["file"] == photo.public_id for each in answers.get(question.code, ()))
        for question in form.questions
    )


def _drop_papers(session: Session, campaign_id: int, nobody: int) -> list[str]:
    """The same for the photos of papers that were keyed, or made void."""
    papers = queries.photographed_papers(session, campaign_id, PART)
    return [key for paper in papers for key in evidence.forget(session, f"survey_paper:{paper}", account_id=nobody)]


def _nobody(session: Session, number: int, now: datetime) -> int:
    """The number-th nobody (inner id): several who spoke of one sheet stay several."""
    return make_sure_account(session, NOBODY if number == 1 else f"{NOBODY}-{number}", now=now).id


def _silence(session: Session, campaign_id: int, now: datetime) -> None:
    """Forget what households objected, and who did."""
    seen: Counter[tuple[int, str]] = Counter()
    for dispute in queries.said_of(session, campaign_id):
        of = (dispute.response_id, dispute.kind)
        seen[of] += 1
        dispute.said_sealed, dispute.account_id = None, _nobody(session, seen[of], now)
    session.flush()


def _unname_reviews(session: Session, campaign_id: int, now: datetime) -> None:
    """Forget who confirmed or contested. A second run finds nobodies alone and leaves them."""
    rows = queries.reviews_of(session, campaign_id)
    seen: Counter[int] = Counter()
    nobodies: set[int] = set()
    for number in range(1, max(Counter(row.response_id for row in rows).values(), default=0) + 1):
        nobodies.add(_nobody(session, number, now))
    for row in rows:
        seen[row.response_id] += 1
        if row.account_id not in nobodies:
            queries.unname_review(
                session, row.response_id, row.account_id, _nobody(session, seen[row.response_id], now)
            )
