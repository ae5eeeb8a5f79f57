"""Bills of the sandbox's own ledger, fetched by the real library and recomputed by hand."""

import gzip
import hashlib
import json
from typing import Any

import pytest
import requests

from sandbox.testing import ControlError, Running
from tests.sandbox.support import Merchant

DAY = "2026-06-18"


def said(answer: tuple[int, Any]) -> tuple[int, dict[str, Any]]:
    return answer[0], json.loads(answer[1])


def at(wechat: Running, moment: str) -> None:
    wechat.post("clock", at=f"{moment}+08:00")


@pytest.fixture
def traded(wechat: Running, merchant: Merchant) -> Merchant:
    """On the day: two paid, one of them partly sent back; one unpaid. The evening before: one paid."""
    wechat.hold_callbacks()
    at(wechat, "2026-06-17T23:59:50")
    merchant.place("EVENING1", 1)
    wechat.pay("EVENING1")
    at(wechat, f"{DAY}T09:00:00")
    for number, fen in (("ORDER001", 50_000), ("ORDER002", 12_345), ("UNPAID01", 100)):
        merchant.place(number, fen)
    wechat.pay("ORDER001")
    wechat.pay("ORDER002")
    merchant.refund("REFUND1", 20_000)
    wechat.advance(60)
    return merchant


def fetched(merchant: Merchant, told: dict[str, Any]) -> bytes:
    status, data = merchant.lib.download_bill(told["download_url"])
    assert status == 200
    return data


