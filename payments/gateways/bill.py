"""A day's bill as a file: kept packed, read line by line, so that a hundred thousand rows cost no memory."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from kernel.clock import CHINA
from kernel.money import Fen, yuan_text
from payments.rules.bill import BadBill, BillKind, BillRow, RowKind, read_bill

MOST_BYTES = 64 << 20
"""Of the packed file."""
LONGEST_LINE = 1 << 16
_HEADS = (
    "交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,货币种类,应结订单金额,微信退款单号,商户退款单号,退款金额,"
    "退款状态,商品名称,手续费,订单金额,申请退款金额"
)
_SUM_HEADS = "总交易单数,应结订单总金额,退款总金额,手续费总金额,订单总金额,申请退款总金额"


@dataclass(frozen=True)
class Bill:
    """A bill that was proved once: hash (where one was told), shape and own sums. ``packed``: gzip, b"" for a day on
    which nothing happened.
    """

    day: date
    kind: BillKind
    packed: bytes
    rows_told: int

    def rows(self) -> Iterator[BillRow]:
        """The rows in the order of the file; may be read again and again."""
        return read_bill(_lines(self.packed), self.kind) if self.packed else iter(())


def empty(day: date, kind: BillKind) -> Bill:
    """The bill of a day without any trade."""
    return Bill(day, kind, b"", 0)


def from_file(day: date, kind: BillKind, data: bytes, *, sha1: str | None = None) -> Bill:
    """Take a bill's file, packed or plain, and prove it whole. ``sha1``: of the unpacked file, as the service told.

    Raises BadBill: another hash, not UTF-8, other columns, an amount that cannot be read, sums that do not agree.
    """
    if len(data) > MOST_BYTES:
        raise BadBill("账单文件超过 64 MB")
    packed = data if data[:2] == b"\x1f\x8b" else gzip.compress(data, mtime=0)
    if sha1 is not None and _sha1(packed) != sha1.lower():
        raise BadBill("账单文件与微信给的校验值（SHA1）不一致")
    many = sum(1 for _ in read_bill(_lines(packed), kind))
    return Bill(day, kind, packed, many)


def _sha1(packed: bytes) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as plain:
            while block := plain.read(1 << 20):
                digest.update(block)
    except (OSError, EOFError, zlib.error):
        raise BadBill("账单文件解压不了") from None
    return digest.hexdigest()


def _lines(packed: bytes) -> Iterator[str]:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as plain:
            while line := plain.readline(LONGEST_LINE):
                yield line.decode()
    except UnicodeDecodeError:
        raise BadBill("账单文件不是 UTF-8 编码") from None
    except (OSError, EOFError, zlib.error):
        raise BadBill("账单文件解压不了") from None


def write_trade_bill(rows: Iterable[BillRow], *, app_id: str, merchant_id: str) -> bytes:
    """A trade bill in WeChat Pay's shape, packed; for the simulator and for measuring. States as it says them."""
    out = io.BytesIO()
    count, paid, back = 0, 0, 0
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        file.write(f"\ufeff{_HEADS}\r\n".encode())
        for row in rows:
            is_payment = row.kind is RowKind.PAYMENT
            count += 1
            paid += row.amount_fen if is_payment else 0
            back += 0 if is_payment else row.amount_fen
            file.write(_cells(_trade_cells(row, is_payment, app_id, merchant_id)))
        file.write(f"{_SUM_HEADS}\r\n".encode())
        file.write(_cells([str(count), _yuan(paid), _yuan(back), "0.00", _yuan(paid), _yuan(back)]))
    return out.getvalue()


def _trade_cells(row: BillRow, is_payment: bool, app_id: str, merchant_id: str) -> list[str]:
    amount, nothing = _yuan(row.amount_fen), "0.00"
    return [
        row.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
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
        "0.00000",
        amount if is_payment else nothing,
        nothing if is_payment else amount,
    ]


def _yuan(fen: Fen) -> str:
    return yuan_text(fen).replace(",", "")


def _cells(cells: list[str]) -> bytes:
    return (",".join(f"`{cell}" for cell in cells) + "\r\n").encode()
