"""Moving the public figures: a timer's work, an estate a transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.database import reading, transaction, use_case
from surveys.questionnaires import queries as responses
from surveys.questionnaires.corrections.reading import AsAsked
from surveys.questionnaires.publicly import queries
from surveys.questionnaires.publicly.models import PublicChange
from surveys.questionnaires.rules import release as rules
from surveys.questionnaires.rules import tally
from surveys.questionnaires.rules.subjects import Part

BATCH = 1000


def release_waiting(*, now: datetime) -> int:
    """Look at the estates where five dwellings or more wait; in how many a figure moved. Twice does it once."""
    due = queries.estates_with_changes(reading(), tally.FEWEST)
    return sum(_release(campaign_id, estate_id, now=now) for campaign_id, estate_id in due)


@use_case
def _release(campaign_id: int, estate_id: int, *, now: datetime) -> int:
    with transaction() as session:
        asked = AsAsked(session, lock=True)
        asked.hold({campaign_id})
        kept = queries.release_for_change(session, campaign_id, estate_id, now)
        waiting = queries.changes(session, campaign_id, estate_id, BATCH)
        if len({change.dwelling_id for change in waiting}) < tally.FEWEST:
            return 0
        release = rules.read(kept.document)
        moved = rules.moved(release, _changes(session, asked, campaign_id, waiting))
        queries.forget(session, [change.id for change in waiting])
        kept.document = rules.written(release)
        if moved:
            kept.number, kept.taken_at = kept.number + 1, now
        return 1 if moved else 0


def _changes(session: Session, asked: AsAsked, campaign_id: int, waiting: Sequence[PublicChange]) -> list[rules.Change]:
    dwellings = sorted({change.dwelling_id for change in waiting})
    seen = queries.seen(session, campaign_id, dwellings)
    documents = {row.id: row for row in responses.documents(session, {change.response_id for change in waiting})}
    found = []
    for change in waiting:
        row = documents[change.response_id]
        form, answers = asked.read(campaign_id, row.version_id, row.answers)
        counts = tally.count(form, answers, sign=change.sign, part=Part(change.part))
        found.append(rules.Change(change.dwelling_id, change.dwelling_id not in seen, counts))
    queries.now_seen(session, campaign_id, dwellings)
    return found
