"""Reading a roster: rows of a workbook become dwellings with their holders, or problems told in Chinese.

Nothing is guessed: a row that cannot be understood gets every one of its problems at once, in its own words, and two
rows for one door are both refused, because only the office can know which is right.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kernel.errors import Invalid
from portal.register.rules import cells
from portal.register.rules.cells import text_of
from portal.register.rules.columns import HEADER_SEARCHED_ROWS, Field, Header, find_header, is_header_again
from portal.register.rules.rows import Problem, RosterDwelling, RowReader, read_row
from portal.register.rules.tables import Sheet

MAX_ROWS = 200_000
"""More is not one estate's roster."""

SHARED_PHONE_LIMIT = 3
"""A number that stands at more people than this is pointed out: it may be a placeholder."""

_FOOTERS = ("合计", "总计", "小计", "共计", "制表", "填表", "审核", "备注", "注:", "说明", "负责人", "经办")


@dataclass
class Roster:
    """What a workbook says. ``dwellings``: the good rows only; ``headers``: one entry a sheet (``None``: no roster)."""

    dwellings: list[RosterDwelling]
    problems: list[Problem]
    notes: list[str]
    headers: list[Header | None]
    rows_read: int

    @property
    def bad_rows(self) -> int:
        """Count the rows with at least one problem."""
        return len({(problem.sheet, problem.row) for problem in self.problems})


def read_roster(sheets: Sequence[Sheet], progress: Callable[[int], None] | None = None) -> Roster:
    """Read all sheets of a workbook that have a roster's headings.

    ``progress`` is called with the number of rows read since the last call. Raises ``Invalid`` (code ``no-roster``)
    when no sheet has the needed columns, and (``roster-too-long``) above 200,000 rows.
    """
    if sum(len(sheet.rows) for sheet in sheets) > MAX_ROWS:
        raise Invalid("roster-too-long", f"表格超过 {MAX_ROWS} 行，请按小区分开导入。")
    roster = Roster([], [], [], [], 0)
    guests: list[tuple[RosterDwelling, RowReader]] = []
    unready: list[str] = []
    for number, sheet in enumerate(sheets):
        header = find_header(sheet.top(HEADER_SEARCHED_ROWS))
        lacking = header.missing() if header else []
        if header is None or lacking:
            roster.headers.append(None)
            if header is not None:
                unready.append(f"“{sheet.name}”缺少：{'、'.join(name.value for name in lacking)}")
            continue
        roster.headers.append(header)
        _read_sheet(roster, guests, sheet, number, header, progress)
    skipped = [
        sheet.name for sheet, header in zip(sheets, roster.headers, strict=True) if header is None and sheet.rows
    ]
    if not any(roster.headers):
        why = "；".join(unready) or "前 20 行里没有同时写着房号、户主、面积的一行"
        raise Invalid("no-roster", f"没有找到表头，无法导入。{why}。请检查表头后再试。")
    roster.notes += [f"“{name}”表没有名册的表头，已略过。" for name in skipped]
    _join_guests(roster, guests)
    _refuse_doubles(roster)
    _note_phones(roster)
    roster.problems.sort(
        key=lambda problem: (problem.sheet, problem.row, -1 if problem.column is None else problem.column)
    )
    return roster


def _read_sheet(
    roster: Roster,
    guests: list[tuple[RosterDwelling, RowReader]],
    sheet: Sheet,
    number: int,
    header: Header,
    progress: Callable[[int], None] | None,
) -> None:
    merged = sheet.merged_down()
    building_of_sheet = _building_of_sheet(sheet, header)
    told = 0
    for row in range(header.row + 1, len(sheet.rows)):
        if progress is not None and row - told >= 500:
            progress(row - told)
            told = row
        reader = RowReader(sheet, number, row, header, merged)
        if _not_a_dwelling(reader, header):
            continue
        roster.rows_read += 1
        dwelling, relation = read_row(reader, building_of_sheet)
        roster.problems += reader.problems
        if dwelling is not None:
            if relation in ("owner", "organisation"):
                roster.dwellings.append(dwelling)
            else:
                guests.append((dwelling, reader))
    if progress is not None:
        progress(len(sheet.rows) - told)
    if building_of_sheet is not None and not _is_a_building(sheet):
        roster.notes.append(f"“{sheet.name}”表没有楼栋一列，没写楼栋的都登记为 1栋。")


