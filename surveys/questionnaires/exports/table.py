"""A campaign's responses as a table, read in small parts and handed to a writer."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy.orm import Session

from kernel.clock import CHINA, china_day, china_text
from kernel.database import reading
from kernel.errors import Invalid
from surveys.questionnaires.corrections.reading import AsAsked
from surveys.questionnaires.exports import queries
from surveys.questionnaires.exports.models import Format
from surveys.questionnaires.exports.sav import SavFile
from surveys.questionnaires.exports.writers import MOST_COLUMNS, CsvFile, Writer, XlsxFile
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.rules import tally
from surveys.questionnaires.rules.columns import TableColumn, cells, columns, without_numbers
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import CHANNEL_WORDS, Channel
from surveys.questionnaires.services import sealing
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.standing import queries as standing
from surveys.questionnaires.standing.reading import counts_whole, whole

PART = 200
"""Rows read, and held in memory, at a time."""
Tell = Callable[[int, int], None]
"""How far it is: rows written, of how many."""


def _about(
    code: str, title: str, values: tuple[tuple[str | int, str], ...] = (), *, is_number: bool = False
) -> TableColumn:
    return TableColumn(code, "", title, "", "", values, False, 80, is_number)


def about_columns(*, named: bool) -> list[TableColumn]:
    """The columns before the answers. Without ``named`` nothing in them, nor their order, tells a door."""
    channels = tuple((channel.value, word) for channel, word in CHANNEL_WORDS.items())
    first = [_about("_number", "序号", is_number=True), _about("_estate", "小区")]
    if named:
        first += [_about("_building", "楼栋"), _about("_door", "门牌"), _about("_relation", "谁填的")]
    first += [_about("_channel", "怎么填的", channels), _about("_submitted", "提交时间" if named else "提交日期")]
    return [*first, _about("_receipt", "回执编号")] if named else first


def write(
    campaign: Campaign, estate_ids: Sequence[int], path: Path, *, format: Format, named: bool, tell: Tell, now: datetime
) -> int:
    """Write the responses that count in some estates to ``path``; how many. ``tell`` may open a transaction.

    Which responses is settled at the start (they never change), so the file is one moment of the campaign; they are
    read ``PART`` at a time. Raises Invalid for a questionnaire with more columns than a spreadsheet has.
    """
    session = reading()
    ids = queries.valid_ids(session, campaign.id, estate_ids, by_door=named)
    wanted = _columns(session, [campaign.version_id, *queries.versions_of(session, ids)], named=named)
    tell(0, len(ids))
    writer = _writer(campaign, path, wanted, format=format, rows=len(ids), now=now)
    free = frozenset(column.code for column in wanted if column.free) if not named else frozenset()
    counts: Counter[tally.Key] = Counter()
    done = 0
    for start in range(0, len(ids), PART):
        # A fresh session each time: telling may have ended the last one.
        asked, part = AsAsked(reading()), ids[start : start + PART].tolist()
        owners = standing.owners_sheets(reading(), part)
        for row in queries.rows(reading(), part):
            done += 1
            form, answers = whole(reading(), asked, campaign.id, row, owners.get(row.id))
            counts.update(tally.count(form, answers))
            said = None if counts_whole(reading(), row, owners.get(row.id)) else (form, answers)
            writer.row(dict(_cells(asked, campaign.id, row, said, done, named=named, free=free)))
        tell(done, len(ids))
    figures = tally.figures(form_of(reading(), campaign.version_id), counts, public=False)
    writer.close(figures, done)
    return done


def _writer(
    campaign: Campaign, path: Path, wanted: list[TableColumn], *, format: Format, rows: int, now: datetime
) -> Writer:
    if format == Format.SAV:
        return SavFile(path, wanted, rows=rows, title=campaign.title, made_at=now.astimezone(CHINA))
    if format == Format.CSV:
        return CsvFile(path, wanted)
    return XlsxFile(path, wanted, title=campaign.title, day=china_day(now).isoformat())


def _columns(session: Session, versions: Sequence[int], *, named: bool) -> list[TableColumn]:
    """The columns of the campaign's questionnaire, then what other versions have besides."""
    found = {column.code: column for column in about_columns(named=named)}
    for version_id in versions:
        for column in columns(form_of(session, version_id), named=named):
            found.setdefault(column.code, column)
    if len(found) > MOST_COLUMNS:
        raise Invalid("too-many-columns", "这份问卷的选项太多，一张表放不下。请按小区分开导出，或联系技术支持。")
    return list(found.values())


def _cells(
    asked: AsAsked,
    campaign_id: int,
    row: Any,
    put_together: tuple[Form, dict[str, Any]] | None,
    number: int,
    *,
    named: bool,
    free: frozenset[str],
) -> Iterator[tuple[str, Any]]:
    """A row of the file. ``put_together``: what counts of the dwelling, where that is not one whole sheet (a tenant's,
    or a tenant's and an owner's)."""
    submitted = china_text(row.submitted_at) if named else china_day(row.submitted_at).isoformat()
    yield "_number", (number, number)
    yield "_estate", (row.estate, row.estate)
    yield "_channel", (row.channel, CHANNEL_WORDS[Channel(row.channel)])
    yield "_submitted", (submitted, submitted)
    answers: dict[str, Any] = dict(row.answers)
    private: dict[str, Any] = {}
    if named:
        yield "_building", (row.building, row.building)
        yield "_door", (row.label, row.label)
        yield "_relation", (row.relation, row.relation)
        yield "_receipt", (row.receipt, row.receipt)
        private = sealing.open_sealed(cast(Response, row))
    if put_together is not None:
        form, counted = put_together
        held = cells(form, counted | private)
    else:
        # As it was answered, so that nothing a correction dropped is lost, and over it in the words of today.
        answers |= private
        held = cells(form_of(reading(), row.version_id), answers) | cells(
            *asked.read(campaign_id, row.version_id, answers)
        )
    for code, (coded, said) in held.items():
        yield code, (without_numbers(coded), without_numbers(said)) if code in free else (coded, said)
