"""The API as a payer and as the public use it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kernel import clock
from payments import terms
from payments.gateways import registry
from payments.publications.services import publish_due
from tests.factories import Factory
from tests.payments.world import FULL, NOW, World


@pytest.fixture
def payer(app: Flask, make: Factory, world: World):
    """A signed-in client whose account speaks for the first home, and that account."""
    account = world.payer()
    return make.signed_in(account), account


def pledged(client, world: World, fen: int = FULL, home: int = 0) -> str:
    answer = client.post(
        f"/api/v1/dwellings/{world.homes[home].public_id}/deposits",
        json={"amount_fen": fen, "terms_version": terms.CURRENT},
    )
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def test_a_pledge_a_payment_and_a_receipt_over_http(payer, world: World) -> None:
    client, _ = payer
    deposit = pledged(client, world)
    begun = client.post(f"/api/v1/deposits/{deposit}/attempts", json={})
    assert begun.status_code == 201
    handoff = begun.json["handoff"]
    assert handoff["package"].startswith("prepay_id=")
    assert set(handoff) == {"app_id", "time_stamp", "nonce", "package", "sign_type", "pay_sign"}
    told = client.get(f"/api/v1/deposits/{deposit}").json
    assert (told["state"], told["attempt"], told["receipt"]) == ("pledged", "placed", None)

    trade_no = world.attempt(begun.json["id"]).trade_no
    world.tell(world.gateway.pay(trade_no, now=clock.now()), now=clock.now())
    world.run_jobs(clock.now())
    told = client.get(f"/api/v1/deposits/{deposit}").json
    assert (told["state"], told["attempt"], told["amount_fen"]) == ("paid", "paid", FULL)
    assert told["receipt"]["number"].endswith("-000001")
    assert told["paid_at"].endswith("+08:00")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount_fen": -1, "terms_version": "x"}, "amount_fen"),
        ({"amount_fen": 0, "terms_version": "x"}, "amount_fen"),
        ({"amount_fen": 0.001, "terms_version": "x"}, "amount_fen"),
        ({"amount_fen": "500", "terms_version": "x"}, "amount_fen"),
        ({"amount_fen": True, "terms_version": "x"}, "amount_fen"),
        ({"amount_fen": 10**30, "terms_version": "x"}, "amount_fen"),
        ({"terms_version": "x"}, "amount_fen"),
        ({"amount_fen": 1}, "terms_version"),
        ({"amount_fen": 1, "terms_version": "x", "state": "paid"}, "state"),
    ],
)
def test_an_absurd_body_is_refused_with_a_word_beside_its_field(payer, world: World, body: dict, field: str) -> None:
    client, _ = payer
    answer = client.post(f"/api/v1/dwellings/{world.homes[0].public_id}/deposits", json=body)
    assert answer.status_code == 422
    assert any(field in name for name in answer.json["fields"]), answer.json


def test_the_same_key_pledges_once_and_another_body_under_it_is_refused(payer, world: World) -> None:
    client, _ = payer
    url = f"/api/v1/dwellings/{world.homes[0].public_id}/deposits"
    body = {"amount_fen": FULL, "terms_version": terms.CURRENT}
    first, second = (client.post(url, json=body, key="k" * 20) for _ in range(2))
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert client.post(url, json={**body, "amount_fen": 1}, key="k" * 20).status_code == 422


def test_nobody_but_the_payer_finds_his_deposit(app: Flask, make: Factory, payer, world: World) -> None:
    client, _ = payer
    deposit = pledged(client, world)
    family = make.signed_in(world.payer())
    neighbour = make.signed_in(world.payer(world.homes[1]))
    for other in (family, neighbour):
        assert other.get(f"/api/v1/deposits/{deposit}").status_code == 404
        assert other.post(f"/api/v1/deposits/{deposit}/attempts", json={}).status_code == 404
        assert other.get(f"/receipt/{deposit}").status_code == 404
        assert other.get(f"/receipt/{deposit}.pdf").status_code == 404
    assert neighbour.get(f"/pay/{world.homes[0].public_id}").status_code == 404


def test_a_level_one_tie_is_told_how_to_confirm(app: Flask, make: Factory, world: World) -> None:
    client = make.signed_in(world.payer(level=1))
    url = f"/api/v1/dwellings/{world.homes[0].public_id}/deposits"
    refused = client.post(url, json={"amount_fen": FULL, "terms_version": terms.CURRENT})
    assert (refused.status_code, refused.json["code"]) == (403, "tie-not-confirmed")
    page = client.get(f"/pay/{world.homes[0].public_id}")
    assert page.status_code == 200
    assert "核实" in page.text
    assert "/verify" in page.text


def test_without_a_session_nothing_is_pledged(client: FlaskClient, world: World) -> None:
    answer = client.post(
        f"/api/v1/dwellings/{world.homes[0].public_id}/deposits",
        json={"amount_fen": FULL, "terms_version": terms.CURRENT},
        headers={"X-Requested-By": "gongjian", "Idempotency-Key": "k" * 20},
    )
    assert answer.status_code == 401


def test_an_unreachable_wechat_says_so_and_the_next_tap_goes_on(payer, world: World) -> None:
    client, _ = payer
    deposit = pledged(client, world)
    world.gateway.lose_answer("place", "before")
    answer = client.post(f"/api/v1/deposits/{deposit}/attempts", json={}, key="k" * 20)
    assert answer.status_code == 503
    assert answer.json["code"] == "wechat-pay-unreachable"
    assert "没有扣款" in answer.json["detail"]
    assert client.post(f"/api/v1/deposits/{deposit}/attempts", json={}, key="k" * 20).status_code == 201


def test_paying_where_no_merchant_has_keys_says_that_it_is_not_open(payer, world: World) -> None:
    client, _ = payer
    deposit = pledged(client, world)
    registry.configure([], base_urls={"shaoguan": "http://localhost"})
    answer = client.post(f"/api/v1/deposits/{deposit}/attempts", json={})
    assert (answer.status_code, answer.json["code"]) == (503, "payment-not-configured")


def test_the_public_books_show_no_unit_no_door_and_no_name(client: FlaskClient, world: World) -> None:
    for home in world.homes[:6]:
        world.paid(home, fen=10_000)
    alone = world.paid(world.homes[6], fen=99_900)
    world.run_jobs(clock.now())
    where = f"/api/v1/estates/{world.estate.public_id}/books"
    before = client.get(where).json
    assert (before["published_to"], before["paid_fen"], before["rows"]) == (None, None, []), (
        "nothing moves with a payment"
    )
    publish_due(now=NOW + timedelta(days=7))
    world.paid(world.homes[8], fen=12_345)
    world.run_jobs(clock.now())
    answer = client.get(where)
    assert answer.status_code == 200
    books = answer.json
    assert (books["paid_households"], books["households"], books["paid_fen"]) == (6, 12, 60_000)
    assert len(books["rows"]) == 6, "the one of 2栋 waits: it would be known by its building"
    assert set(books["rows"][0]) == {"place", "kind", "receipt_tail", "building", "amount_fen", "day"}
    assert {row["receipt_tail"] for row in books["rows"]} == {f"{number:04d}" for number in range(1, 7)}
    assert {row["building"] for row in books["rows"]} == {"1栋"}
    for home in world.homes:
        assert home.label not in answer.text
        assert home.public_id not in answer.text
    assert "99900" not in answer.text
    assert alone.amount_fen == 99_900
    assert [one["paid_households"] for one in books["buildings"]] == [6]


def test_the_public_books_are_read_fifty_lines_at_a_time(client: FlaskClient, world: World) -> None:
    for _ in range(5):
        for home in world.homes[1:]:
            world.paid(home, fen=100)
    world.run_jobs(clock.now())
    publish_due(now=clock.now() + timedelta(days=7))
    first = client.get(f"/api/v1/estates/{world.estate.public_id}/books").json
    second = client.get(f"/api/v1/estates/{world.estate.public_id}/books?before={first['next']}").json
    tails = [row["receipt_tail"] for row in first["rows"] + second["rows"]]
    assert (len(first["rows"]), sorted(tails)) == (50, [f"{number:04d}" for number in range(1, 56)])
    assert second["next"] is None


@pytest.mark.parametrize("before", ["x", "2026", "2026-", "-1", "2026-1e9", "0-1", "9" * 30])
def test_a_line_that_does_not_exist_is_a_kind_refusal(client: FlaskClient, world: World, before: str) -> None:
    answer = client.get(f"/api/v1/estates/{world.estate.public_id}/books", query_string={"before": before})
    assert answer.status_code == 422


def test_an_unknown_estate_has_no_books(client: FlaskClient, world: World) -> None:
    assert client.get("/api/v1/estates/nowhere/books").status_code == 404
    assert client.get("/books/nowhere").status_code == 404