def _building_of_sheet(sheet: Sheet, header: Header) -> str | None:
    """A sheet a building (named 3栋) needs no such column; an estate of a single building has neither."""
    if Field.BUILDING in header.columns:
        return None
    return cells.building(sheet.name) if _is_a_building(sheet) else "1栋"


def _is_a_building(sheet: Sheet) -> bool:
    name = cells.squeezed(sheet.name)
    return name.endswith(("栋", "幢", "号楼", "座")) and len(name) <= 8


def _not_a_dwelling(reader: RowReader, header: Header) -> bool:
    """Blank rows, building headings within the table, repeated page headings, sums and remarks at the foot."""
    own = {name: text_of(reader.own(name)) for name in header.columns if name is not Field.PROBLEM}
    if not any(text for name, text in own.items() if name not in (Field.BUILDING, Field.UNIT)):
        return True
    row = reader.sheet.rows[reader.row]
    if is_header_again(row, header):
        return True
    if own.get(Field.DOOR):
        return False
    return next((text for text in map(text_of, row) if text), "").startswith(_FOOTERS)


def _join_guests(roster: Roster, guests: list[tuple[RosterDwelling, RowReader]]) -> None:
    """Rows that name a co-owner, tenant or relative belong to the owner's row of the same door."""
    doors = {dwelling.place: dwelling for dwelling in roster.dwellings}
    for guest, reader in guests:
        host = doors.get(guest.place)
        if host is None:
            reader.problems.clear()
            reader.wrong(None, f"{guest.label} 没有业主的一行，或那一行有错误")
            roster.problems += reader.problems
            continue
        if guest.area_dm2 and guest.area_dm2 != host.area_dm2:
            reader.problems.clear()
            reader.wrong(Field.AREA, f"面积和第 {host.row + 1} 行同一户的不一样")
            roster.problems += reader.problems
            continue
        known = {(holder.key, holder.relation) for holder in host.holders}
        host.holders += [holder for holder in guest.holders if (holder.key, holder.relation) not in known]


def _refuse_doubles(roster: Roster) -> None:
    """Two owner's rows for one door: neither is taken."""
    by_door: dict[tuple[str, str, str], list[RosterDwelling]] = defaultdict(list)
    for dwelling in roster.dwellings:
        by_door[dwelling.place].append(dwelling)
    doubled = {place for place, rows in by_door.items() if len(rows) > 1}
    for place in doubled:
        rows = by_door[place]
        for dwelling in rows:
            others = "、".join(_row_name(roster, other, dwelling) for other in rows if other is not dwelling)
            header = roster.headers[dwelling.sheet]
            column = header.columns.get(Field.DOOR) if header else None
            text = f"{dwelling.label} 重复：{others}也是这一户"
            roster.problems.append(Problem(dwelling.sheet, dwelling.row, column, text))
    roster.dwellings = [dwelling for dwelling in roster.dwellings if dwelling.place not in doubled]


def _row_name(roster: Roster, other: RosterDwelling, seen_from: RosterDwelling) -> str:
    place = "" if other.sheet == seen_from.sheet else f"第 {other.sheet + 1} 张表"
    return f"{place}第 {other.row + 1} 行"


def _note_phones(roster: Roster) -> None:
    """Point out numbers that many people share, landlines, and doors nobody can confirm by a code."""
    people = {holder.key: holder for dwelling in roster.dwellings for holder in dwelling.holders}.values()
    shared = Counter(holder.phone for holder in people if holder.phone)
    for number, count in shared.items():
        if count > SHARED_PHONE_LIMIT:
            roster.notes.append(f"尾号 {number[-4:]} 的电话登记在 {count} 个人名下，请核对。")
    landlines = sum(1 for holder in people if holder.landline)
    if landlines:
        roster.notes.append(f"{landlines} 人登记的是固定电话，收不到短信验证码，需由社区工作者上门确认。")
    silent = sum(1 for dwelling in roster.dwellings if not any(holder.phone for holder in dwelling.holders))
    if silent:
        roster.notes.append(f"{silent} 户没有登记电话，需由社区工作者上门确认。")
