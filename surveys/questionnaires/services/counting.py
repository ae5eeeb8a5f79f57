"""Live counts: the job that adds queued responses to the counters, and the recount that proves them."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.database import insert_ignoring, reading, transaction, use_case
from surveys.questionnaires import queries
from surveys.questionnaires.models import TallyCounter
from surveys.questionnaires.publicly import queries as waiting
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.rules import tally
from surveys.questionnaires.services.forms import form_of

BATCH = 500
Cells = Counter[tuple[int, int, str, str, str, str]]
ROWS_A_STATEMENT = 500


@use_case
def drain_tally(*, now: datetime) -> int:
    """Count what waits in the tally queue; how many responses. A job of the pump; two at once share the work.

    Taking the rows off the queue and adding to the counters are one transaction, so a response is counted exactly
    once, and counters are touched in sorted order, so two jobs cannot block each other for ever.
    """
    with transaction() as session:
        rows = queries.queued(session, BATCH)
        if not rows:
            return 0
        by_id = {row.id: row for row in queries.documents(session, {response_id for response_id, _ in rows})}
        cells: Cells = Counter()
        for response_id, sign in rows:
            _count(session, by_id[response_id].campaign_id, by_id[response_id], sign, cells)
        _add(session, cells)
        waiting.keep(session, [(by_id[response_id], sign) for response_id, sign in rows])
        return len(rows)


def _count(session: Session, campaign_id: int, row: Any, sign: int, into: Cells) -> None:
    form = form_of(session, row.version_id)
    for key, n in tally.count(form, row.answers, sign=sign).items():
        into[(campaign_id, row.estate_id, row.channel, *key)] += n


def _add(session: Session, cells: Cells) -> None:
    changed = sorted((key, n) for key, n in cells.items() if n)
    for start in range(0, len(changed), ROWS_A_STATEMENT):
        insert = insert_ignoring(session, TallyCounter).values(
            [
                {"campaign_id": key[0], "estate_id": key[1], "channel": key[2]}
                | {"question": key[3], "row": key[4], "cell": key[5], "n": n}
                for key, n in changed[start : start + ROWS_A_STATEMENT]
            ]
        )
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["campaign_id", "estate_id", "channel", "question", "row", "cell"],
                set_={"n": TallyCounter.n + insert.excluded.n},
            )
        )


def differences(campaign_id: int) -> dict[tuple[int, str, str, str, str], tuple[int, int]]:
    """Where counters and a recount of all valid documents differ: key → (counter, recount); empty when all is well.

    Only meaningful when nothing waits to be counted.
    """
    session = reading()
    recount: Cells = Counter()
    for row in queries.valid_documents(session, campaign_id):
        _count(session, campaign_id, row, 1, recount)
    truth = {key[1:]: n for key, n in recount.items() if n}
    stored = counts_of.counters_by_estate(session, campaign_id)
    return {
        key: (stored.get(key, 0), truth.get(key, 0))
        for key in stored.keys() | truth.keys()
        if stored.get(key, 0) != truth.get(key, 0)
    }
