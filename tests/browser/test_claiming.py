"""A person at his door says who he is, on the page itself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from kernel import clock
from kernel.database import reading, transaction, use_case
from kernel.people.queries import tie_of
from kernel.places.models import DoorCode, Dwelling
from kernel.places.queries import dwellings_of_estate, place_by_id
from tests.factories import Factory
from tests.support.browser import Phone

CODE = "7KQ2M9X4PT"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@use_case
def stick_label(dwelling: Dwelling) -> None:
    """Put the test's label on a door."""
    with transaction() as session:
        session.add(DoorCode(code=CODE, dwelling_id=dwelling.id, issued_at=clock.now()))


@pytest.fixture
def dwelling(make: Factory) -> Dwelling:
    """A dwelling with a label and an owner on the roster."""
    found = dwellings_of_estate(reading(), make.estate().id)[0]
    make.holding(make.person("欧阳锋", "13812345678"), found)
    stick_label(found)
    return found


def claim(phone: Phone, name: str, tail: str) -> None:
    phone.page.fill("#f-name", name)
    phone.page.fill("#f-phone_tail", tail)
    phone.page.click("[data-claim-form] [type=submit]")


def test_what_is_missing_is_said_beside_its_field(
    dwelling: Dwelling, make: Factory, visit: Callable[..., Phone]
) -> None:
    phone = visit(make.account())
    page = phone.go(f"/h/{CODE}")
    claim(phone, "", "56")
    assert page.inner_text("[data-field=name] .error") == "请填登记的姓名。"
    assert "后四位" in page.inner_text("[data-field=phone_tail] .error")


def test_a_name_that_does_not_fit_stays_in_the_field_and_the_tries_left_are_said(
    dwelling: Dwelling, make: Factory, visit: Callable[..., Phone]
) -> None:
    phone = visit(make.account())
    page = phone.go(f"/h/{CODE}")
    claim(phone, "欧阳风", "5678")
    page.wait_for_selector("[data-alert]:not([hidden])")
    assert "还可以再试 4 次" in page.inner_text("[data-alert]")
    assert page.input_value("#f-name") == "欧阳风"


def test_name_and_tail_open_the_dwelling_for_the_questionnaire_and_the_next_step_is_offered(
    dwelling: Dwelling, make: Factory, visit: Callable[..., Phone]
) -> None:
    account = make.account()
    phone = visit(account)
    page = phone.go(f"/h/{CODE}")
    claim(phone, "欧阳锋", "5678")
    page.wait_for_url(f"**/d/{dwelling.public_id}")
    assert "核实身份" in page.inner_text("main")
    page.click("text=核实身份")
    page.click("[data-code-send]")
    page.wait_for_selector("[data-code-form]:not([hidden])")
    assert "秒后可以重发" in page.inner_text("[data-code-send]")
    page.fill("#f-code", "12")
    page.click("[data-code-form] [type=submit]")
    assert page.inner_text("[data-field=code] .error") == "验证码是 6 位数字。"


def test_five_wrong_tries_lock_the_claim_and_a_worker_opens_it_at_the_door(
    dwelling: Dwelling, make: Factory, visit: Callable[..., Phone]
) -> None:
    account = make.account()
    phone = visit(account)
    page = phone.go(f"/h/{CODE}")
    for number in range(4):
        claim(phone, f"路人{number}", "0000")
        expect(page.locator("[data-alert]")).to_contain_text(f"再试 {4 - number} 次")
    claim(phone, "路人", "0000")
    page.wait_for_selector("text=这次登记锁住了")
    stranger = visit(make.account())
    stranger.go(f"/h/{CODE}")
    claim(stranger, "外人", "0000")
    expect(stranger.page.locator("[data-alert]")).to_contain_text("再试 4 次")
    worker = make.account()
    make.grant(worker, "community_worker", place_by_id(reading(), dwelling.building_id))
    visiting = visit(worker)
    door = visiting.go(f"/work/d/{dwelling.public_id}")
    assert "路人" not in door.inner_text("main")
    cards = door.locator("[data-claim]")
    cards.nth(1).locator("[data-claim-look]").click()
    expect(cards.nth(1).locator("[data-claim-names]")).to_contain_text("外人")
    cards.nth(1).locator("[data-decide=refuse]").click()
    expect(cards).to_have_count(1)
    door.click("[data-claim-look]")
    door.wait_for_selector("[data-claim-names]:not([hidden])")
    assert "路人" in door.inner_text("[data-claim-names]")
    door.click("[data-decide=confirm]")
    expect(door.locator("[data-claim]")).to_have_count(0)
    reading().rollback()
    tie = tie_of(reading(), account.id, dwelling.id)
    assert tie is not None
    assert tie.level == 2


def test_letting_go_asks_once_more_and_the_house_is_gone_from_me(
    dwelling: Dwelling, make: Factory, visit: Callable[..., Phone]
) -> None:
    account = make.account()
    make.tie(account, dwelling)
    page = visit(account).go("/me")
    page.click("[data-end-tie]")
    assert "再点一次" in page.inner_text("[data-end-tie]")
    page.click("[data-end-tie]")
    expect(page.locator("[data-tie]")).to_have_count(0)
    reading().rollback()
    assert tie_of(reading(), account.id, dwelling.id) is None


def test_the_contacts_of_a_household_show_after_one_tap(
    dwelling: Dwelling, make: Factory, visit: Callable[..., Phone]
) -> None:
    worker = make.account()
    make.grant(worker, "community_worker", place_by_id(reading(), dwelling.building_id))
    page = visit(worker).go(f"/work/d/{dwelling.public_id}")
    page.click("[data-contact-look]")
    page.wait_for_selector("[data-contact-list]:not([hidden])")
    assert "欧阳锋" in page.inner_text("[data-contact-list]")
    assert page.get_attribute("[data-contact-list] a", "href") == "tel:13812345678"
