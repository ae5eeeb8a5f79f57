"""The bill of a day as a payment service writes it: rows in fen, found by heading, proved by their own sums.

WeChat Pay's files (WECHAT §3.8): UTF-8 with BOM, a line of headings, cells behind a back-quote with commas possibly
inside, then a line of summary headings and one of sums. Amounts are yuan in digits: read as text, never as a float.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.clock import CHINA
from kernel.errors import DomainError
from kernel.money import Fen, fen_from_text


class BillKind(StrEnum):
    """Which bill of a day."""

    TRADE = "trade"
    FUND_FLOW = "fund_flow"


class RowKind(StrEnum):
    """What a row tells of."""

    PAYMENT = "payment"
    REFUND = "refund"
    OTHER = "other"
    """A movement of the merchant's account that is neither, e.g. a withdrawal to the bank."""


@dataclass(frozen=True)
class BillRow:
    """One row. ``number``: ours (trade or refund number); ``outside_id``: the service's; ``amount_fen`` > 0, what was
    paid or went back; ``state``: the service's own word; ``balance_fen``: of the account, in fund-flow bills only.
    """

    kind: RowKind
    number: str
    outside_id: str
    amount_fen: Fen
    state: str
    at: datetime
    fee_fen: Fen = 0
    incoming: bool = True
    balance_fen: Fen | None = None


class BadBill(Exception):
    """A bill that contradicts its hash, its own sums or its shape. The text says where, in Chinese, for a person."""


_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)")
_SUCCESS, _REFUND = "SUCCESS", "REFUND"
_TRADE_HEADS = ("交易时间", "微信订单号", "商户订单号", "交易状态")
_FLOW_HEADS = ("记账时间", "微信支付业务单号", "业务类型", "收支类型", "收支金额(元)", "账户结余(元)", "业务凭证号")
_FLOW_KINDS = {"交易": RowKind.PAYMENT, "退款": RowKind.REFUND}
_SUMS = {
    "应结订单总金额": ("应结订单金额",),
    "退款总金额": ("退款金额",),
    "手续费总金额": ("手续费",),
    "订单总金额": ("订单金额",),
    "申请退款总金额": ("申请退款金额",),
}


def read_bill(lines: Iterable[str], kind: BillKind) -> Iterator[BillRow]:
    """Read a bill line by line; at its end its own sums are compared with what was read. Raises BadBill.

    Rows are given out before the end is known: whoever acts on them first reads the whole bill once (``prove``).
    """
    numbered = enumerate(_clean(lines), 1)
    heads = _heads(next(numbered, (0, ""))[1], _TRADE_HEADS if kind is BillKind.TRADE else _FLOW_HEADS)
    sums = dict.fromkeys(_columns(kind, heads), 0)
    for number, line in numbered:
        if not line.startswith("`"):
            # Line 1 held the headings, so so many rows stood before this line.
            _check_sums(kind, line, next(numbered, (0, ""))[1], number - 2, sums)
            if any(rest for _, rest in numbered):
                raise BadBill(f"账单第 {number} 行的合计之后还有内容")
            return
        cells = dict(zip(heads, _cells(line, len(heads), number), strict=True))
        for column in sums:
            sums[column] += (
                _flow_part(cells, column, number)
                if kind is BillKind.FUND_FLOW
                else _fen(cells[column], number, roughly=column == "手续费")
            )
        yield _trade_row(cells, number) if kind is BillKind.TRADE else _flow_row(cells, number)
    raise BadBill("账单不完整：没有合计行")


def _clean(lines: Iterable[str]) -> Iterator[str]:
    first = True
    for line in lines:
        yield (line.removeprefix("\ufeff") if first else line).rstrip("\r\n")
        first = False


def _heads(line: str, needed: Sequence[str]) -> list[str]:
    heads = [unicodedata.normalize("NFKC", cell.strip().lstrip("`")) for cell in line.split(",")]
    missing = [name for name in needed if name not in heads]
    if missing or len(set(heads)) != len(heads):
        raise BadBill("账单的列不对" + (f"，缺少：{'、'.join(missing)}" if missing else "：有重复的列名"))
    return heads


def _cells(line: str, many: int, number: int) -> list[str]:
    # A comma may stand inside a cell; comma and back-quote together only between two.
    cells = line[1:].split(",`")
    if len(cells) != many:
        raise BadBill(f"账单第 {number} 行有 {len(cells)} 格，应有 {many} 格")
    return [cell.strip() for cell in cells]


def _columns(kind: BillKind, heads: Sequence[str]) -> tuple[str, ...]:
    if kind is BillKind.FUND_FLOW:
        return ("收入", "支出", "收入笔数", "支出笔数")
    return tuple(column for columns in _SUMS.values() for column in columns if column in heads)


