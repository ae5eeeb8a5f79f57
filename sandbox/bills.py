"""Bills as WeChat Pay writes them, from the sandbox's own ledger: what was traded, and how the account moved, on a day.

UTF-8 with BOM, CRLF, a line of headings, cells behind a back-quote, a line of summary headings and one of sums. Only
what was paid or refunded appears. The hash is SHA-1 over the unzipped file.
"""

import gzip
import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sandbox.clock import CHINA, Clock
from sandbox.ledger import Ledger, Order, Refund, Refusal

READY_HOUR = 10
KEPT = timedelta(days=92)
LINK_LIFE = timedelta(seconds=30)

BILL_TYPES = ("ALL", "SUCCESS", "REFUND")
ACCOUNT_TYPES = ("BASIC", "OPERATION", "FEES")

_BEFORE = [
    "交易时间",
    "公众账号ID",
    "商户号",
    "特约商户号",
    "设备号",
    "微信订单号",
    "商户订单号",
    "用户标识",
    "交易类型",
    "交易状态",
    "付款银行",
    "货币种类",
    "应结订单金额",
    "代金券金额",
]
_REFUND_TIMES = ["退款申请时间", "退款成功时间"]
_REFUND = ["微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态"]
_AFTER = ["商品名称", "商户数据包", "手续费", "费率", "订单金额"]
_SUMS = [
    "总交易单数",
    "应结订单总金额",
    "退款总金额",
    "充值券退款总金额",
    "手续费总金额",
    "订单总金额",
    "申请退款总金额",
]
_FLOW = [
    "记账时间",
    "微信支付业务单号",
    "资金流水单号",
    "业务名称",
    "业务类型",
    "收支类型",
    "收支金额(元)",
    "账户结余(元)",
    "资金变更提交申请人",
    "备注",
    "业务凭证号",
]
_FLOW_SUMS = ["资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额"]
_REFUND_WORDS = {"SUCCESS": "SUCCESS", "PROCESSING": "PROCESSING", "ABNORMAL": "CHANGE", "CLOSED": "FAIL"}


def must_be_ready(day: date, now: datetime) -> None:
    """Raises Refusal: STATEMENT_CREATING before 10:00 of the next day, PARAM_ERROR for the future and long ago."""
    here = now.astimezone(CHINA)
    if day > here.date() or here.date() - day > KEPT:
        raise Refusal(400, "PARAM_ERROR", "账单日期错误：只能下载三个月内、已经过去的日期")
    ready = datetime(day.year, day.month, day.day, READY_HOUR, tzinfo=CHINA) + timedelta(days=1)
    if here < ready:
        raise Refusal(
            400,
            "STATEMENT_CREATING",
            "账单生成中，请稍后再试",
            hint="the sandbox's clock says when it is 10:00 of the next day",
        )


def trade_bill(ledger: Ledger, day: date, bill_type: str) -> bytes:
    """The trade bill of a day. Raises Refusal NO_STATEMENT_EXIST when nothing was paid or refunded."""
    with_refunds, with_times = bill_type != "SUCCESS", bill_type == "REFUND"
    events: list[tuple[datetime, Order, Refund | None]] = []
    for order in ledger.orders.values():
        if bill_type != "REFUND" and _is_on(order.paid_at, day) and order.paid_at is not None:
            events.append((order.paid_at, order, None))
        if with_refunds:
            events += [(refund.created_at, order, refund) for refund in order.refunds if _is_on(refund.created_at, day)]
    if not events:
        raise Refusal(400, "NO_STATEMENT_EXIST", "账单文件不存在：该日没有交易")
    heads = _BEFORE + (_REFUND_TIMES if with_times else []) + (_REFUND if with_refunds else []) + _AFTER
    heads += ["申请退款金额", "费率备注"] if with_refunds else ["费率备注"]
    rows = [_trade_cells(*event, heads) for event in sorted(events, key=lambda event: event[0])]
    paid = sum(order.total_fen for _, order, refund in events if refund is None)
    back = sum(refund.amount_fen for _, _, refund in events if refund is not None)
    fees = sum(_fee(order, refund) for _, order, refund in events)
    sums = [str(len(rows)), _yuan(paid), _yuan(back), "0.00", _yuan(fees), _yuan(paid), _yuan(back)]
    return _file(heads, rows, _SUMS, sums)


def _fee(order: Order, refund: Refund | None) -> int:
    """What a row says of fees: taken for a payment, given back (below 0) with a refund."""
    return order.fee(order.total_fen) if refund is None else -refund.fee_back_fen


def _trade_cells(at: datetime, order: Order, refund: Refund | None, heads: list[str]) -> list[str]:
    paid = _yuan(order.total_fen) if refund is None else "0.00"
    cells = {
        "交易时间": _time(at),
        "公众账号ID": str(order.asked["appid"]),
        "商户号": str(order.asked["mchid"]),
        "特约商户号": "0",
        "微信订单号": order.transaction_id,
        "商户订单号": order.out_trade_no,
        "用户标识": order.paid_by,
        "交易类型": order.trade_type,
        "交易状态": "SUCCESS" if refund is None else "REFUND",
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "应结订单金额": paid,
        "代金券金额": "0.00",
        "微信退款单号": "0",
        "商户退款单号": "0",
        "退款金额": "0.00",
        "充值券退款金额": "0.00",
        "商品名称": str(order.asked["description"]),
        "商户数据包": str(order.asked.get("attach", "")),
        "手续费": f"{_yuan(_fee(order, refund))}000",
        "费率": f"{_yuan(order.fee_per_10000)}%",
        "订单金额": paid,
        "申请退款金额": "0.00",
    }
    if refund is not None:
        cells |= {
            "退款申请时间": _time(refund.created_at),
            "退款成功时间": _time(refund.succeeded_at) if refund.succeeded_at else "",
            "微信退款单号": refund.refund_id,
            "商户退款单号": refund.out_refund_no,
            "退款金额": _yuan(refund.amount_fen),
            "退款类型": "ORIGINAL",
            "退款状态": _REFUND_WORDS[refund.status],
            "申请退款金额": _yuan(refund.amount_fen),
        }
    return [cells.get(head, "") for head in heads]


