"""The pages as they arrive at the phone."""

import io
from datetime import timedelta

import pypdfium2
import pytest
from flask import Flask

from kernel import audit, clock
from kernel.database import reading, transaction, use_case
from kernel.people.queries import tie_of
from kernel.people.services import end_tie
from payments.cards import cards_for
from payments.models import Deposit
from payments.publications.services import publish_due
from tests.factories import Factory
from tests.payments.world import NOW, World


@pytest.fixture
def payer(app: Flask, make: Factory, world: World):
    """A signed-in client whose account speaks for the first home, and that account."""
    person = make.person("欧阳锋")
    account = make.account()
    make.tie(account, world.homes[0], person=person)
    return make.signed_in(account), account


def card(world: World, account) -> list:
    session = reading()
    tie = tie_of(session, account.id, world.homes[0].id)
    found = cards_for(session, dwelling=world.homes[0], tie=tie, now=NOW)
    session.close()
    return [(one.status_word, one.href) for one in found]


def test_the_pay_page_says_voluntary_first_and_holds_the_terms(payer, world: World) -> None:
    client, _ = payer
    page = client.get(f"/pay/{world.homes[0].public_id}")
    assert page.status_code == 200
    for words in ("自愿", "500.00", "东河街道办事处", "0187", "先不缴", "不影响", "deposit-2026-1"):
        assert words in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_pay_page_remembers_an_unfinished_payment(payer, world: World) -> None:
    client, account = payer
    deposit = world.pledge(account, fen=30_000)
    world.begin(account, deposit)
    page = client.get(f"/pay/{world.homes[0].public_id}")
    assert "还没有完成" in page.text
    assert "300.00" in page.text
    assert deposit in page.text


def test_a_paid_household_is_led_to_its_receipt(payer, world: World) -> None:
    client, account = payer
    deposit = world.paid(account=account)
    there = client.get(f"/pay/{world.homes[0].public_id}")
    assert (there.status_code, there.location) == (302, f"/receipt/{deposit.public_id}")
    waiting = client.get(there.location)
    assert "正在开收据" in waiting.text
    assert client.get(f"/receipt/{deposit.public_id}.pdf").status_code == 404

    world.run_jobs(clock.now())
    done = client.get(there.location)
    for words in (
        "2026-000001",
        "欧阳锋",
        "500.00 元",
        "人民币伍佰元整",
        "东河街道办事处",
        "桃园北巷 1栋1单元101",
        "存证号",
    ):
        assert words in done.text


def test_a_payer_who_moved_away_still_sees_what_he_paid_and_no_name(app: Flask, payer, world: World) -> None:
    client, account = payer
    deposit = world.paid(account=account)
    world.run_jobs(clock.now())

    @use_case
    def move_away() -> None:
        with transaction() as session:
            end_tie(session, tie_of(session, account.id, world.homes[0].id), actor="test", now=clock.now())

    move_away()
    page = client.get(f"/receipt/{deposit.public_id}")
    assert page.status_code == 200
    assert "人民币伍佰元整" in page.text
    assert "欧阳锋" not in page.text
    assert client.get(f"/api/v1/deposits/{deposit.public_id}").json["state"] == "paid"
    assert client.get(f"/pay/{world.homes[0].public_id}").status_code == 404


def test_a_relative_who_pays_is_not_taken_for_the_owner(app: Flask, make: Factory, world: World) -> None:
    child = make.account()
    make.tie(child, world.homes[0], person=make.person("林玉莲"), relation="family")
    deposit = world.paid(account=child)
    world.run_jobs(clock.now())
    assert "林玉莲" not in make.signed_in(child).get(f"/receipt/{deposit.public_id}").text


def test_an_unpaid_deposit_has_no_receipt_and_leads_back_to_paying(payer, world: World) -> None:
    client, account = payer
    deposit = world.pledge(account)
    there = client.get(f"/receipt/{deposit}")
    assert (there.status_code, there.location) == (302, f"/pay/{world.homes[0].public_id}")


def test_a_receipt_names_its_place_in_the_audit_chain_once_sealed_and_signed(payer, world: World) -> None:
    client, account = payer
    deposit = world.paid(account=account)
    world.run_jobs(clock.now())
    assert "存证链第" not in client.get(f"/receipt/{deposit.public_id}").text
    audit.seal_new_entries(now=clock.now())
    audit.checkpoint(now=clock.now())
    page = client.get(f"/receipt/{deposit.public_id}").text
    assert "存证链第" in page
    assert "已列入签名存证点" in page


def test_a_receipt_prints_with_characters_a_subset_would_lose(app: Flask, make: Factory, world: World) -> None:
    account = make.account()
    make.tie(account, world.homes[0], person=make.person("堃㛃䶮"))
    deposit = world.paid(account=account, fen=1_050_000)
    world.run_jobs(clock.now())
    file = make.signed_in(account).get(f"/receipt/{deposit.public_id}.pdf")
    assert file.content_type == "application/pdf"
    with pypdfium2.PdfDocument(io.BytesIO(file.data)) as document:
        text = document[0].get_textpage().get_text_range()
    for words in ("堃㛃䶮", "10,500.00", "人民币壹万零伍佰元整", "桃园北巷"):
        assert words in text


def test_the_public_books_page_shows_sums_and_lines(app: Flask, client, world: World) -> None:
    for home in world.homes[:6]:
        world.paid(home)
    world.run_jobs(clock.now())
    assert "3,000.00" not in client.get(f"/books/{world.estate.public_id}").text, "not before it is published"
    publish_due(now=clock.now() + timedelta(days=7))
    page = client.get(f"/books/{world.estate.public_id}")
    assert page.status_code == 200
    for words in ("3,000.00", "6/12", "50.0%", "250.00", "收据…0006", "1栋"):
        assert words in page.text
    assert "单元" not in page.text


def test_the_public_books_page_of_an_estate_without_a_payer_is_kind(client, world: World) -> None:
    page = client.get(f"/books/{world.estate.public_id}")
    assert page.status_code == 200
    assert "还没有到第一期公示" in page.text


def test_the_dwellings_card_tells_where_it_stands_in_words(payer, world: World) -> None:
    _, account = payer
    home = world.homes[0]
    assert card(world, account) == [("可自愿缴", f"/pay/{home.public_id}")]
    deposit = world.pledge(account)
    world.begin(account, deposit)
    assert card(world, account) == [("未完成", f"/pay/{home.public_id}")]
    world.paid(account=account)
    assert card(world, account) == [("已缴", f"/receipt/{deposit}")]
    assert card(world, world.payer(level=1)) == [("公开账目", f"/books/{world.estate.public_id}")]


@pytest.mark.parametrize("state", ["converted", "refund_pending", "refunded", "refund_failed", "refunded_offline"])
def test_every_later_state_of_a_deposit_has_words_and_keeps_its_receipt(payer, world: World, state: str) -> None:
    client, account = payer
    deposit = world.paid(account=account)

    @use_case
    def become() -> None:
        with transaction() as session:
            session.get(Deposit, deposit.id).state = state

    become()
    world.run_jobs(clock.now())
    assert client.get(f"/receipt/{deposit.public_id}").status_code == 200
    leads_to = "receipt" if state == "converted" else "refund"
    assert card(world, account)[0][1] == f"/{leads_to}/{deposit.public_id}"
    assert client.get(f"/refund/{deposit.public_id}").status_code == 200
