"""The published books in a real browser: the payer's own phone recomputes them, and notices a changed list."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from payments.publications import services
from payments.statements.services import importing as statements
from tests.factories import Factory
from tests.payments.reconciliation.conftest import Desk
from tests.payments.world import NOW, World
from tests.support.browser import LOOKS, WIDTHS, Phone, assert_usable

Visit = Callable[..., Phone]
STATEMENT = "日期,对方户名,收入金额,摘要\n2026-06-18,陈秀英,500.00,1栋1单元101\n2026-06-18,张伟,伍佰,\n".encode()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages are the same on either database."""
    return sqlite_url


def test_a_payers_own_phone_finds_his_payment_in_the_published_list(make: Factory, visit: Visit) -> None:
    world = World(make)
    account = world.payer()
    deposit = world.paid(account=account)
    for home in world.homes[1:6]:
        world.paid(home)
    world.run_jobs(NOW)
    services.publish_due(now=NOW + timedelta(days=7))
    phone = visit(account)
    page = phone.go(f"/receipt/{deposit.public_id}")
    page.get_by_role("button", name="在我手机上核对").click()
    page.get_by_text("您的手机核对过了").wait_for()
    page = visit().go(f"/books/{world.estate.public_id}/1")
    page.get_by_role("button", name="在我手机上核对").click()
    page.get_by_text("清单与公布的指纹一致").wait_for()


def test_a_list_that_was_changed_on_the_way_is_noticed(make: Factory, visit: Visit) -> None:
    world = World(make)
    for home in world.homes[:6]:
        world.paid(home)
    world.run_jobs(NOW)
    services.publish_due(now=NOW + timedelta(days=7))
    phone = visit()
    page = phone.go(f"/books/{world.estate.public_id}/1")

    def changed(route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("50000", "40000"))

    page.route("**/publications/1", changed)
    page.get_by_role("button", name="在我手机上核对").click()
    page.get_by_text("对不上，请联系街道").wait_for()


def test_two_officers_settle_a_difference_and_sign_the_day(make: Factory, visit: Visit) -> None:
    desk = Desk(make)
    desk.paid()
    rows = desk.true_rows()
    desk.run(given=desk.bill(*rows, replace(rows[0], number="NOBODYS0001")))
    for name in ("one", "two"):
        make.grant(make.account(name), "street_officer", desk.street())
    address = f"/work/reconciliation/{desk.day().public_id}"
    first = visit(make.account("one")).go(address)
    first.get_by_label("怎样处理").select_option("theirs")
    first.get_by_label("依据").fill("微信客服书面说明")
    first.get_by_role("button", name="提交，请另一位复核").click()
    first.get_by_text("请另一位工作人员复核").wait_for()
    second = visit(make.account("two")).go(address)
    second.get_by_role("button", name="复核同意").click()
    second.get_by_role("button", name="日结签字").click()
    second.get_by_text("已日结").wait_for()
    assert desk.day().closed_at is not None


def test_a_statement_is_uploaded_from_the_page_and_its_lines_wait(make: Factory, visit: Visit) -> None:
    desk = Desk(make)
    make.grant(make.account("one"), "street_officer", desk.street())
    page = visit(make.account("one")).go("/work/statements")
    page.get_by_label("账号后四位").fill("0187")
    page.get_by_label("流水文件").set_input_files({"name": "六月.csv", "mimeType": "text/csv", "buffer": STATEMENT})
    page.get_by_role("button", name="导入").click()
    page.get_by_text("新增 2 行").wait_for()
    page.get_by_text("可能是 1栋1单元101").wait_for()
    page.get_by_text("金额“伍佰”读不出来").wait_for()


@pytest.mark.parametrize(("width", "look"), [(WIDTHS[0], "large"), (WIDTHS[1], "normal"), (WIDTHS[2], "dark")])
def test_the_pages_fit_every_phone_and_have_no_barrier(make: Factory, visit: Visit, width: int, look: str) -> None:
    assert look in LOOKS
    desk = Desk(make)
    for home in desk.homes[:6]:
        desk.paid(home)
    desk.run_jobs(NOW)
    services.publish_due(now=NOW + timedelta(days=7))
    rows = desk.true_rows()
    desk.run(given=desk.bill(*rows, replace(rows[0], number="NOBODYS0001")))
    statements.import_statement(STATEMENT, tail="0187", actor="test", now=NOW)
    make.grant(make.account("one"), "street_officer", desk.street())
    phone = visit(make.account("one"), size="large" if look == "large" else "normal", width=width, look=look)
    for path in (
        f"/books/{desk.estate.public_id}/1",
        "/work/reconciliation",
        f"/work/reconciliation/{desk.day().public_id}",
        "/work/statements",
    ):
        phone.go(path)
        assert_usable(phone)
