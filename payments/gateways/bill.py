"""A day's bill as a file: kept packed, read line by line, so that a hundred thousand rows cost no memory."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from payments.rules.bill import BadBill, BillKind, BillRow, read_flow, read_trades
from payments.rules.fund_flow import FlowLine

MOST_BYTES = 64 << 20
"""Of the packed file."""
LONGEST_LINE = 1 << 16


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
        """A trade bill's rows in the order of the file; may be read again and again."""
        return read_trades(_lines(self.packed)) if self.packed else iter(())

    def lines(self) -> Iterator[FlowLine]:
        """A fund-flow bill's lines, likewise."""
        return read_flow(_lines(self.packed)) if self.packed else iter(())


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
    read = read_trades if kind is BillKind.TRADE else read_flow
    return Bill(day, kind, packed, sum(1 for _ in read(_lines(packed))))


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