@dataclass(frozen=True)
class _Line:
    """One movement of the account as the fund-flow bill tells it; ``fen`` below 0 left."""

    at: datetime
    fen: int
    name: str
    word: str
    number: str
    flow: str
    remark: str
    voucher: str


def fund_flow_bill(ledger: Ledger, day: date, account_type: str) -> bytes:
    """How the basic account moved on a day. Raises Refusal NO_STATEMENT_EXIST; other accounts never move here."""
    balance = 0
    came: list[int] = []
    went: list[int] = []
    rows: list[list[str]] = []
    for one in sorted(_lines(ledger), key=lambda one: one.at):
        balance += one.fen
        if account_type != "BASIC" or not _is_on(one.at, day):
            continue
        (came if one.fen > 0 else went).append(abs(one.fen))
        way, sums = "收入" if one.fen > 0 else "支出", [_yuan(abs(one.fen)), _yuan(balance)]
        head = [_time(one.at), one.number, one.flow, one.name, one.word, way]
        rows.append([*head, *sums, "system", one.remark, one.voucher])
    if not rows:
        raise Refusal(400, "NO_STATEMENT_EXIST", "账单文件不存在：该日没有资金变动")
    sums = [str(len(rows)), str(len(came)), _yuan(sum(came)), str(len(went)), _yuan(sum(went))]
    return _file(_FLOW, rows, _FLOW_SUMS, sums)


def _lines(ledger: Ledger) -> Iterator[_Line]:
    """Every movement, payments before what was sent back of them. A payment's flow number is its transaction id, and so
    is that of its refunds (as in bills other clients published); a fee stands in a line of its own, or within.
    """
    for order in ledger.orders.values():
        if order.paid_at is None:
            continue
        told, fee = ("交易", "交易", order.transaction_id, order.transaction_id), order.fee(order.total_fen)
        remark = f"结算总金额 {_yuan(order.total_fen)} 元;含手续费 {_yuan(fee)} 元"
        within = fee if ledger.fees_within else 0
        yield _Line(order.paid_at, order.total_fen - within, *told, remark, order.out_trade_no)
        if fee and not within:
            told = ("扣除交易手续费", "扣除交易手续费", order.transaction_id, order.transaction_id)
            yield _Line(order.paid_at, -fee, *told, remark, order.out_trade_no)
        for refund in order.refunds:
            if refund.status != "CLOSED":
                yield from _refund_lines(ledger, order, refund)
    for move in ledger.moves:
        yield _Line(move.at, move.fen, move.name, move.word, move.number, move.number, "", "")


def _refund_lines(ledger: Ledger, order: Order, refund: Refund) -> Iterator[_Line]:
    fee = refund.fee_back_fen
    within = fee if ledger.fees_within else 0
    remark = f"退款总金额{_yuan(refund.amount_fen)}元;含手续费{_yuan(fee)}元"
    told = (refund.refund_id, order.transaction_id, remark, refund.out_refund_no)
    yield _Line(refund.created_at, within - refund.amount_fen, "退款", "退款", *told)
    if fee and not within:
        yield _Line(refund.created_at, fee, "退回交易手续费", "退回交易手续费", *told)


@dataclass(frozen=True)
class Download:
    """A file waiting to be fetched."""

    data: bytes
    dies_at: datetime


class Bills:
    """The files whose links are still alive."""

    def __init__(self, clock: Clock, ledger: Callable[[], Ledger]) -> None:
        self._clock, self._ledger = clock, ledger
        self._waiting: dict[str, Download] = {}

    def offer(self, kind: str, day: date, which: str, *, zipped: bool) -> tuple[str, str]:
        """Write a bill; returns (token, SHA-1 of the unzipped file). Raises Refusal."""
        now = self._clock.now()
        must_be_ready(day, now)
        plain = (trade_bill if kind == "tradebill" else fund_flow_bill)(self._ledger(), day, which)
        token = secrets.token_urlsafe(24)
        self._waiting = {name: one for name, one in self._waiting.items() if one.dies_at > now}
        self._waiting[token] = Download(gzip.compress(plain, mtime=0) if zipped else plain, now + LINK_LIFE)
        return token, hashlib.sha1(plain, usedforsecurity=False).hexdigest()

    def fetch(self, token: str) -> bytes:
        """The file behind a link. Raises Refusal when the link is unknown or too old."""
        found = self._waiting.get(token)
        if found is None or found.dies_at <= self._clock.now():
            raise Refusal(400, "INVALID_REQUEST", "下载链接无效或已过期，请重新申请账单")
        return found.data


def _is_on(at: datetime | None, day: date) -> bool:
    return at is not None and at.astimezone(CHINA).date() == day


def _time(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _file(heads: list[str], rows: Iterable[list[str]], sum_heads: list[str], sums: list[str]) -> bytes:
    lines = [",".join(heads), *(_cells(row) for row in rows), ",".join(sum_heads), _cells(sums)]
    return b"\xef\xbb\xbf" + "".join(f"{line}\r\n" for line in lines).encode()


def _cells(cells: list[str]) -> str:
    # A line break or a back-quote inside a cell would make another file of it; WeChat Pay drops them, too.
    return ",".join("`" + cell.replace("`", "").replace("\r", " ").replace("\n", " ") for cell in cells)
