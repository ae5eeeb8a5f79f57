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
from kernel.people.models import RELATION_WORDS, Person
from kernel.people.services import name_of
from surveys.questionnaires.corrections.reading import AsAsked
from surveys.questionnaires.exports import queries
from surveys.questionnaires.exports.models import Format
from surveys.questionnaires.exports.sav import SavFile
from surveys.questionnaires.exports.sums import MOST_ROWS, TOO_MANY_ROWS
from surveys.questionnaires.exports.writers import MOST_COLUMNS, CsvFile, Writer, XlsxFile
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.rules import tally
from surveys.questionnaires.rules.columns import TableColumn, columns
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.layout import Kept, Layout, Line
from surveys.questionnaires.rules.lifecycle import CHANNEL_WORDS, Channel
from surveys.questionnaires.rules.questions.base import Held
from surveys.questionnaires.services import sealing
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.services.responses import WORKER
from surveys.questionnaires.standing import queries as standing
from surveys.questionnaires.standing.reading import counts_whole, whole

PART = 500
"""Rows read, and held in memory, at a time."""
Tell = Callable[[int, int], None]
"""How far it is: rows written, of how many."""


SECOND = (("two", "第二人已确认"), ("one", "没有第二人确认"))
"""Of a visit: whether a second visitor said himself that he came along; of other sheets nothing."""

BY = {**{str(relation): word for relation, word in RELATION_WORDS.items()}, WORKER: "社区工作者"}
"""Who filled a sheet in."""


def _about(
    code: str, title: str, values: tuple[tuple[str | int, str], ...] = (), *, is_number: bool = False
) -> TableColumn:
    return TableColumn(code, "", title, "", "", values, False, 80, is_number)


def about_columns(*, named: bool) -> list[TableColumn]:
    """The columns before the answers. Without ``named`` nothing in them, nor their order, tells a door."""
    channels = tuple((channel.value, word) for channel, word in CHANNEL_WORDS.items())
    first = [_about("_number", "序号", is_number=True), _about("_estate", "小区")]
    if named:
        first += [
            _about("_building", "楼栋"),
            _about("_door", "门牌"),
            _about("_relation", "谁填的", tuple(BY.items())),
        ]
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
    ids, versions = queries.valid_ids(session, campaign.id, estate_ids, by_door=named)
    wanted = _columns(session, [campaign.version_id, *versions], named=named)
    tell(0, len(ids))
    writer = _writer(campaign, path, wanted, format=format, rows=len(ids), now=now)
    lines = Lines(AsAsked(session), campaign.id, wanted, writer, named=named)
    counts: Counter[tally.Key] = Counter()
    done = 0
    for start in range(0, len(ids), PART):
        # A fresh session each time: telling may have ended the last one.
        session, part = reading(), ids[start : start + PART].tolist()
        lines.asked.go_on(session)
        owners = standing.owners_sheets(session, part)
        lines.came_along = queries.second_visitors(session, part)
        for row in queries.sheets(session, part):
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

    def __init__(
        self, asked: AsAsked, campaign_id: int, table: Sequence[TableColumn], writer: Writer, *, named: bool
    ) -> None:
        self.asked = asked
        self._campaign_id, self._table, self._writer, self._named = campaign_id, table, writer, named
        self._places = {column.code: place for place, column in enumerate(table)}
        self._layouts: dict[str, Layout] = {}
        self._again = Kept(lambda cell: writer.cell(*cell))
        self.came_along: dict[int, Person | None] = {}
        """response (inner id) → who confirmed that he came along to the visit, of the part that is written"""

    def line(self, number: int, row: queries.Sheet, owners: Any, counted: tuple[Form, dict[str, Any]]) -> Line:
        """The line of a valid response. ``owners``: the other sheet whose consent and money count in its place, or
        None; ``counted``: the campaign's form and what counts of the dwelling (``standing.reading.whole``)."""
        line = self._writer.blank.copy()
        self._about(line, number, row)
        private = sealing.open_sealed(cast(Response, row)) if self._named else {}
        form, answers = counted
        own = self.asked.form(row.version_id)
        if own is not form and counts_whole(self.asked, row, owners):
            # As it was answered, so that nothing a correction dropped is lost, and over it in the words of today.
            held = row.answers | private
            self._layout(own).fill(line, held)
            answers = self.asked.read(self._campaign_id, row.version_id, held)[1]
        elif private:
            answers = answers | private
        self._layout(form).fill(line, answers)
        return line

    def _layout(self, form: Form) -> Layout:
        found = self._layouts.get(form.content_hash)
        if found is None:
            found = self._layouts[form.content_hash] = Layout(form, self._table, self._writer.cell, named=self._named)
        return found

    def _about(self, line: Line, number: int, row: queries.Sheet) -> None:
        submitted = china_stamp(row.submitted_at) if self._named else china_day(row.submitted_at).isoformat()
        self._put(line, "_number", number)
        self._put_again(line, "_estate", row.estate, row.estate)
        self._put_again(line, "_channel", row.channel, CHANNEL_WORDS[Channel(row.channel)])
        self._put_again(line, "_submitted", submitted, submitted)
        if row.channel == Channel.WORKER_VISIT:
            self._put_again(line, "_second", *SECOND[0 if row.id in self.came_along else 1])
        if self._named:
            second = self.came_along.get(row.id)
            self._put_again(line, "_building", row.building, row.building)
            self._put(line, "_door", row.label)
            self._put_again(line, "_relation", row.relation, BY[row.relation])
            self._put(line, "_receipt", row.receipt)
            self._put(line, "_second_name", name_of(second) if second is not None else "")

    def _put(self, line: Line, code: str, held: Held) -> None:
        place = self._places[code]
        line[place] = self._writer.cell(place, held, held)

    def _put_again(self, line: Line, code: str, coded: str, said: str) -> None:
        """Put in what many lines say."""
        place = self._places[code]
        line[place] = self._again[place, coded, said]
