"""Two collections that go another way. Officers of those streets act in them, no personas.

工商局宿舍 agrees and collects its contributions once, 90 % in a month; those who paid in 合成氨厂宿舍 are asked whether
their deposits stay for the next plan.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from kernel import grants
from kernel.database import end_reading, reading, transaction, use_case
from kernel.grants import Role
from kernel.money import Fen, yuan_text
from kernel.outbox import OutboxRow
from kernel.people import services as people
from kernel.people.models import Relation
from kernel.places import queries as places
from kernel.places.models import DwellingUse, Place, PlaceKind
from payments import queries as payments
from payments.contributions import queries as budgets
from payments.contributions.services import budgeting
from payments.gateways import registry
from payments.gateways.memory import MemoryGateway
from payments.models import Collection
from payments.queries.totals import paid_dwellings
from payments.rollover import services as rollover
from payments.services.crediting import PAID_TOPIC
from payments.services.healing import LOOK_TOPIC
from portal.demo import Demo
from portal.demo.payments import BY, LEVEL, ONE_SHOT, SANDBOX_MERCHANT, Payer, pay_deposit, tie_of_owner
from portal.demo.works import pay_share

NEXT_YEAR = "hechenganchang"
EACH: Fen = 13_500_00
"""Of a home on average: the report's highest is 17,000, its lowest 10,500."""
OF_HUNDRED = 90
KEPT: Fen = 500_00
STAFF = (("kong", "孔令辉"), ("wen", "温雪芬"))


def at_once(demo: Demo) -> str:
    """Publish the shares of an estate that collects once, before works start, and let 90 % pay within a month."""
    session = reading()
    estate = places.place_by_code(session, ONE_SHOT)
    collection, homes = payments.open_collection(session, estate.id), len(budgets.homes_of(session, estate.id))
    end_reading()
    if collection is None or not homes:
        return "一次收取：0 户"
    one, two = _staff(demo, estate)
    made = budgeting.propose(
        estate.public_id,
        title="工商局宿舍改造出资分摊方案（一次收取）",
        why="业主大会议定，开工前一次收齐，不再收第二次",
        costs=[
            {"name": name, "amount_fen": EACH * homes * part // 100, "scope": "", "how": {"method": method}}
            for name, part, method in (("外墙、屋面和管网", 80, "area"), ("楼道和照明", 20, "household"))
        ],
        exemptions=[],
        borne_by="fund",
        total_fen=EACH * homes,
        now=demo.ago(32),
        **one,
    )
    budgeting.decide(made, agree=True, now=demo.ago(31), **two)
    many, fen = _pay(demo, estate, collection)
    return f"一次收取：{many} 户缴清，{yuan_text(fen)} 元"


@use_case
def _pay(demo: Demo, estate: Place, collection: Collection) -> tuple[int, Fen]:
    gateway = MemoryGateway(merchant_id=next(iter(registry.merchants()), SANDBOX_MERCHANT))
    chance = demo.random(f"once:{estate.code}")
    with transaction() as session:
        budget = budgets.current_budget(session, collection.id)
        assert budget is not None
        dues = budgets.dues_of(session, budget.id)
        homes = [one for one in places.dwellings_of_estate(session, estate.id) if one.use == DwellingUse.HOME]
        chosen = chance.sample(homes, len(homes) * OF_HUNDRED // 100)
        for place, home in enumerate(chosen):
            at = demo.ago(30 * (1 - place / len(chosen)) + 0.5)
            tie = tie_of_owner(session, demo, home)
            pay_share(session, (collection, estate, budget), home, tie, dues[home.id], gateway, at=at)
        session.execute(sa.delete(OutboxRow).where(OutboxRow.topic.in_((PAID_TOPIC, LOOK_TOPIC))))
        return len(chosen), sum(dues[home.id] for home in chosen)


def for_next_year(demo: Demo) -> str:
    """Ask the payers of an estate that was not listed; the son of the story, who lives elsewhere, is one of them."""
    session = reading()
    estate = places.place_by_code(session, NEXT_YEAR)
    collection = payments.open_collection(session, estate.id)
    end_reading()
    if collection is None or not _pays(demo, estate, collection):
        return "留到下一年：没有问"
    one, _ = _staff(demo, estate)
    year = demo.now.year + 1
    rollover.ask(
        estate.public_id, plan_year=year, why=f"今年没有列入计划，街道准备申报 {year} 年", now=demo.ago(2), **one
    )
    return f"留到下一年：问了 {estate.name} 的缴款人，不回答的原样留着"


@use_case
def _pays(demo: Demo, estate: Place, collection: Collection) -> bool:
    """The son pays a deposit for a home of his there; False when nobody has paid there yet, or all have."""
    gateway = MemoryGateway(merchant_id=next(iter(registry.merchants()), SANDBOX_MERCHANT))
    with transaction() as session:
        collection = session.merge(collection, load=False)
        paid = paid_dwellings(session, estate.id)
        homes = [one for one in places.dwellings_of_estate(session, estate.id) if one.use == DwellingUse.HOME]
        open_homes = [home for home in homes if home.id not in paid]
        if not paid or not open_homes:
            return False
        account = people.make_sure_account(session, "demo-child", now=demo.ago(30))
        at = demo.ago(12)
        tie = people.tie(
            session,
            account,
            open_homes[0].id,
            level=LEVEL,
            relation=Relation.FAMILY,
            person_id=account.person_id,
            actor=BY,
            now=demo.ago(13),
        )
        pay_deposit(session, collection, estate, Payer(open_homes[0], tie, KEPT, at), gateway)
        session.execute(sa.delete(OutboxRow).where(OutboxRow.topic.in_((PAID_TOPIC, LOOK_TOPIC))))
        return True


def _staff(demo: Demo, estate: Place) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two officers of the estate's street, as services want to know who acts."""
    one, two = (_officer(demo, estate, number) for number in range(2))
    return one, two


@use_case
def _officer(demo: Demo, estate: Place, number: int) -> dict[str, Any]:
    with transaction() as session:
        street = next(place for place in places.ancestors(session, estate) if place.kind == PlaceKind.STREET)
        word, name = STAFF[number]
        phone = f"1398{int(street.code) % 10**6:06}{number}"
        account = people.make_sure_staff(
            session, f"demo-{street.code}-{word}", name=name, phone=phone, now=demo.ago(40)
        )
        assert account.person_id is not None
        grants.give(
            session,
            person_id=account.person_id,
            role=Role.STREET_OFFICER,
            place=street,
            now=demo.now,
            granted_by=BY,
            starts_at=demo.ago(180),
            ends_at=demo.now + timedelta(days=3 * 365),
        )
        return {"person_id": account.person_id, "actor": f"account:{account.public_id}"}
