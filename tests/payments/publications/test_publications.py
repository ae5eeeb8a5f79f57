"""The books as published: they hang together, never change, and a payer finds himself in them."""

import hashlib
import re
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict
from payments.publications import services
from payments.publications.models import Publication, PublishedRow
from payments.rules import merkle
from payments.rules.disclosure import OTHERS
from payments.services import checking
from payments.services.public_books import books_of
from tests.factories import Factory
from tests.payments.services.test_crediting import two_successes
from tests.payments.world import NOW, World

MONDAY = datetime(2026, 6, 21, 20, tzinfo=NOW.tzinfo)
"""04:00 on Monday in China: the week of NOW (a Thursday) is over."""


@pytest.fixture
def week(world: World) -> World:
    """Six paid, all of 1栋; one of them twice, and the second went back."""
    for home, fen in zip(world.homes[1:6], (20_000, 50_000, 1, 50_000, 60_000), strict=True):
        world.paid(home, fen)
    first, _ = two_successes(world)
    world.run_jobs(NOW)
    world.tell(world.gateway.finish_refund(f"{first}R1", now=NOW))
    world.run_jobs(NOW + timedelta(seconds=1))
    return world


def published(world: World, number: int = 1) -> services.Published:
    session = reading()
    found = services.published(session, world.estate, number)
    session.close()
    return found


def test_a_week_is_published_when_it_is_over_once(week: World) -> None:
    assert services.publish_due(now=NOW) == 0
    assert services.publish_due(now=MONDAY) == 1
    assert services.publish_due(now=MONDAY) == 0
    found = published(week)
    one = found.publication
    assert (one.first_day, one.last_day) == (date(2026, 6, 17), date(2026, 6, 21))
    assert (one.opening_fen, sum(one.in_by_channel.values())) == (0, week.balances()["at_wechat"])
    assert one.again_fen == one.refunded_fen > 0, "what came twice went back"
    assert set(one.in_by_channel) == {"memory"}
    assert one.closing_fen == sum(row.amount_fen for row in found.rows)
    assert one.closing_fen == week.balances()["at_wechat"]
    assert one.row_count == len(found.rows) == 8
    session = reading()
    books = books_of(session, week.estate)
    session.close()
    assert books.last is not None
    assert books.told.standing.paid_fen == books.whole.paid_fen == one.closing_fen, "what went back is not counted"
    assert (books.told.standing.paid_households, len(books.rows)) == (6, 8)


def test_rows_say_building_tail_amount_and_day_and_nothing_of_who(week: World) -> None:
    services.publish_due(now=MONDAY)
    for row in published(week).rows:
        assert row.building in {"1栋", OTHERS}
        assert len(row.receipt_tail) == 4
        assert row.day == clock.china_day(NOW)
    text = re.sub(r"[0-9a-f]{32,}", "", published(week).list_text)  # a hash may hold 101 by chance
    for secret in [*week.receipts(), "单元", "101", *(number for _, number in week.entries())]:
        assert secret not in text


def test_periods_follow_one_another_and_carry_balance_and_root_on(week: World) -> None:
    later = MONDAY + timedelta(days=8)
    services.publish_due(now=MONDAY)
    assert services.publish_due(now=later) == 1
    first, second = published(week, 1), published(week, 2)
    assert second.publication.opening_fen == first.publication.closing_fen == second.publication.closing_fen
    assert second.publication.previous_root == first.publication.root
    assert first.publication.root in second.publication.header
    assert second.rows == []


def test_a_period_waits_for_its_receipts_and_is_never_published_out_of_turn(world: World) -> None:
    world.paid()
    assert services.publish_due(now=MONDAY) == 0
    world.run_jobs(NOW)
    assert services.publish_due(now=MONDAY) == 1
    for first in (date(2026, 6, 17), date(2026, 7, 6)):
        with pytest.raises(Conflict):
            services.publish(_collection_id(world), first, first, now=MONDAY)


def _collection_id(world: World) -> int:
    session = reading()
    found = session.scalars(sa.select(Publication.collection_id)).first()
    session.close()
    assert found is not None
    return found


