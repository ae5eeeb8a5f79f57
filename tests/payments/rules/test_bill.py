"""Reading a bill: by heading, exact to the fen, and never believing what contradicts itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.rules.bill import BadBill, BillRow, RowKind, read_flow, read_trades

HEADS = (
    "交易时间,公众账号ID,微信订单号,商户订单号,交易状态,应结订单金额,微信退款单号,商户退款单号,退款金额,退款状态,"
    "商品名称,手续费,订单金额"
)
SUM_HEADS = "总交易单数,应结订单总金额,退款总金额,手续费总金额,订单总金额"
PAID = "`2026-06-18 09:00:00,`wx1,`42001,`SG0001,`SUCCESS,`500.00,`0,`0,`0.00,`,`诚意金,自愿,`0.30000,`500.00"
BACK = (
    "`2026-06-18 10:00:00,`wx1,`42001,`SG0001,`REFUND,`0.00,`5030,`SG0001R1,`200.05,`PROCESSING,`诚意金,`-0.12000,`0.00"
)
SUMS = "`2,`500.00,`200.05,`0.18,`500.00"


def read(*lines: str) -> list[BillRow]:
    return list(read_trades([f"{line}\r\n" for line in lines]))


def test_rows_are_found_by_heading_with_commas_inside_a_cell() -> None:
    first, second = read("\ufeff" + HEADS, PAID, BACK, SUM_HEADS, SUMS)
    assert (first.kind, first.number, first.outside_id, first.amount_fen, first.fee_fen) == (
        RowKind.PAYMENT,
        "SG0001",
        "42001",
        50_000,
        30,
    )
    assert (second.kind, second.number, second.outside_id, second.amount_fen, second.state, second.fee_fen) == (
        RowKind.REFUND,
        "SG0001R1",
        "5030",
        20_005,
        "PROCESSING",
        -12,
    )
    assert first.at.isoformat() == "2026-06-18T09:00:00+08:00"


def test_other_columns_in_another_order_change_nothing() -> None:
    heads = "订单金额,商户订单号,新的列,交易状态,微信订单号,交易时间"
    row = "`12.3,`SG1,`x,`SUCCESS,`42,`2026-06-18 09:00:00"
    (found,) = read(heads, row, "总交易单数,订单总金额", "`1,`12.30")
    assert found.amount_fen == 1_230


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([], "列"),
        (["a,b,c"], "列"),
        (["交易时间,交易时间,微信订单号,商户订单号,交易状态,订单金额", "`1"], "列"),
        ([HEADS, PAID], "合计"),
        ([HEADS, PAID, SUM_HEADS], "合计"),
        ([HEADS, PAID, BACK, SUM_HEADS, SUMS.replace("`2,", "`3,")], "总交易单数"),
        ([HEADS, PAID, BACK, SUM_HEADS, SUMS.replace("200.05", "200.06")], "退款总金额"),
        ([HEADS, PAID, SUM_HEADS, SUMS], "合计"),
        ([HEADS, PAID, BACK, SUM_HEADS, SUMS, PAID], "之后"),
        ([HEADS, PAID, BACK, SUM_HEADS, SUMS.replace("`0.18", "`0.19")], "手续费总金额"),
        ([HEADS, PAID.replace("0.30000", "0.3x"), BACK, SUM_HEADS, SUMS], "手续费"),
        ([HEADS, PAID + ",`extra", BACK, SUM_HEADS, SUMS], "第 2 行"),
        ([HEADS, PAID.replace("`500.00", "`5e2"), BACK, SUM_HEADS, SUMS], "金额"),
        ([HEADS, PAID.replace("`500.00", "`500.001"), BACK, SUM_HEADS, SUMS], "金额"),
        ([HEADS, PAID.replace("`500.00", "`"), BACK, SUM_HEADS, SUMS], "金额"),
        ([HEADS, PAID.replace("`500.00", "`-500.00"), BACK, SUM_HEADS, SUMS], "金额"),
        ([HEADS, PAID.replace("`500.00", "`9" + "9" * 30), BACK, SUM_HEADS, SUMS], "金额"),
        ([HEADS, PAID.replace("06-18", "13-45"), BACK, SUM_HEADS, SUMS], "时间"),
        ([HEADS, PAID.replace("SUCCESS", "REVOKED"), BACK, SUM_HEADS, SUMS], "交易状态"),
        ([HEADS, PAID.replace("SG0001", ""), BACK, SUM_HEADS, SUMS], "单号"),
    ],
)
def test_a_bill_that_contradicts_itself_is_refused_in_words(lines: list[str], word: str) -> None:
    with pytest.raises(BadBill, match=word):
        read(*lines)


@given(st.lists(st.text(), max_size=6))
def test_any_text_is_rows_or_a_bad_bill(lines: list[str]) -> None:
    for read_ in (read_trades, read_flow):
        try:
            list(read_(lines))
        except BadBill:
            continue
