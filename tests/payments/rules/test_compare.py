"""Is it our payment?"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from payments.rules.compare import Expected, Verdict, judge
from payments.rules.trade import Trade, TradeState

ORDER = Expected("440200D7Q8", "1900000001", "wx01", 50_000)
TRADE = Trade(
    "440200D7Q8", TradeState.SUCCESS, "1900000001", "wx01", "4200001", 50_000, "CNY", datetime(2026, 6, 18, tzinfo=UTC)
)


def test_the_very_payment_is_credited() -> None:
    assert judge(TRADE, ORDER).verdict is Verdict.CREDIT


def test_the_same_payment_told_again_is_a_repeat() -> None:
    assert judge(TRADE, replace(ORDER, transaction_id="4200001")).verdict is Verdict.REPEATED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount_fen", 49_999),
        ("amount_fen", 50_001),
        ("amount_fen", None),
        ("currency", "USD"),
        ("currency", None),
        ("merchant_id", "1900000002"),
        ("merchant_id", None),
        ("app_id", "wx02"),
        ("trade_no", "440200OTHER"),
        ("transaction_id", None),
        ("transaction_id", ""),
    ],
)
def test_a_success_that_differs_in_anything_is_not_credited(field: str, value: object) -> None:
    judgement = judge(replace(TRADE, **{field: value}), ORDER)
    assert judgement.verdict is Verdict.MISMATCH
    assert judgement.differs == (field,)


def test_another_transaction_for_a_number_already_credited_is_for_a_person() -> None:
    judgement = judge(TRADE, replace(ORDER, transaction_id="4200999"))
    assert judgement.verdict is Verdict.MISMATCH
    assert judgement.differs == ("transaction_id",)


@pytest.mark.parametrize("state", [TradeState.ABSENT, TradeState.NOT_PAID, TradeState.CLOSED])
def test_what_is_not_paid_credits_nothing(state: TradeState) -> None:
    assert judge(replace(TRADE, state=state), ORDER).verdict is Verdict.NOT_PAID


def test_a_payment_sent_back_that_we_never_credited_is_for_a_person() -> None:
    back = replace(TRADE, state=TradeState.REFUNDED)
    assert judge(back, ORDER).verdict is Verdict.MISMATCH
    assert judge(back, replace(ORDER, transaction_id="4200001")).verdict is Verdict.REPEATED