def table(plain: bytes) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Rows and sums of a bill, read as anybody would."""
    assert plain.startswith(b"\xef\xbb\xbf")
    lines = plain.decode("utf-8-sig").splitlines()
    cells = [line[1:].split(",`") for line in lines if line.startswith("`")]
    heads, sums = (line.split(",") for line in lines if not line.startswith("`"))
    return [dict(zip(heads, row, strict=True)) for row in cells[:-1]], dict(zip(sums, cells[-1], strict=True))


@pytest.mark.parametrize("packing", ["GZIP", ""])
def test_a_bill_lists_what_was_paid_and_sent_back_on_its_day(wechat: Running, traded: Merchant, packing: str) -> None:
    at(wechat, "2026-06-19T10:00:00")
    path = f"/v3/bill/tradebill?bill_date={DAY}&bill_type=ALL" + ("&tar_type=GZIP" if packing else "")
    status, told = said(traded.lib._core.request(path))
    assert status == 200
    assert told["hash_type"] == "SHA1"
    assert told["download_url"].startswith(wechat.url)
    data = fetched(traded, told)
    plain = gzip.decompress(data) if packing else data
    assert hashlib.sha1(plain).hexdigest() == told["hash_value"]
    rows, sums = table(plain)
    assert [(row["商户订单号"], row["交易状态"], row["订单金额"], row["申请退款金额"]) for row in rows] == [
        ("ORDER001", "SUCCESS", "500.00", "0.00"),
        ("ORDER002", "SUCCESS", "123.45", "0.00"),
        ("ORDER001", "REFUND", "0.00", "200.00"),
    ]
    assert (rows[2]["商户退款单号"], rows[2]["退款状态"]) == ("REFUND1", "SUCCESS")
    assert rows[0]["交易时间"].startswith(DAY)
    assert (sums["总交易单数"], sums["订单总金额"], sums["申请退款总金额"]) == ("3", "623.45", "200.00")


@pytest.mark.parametrize(("bill_type", "many"), [("SUCCESS", 2), ("REFUND", 1)])
def test_a_bill_can_be_asked_for_one_side_alone(wechat: Running, traded: Merchant, bill_type: str, many: int) -> None:
    at(wechat, "2026-06-19T10:00:00")
    _, told = said(traded.lib.trade_bill(DAY, bill_type))
    rows, sums = table(gzip.decompress(fetched(traded, told)))
    assert (len(rows), sums["总交易单数"]) == (many, str(many))


def test_the_fund_flow_bill_carries_the_balance_on(wechat: Running, traded: Merchant) -> None:
    at(wechat, "2026-06-19T12:00:00")
    _, told = said(traded.lib.fundflow_bill(DAY))
    rows, sums = table(gzip.decompress(fetched(traded, told)))
    assert [(row["业务名称"], row["收支类型"], row["收支金额(元)"], row["账户结余(元)"]) for row in rows] == [
        ("交易", "收入", "500.00", "500.01"),
        ("交易", "收入", "123.45", "623.46"),
        ("退款", "支出", "200.00", "423.46"),
    ]
    assert rows[2]["业务凭证号"] == "REFUND1"
    assert (sums["收入金额"], sums["支出金额"]) == ("623.45", "200.00")


def test_a_withdrawal_stands_in_the_fund_flow_bill_alone(wechat: Running, traded: Merchant) -> None:
    number = wechat.money(withdraw_fen=40_000)["withdrawal"]
    at(wechat, "2026-06-19T12:00:00")
    _, told = said(traded.lib.fundflow_bill(DAY))
    rows, sums = table(gzip.decompress(fetched(traded, told)))
    last = rows[-1]
    assert (last["业务类型"], last["收支类型"], last["微信支付业务单号"]) == ("提现", "支出", number)
    assert (last["收支金额(元)"], last["账户结余(元)"], sums["支出金额"]) == ("400.00", "23.46", "600.00")
    _, told = said(traded.lib.trade_bill(DAY))
    assert len(table(gzip.decompress(fetched(traded, told)))[0]) == 3


def test_fees_are_rounded_half_up_a_trade_and_given_back_with_refunds_and_a_withdrawal_bounces_once(
    wechat: Running, merchant: Merchant
) -> None:
    wechat.hold_callbacks()
    at(wechat, f"{DAY}T09:00:00")
    for wrong in ({"fee_per_10000": "x"}, {"fee_per_10000": 10_001}, {"move": {"fen": 0, "word": "x"}}, {"move": 1}):
        with pytest.raises(ControlError):
            wechat.money(**wrong)
    wechat.money(fee_per_10000=60)
    for number, fen in (("FEE001", 1_250), ("ORDER001", 50_000)):
        merchant.place(number, fen)
        wechat.pay(number)
    merchant.refund("REFUND1", 20_000)
    left = wechat.money(withdraw_fen=10_000)["withdrawal"]
    wechat.money(bounce_withdrawal=left)
    with pytest.raises(ControlError):
        wechat.money(bounce_withdrawal=left)
    at(wechat, "2026-06-19T12:00:00")
    _, told = said(merchant.lib.trade_bill(DAY))
    rows, sums = table(gzip.decompress(fetched(merchant, told)))
    assert [row["手续费"] for row in rows] == ["0.08000", "3.00000", "-1.20000"]
    assert sums["手续费总金额"] == "1.88"
    _, told = said(merchant.lib.fundflow_bill(DAY))
    lines, _ = table(gzip.decompress(fetched(merchant, told)))
    moved = [(row["业务类型"], row["收支类型"], row["收支金额(元)"]) for row in lines]
    assert moved[-3:] == [("退回交易手续费", "收入", "1.20"), ("提现", "支出", "100.00"), ("提现", "收入", "100.00")]
    assert lines[-1]["微信支付业务单号"] == left
    assert lines[-1]["账户结余(元)"] == "310.62"


def test_a_bill_is_being_written_until_ten_the_next_morning(wechat: Running, traded: Merchant) -> None:
    for moment in (f"{DAY}T23:00:00", "2026-06-19T09:59:58"):
        at(wechat, moment)
        status, answer = said(traded.lib.trade_bill(DAY))
        assert (status, answer["code"]) == (400, "STATEMENT_CREATING")


def test_a_day_without_trade_has_no_bill(wechat: Running, traded: Merchant) -> None:
    at(wechat, "2026-06-21T10:00:00")
    for ask in (traded.lib.trade_bill, traded.lib.fundflow_bill):
        status, answer = said(ask("2026-06-19"))
        assert (status, answer["code"]) == (400, "NO_STATEMENT_EXIST")
    assert said(traded.lib.fundflow_bill(DAY, "FEES"))[1]["code"] == "NO_STATEMENT_EXIST"


@pytest.mark.parametrize(
    "query",
    [
        "bill_date=18.06.2026&bill_type=ALL",
        "bill_date=2026-06-18&bill_type=WHATEVER",
        "bill_date=2026-06-18&tar_type=ZIP",
        "bill_date=2026-01-01",
        "bill_date=2027-01-01",
        "bill_type=ALL",
    ],
)
def test_what_is_no_bill_is_refused_as_a_parameter(wechat: Running, traded: Merchant, query: str) -> None:
    at(wechat, "2026-06-19T10:00:00")
    status, answer = said(traded.lib._core.request(f"/v3/bill/tradebill?{query}"))
    assert (status, answer["code"]) == (400, "PARAM_ERROR")


def test_a_link_lives_half_a_minute_and_wants_a_signed_call(
    wechat: Running, traded: Merchant, http: requests.Session
) -> None:
    at(wechat, "2026-06-19T10:00:00")
    _, told = said(traded.lib.trade_bill(DAY))
    assert http.get(told["download_url"], headers={"Accept": "*/*"}).status_code == 401
    assert traded.lib.download_bill(told["download_url"])[0] == 200
    wechat.advance(31)
    assert traded.lib.download_bill(told["download_url"])[0] == 400


def test_a_wrong_hash_can_be_ordered_and_is_rightly_signed(wechat: Running, traded: Merchant) -> None:
    at(wechat, "2026-06-19T10:00:00")
    wechat.fault("pay.tradebill", "wrong_hash")
    _, told = said(traded.lib.trade_bill(DAY))
    plain = gzip.decompress(fetched(traded, told))
    assert hashlib.sha1(plain).hexdigest() != told["hash_value"]
    _, told = said(traded.lib.trade_bill(DAY))
    assert hashlib.sha1(gzip.decompress(fetched(traded, told))).hexdigest() == told["hash_value"]


def test_a_cell_never_breaks_out_of_its_line(wechat: Running, merchant: Merchant) -> None:
    wechat.hold_callbacks()
    at(wechat, f"{DAY}T09:00:00")
    merchant.place("NASTY001", 1, attach="a,`b`\r\n=1,")
    wechat.pay("NASTY001")
    at(wechat, "2026-06-19T10:00:00")
    _, told = said(merchant.lib.trade_bill(DAY))
    rows, _ = table(gzip.decompress(fetched(merchant, told)))
    assert rows[0]["商户数据包"] == "a,b  =1,"
