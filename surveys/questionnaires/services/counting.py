"""Live counts: the job that adds queued responses to the counters, and the recount that proves them."""

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.database import core, insert_adding, reading, transaction, use_case
from surveys.questionnaires import queries
from surveys.questionnaires.corrections.reading import AsAsked
from surveys.questionnaires.models import TallyCounter
from surveys.questionnaires.publicly import queries as waiting
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.rules import tally
from surveys.questionnaires.rules.subjects import Part, Speaks, speaks_as
from surveys.questionnaires.standing import queries as standing

BATCH = 500
Cells = Counter[tuple[int, int, str, str, str, str]]
Homes = dict[int, dict[int, Counter[tally.Key]]]
_COUNTERS = TallyCounter.metadata.tables["tally_counter"]


@dataclass(frozen=True)
class Counted:
    """What counting reads of a response."""

    version_id: int
    estate_id: int
    channel: str
    answers: dict[str, Any]


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
        by_id = {row.id: row for row in queries.documents(session, {row[0] for row in rows})}
        asked = AsAsked(session, lock=True)
        asked.hold({row.campaign_id for row in by_id.values()})
        cells: Cells = Counter()
        for response_id, sign, part in rows:
            _count(asked, by_id[response_id].campaign_id, by_id[response_id], sign, Part(part), cells)
        _add(session, cells)
        waiting.keep(session, [(by_id[response_id], sign, part) for response_id, sign, part in rows])
        return len(rows)


def _count(asked: AsAsked, campaign_id: int, row: Any, sign: int, part: Part, into: Cells) -> None:
    form, answers = asked.read(campaign_id, row.version_id, row.answers)
    for key, n in tally.count(form, answers, sign=sign, part=part).items():
        into[(campaign_id, row.estate_id, row.channel, *key)] += n


def _count_again(asked: AsAsked, campaign_id: int, row: Any, into: Cells) -> None:
    """Count what a dwelling says as a whole, from the rows that say which sheets count."""
    if row.owners_answers is not None:
        _count(asked, campaign_id, row, 1, Part.NEEDS, into)
        owners = Counted(row.owners_version_id, row.estate_id, row.owners_channel, row.owners_answers)
        _count(asked, campaign_id, owners, 1, Part.OWNERS, into)
        return
    speaks = speaks_as(asked.form(row.version_id).document, row.relation, row.answers)
    _count(asked, campaign_id, row, 1, Part.ALL if speaks == Speaks.OWNER else Part.NEEDS, into)


def _add(session: Session, cells: Cells) -> None:
    names = ("campaign_id", "estate_id", "channel", "question", "row", "cell")
    changed = [dict(zip(names, key, strict=True), n=n) for key, n in sorted(cells.items()) if n]
    if changed:
        link = core(session)
        link.execute(insert_adding(link.dialect.name, _COUNTERS, "n"), changed)


def recounted(
    session: Session, asked: AsAsked, campaign_id: int, not_yet: Iterable[tuple[int, int, str]], watched: Set[str]
) -> tuple[Cells, Homes]:
    """The counters a campaign should have, without what is not counted yet ((response id, sign, part)); and of the
    ``watched`` questions what each dwelling adds, by estate."""
    cells: Cells = Counter()
    homes: Homes = {}

    def add(row: Any, one: Cells, sign: int) -> None:
        home = homes.setdefault(row.estate_id, {}).setdefault(row.dwelling_id, Counter())
        for key, n in one.items():
            cells[key] += sign * n
            if key[3] in watched:
                home[key[3:]] += sign * n

    for row in standing.counted_documents(session, campaign_id):
        one: Cells = Counter()
        _count_again(asked, campaign_id, row, one)
        add(row, one, 1)
    waiting_rows = list(not_yet)
    by_id = {row.id: row for row in queries.documents(session, {response_id for response_id, _, _ in waiting_rows})}
    for response_id, sign, part in waiting_rows:
        one = Counter()
        _count(asked, campaign_id, by_id[response_id], sign, Part(part), one)
        add(by_id[response_id], one, -1)
    return cells, homes


def differences(campaign_id: int) -> dict[tuple[int, str, str, str, str], tuple[int, int]]:
    """Where counters and a recount of all valid documents differ: key → (counter, recount); empty when all is well.

    Only meaningful when nothing waits to be counted.
    """
    session = reading()
    recount: Cells = Counter()
    asked = AsAsked(session)
    for row in standing.counted_documents(session, campaign_id):
        _count_again(asked, campaign_id, row, recount)
    truth = {key[1:]: n for key, n in recount.items() if n}
    stored = counts_of.counters_by_estate(session, campaign_id)
    return {
        key: (stored.get(key, 0), truth.get(key, 0))
        for key in stored.keys() | truth.keys()
        if stored.get(key, 0) != truth.get(key, 0)
    }