def test_every_payer_finds_his_row_with_a_proof(week: World) -> None:
    services.publish_due(now=MONDAY)
    session = reading()
    deposits = set(session.scalars(sa.select(PublishedRow.deposit_id)))
    for deposit_id in deposits:
        assert deposit_id is not None
        found = services.inclusions(session, deposit_id)
        assert found
        assert all(one.holds and one.mark_is_yours for one in found)
    session.close()
    assert len(deposits) == 6


def test_the_list_is_recomputed_with_nothing_but_sha256(week: World) -> None:
    services.publish_due(now=MONDAY)
    found = published(week)
    level = []
    for line in found.list_text.splitlines():
        told, _, text = line.partition("\t")
        leaf = hashlib.sha256(b"\0" + text.encode()).digest()
        assert leaf.hex() == told
        level.append(leaf)
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    assert level[0].hex() == found.publication.root


@use_case
def by_hand(statement: str) -> None:
    with transaction() as session:
        session.execute(sa.text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE published_row SET amount_fen = 1",
        "DELETE FROM published_row",
        "UPDATE publication SET closing_fen = 0",
        "DELETE FROM publication",
    ],
)
def test_what_was_published_stays(week: World, statement: str) -> None:
    services.publish_due(now=MONDAY)
    with pytest.raises(sa.exc.DBAPIError):
        by_hand(statement)


def test_a_row_changed_by_force_no_longer_has_a_proof(week: World) -> None:
    services.publish_due(now=MONDAY)
    session = reading()
    if session.get_bind().dialect.name == "sqlite":
        session.close()
        by_hand("DROP TRIGGER published_row_no_update")
    else:
        session.close()
        by_hand("ALTER TABLE published_row DISABLE TRIGGER ALL")
    assert checking.check().differences == []
    by_hand("UPDATE published_row SET amount_fen = amount_fen + 100 WHERE place = 1")
    assert {one.check for one in checking.check().differences} == {"published-is-entered", "publication-adds-up"}
    session = reading()
    deposit_id = session.scalars(sa.select(PublishedRow.deposit_id).where(PublishedRow.place == 1)).one()
    assert deposit_id is not None
    assert not services.inclusions(session, deposit_id)[0].holds
    session.close()


def test_anyone_reads_the_publications_and_the_payer_his_proof_over_http(
    app: Flask, make: Factory, world: World
) -> None:
    account = world.payer()
    deposit = world.paid(account=account)
    for home in world.homes[1:6]:
        world.paid(home)
    world.run_jobs(NOW)
    client, visitor = make.signed_in(account), app.test_client()
    address = f"/receipt/{deposit.public_id}"
    assert "还没有公示到您这一笔" in client.get(address).text
    services.publish_due(now=MONDAY)
    receipt = client.get(address).text
    assert "第 1 期公示" in receipt
    assert "公示里有这一笔" in receipt
    estate = world.estate.public_id
    assert f"/books/{estate}/1" in visitor.get(f"/books/{estate}").text
    page = visitor.get(f"/books/{estate}/1")
    for words in ("期初", "收入：微信支付", "支出", "退款", "期末", "3,000.00 元", "…0001"):
        assert words in page.text
    listed = visitor.get(f"/books/{estate}/1.txt")
    assert listed.mimetype == "text/plain"
    told = visitor.get(f"/api/v1/estates/{estate}/publications/1").json
    assert told["closing_fen"] == 300_000
    mine = client.get(f"/api/v1/deposits/{deposit.public_id}/inclusions").json["inclusions"]
    (one,) = mine
    assert told["leaves"][one["place"]] == one["leaf"]
    assert told["rows"][one["place"] - 1]["text"] == one["text"]
    proof = [bytes.fromhex(text) for text in one["path"]]
    assert merkle.holds(
        merkle.leaf_hash(one["text"].encode()), one["place"], one["size"], proof, bytes.fromhex(told["root"])
    )
    stranger = make.signed_in(make.account())
    assert stranger.get(f"/api/v1/deposits/{deposit.public_id}/inclusions").status_code == 404
    for path in (f"/books/{estate}/9", f"/api/v1/estates/{estate}/publications/9", "/books/nowhere/1"):
        assert visitor.get(path).status_code == 404
