"""A recall begun on paper: one worker keys the sheet, another reads it against its photo, a household takes back."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from kernel import clock
from tests.factories import Factory
from tests.portal.bodies.test_forming import elected_in
from tests.support.browser import Phone, assert_usable
from tests.surveys.votes.paper.stories import a_worker
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, an_estate

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def add_photo(page: Page, at: Locator) -> None:
    out = io.BytesIO()
    Image.new("RGB", (600, 800), (240, 240, 240)).save(out, "JPEG")
    at.locator("input[type=file]").set_input_files(
        {"name": "sheet.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    )
    expect(page.get_by_alt_text("照片1")).to_be_visible()


def sign(page: Page, row: int, door: str, name: str) -> None:
    page.get_by_label(f"第 {row} 行房号").fill(door)
    page.get_by_label(f"第 {row} 行姓名").fill(name)


def test_a_paper_recall_is_keyed_by_one_checked_by_another_and_a_signature_is_taken_back(
    make: Factory, visit: Callable[..., Phone]
) -> None:
    estate = an_estate(make)
    first, second = (a_worker(make, estate, name) for name in ("一", "二"))
    election = elected_in(estate, now=clock.now() - (CLOSES - NOW) - HOUR)

    desk = visit(first.account)
    page = desk.go(f"/v/{election}/recall")
    page.get_by_role("link", name="登记纸质联名").click()
    page.get_by_text("li", exact=True).click()
    page.get_by_label("理由").fill("半年没有公布收支")
    sign(page, 1, "1栋1单元101", "chen")
    sign(page, 2, "1栋1单元402", "qian")
    page.get_by_role("button", name="再加 5 行").click()
    sign(page, 6, "1栋1单元999", "谁")
    assert_usable(desk)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("[data-field=evidence] .error, [data-alert]:not([hidden])").first).to_be_visible()
    add_photo(page, page.locator("[data-evidence]"))
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("您录入的，要由另一位工作人员核对。")).to_be_visible()
    assert_usable(desk)

    other = visit(second.account, size="large", look="dark")
    page = other.go("/")
    page.get_by_role("link", name="纸质联名").click()
    expect(page.get_by_text("1 份待核对")).to_be_visible()
    assert_usable(other)
    page.get_by_role("link", name="提议罢免").click()
    page.get_by_role("link", name="第 1 份签名表").click()
    expect(page.get_by_alt_text("签名表照片 1")).to_be_visible()
    page.locator(".choice", has_text="1栋1单元402").click()
    assert_usable(other)
    page.get_by_role("button", name="核对完").click()
    expect(page.locator("[data-field=why] .error, [data-alert]:not([hidden])").first).to_be_visible()
    page.get_by_label("不符的原因").fill("照片上没有这一户的签名")
    page.get_by_role("button", name="核对完").click()
    expect(page.get_by_text("核对意见：照片上没有这一户的签名")).to_be_visible()
    page.get_by_role("link", name="返回").click()
    expect(page.get_by_text("1 / 2 户")).to_be_visible()

    page.get_by_text("有人书面撤回签名").click()
    page.get_by_role("textbox", name="房号", exact=True).fill("1栋1单元101")
    add_photo(page, page.get_by_role("group", name="本人签名的撤回书"))
    assert_usable(other)
    page.get_by_role("button", name="登记撤回").click()
    expect(page.get_by_text("0 / 2 户")).to_be_visible()