def _flow_part(cells: Mapping[str, str], column: str, number: int) -> int:
    if cells["收支类型"] != column[:2]:
        return 0
    return 1 if column.endswith("笔数") else _fen(cells["收支金额(元)"], number)


def _check_sums(kind: BillKind, heads: str, line: str, count: int, sums: Mapping[str, Fen]) -> None:
    names = _heads(heads, ("总交易单数",) if kind is BillKind.TRADE else ("资金流水总笔数",))
    if not line.startswith("`"):
        raise BadBill("账单不完整：没有合计行")
    told = dict(zip(names, _cells(line, len(names), count + 3), strict=True))
    expected: dict[str, int] = {}
    if kind is BillKind.TRADE:
        found = {name: sums[columns[0]] for name, columns in _SUMS.items() if columns[0] in sums}
        # A fee has five places a row and two in the sum: it is compared by whoever books fees, not here.
        expected = {name: fen for name, fen in found.items() if name != "手续费总金额"}
        counts = {"总交易单数": count}
    else:
        expected = {"收入金额": sums["收入"], "支出金额": sums["支出"]}
        counts = {"资金流水总笔数": count, "收入笔数": sums["收入笔数"], "支出笔数": sums["支出笔数"]}
    for name, many in counts.items():
        if name in told and told[name] != str(many):
            raise BadBill(f"账单自己的合计对不上：{name}写 {told[name]}，实为 {many}")
    for name, fen in expected.items():
        if name in told and _fen(told[name], count + 3) != fen:
            raise BadBill(f"账单自己的合计对不上：{name}")


def _trade_row(cells: Mapping[str, str], number: int) -> BillRow:
    state, at = cells["交易状态"], _moment(cells["交易时间"], number)
    fee = _fen(cells.get("手续费", "0"), number, roughly=True)
    if state == _SUCCESS:
        paid = _fen(_either(cells, "订单金额", "应结订单金额", number), number)
        return _row(RowKind.PAYMENT, cells["商户订单号"], cells["微信订单号"], paid, state, at, number, fee)
    if state == _REFUND and "商户退款单号" in cells:
        back = _fen(_either(cells, "申请退款金额", "退款金额", number), number)
        told = cells.get("退款状态", "")
        return _row(RowKind.REFUND, cells["商户退款单号"], cells.get("微信退款单号", ""), back, told, at, number, fee)
    raise BadBill(f"账单第 {number} 行的交易状态是“{state[:20]}”，系统不认识")


def _flow_row(cells: Mapping[str, str], number: int) -> BillRow:
    if cells["收支类型"] not in ("收入", "支出"):
        raise BadBill(f"账单第 {number} 行的收支类型不对")
    return BillRow(
        _FLOW_KINDS.get(cells["业务类型"], RowKind.OTHER),
        cells["业务凭证号"],
        cells["微信支付业务单号"],
        _fen(cells["收支金额(元)"], number),
        cells["业务类型"],
        _moment(cells["记账时间"], number),
        incoming=cells["收支类型"] == "收入",
        balance_fen=_fen(cells["账户结余(元)"], number),
    )


def _row(
    kind: RowKind, ours: str, theirs: str, fen: Fen, state: str, at: datetime, number: int, fee_fen: Fen
) -> BillRow:
    if not 1 <= len(ours) <= 64 or fen < 1:
        raise BadBill(f"账单第 {number} 行没有单号，或金额不大于 0")
    return BillRow(kind, ours, theirs, fen, state, at, fee_fen)


def _either(cells: Mapping[str, str], first: str, second: str, number: int) -> str:
    for name in (first, second):
        if name in cells:
            return cells[name]
    raise BadBill(f"账单第 {number} 行没有金额列")


def _fen(text: str, number: int, *, roughly: bool = False) -> Fen:
    """Yuan as a text to fen. ``roughly``: a fee with five places, cut to fen."""
    digits = text.removeprefix("-")
    if roughly:
        whole, _, places = digits.partition(".")
        digits = f"{whole}.{places[:2]}" if places[:2] else whole
    try:
        fen = fen_from_text(digits)
    except DomainError:
        raise BadBill(f"账单第 {number} 行的金额“{text[:20]}”读不出来") from None
    return -fen if text.startswith("-") else fen


def _moment(text: str, number: int) -> datetime:
    found = _TIME.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        return datetime(*(int(part) for part in found.groups()), tzinfo=CHINA)  # type: ignore[misc,arg-type]
    except ValueError:
        raise BadBill(f"账单第 {number} 行的时间“{text[:20]}”读不出来") from None
