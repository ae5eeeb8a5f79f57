"""Payers who see WeChat's pay sheet: dwelling, account, tie, pledge and a placed order each.

python -m bench.parts.paying NUMBER OUT.json      in the environment of the product to fill, the sandbox running
"""

import json
import sys
from pathlib import Path

from bench.parts.seeding import places
from config import Config
from kernel import clock, database
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.people.models import Account, Tie
from kernel.places.models import Dwelling
from kernel.places.queries import place_by_code
from payments import queries
from payments.gateways import registry
from payments.models import CollectionMode
from payments.services import collections, paying
from payments.services.deposits import pledge_in
from portal.app import create_app


@use_case
def orders(number: int, code: str) -> list[str]:
    """Pledge and begin for ``number`` dwellings of an estate; the orders are placed afterwards."""
    now = clock.now()
    with transaction() as session:
        estate = place_by_code(session, code)
        collection = queries.open_collection(session, estate.id)
        building = place_by_code(session, f"{code}-1")
        assert collection is not None
        made = []
        for n in range(number):
            home = Dwelling(
                estate_id=estate.id, building_id=building.id, unit="1", door=str(n), label=f"1栋{n}", area_dm2=8000
            )
            account = Account(public_id=new_public_id(), openid=f"bench-{n}", created_at=now)
            session.add_all([home, account])
            session.flush()
            tie = Tie(account_id=account.id, dwelling_id=home.id, relation="self", level=2, since=now)
            session.add(tie)
            session.flush()
            deposit, _ = pledge_in(session, collection, home, tie, amount_fen=50_000, actor="bench", now=now)
            attempt = paying.new_attempt(
                session,
                deposit,
                estate=estate,
                gateway=registry.for_new(collection.merchant_id),
                notify_url=registry.notify_url(),
                now=now,
            )
            made.append(attempt)
        gateway = registry.for_new(collection.merchant_id)
        waiting = [paying.order_of(attempt) for attempt in made]
    for order in waiting:
        gateway.place(order, patience="job")
    return [order.trade_no for order in waiting]


def collect(estate: str) -> None:
    """Begin to collect deposits at an estate (its code)."""
    collections.open_collection(
        estate_id=place_by_code(reading(), estate).id,
        mode=CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
        account_holder="某街道办事处",
        account_bank="某银行",
        account_tail="0000",
        merchant_id=registry.merchants()[0],
        series=estate,
        largest_fen=5_000_000,
        actor="bench",
        now=clock.now(),
    )


def main() -> None:
    """Fill the product's database and write down the orders' numbers."""
    number, out = int(sys.argv[1]), Path(sys.argv[2])
    with create_app(Config.from_env()).app_context(), database.city_scope(database_city()):
        estate = places()[0][2]
        collect(estate)
        out.write_text(json.dumps(orders(number, estate)))


def database_city() -> str:
    """The one city of a bench."""
    return database.cities()[0]


if __name__ == "__main__":
    main()
