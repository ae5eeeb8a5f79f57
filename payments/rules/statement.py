"""A bank's statement as a table of cells: columns found by heading, amounts exact, every line known again.

What cannot be read stops in review and never becomes 0. A line's identity keeps Chinese names as they are and counts
repeats within a file, so that two equal payments are two, and the same file, or one that overlaps it, adds nothing.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from kernel.errors import DomainError, Invalid
from kernel.money import Fen, fen_from_text

Cell = str | int | float | bool | date | datetime | None


class Column(StrEnum):
    """What a statement's column means."""

    DAY = "day"
    IN = "in"
    OUT = "out"
    AMOUNT = "amount"
    DIRECTION = "direction"
    NAME = "name"
    ACCOUNT = "account"
    MEMO = "memo"
    SERIAL = "serial"
    BALANCE = "balance"


COLUMN_WORDS = {
    Column.DAY: "交易日期 交易日 记账日期 入账日期 记账日 日期 交易时间 记账时间 入账时间",
    Column.IN: "贷方发生额 贷方发生额收入 贷方金额 贷方金额收入 收入金额 收入 转入金额 转入额 贷方 存入金额 存入额"
    " 存入 记账金额收入 交易金额收入 交易金额贷",
    Column.OUT: "借方发生额 借方发生额支取 借方金额 借方金额支出 支出金额 支出 转出金额 转出额 借方 支取金额 支取额"
    " 支取 记账金额支出 交易金额支出 交易金额借",
    Column.AMOUNT: "交易金额 发生额 金额",
    Column.DIRECTION: "借贷标志 借贷标记 借贷 借贷方向 收支 收支标志 收付标志",
    Column.NAME: "对方户名 对方名称 对方账户名称 对方账户名 对方账号名称 对方帐户名称 对方帐户名 收付方名称"
    " 对方单位名称 对方单位 对方姓名 对手户名 对手信息 交易对方 付款人名称",
    Column.ACCOUNT: "对方账号 对方账户 对方帐号 对方帐户 对方卡号账号 收付方账号 对方卡号 付款人账号",
    Column.MEMO: "摘要 附言 用途 备注 交易附言 交易摘要 交易用途 交易备注 业务摘要 客户摘要 摘要说明 其它摘要 交易详情"
    " 交易场所 商品说明 商品",
    Column.SERIAL: "流水号 交易流水号 账户明细编号-交易流水号 交易序号 银行流水号 日志号 交易单号 交易订单号 凭证号",
    Column.BALANCE: "余额 账户余额 交易后余额 交易余额 本次余额 联机余额 当前余额",
}
"""How banks (ICBC, CCB, ABC, BOC, CMB and others), WeChat and Alipay head their columns; the first is preferred."""
_KNOWN = {word: (column, rank) for column, words in COLUMN_WORDS.items() for rank, word in enumerate(words.split())}
_AND = "+"
"""Between the headings of a column that stands in several: what is remarked may be in any of them."""
_COMES = frozenset({"贷", "贷方", "收入", "收", "进", "C", "CR", "+"})
_GOES = frozenset({"借", "借方", "支出", "支", "出", "D", "DR", "-"})
_WAY = re.compile(r"\((收入|支出|支取|存入|借|贷)\)")
"""What a heading says in brackets of which way the money went: the only thing that tells two columns apart."""
_SUMMARY = re.compile("合计|总计|小计|共计|本页")
_HEADER_WITHIN = 40
_LONGEST_HEADING = 200
_MOST_YUAN = 10**13
_DAY = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?!\d)")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
Layout = Mapping[str, str]
"""Column -> heading as it stands in the file; remembered for the account."""


@dataclass(frozen=True)
class StatementLine:
    """One line. ``amount_fen`` > 0 came, < 0 went; ``None`` with a ``problem`` in words when it cannot be read."""

    row: int
    day: date | None
    amount_fen: Fen | None
    name: str
    account_tail: str
    memo: str
    serial: str
    balance_fen: Fen | None
    problem: str = ""

    @property
    def identity(self) -> str:
        """What the line is known again by; names as they are, only widths and spaces made alike."""
        parts = (
            self.day.isoformat() if self.day else "",
            str(self.amount_fen) if self.amount_fen is not None else self.problem,
            self.name,
            self.account_tail,
            self.memo,
            self.serial,
            str(self.balance_fen) if self.balance_fen is not None else "",
        )
        return "\x1f".join(alike(part) for part in parts)


