"""What the lines of a fund-flow bill are: fees of their own or within, withdrawals, bounces; never a guess."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import CHINA
from payments.rules.bill import BadBill, read_flow, read_trades
from payments.rules.fund_flow import FlowLine, Move, flow_of

# Lines as other clients of WeChat Pay published them, of 2018 to 2021; balances made to go on. Nothing of ours wrote
# them.
HEADS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
WIDE_HEADS = HEADS.replace("(", "（").replace(")", "）")
SUM_HEADS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
PAID = (
    "`2021-04-11 21:35:06,`4200000934202104116411967580,`4200000934202104116411967580,`交易,`交易,`收入,"
    "`0.01,`0.24,`system,`结算总金额 0.01 元;含手续费 0.00 元,`1618148094082_GT"
)
BACK = (
    "`2021-04-12 13:54:01,`50300806962021020105978994968,`4200000920202101197964319284,`退款,`退款,`支出,"
    "`0.01,`0.23,`1601959334API,`退款总金额0.01元;含手续费0.00元,`S20210201135356381941"
)
OLD_BACK = (
    "`2021-04-13 04:21:23,`50000305742018020103387128253,`1900009231201802015884652186,`退款,`退款,`支出,"
    "`0.02,`0.21,`system,`缺货,`REF4200000068201801293084726067"
)
TRADES = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)
TRADE = (
    "`2021-01-28 17:07:11,`wx81be3101902f7cb2,`1601959334,`0,`,`4200000925202101284997714292,"
    "`S20210128170702357723,`ofyak5qR,`NATIVE,`SUCCESS,`OTHERS,`CNY,`0.01,`0.00,`0,`0,`0.00,`0.00,`,`,"
    "`for testing,`cipher code,`0.00000,`1.00%,`0.01,`0.00,`"
)
TRADE_SUM_HEADS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


def read(*lines: str) -> list[FlowLine]:
    return list(read_flow([f"{line}\n" for line in lines]))


def test_published_examples_are_read_as_they_stand() -> None:
    found = read(HEADS, PAID, BACK, OLD_BACK, SUM_HEADS, "`3,`1,`0.01,`2,`0.03")
    assert [(line.move, line.moved_fen, line.fee_fen) for line in found] == [
        (Move.PAYMENT, 1, 0),
        (Move.REFUND, -1, 0),
        (Move.REFUND, -2, 0),
    ]
    assert found[0].voucher == "1618148094082_GT"
    assert found[1].flow_no == "4200000920202101197964319284"
    assert len(read(WIDE_HEADS, PAID, SUM_HEADS, "`1.0,`1.0,`0.01,`0.0,`0")) == 1, "the older bill's own numbers"
    (row,) = read_trades(
        [f"{line}\n" for line in (TRADES, TRADE, TRADE_SUM_HEADS, "`1,`0.01,`0.00,`0.00,`0.00000,`0.01,`0.00")]
    )
    assert (row.number, row.amount_fen, row.fee_fen) == ("S20210128170702357723", 1, 0)
    nothing = (TRADES, TRADE_SUM_HEADS, "`0,`0.00,`0.00,`0.00,`0.00,`0.00,`0.00")
    assert list(read_trades([f"{line}\n" for line in nothing])) == []


@pytest.mark.parametrize(
    ("fee", "told", "fen"),
    [("0.20000", "0.20", 20), ("0.57000", "0.57000", 57), ("0.19500", "0.20", 20), ("7.79000", "7.79000", 779)],
)
def test_a_fee_has_five_places_and_is_rounded_half_up_as_the_sum_tells(fee: str, told: str, fen: int) -> None:
    sums = f"`1,`0.01,`0.00,`0.00,`{told},`0.01,`0.00"
    (row,) = read_trades([f"{line}\n" for line in (TRADES, TRADE.replace("0.00000", fee), TRADE_SUM_HEADS, sums)])
    assert row.fee_fen == fen


def line(word: str, incoming: bool, fen: int, remark: str = "", balance: int = 0) -> FlowLine:
    return FlowLine("S", "F", word, incoming, fen, balance, datetime(2026, 6, 18, 9, tzinfo=CHINA), "V", remark)


SETTLED = "结算总金额 500.00 元;含手续费 3.00 元"
REFUNDED = "退款总金额500.00元;含手续费3.00元"


@pytest.mark.parametrize(
    ("told", "move", "fee", "gross"),
    [
        (line("交易", True, 50_000, SETTLED), Move.PAYMENT, 0, 50_000),
        (line("交易", True, 49_700, SETTLED), Move.PAYMENT, 300, 50_000),
        (line("交易", True, 49_800, SETTLED), Move.OTHER, 0, 49_800),
        (line("交易", True, 50_000), Move.PAYMENT, 0, 50_000),
        (line("退款", False, 50_000, REFUNDED), Move.REFUND, 0, 50_000),
        (line("退款", False, 49_700, REFUNDED), Move.REFUND, -300, 50_000),
        (line("退款", True, 50_000, REFUNDED), Move.OTHER, 0, 50_000),
        (line("扣除交易手续费", False, 300, SETTLED), Move.FEE, 300, 600),
        (line("扣除交易手续费", True, 300), Move.OTHER, 0, 300),
        (line("退回交易手续费", True, 300, REFUNDED), Move.FEE_BACK, -300, 600),
        (line("提现", False, 40_000), Move.WITHDRAWAL, 0, 40_000),
        (line("自动提现", False, 40_000), Move.WITHDRAWAL, 0, 40_000),
        (line("提现", True, 40_000), Move.BOUNCE, 0, 40_000),
        (line("提现手续费", False, 100), Move.OTHER, 0, 100),
        (line("充值", True, 100), Move.OTHER, 0, 100),
        (line("商户红包", False, 100), Move.OTHER, 0, 100),
    ],
)
def test_every_line_is_what_it_says_or_nothing_we_know(told: FlowLine, move: Move, fee: int, gross: int) -> None:
    assert (told.move, told.fee_fen) == (move, fee)
    if move in (Move.PAYMENT, Move.REFUND):
        assert told.gross_fen == gross


WORDS = ["交易", "退款", "扣除交易手续费", "退回交易手续费", "提现", "充值", "调账"]


@given(
    st.lists(st.tuples(st.sampled_from(WORDS), st.booleans(), st.integers(1, 10**9), st.sampled_from(["", SETTLED])))
)
def test_the_sums_of_a_day_are_what_it_did_to_the_account(told: list[tuple[str, bool, int, str]]) -> None:
    balance, lines = 5_000, []
    for word, incoming, fen, remark in told:
        balance += fen if incoming else -fen
        lines.append(line(word, incoming, fen, remark, balance))
    flow = flow_of(lines)
    assert flow.moved_fen == balance - 5_000
    assert flow.opening_fen == (5_000 if lines else None)
    assert (flow.lines, flow.closing_fen) == (len(lines), balance if lines else None)


@pytest.mark.parametrize(
    "lines",
    [
        [HEADS, PAID, SUM_HEADS, "`1,`1,`0.02,`0,`0.00"],
        [HEADS, PAID, SUM_HEADS, "`2,`1,`0.01,`0,`0.00"],
        [HEADS, PAID.replace("`0.01", "`-0.01"), SUM_HEADS, "`1,`1,`-0.01,`0,`0.00"],
        [HEADS, PAID.replace("收入", "转入"), SUM_HEADS, "`1,`1,`0.01,`0,`0.00"],
        [HEADS.replace("备注,", ""), PAID, SUM_HEADS, "`1,`1,`0.01,`0,`0.00"],
    ],
)
def test_a_bill_that_contradicts_itself_moves_nothing(lines: list[str]) -> None:
    with pytest.raises(BadBill):
        read(*lines)
