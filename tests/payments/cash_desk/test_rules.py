"""What the counter decides, as tables."""

from datetime import date

import pytest

from kernel.errors import Conflict, Invalid, NotAllowed
from payments.cash_desk import rules
from payments.rules.channel import Desk, held_in, is_desk, word
from payments.rules.receipt import number_text


@pytest.mark.parametrize(("counted", "why", "kept"), [(500, None, None), (499, "少收", "少收"), (0, "被偷", "被偷")])
def test_a_count_is_kept_with_its_explanation(counted: int, why: str | None, kept: str | None) -> None:
    assert rules.checked_count(counted, 500, why) == kept


def test_a_difference_nobody_explains_closes_nothing_and_says_how_much() -> None:
    with pytest.raises(Conflict, match="count-differs") as short:
        rules.checked_count(45_000, 50_000, None)
    assert "少 50.00 元" in short.value.detail
    with pytest.raises(Conflict, match="count-differs") as over:
        rules.checked_count(50_001, 50_000, "")
    assert "多 0.01 元" in over.value.detail


def test_no_difference_takes_no_explanation() -> None:
    with pytest.raises(Invalid, match="no-difference"):
        rules.checked_count(500, 500, "点错了")


def test_nothing_goes_into_yesterdays_box() -> None:
    rules.must_be_of_today(date(2026, 6, 18), date(2026, 6, 18))
    with pytest.raises(Conflict, match="box-not-counted"):
        rules.must_be_of_today(date(2026, 6, 17), date(2026, 6, 18))


def test_nobody_counts_his_own_box_or_takes_his_own_money() -> None:
    with pytest.raises(NotAllowed, match="own-box"):
        rules.must_not_be_collector(7, 7)
    with pytest.raises(NotAllowed, match="own-money"):
        rules.must_not_pay_himself(True)
    rules.must_not_be_collector(8, 7)
    rules.must_not_pay_himself(False)


def test_each_channel_has_its_account_and_its_word() -> None:
    assert [held_in(one) for one in ("wechat", "cash", "pos", "bank")] == [
        "at_wechat",
        "cash_on_hand",
        "at_pos",
        "at_bank",
    ]
    assert [is_desk(one) for one in ("wechat", "memory", *Desk)] == [False, False, True, True, True]
    assert [word(one) for one in ("wechat", "cash", "fax")] == ["微信支付", "现金", "其他渠道"]


def test_a_collectors_receipts_are_a_series_of_their_own() -> None:
    assert number_text(2026, 12, collector=rules.series_of(3)) == "2026-C03-000012"
    assert number_text(2026, 187) == "2026-000187"
