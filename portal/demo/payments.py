"""Collections of deposits in the demo estates: most households have paid, at differing rates; the story's own has not.

Everything goes through the steps a real payment takes (pledge, order, confirmation, ledger entry, receipt), with the
simulator in place of WeChat Pay; an estate's payments share one transaction, so that seeding takes a moment only.
"""

import random
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import reading, transaction, use_case
from kernel.money import Fen, yuan_text
from kernel.outbox import OutboxRow
from kernel.people import queries as people_queries
from kernel.people import services as people
from kernel.people.models import PersonKind, Relation, Tie
from kernel.places import queries as places
from kernel.places.models import Dwelling, DwellingUse, Place
from payments import queries
from payments.gateways import registry
from payments.gateways.memory import MemoryGateway
from payments.models import Collection, CollectionMode, ToldBy
from payments.services import collections, crediting, paying, receipts
from payments.services.crediting import PAID_TOPIC
from payments.services.deposits import pledge_in
from payments.services.healing import LOOK_TOPIC
from portal.demo import Demo
from portal.demo.city import estates_with_dwellings
from portal.demo.personas import PERSONAS, TAOYUAN

BY = "demo"
DAYS = 32
LEVEL = 2
SANDBOX_MERCHANT = "1999000001"
NOWHERE = "http://127.0.0.1/payments/wechat/notices"
LARGEST_FEN: Fen = 5_000_000
MOST_PAYMENTS = 1_500
"""A big demo does not spend its minutes on paying."""
RATES = {
    TAOYUAN: 68,
    "zhibuchang-xiqu": 57,
    "hechenganchang": 41,
    "taoyuan-youju": 76,
}
"""Of a hundred households, how many have paid by the seed day."""
AMOUNTS: tuple[tuple[Fen, int], ...] = ((50_000, 74), (60_000, 6), (100_000, 8), (30_000, 8), (20_000, 4))
ONE_SHOT = "gongshangju"
"""Collects its contributions at once, as it did in 2022: ``portal.demo.collections``."""
PARTY_MEMBERS_FEN: Fen = 500_000
"""One old party member gave 5,000: the average is what counts, not each door."""


@dataclass(frozen=True)
class Payer:
    """Who pays for which dwelling, how much, when."""

    dwelling: Dwelling
    tie: Tie
    amount_fen: Fen
    at: datetime


def deposits(demo: Demo) -> str:
    """Open a collection in every estate with dwellings, and let its households pay."""
    gateway = MemoryGateway(merchant_id=next(iter(registry.merchants()), SANDBOX_MERCHANT))
    paid, together = 0, 0
    for planned, _ in estates_with_dwellings(demo):
        many, fen = _collect(demo, planned.code, gateway, left=MOST_PAYMENTS - paid)
        paid, together = paid + many, together + fen
    return f"诚意金：{paid} 户已缴，合计 {yuan_text(together)} 元"


def _collect(demo: Demo, code: str, gateway: MemoryGateway, *, left: int) -> tuple[int, Fen]:
    estate = places.place_by_code(reading(), code)
    above = {place.kind: place.name for place in places.ancestors(reading(), estate)}
    street = above.get("street", "")
    collections.open_collection(
        estate_id=estate.id,
        mode=CollectionMode.ONE_SHOT if code == ONE_SHOT else CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
        account_holder=f"{street}办事处" if street.endswith("街道") else f"{street}人民政府",
        account_bank=f"韶关农商银行{above.get('district', '')}支行",
        account_tail=f"{demo.random(f'account:{code}').randrange(10_000):04}",
        merchant_id=gateway.merchant_id,
        series=code[:24],
        largest_fen=LARGEST_FEN,
        actor=BY,
        now=demo.ago(DAYS + 1),
    )
    return (0, 0) if code == ONE_SHOT else _pay_all(demo, estate, gateway, left)


@use_case
def _pay_all(demo: Demo, estate: Place, gateway: MemoryGateway, left: int) -> tuple[int, Fen]:
    chance = demo.random(f"payments:{estate.code}")
    with transaction() as session:
        collection = queries.open_collection(session, estate.id)
        assert collection is not None
        payers = _payers(session, demo, estate, chance)[: max(0, left)]
        for payer in payers:
            pay_deposit(session, collection, estate, payer, gateway)
        # What the receipts above have already answered, and what nobody needs to ask the simulator again.
        session.execute(sa.delete(OutboxRow).where(OutboxRow.topic.in_((PAID_TOPIC, LOOK_TOPIC))))
        return len(payers), sum(payer.amount_fen for payer in payers)


def _payers(session: Session, demo: Demo, estate: Place, chance: random.Random) -> list[Payer]:
    """The households that pay, oldest payment first; the doors of the story stay as they are."""
    of_the_story = {persona.tied_to for persona in PERSONAS} if estate.code == TAOYUAN else set()
    homes = [home for home in places.dwellings_of_estate(session, estate.id) if home.use == DwellingUse.HOME]
    many = len(homes) * RATES.get(estate.code, 50 + chance.randrange(30)) // 100
    chosen = chance.sample([home for home in homes if home.label not in of_the_story], many)
    amounts, weights = zip(*AMOUNTS, strict=True)
    payers = [
        Payer(
            home,
            tie_of_owner(session, demo, home),
            chance.choices(amounts, weights)[0],
            # Quick at first, slower later, as collections go.
            demo.ago(DAYS * (1 - chance.random() ** 1.7)),
        )
        for home in chosen
    ]
    if payers and estate.code == TAOYUAN:
        first = payers[0]
        payers[0] = Payer(first.dwelling, first.tie, PARTY_MEMBERS_FEN, first.at)
    return sorted(payers, key=lambda payer: payer.at)


def tie_of_owner(session: Session, demo: Demo, home: Dwelling) -> Tie:
    """The tie of whoever speaks for the dwelling; an account is made for an owner who has none yet."""
    for tie in people_queries.ties_to(session, home.id):
        if tie.level == LEVEL:
            return tie
    owner = people_queries.owners_of(session, home.id)[0]
    organisation = owner.kind == PersonKind.ORGANISATION
    since = demo.ago(DAYS + 2)
    account = people.make_sure_account(session, f"demo-payer-{home.id}", now=since)
    return people.tie(
        session,
        account,
        home.id,
        level=LEVEL,
        relation=Relation.REPRESENTATIVE if organisation else Relation.SELF,
        person_id=owner.id,
        actor=BY,
        now=since,
    )


def pay_deposit(session: Session, collection: Collection, estate: Place, payer: Payer, gateway: MemoryGateway) -> None:
    """A deposit, by every step a real one takes."""
    deposit, _ = pledge_in(
        session,
        collection,
        payer.dwelling,
        payer.tie,
        amount_fen=payer.amount_fen,
        actor=BY,
        now=payer.at,
    )
    attempt = paying.new_attempt(session, deposit, estate=estate, gateway=gateway, notify_url=NOWHERE, now=payer.at)
    gateway.place(paying.order_of(attempt))
    gateway.pay(attempt.trade_no, now=payer.at)
    crediting.credit(session, attempt, deposit, gateway.look(attempt.trade_no), told_by=ToldBy.NOTICE, now=payer.at)
    session.flush()
    receipts.issue_in(session, deposit, now=payer.at)
