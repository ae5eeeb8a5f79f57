"""The counter in a real browser: a collector takes cash at a door, a second person closes the day, a neighbour of the
payer scans the receipt's code.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from kernel import clock
from kernel.database import reading
from payments.cash_desk.services import voiding
from payments.services import receipts
from tests.factories import Factory
from tests.payments.cash_desk.conftest import FULL, Counter
from tests.payments.statements.support import row, told
from tests.support.browser import LOOKS, Phone, axe_violations, screenshot, sideways_overflow_px, small_targets

Visit = Callable[..., Phone]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages are the same on either database."""
    return sqlite_url


@pytest.fixture
def counter(app: Flask, make: Factory) -> Counter:
    """An estate that collects over the counter."""
    return Counter(make)


def test_a_collector_takes_cash_and_a_second_person_closes_the_day(
    visit: Visit, counter: Counter, make: Factory, tmp_path
) -> None:
    cashier, officer = visit(make.account("cashier")), visit(make.account("one"))
    page = cashier.go(f"/work/cash/d/{counter.homes[0].public_id}")
    take = page.get_by_role("button", name="已收到钱，开收据")
    page.get_by_label("陈*").check()
    page.get_by_label("缴多少（元）").fill("0.001")
    take.click()
    expect(page.get_by_text("请填大于 0 的金额")).to_be_visible()
    page.get_by_label("缴多少（元）").fill("500")
    take.click()
    expect(page.get_by_text("请先给缴款人看过约定")).to_be_visible()
    page.get_by_label("缴款人看过约定，自愿缴纳").check()
    take.click()
    expect(page.get_by_role("heading", name="现金 500.00 元，已收")).to_be_visible()
    page.get_by_text("登记错了？").click()
    page.get_by_label("哪里错了").fill("住户多给了一百")
    page.get_by_role("button", name="申请作废").click()
    expect(page.get_by_role("heading", name="现金 500.00 元，待复核作废")).to_be_visible()
    work = officer.go("/work/cash-desk")
    work.get_by_role("button", name="退回").click()
    expect(work.get_by_text("待复核")).to_have_count(0)
    work.get_by_label("点出多少（元）").fill("499")
    work.get_by_role("button", name="清点日结").click()
    expect(work.get_by_text("和登记的不一样")).to_be_visible()
    work.get_by_label("点出多少（元）").fill("500")
    work.get_by_label("差异原因").fill("")
    work.get_by_role("button", name="清点日结").click()
    expect(work.get_by_text("待解款")).to_be_visible()
    photo = tmp_path / "slip.png"
    photo.write_bytes(_png())
    page = cashier.go("/work/cash")
    page.get_by_label("现金缴款单号").fill("XJ-001")
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.get_by_alt_text("照片1")).to_be_visible()
    page.get_by_role("button", name="已存银行").click()
    expect(page.get_by_text("已解款")).to_be_visible()
    assert counter.balances() == {"cash_in_transit": FULL, "deposits_held": -FULL}
    assert counter.books_hold()


def _png() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, "PNG")
    return out.getvalue()


def test_a_bank_line_is_credited_by_two_and_a_neighbour_checks_the_receipt(
    visit: Visit, counter: Counter, make: Factory
) -> None:
    told(counter, row())
    one = visit(make.account("one")).go("/work/statements")
    one.get_by_label("怎样处理").select_option("credited")
    expect(one.get_by_label("记给哪一户")).to_be_visible()
    one.get_by_label("依据").fill("户名是产权人")
    one.get_by_role("button", name="提交，请另一位复核").click()
    expect(one.get_by_text("处理意见是您提的")).to_be_visible()
    two = visit(make.account("two")).go("/work/statements")
    two.get_by_role("button", name="复核同意").click()
    expect(two.get_by_text("最近处理过的")).to_be_visible()
    counter.run_jobs(clock.now())
    (deposit,) = _paid()
    view = receipts.view(reading(), deposit, named=False)
    assert view is not None
    neighbour = visit(make.account("neighbour")).go(f"/r/{view.code}")
    expect(neighbour.get_by_text("这张收据是真的")).to_be_visible()
    expect(neighbour.get_by_text("陈秀英")).to_have_count(0)


def _paid():
    from tests.payments.statements.support import bank_deposits

    return bank_deposits()


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_are_usable_on_a_phone(visit: Visit, counter: Counter, make: Factory, look: str) -> None:
    now = clock.now()
    taken = counter.take(now=now)
    wrong = counter.take(home=counter.homes[1], now=now)
    voiding.propose(wrong, why="登记错了户", now=now, **counter.who("cashier"))
    told(counter, row(), row("伍佰", "张伟", "", "A2"))
    view = receipts.view(reading(), counter.deposit_taken(taken), named=True)
    assert view is not None
    for who, path in (
        ("cashier", "/work/cash"),
        ("cashier", f"/work/cash/d/{counter.homes[2].public_id}"),
        ("cashier", f"/work/cash/t/{taken}"),
        ("one", "/work/cash-desk"),
        ("one", "/work/statements"),
        ("one", "/work/street-desk"),
        ("one", "/work/alarms"),
        ("one", f"/r/{view.code}"),
    ):
        phone = visit(make.account(who), look=look, width=375, size="xlarge" if look == "large" else "normal")
        page = phone.go(path)
        page.wait_for_load_state("networkidle")
        screenshot(page, f"counter-{path.strip('/').replace('/', '-')[:24]}-{look}")
        assert sideways_overflow_px(page) == 0, path
        assert small_targets(page, 60 if look == "large" else 44) == [], path
        assert axe_violations(page) == [], path
