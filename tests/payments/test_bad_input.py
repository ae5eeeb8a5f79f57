"""Bad input as a table: each is refused in words that say what to do, nothing is half done, the books hold.

Amounts that are none have a table of their own (``test_bad_amounts``): every entry point that takes one.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel.database import transaction, use_case
from kernel.errors import DomainError
from payments.gateways.bill import from_file
from payments.gateways.setup import read_merchants
from payments.refunds.models import DepositRefund
from payments.rules.attempt import HANDLE_LIFE, How
from payments.rules.bill import BadBill, BillKind
from payments.statements.services import importing
from tests.factories import Factory
from tests.payments.refunds.conftest import LATER, Desk
from tests.payments.world import NOW

FULL = 50_000
BILL = "交易时间,商户订单号\n".encode()


@use_case
def _ask_more(request: str) -> None:
    with transaction() as session:
        session.execute(sa.update(DepositRefund).where(DepositRefund.public_id == request).values(amount_fen=FULL + 1))


def _over_refund(desk: Desk) -> None:
    request = desk.asked()
    _ask_more(request)
    desk.approve(request)


def _wrong_hash(_: Desk) -> None:
    from_file(NOW.date(), BillKind.TRADE, BILL, sha1="0" * 40)


def _wrong_columns(_: Desk) -> None:
    importing.import_statement("品名,数量\n水泥,3\n".encode(), tail="0187", actor="test", now=LATER)


TABLE: list[tuple[str, Callable[[Desk], None], str, str]] = [
    ("a bill with a wrong hash", _wrong_hash, "bad-bill", "校验值"),
    ("a statement with the wrong columns", _wrong_columns, "statement-columns", "没有找到日期和金额两列"),
    ("a refund over what is left", _over_refund, "over-refund", "最多"),
]


@pytest.mark.parametrize(("deed", "code", "words"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_cannot_be_is_refused_in_words_and_nothing_is_half_done(
    app: Flask, make: Factory, deed: Callable[[Desk], None], code: str, words: str
) -> None:
    desk = Desk(make)
    with pytest.raises((DomainError, BadBill)) as refusal:
        deed(desk)
    told = refusal.value
    assert (told.code if isinstance(told, DomainError) else "bad-bill") == code
    assert words in (told.detail if isinstance(told, DomainError) else str(told))
    assert set(desk.balances()) <= {"at_wechat", "deposits_held"}, "nothing is owed that was not"
    assert desk.books_hold()


def test_an_expired_handle_is_replaced_and_the_order_stays_one(app: Flask, make: Factory) -> None:
    desk = Desk(make)
    payer = desk.payer()
    deposit = desk.pledge(payer)
    number = desk.begin(payer, deposit)
    assert desk.begin(payer, deposit, now=NOW + HANDLE_LIFE[How.JSAPI]) == number
    assert (desk.balances(), desk.books_hold()) == ({}, True)


def test_a_merchants_missing_key_stops_the_start_by_name(tmp_path: Path) -> None:
    file = tmp_path / "merchants.json"
    file.write_text('[{"merchant_id": "1900000002", "merchant_key_file": "a.pem", "merchant_serial": "5F"}]')
    with pytest.raises(ValueError, match=r"merchant 1900000002: apiv3_key_file is missing"):
        read_merchants(file, app_id="wx1")
