"""A campaign's responses as a table, read in small parts and handed to a writer."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy.orm import Session

from kernel.clock import CHINA, china_day, china_stamp
from kernel.database import reading
from kernel.errors import Invalid
from kernel.people.models import Person
from kernel.people.services import name_of
from surveys.questionnaires.corrections.reading import AsAsked
from surveys.questionnaires.exports import queries
from surveys.questionnaires.exports.models import Format
from surveys.questionnaires.exports.sav import SavFile
from surveys.questionnaires.exports.sums import MOST_ROWS, TOO_MANY_ROWS
from surveys.questionnaires.exports.writers import MOST_COLUMNS, CsvFile, Writer, XlsxFile
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.rules import tally
from surveys.questionnaires.rules.columns import Layout, Row, TableColumn, columns, without_numbers
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import CHANNEL_WORDS, Channel
from surveys.questionnaires.services import sealing
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.standing import queries as standing
from surveys.questionnaires.standing.reading import counts_whole, whole

PART = 500
"""Rows read, and held in memory, at a time."""
Tell = Callable[[int, int], None]
"""How far it is: rows written, of how many."""


SECOND = (("two", "第二人已确认"), ("one", "没有第二人确认"))
"""Of a visit: whether a second visitor said himself that he came along; of other sheets nothing."""


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
    first.append(_about("_second", "入户两人", SECOND))
    return [*first, _about("_second_name", "同去的人"), _about("_receipt", "回执编号")] if named else first


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
    lines = Lines(AsAsked(session), campaign.id, wanted, named=named)
    counts: Counter[tally.Key] = Counter()
    done = 0
    for start in range(0, len(ids), PART):
        # A fresh session each time: telling may have ended the last one.
        session, part = reading(), ids[start : start + PART].tolist()
        lines.asked.go_on(session)
        owners = standing.owners_sheets(session, part)
        lines.came_along = queries.second_visitors(session, part)
        for row in queries.rows(session, part):
            done += 1
            counted = whole(lines.asked, campaign.id, row, owners.get(row.id))
            if writer.has_sums:
                tally.add(counts, *counted)
            writer.row(lines.line(done, row, owners.get(row.id), counted))
        tell(done, len(ids))
    form = form_of(reading(), campaign.version_id)
    writer.close(tally.figures(form, counts, public=False) if writer.has_sums else [], done)
    return done


def _writer(
    campaign: Campaign, path: Path, wanted: list[TableColumn], *, format: Format, rows: int, now: datetime
) -> Writer:
    if format == Format.SAV:
        return SavFile(path, wanted, rows=rows, title=campaign.title, made_at=now.astimezone(CHINA))
    if format == Format.CSV:
        return CsvFile(path, wanted)
    if rows > MOST_ROWS:
        raise TOO_MANY_ROWS
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


class Lines:
    """Turns what is stored of responses into lines of one file. Words and columns of each questionnaire version are
    looked up once, so that a line costs no query."""

    def __init__(self, asked: AsAsked, campaign_id: int, table: Sequence[TableColumn], *, named: bool) -> None:
        self.asked = asked
        self._campaign_id, self._table, self._named = campaign_id, table, named
        self._places = {column.code: place for place, column in enumerate(table)}
        self._typed = () if named else tuple(place for place, column in enumerate(table) if column.free)
        self._layouts: dict[str, Layout] = {}
        self.came_along: dict[int, Person | None] = {}
        """response (inner id) → who confirmed that he came along to the visit, of the part that is written"""

    def line(self, number: int, row: Any, owners: Any, counted: tuple[Form, dict[str, Any]]) -> Row:
        """The line of a valid response. ``owners``: the other sheet whose consent and money count in its place, or
        None; ``counted``: the campaign's form and what counts of the dwelling (``standing.reading.whole``)."""
        line = Row(len(self._table))
        self._about(line, number, row)
        private = sealing.open_sealed(cast(Response, row)) if self._named else {}
        form, answers = counted
        if not counts_whole(self.asked, row, owners):
            # A tenant's, or a tenant's and an owner's: put together from two sheets.
            self._layout(form).fill(line, answers | private)
        elif (own := self.asked.form(row.version_id)) is form:
            self._layout(form).fill(line, answers | private)
        else:
            # As it was answered, so that nothing a correction dropped is lost, and over it in the words of today.
            held = row.answers | private
            self._layout(own).fill(line, held)
            self._layout(form).fill(line, self.asked.read(self._campaign_id, row.version_id, held)[1])
        for place in self._typed:
            coded, said = line.coded[place], line.said[place]
            clean = without_numbers(coded)
            line.put(place, clean, clean if said == coded else without_numbers(said))
        return line

    def _layout(self, form: Form) -> Layout:
        found = self._layouts.get(form.content_hash)
        if found is None:
            found = self._layouts[form.content_hash] = Layout(form, self._table)
        return found

    def _about(self, line: Row, number: int, row: Any) -> None:
        submitted = china_stamp(row.submitted_at) if self._named else china_day(row.submitted_at).isoformat()
        places = self._places
        line.put(places["_number"], number, number)
        line.put(places["_estate"], row.estate, row.estate)
        line.put(places["_channel"], row.channel, CHANNEL_WORDS[Channel(row.channel)])
        line.put(places["_submitted"], submitted, submitted)
        if row.channel == Channel.WORKER_VISIT:
            line.put(places["_second"], *SECOND[0 if row.id in self.came_along else 1])
        if self._named:
            line.put(places["_building"], row.building, row.building)
            line.put(places["_door"], row.label, row.label)
            line.put(places["_relation"], row.relation, row.relation)
            line.put(places["_receipt"], row.receipt, row.receipt)
            second = self.came_along.get(row.id)
            name = name_of(second) if second is not None else ""
            line.put(places["_second_name"], name, name)
