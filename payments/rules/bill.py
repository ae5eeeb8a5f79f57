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
from payments.rules.fund_flow import FlowLine


class BillKind(StrEnum):
    """Which bill of a day."""

    TRADE = "trade"
    FUND_FLOW = "fund_flow"


class RowKind(StrEnum):
    """What a row of the trade bill tells of."""

    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True)
class BillRow:
    """One row of the trade bill. ``number``: ours (trade or refund number); ``outside_id``: the service's;
    ``amount_fen`` > 0, what was paid or went back; ``state``: the service's own word; ``fee_fen``: what the service
    takes for it, below 0 where it gives back.
    """

    kind: RowKind
    number: str
    outside_id: str
    amount_fen: Fen
    state: str
    at: datetime
    fee_fen: Fen = 0


class BadBill(Exception):
    """A bill that contradicts its hash, its own sums or its shape. The text says where, in Chinese, for a person."""


_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)")
_SUCCESS, _REFUND = "SUCCESS", "REFUND"
_TRADE_HEADS = ("交易时间", "微信订单号", "商户订单号", "交易状态")
_FLOW_HEADS = (
    "记账时间",
    "微信支付业务单号",
    "资金流水单号",
    "业务类型",
    "收支类型",
    "收支金额(元)",
    "账户结余(元)",
    "备注",
    "业务凭证号",
)
_SUMS = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}
_FINE = 1_000
"""A fee in a bill has five places of a yuan: so many parts of a fen."""


def read_trades(lines: Iterable[str]) -> Iterator[BillRow]:
    """Read a trade bill line by line; at its end its own sums are compared with what was read. Raises BadBill.

    Rows are given out before the end is known: whoever acts on them first reads the whole bill once.
    """
    table = _Table(lines, _TRADE_HEADS)
    sums, fees = {column: 0 for column in _SUMS.values() if column in table.heads}, 0
    for number, cells in table.rows():
        for column in sums:
            sums[column] += _fen(cells[column], number)
        fees += _finely(cells.get("手续费", "0"), number)
        yield _trade_row(cells, number)
    told, number = table.sums("总交易单数")
    _must_count(told, {"总交易单数": table.count})
    _must_sum(told, {name: sums[column] for name, column in _SUMS.items() if column in sums}, number)
    _must_tell_fees(told.get("手续费总金额"), fees, number)


def read_flow(lines: Iterable[str]) -> Iterator[FlowLine]:
    """Read a fund-flow bill as ``read_trades`` reads the other."""
    table = _Table(lines, _FLOW_HEADS)
    many, sums = {"收入": 0, "支出": 0}, {"收入": 0, "支出": 0}
    for number, cells in table.rows():
        line = _flow_line(cells, number)
        many[cells["收支类型"]] += 1
        sums[cells["收支类型"]] += line.amount_fen
        yield line
    told, number = table.sums("资金流水总笔数")
    counts = {"资金流水总笔数": table.count, "收入笔数": many["收入"], "支出笔数": many["支出"]}
    _must_count(told, counts)
    _must_sum(told, {"收入金额": sums["收入"], "支出金额": sums["支出"]}, number)


class _Table:
    """A bill's lines: headings, rows behind a back-quote, then summary headings and one line of sums, and no more."""

    def __init__(self, lines: Iterable[str], needed: Sequence[str]) -> None:
        self._numbered = enumerate(_clean(lines), 1)
        self.heads = _heads(next(self._numbered, (0, ""))[1], needed)
        self.count = 0
        self._last = (0, "")

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """(line, cells by heading) of every row, up to the summary."""
        for number, line in self._numbered:
            if not line.startswith("`"):
                self._last = (number, line)
                return
            self.count += 1
            yield number, dict(zip(self.heads, _cells(line, len(self.heads), number), strict=True))
        raise BadBill("账单不完整：没有合计行")

    def sums(self, needed: str) -> tuple[dict[str, str], int]:
        """The summary by its headings, and its line. Nothing stands after it."""
        number, heads = self._last
        names, line = _heads(heads, (needed,)), next(self._numbered, (0, ""))[1]
        if not line.startswith("`"):
            raise BadBill("账单不完整：没有合计行")
        told = dict(zip(names, _cells(line, len(names), number + 1), strict=True))
        if any(rest for _, rest in self._numbered):
            raise BadBill(f"账单第 {number} 行的合计之后还有内容")
        return told, number + 1


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