@dataclass(frozen=True)
class Statement:
    """A statement that was read: the layout it was read by, to be remembered, and its lines."""

    layout: dict[str, str]
    lines: list[StatementLine]


def read_statement(rows: Sequence[Sequence[Cell]], *, layout: Layout | None = None) -> Statement:
    """Find the headings and read every line below. ``layout``: as remembered or given for this account.

    Raises Invalid ``statement-columns`` when a remembered heading is missing, or day and amount cannot be found.
    """
    at, places, used = _header(rows, layout)
    lines = []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        cells = {column: _cell(row, some) for column, some in places.items()}
        if not any(_text(cell) for cell in row) or _is_summary(row, cells):
            continue
        lines.append(_line(number, cells))
    return Statement(used, lines)


def may_be_one(first: StatementLine, second: StatementLine) -> bool:
    """May two lines of different files be one payment? The same day and amount, and nothing that both tell differs."""
    if first.day is None or first.amount_fen is None:
        return False
    if (first.day, first.amount_fen) != (second.day, second.amount_fen):
        return False
    told = (
        (first.account_tail, second.account_tail),
        (alike(first.name), alike(second.name)),
        (first.serial, second.serial),
        (first.balance_fen, second.balance_fen),
    )
    return all(one in ("", None) or other in ("", None) or one == other for one, other in told)


def has_same_number(first: StatementLine, second: StatementLine) -> bool:
    """Do two lines bear one number of the bank, which is no filler such as ``0`` or ``000000``?"""
    return first.serial == second.serial and len(first.serial) >= 6 and bool(first.serial.strip("0"))


def numbered(lines: Sequence[StatementLine]) -> list[tuple[str, int]]:
    """Each line's identity and which of its equals within the file it is, counted from 1."""
    seen: Counter[str] = Counter()
    found = []
    for line in lines:
        seen[line.identity] += 1
        found.append((line.identity, seen[line.identity]))
    return found


# ----------------------------------------------------------------------------------------------------------- reading


Places = dict[Column, list[int]]


def _header(rows: Sequence[Sequence[Cell]], layout: Layout | None) -> tuple[int, Places, dict[str, str]]:
    best: list[str] = []
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        heads = [_heading(cell) for cell in row]
        places = _wanted(heads, [_bare(cell) for cell in row], layout) if layout else _guessed(heads)
        if _is_enough(places):
            return at, places, {column.value: _AND.join(heads[at] for at in places[column]) for column in places}
        best = max(best, [head for head in heads if head], key=len)
    shown = "、".join(best[:20]) or "空表"
    raise Invalid("statement-columns", f"没有找到日期和金额两列，请指明各列的名称。读到的列名：{shown}。")


def _is_enough(places: Places) -> bool:
    return Column.DAY in places and bool({Column.IN, Column.OUT, Column.AMOUNT} & set(places))


def _wanted(heads: Sequence[str], bare: Sequence[str], layout: Layout) -> Places:
    """Where the columns of a layout stand; one that was remembered without what stands in brackets is found, too."""
    wanted = {Column(column): [_heading(one) for one in head.split(_AND)] for column, head in layout.items()}
    asked = {one for some in wanted.values() for one in some}
    there = heads if asked <= set(heads) else bare
    if not asked <= set(there):
        return {}
    return {column: [there.index(one) for one in some] for column, some in wanted.items()}


def _guessed(heads: Sequence[str]) -> Places:
    found: dict[Column, list[tuple[int, int]]] = {}
    for place, head in enumerate(heads):
        if head in _KNOWN and head not in heads[:place]:
            column, rank = _KNOWN[head]
            found.setdefault(column, []).append((rank, place))
    places = {column: [min(some)[1]] for column, some in found.items()}
    if Column.MEMO in found:
        places[Column.MEMO] = sorted(place for _, place in found[Column.MEMO])
    if Column.IN in places or Column.OUT in places:
        places.pop(Column.AMOUNT, None)
        places.pop(Column.DIRECTION, None)
    return places


def _heading(cell: Cell) -> str:
    return _bare(_WAY.sub(r"\1", alike(_text(cell)[:_LONGEST_HEADING])))


