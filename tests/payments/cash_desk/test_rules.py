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


def test_a_difference_nobody_explains_closes_nothing_and_the_sum_entered_is_not_told() -> None:
    for counted, why in ((45_000, None), (50_100, ""), (0, None)):
        with pytest.raises(Conflict, match="count-differs") as told:
            rules.checked_count(counted, 50_000, why)
        assert "500.00" not in told.value.detail
        assert f"{counted // 100}.00 元" in told.value.detail


def test_a_card_slip_is_known_however_it_is_typed() -> None:
    day = date(2026, 6, 17)
    papers = {
        rules.slip_paper(terminal, voucher, day, today=date(2026, 6, 18))
        for terminal, voucher in (("0a430057", "000187"), ("A430057", "187"), ("0A43 0057", "000-187"))
    }
    assert papers == {"A430057:187:20260617"}
    assert len(rules.slip_paper("Z" * 20, "9" * 20, day, today=day)) <= 50


@pytest.mark.parametrize(
    ("terminal", "voucher", "day", "code"),
    [
        ("4301", "一八七", date(2026, 6, 18), "bad-voucher"),
        ("4301", "", date(2026, 6, 18), "bad-voucher"),
        ("4301:1", "187", date(2026, 6, 18), "bad-voucher"),
        ("4" * 21, "187", date(2026, 6, 18), "bad-voucher"),
        ("4301", "187", date(2026, 6, 19), "bad-slip-day"),
        ("4301", "187", date(2026, 5, 17), "bad-slip-day"),
    ],
)
def test_a_slip_that_is_none_is_refused(terminal: str, voucher: str, day: date, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        rules.slip_paper(terminal, voucher, day, today=date(2026, 6, 18))


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