def _must_count(told: Mapping[str, str], counts: Mapping[str, int]) -> None:
    for name, many in counts.items():
        if name in told and told[name].removesuffix(".0") != str(many):
            raise BadBill(f"账单自己的合计对不上：{name}写 {told[name]}，实为 {many}")


def _must_sum(told: Mapping[str, str], sums: Mapping[str, Fen], number: int) -> None:
    for name, fen in sums.items():
        if name in told and _fen(told[name], number) != fen:
            raise BadBill(f"账单自己的合计对不上：{name}")


def _must_tell_fees(told: str | None, fees: int, number: int) -> None:
    # A row's fee has five places; the sum has five, or two of them: then it is rounded.
    if told is not None and (fine := _finely(told, number)) != fees and fine != _rounded(fees) * _FINE:
        raise BadBill("账单自己的合计对不上：手续费总金额")


def _trade_row(cells: Mapping[str, str], number: int) -> BillRow:
    state, at = cells["交易状态"], _moment(cells["交易时间"], number)
    fee = _rounded(_finely(cells.get("手续费", "0"), number))
    if state == _SUCCESS:
        paid = _fen(_either(cells, "订单金额", "应结订单金额", number), number)
        return _row(RowKind.PAYMENT, cells["商户订单号"], cells["微信订单号"], paid, state, at, number, fee)
    if state == _REFUND and "商户退款单号" in cells:
        back = _fen(_either(cells, "申请退款金额", "退款金额", number), number)
        told = cells.get("退款状态", "")
        return _row(RowKind.REFUND, cells["商户退款单号"], cells.get("微信退款单号", ""), back, told, at, number, fee)
    raise BadBill(f"账单第 {number} 行的交易状态是“{state[:20]}”，系统不认识")


def _flow_line(cells: Mapping[str, str], number: int) -> FlowLine:
    if cells["收支类型"] not in ("收入", "支出"):
        raise BadBill(f"账单第 {number} 行的收支类型不对")
    if (amount := _fen(cells["收支金额(元)"], number)) < 0:
        raise BadBill(f"账单第 {number} 行的金额小于 0")
    return FlowLine(
        cells["微信支付业务单号"][:64],
        cells["资金流水单号"][:64],
        cells["业务类型"][:64],
        cells["收支类型"] == "收入",
        amount,
        _fen(cells["账户结余(元)"], number),
        _moment(cells["记账时间"], number),
        cells["业务凭证号"][:64],
        cells["备注"][:200],
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


def _fen(text: str, number: int) -> Fen:
    try:
        fen = fen_from_text(text.removeprefix("-"))
    except DomainError:
        raise BadBill(f"账单第 {number} 行的金额“{text[:20]}”读不出来") from None
    return -fen if text.startswith("-") else fen


def _finely(text: str, number: int) -> int:
    """Yuan with up to five places, in 1/1000 fen."""
    whole, _, places = text.removeprefix("-").partition(".")
    if len(places) > 5 or not (places or "0").isdecimal():
        raise BadBill(f"账单第 {number} 行的手续费“{text[:20]}”读不出来")
    fine = abs(_fen(whole, number)) * _FINE + int(places.ljust(5, "0"))
    return -fine if text.startswith("-") else fine


def _rounded(fine: int) -> Fen:
    """To fen, half away from 0, as the service rounds each fee."""
    fen = (abs(fine) + _FINE // 2) // _FINE
    return -fen if fine < 0 else fen


def _moment(text: str, number: int) -> datetime:
    found = _TIME.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        return datetime(*(int(part) for part in found.groups()), tzinfo=CHINA)  # type: ignore[misc,arg-type]
    except ValueError:
        raise BadBill(f"账单第 {number} 行的时间“{text[:20]}”读不出来") from None