def _bare(cell: Cell) -> str:
    # The pattern takes the square of the length over a text of nothing but brackets.
    return re.sub(r"\(.*?\)|\[.*?\]|/元|[\s/:*]", "", alike(_text(cell)[:_LONGEST_HEADING]))


def alike(text: str) -> str:
    """A text with widths and blanks made alike."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = str(cell).strip()
    return text if text.strip("-") else ""  # ------: how some banks write that there is nothing


def _cell(row: Sequence[Cell], places: Sequence[int]) -> Cell:
    """A column's cell; of one that stands in several what each tells, once."""
    told = [row[place] for place in places if place < len(row)]
    if len(places) == 1:
        return told[0] if told else None
    return " ".join(dict.fromkeys(text for text in (_text(one) for one in told) if text))


def _is_summary(row: Sequence[Cell], cells: Mapping[Column, Cell]) -> bool:
    return _day(cells.get(Column.DAY)) is None and any(_SUMMARY.search(_text(cell)) for cell in row)


def _line(number: int, cells: Mapping[Column, Cell]) -> StatementLine:
    day, (amount, problem) = _day(cells.get(Column.DAY)), _amount(cells)
    if day is None:
        problem = "；".join(part for part in (f"日期“{_text(cells.get(Column.DAY))[:20]}”读不出来", problem) if part)
    try:
        balance = _fen(cells.get(Column.BALANCE))
    except DomainError:
        balance = None
    digits = re.sub(r"\W", "", _text(cells.get(Column.ACCOUNT)))
    return StatementLine(
        number,
        day,
        None if problem else amount,
        alike(_text(cells.get(Column.NAME)))[:80],
        digits[-4:],
        alike(_text(cells.get(Column.MEMO)))[:120],
        alike(_text(cells.get(Column.SERIAL)))[:64],
        balance,
        problem,
    )


def _amount(cells: Mapping[Column, Cell]) -> tuple[Fen | None, str]:
    try:
        came, went = _fen(cells.get(Column.IN)), _fen(cells.get(Column.OUT))
        told = _fen(cells.get(Column.AMOUNT))
    except DomainError:
        shown = "、".join(_text(cells[c])[:20] for c in (Column.IN, Column.OUT, Column.AMOUNT) if _text(cells.get(c)))
        return None, f"金额“{shown}”读不出来"
    if told is not None:
        return _directed(told, cells)
    if came and went:
        return None, "同一行既有收入又有支出"
    fen = came or (-went if went else 0)
    return (fen, "") if fen else (None, "没有金额")


def _directed(told: Fen, cells: Mapping[Column, Cell]) -> tuple[Fen | None, str]:
    if not told:
        return None, "没有金额"
    if Column.DIRECTION not in cells:
        return told, ""
    word = alike(str(cells[Column.DIRECTION] or "")).upper()  # here "-" says something
    if word in _COMES:
        return abs(told), ""
    if word in _GOES:
        return -abs(told), ""
    return None, f"借贷方向“{word[:10]}”读不出来"


def _fen(cell: Cell) -> Fen | None:
    """A cell as fen; None when it is empty. Raises Invalid for anything that is not an amount of two places at most."""
    if isinstance(cell, bool | date):
        raise Invalid("amount-not-readable", "这一格不是金额。")
    if isinstance(cell, int | float):
        # A spreadsheet's number is binary: its shortest text is what the bank wrote.
        exact = Decimal(repr(cell))
        if not exact.is_finite() or abs(exact) >= _MOST_YUAN or exact != round(exact, 2):
            raise Invalid("amount-not-readable", "金额多于两位小数。")
        text = f"{exact:.2f}"
    else:
        text = unicodedata.normalize("NFKC", cell or "").strip().lstrip("¥").removesuffix("元").strip()
    if text in ("", "-", "--"):
        return None
    negative = text.startswith("-") or (text.startswith("(") and text.endswith(")"))
    bare = text[1:-1] if text.startswith("(") and text.endswith(")") else text.removeprefix("+").removeprefix("-")
    fen = fen_from_text(bare)
    return -fen if negative else fen


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _text(cell)
    found = _COMPACT_DAY.match(text) if re.match(r"\d{8}", text) else _DAY.match(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None
