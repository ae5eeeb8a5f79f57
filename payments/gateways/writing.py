"""Bills in WeChat Pay's shape as files, packed: for the simulator, for tests and for measuring."""

import gzip
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from kernel.clock import CHINA
from kernel.money import Fen, yuan_text
from payments.rules.bill import BillRow, RowKind
from payments.rules.fund_flow import FlowLine

_HEADS = (
    "交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,货币种类,应结订单金额,微信退款单号,商户退款单号,退款金额,"
    "退款状态,商品名称,手续费,订单金额,申请退款金额"
)
_SUM_HEADS = "总交易单数,应结订单总金额,退款总金额,手续费总金额,订单总金额,申请退款总金额"
_FLOW_HEADS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,"
    "备注,业务凭证号"
)
_FLOW_SUM_HEADS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def write_trade_bill(rows: Iterable[BillRow], *, app_id: str, merchant_id: str) -> bytes:
    """A trade bill; states as the service says them."""
    out = io.BytesIO()
    count, paid, back, fees = 0, 0, 0, 0
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        file.write(f"\ufeff{_HEADS}\r\n".encode())
        for row in rows:
            is_payment = row.kind is RowKind.PAYMENT
            count += 1
            paid += row.amount_fen if is_payment else 0
            back += 0 if is_payment else row.amount_fen
            fees += row.fee_fen
            file.write(_cells(_trade_cells(row, is_payment, app_id, merchant_id)))
        file.write(f"{_SUM_HEADS}\r\n".encode())
        file.write(_cells([str(count), _yuan(paid), _yuan(back), _yuan(fees), _yuan(paid), _yuan(back)]))
    return out.getvalue()


def _trade_cells(row: BillRow, is_payment: bool, app_id: str, merchant_id: str) -> list[str]:
    amount, nothing = _yuan(row.amount_fen), "0.00"
    return [
        _time(row.at),
        app_id,
        merchant_id,
        row.outside_id if is_payment else "",
        row.number if is_payment else "",
        "SUCCESS" if is_payment else "REFUND",
        "CNY",
        amount if is_payment else nothing,
        "0" if is_payment else row.outside_id,
        "0" if is_payment else row.number,
        nothing if is_payment else amount,
        "" if is_payment else row.state,
        "改造诚意金",
        f"{_yuan(row.fee_fen)}000",
        amount if is_payment else nothing,
        nothing if is_payment else amount,
    ]


def write_fund_flow_bill(lines: Sequence[FlowLine]) -> bytes:
    """A fund-flow bill."""
    out = io.BytesIO()
    came = [line.amount_fen for line in lines if line.incoming]
    went = [line.amount_fen for line in lines if not line.incoming]
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        file.write(f"\ufeff{_FLOW_HEADS}\r\n".encode())
        for line in lines:
            file.write(_cells(_flow_cells(line)))
        file.write(f"{_FLOW_SUM_HEADS}\r\n".encode())
        sums = [len(lines), len(came), _yuan(sum(came)), len(went), _yuan(sum(went))]
        file.write(_cells([str(one) for one in sums]))
    return out.getvalue()


def _flow_cells(line: FlowLine) -> list[str]:
    return [
        _time(line.at),
        line.service_no,
        line.flow_no,
        line.word,
        line.word,
        "收入" if line.incoming else "支出",
        _yuan(line.amount_fen),
        _yuan(line.balance_fen),
        "system",
        line.remark,
        line.voucher,
    ]


def _time(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _yuan(fen: Fen) -> str:
    return yuan_text(fen).replace(",", "")


def _cells(cells: Sequence[str]) -> bytes:
    return (",".join(f"`{cell}" for cell in cells) + "\r\n").encode()
