"""桃园西邮局宿舍 pays for its works: shares published, deposits converted, some dues met, one payment made, and a new
version waiting for the second person. A relative of the story has a home there, to look at its formula.
"""

import io
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from kernel import evidence
from kernel.database import end_reading, reading, transaction, use_case
from kernel.idempotency import Key
from kernel.money import Fen, yuan_text
from kernel.outbox import OutboxRow
from kernel.people import services as people
from kernel.people.models import Account, Relation, Tie
from kernel.places import queries as places
from kernel.places.models import Dwelling, Place
from payments import queries as payments
from payments.contributions import queries as budgets
from payments.contributions.models import Budget
from payments.contributions.services import budgeting
from payments.gateways import registry
from payments.gateways.memory import MemoryGateway
from payments.models import Collection, ToldBy
from payments.refunds.queries import conversions
from payments.refunds.services import converting
from payments.rules.deposit import Purpose
from payments.services import crediting, paying, receipts
from payments.services.crediting import PAID_TOPIC
from payments.services.deposits import pledge_in
from payments.services.healing import LOOK_TOPIC
from payments.spending import services as spending
from portal.demo import Demo
from portal.demo.payments import BY, LEVEL, NOWHERE, SANDBOX_MERCHANT, tie_of_owner

ESTATE = "taoyuan-youju"
COSTS: tuple[tuple[str, Fen, dict[str, object]], ...] = (
    ("外墙和屋面", 9_600_00, {"method": "area"}),
    ("楼道照明", 1_200_00, {"method": "household"}),
)
"""Of each home on average, in fen."""
MORE: Fen = 800_00
"""What the version that waits adds for each home."""


def contributions(demo: Demo) -> str:
    """Publish, convert, pay, spend, and propose anew."""
    session = reading()
    estate = places.place_by_code(session, ESTATE)
    collection = payments.open_collection(session, estate.id)
    who = {name: session.scalar(sa.select(Account).where(Account.openid == f"demo-{name}")) for name in _PEOPLE}
    homes = len(budgets.homes_of(session, estate.id))
    end_reading()
    found = {name: account for name, account in who.items() if account is not None}
    if collection is None or len(found) < len(_PEOPLE) or not homes:
        return "改造出资：0 户"
    first = _budget(demo, estate, found, homes, 12, "2026 年列入计划，业主大会议定")
    budgeting.decide(first, agree=True, now=demo.ago(11), **_by(found["accountant"]))
    _convert(demo, estate, collection, found)
    met, fen = _pay(demo, estate, collection, homes)
    _spend(demo, estate, collection, found)
    _budget(demo, estate, found, homes, 2, "经居民代表会议同意，增加雨污分流", more=MORE)
    _relative(demo, estate, found["child"])
    return f"改造出资：{met} 户缴清，缴纳 {yuan_text(fen)} 元；支出 1 笔，1 笔待核准；新一版预算待复核"


_PEOPLE = ("street", "accountant", "cashier", "child")


def _by(account: Account) -> dict[str, Any]:
    return {"person_id": account.person_id, "actor": f"account:{account.public_id}"}


def _budget(
    demo: Demo, estate: Place, who: dict[str, Account], homes: int, days: float, why: str, *, more: Fen = 0
) -> str:
    costs: list[dict[str, Any]] = [
        {"name": name, "amount_fen": each * homes, "scope": "", "how": dict(how)} for name, each, how in COSTS
    ]
    if more:
        costs.append({"name": "雨污分流", "amount_fen": more * homes, "scope": "", "how": {"method": "area"}})
    return budgeting.propose(
        estate.public_id,
        title="桃园西邮局宿舍改造居民出资分摊方案",
        why=why,
        costs=costs,
        exemptions=[],
        borne_by="fund",
        total_fen=sum(one["amount_fen"] for one in costs),
        now=demo.ago(days),
        **_by(who["street"]),
    )


def _convert(demo: Demo, estate: Place, collection: Collection, who: dict[str, Account]) -> None:
    seen = converting.preview(reading(), collection, None)
    end_reading()
    if not seen.deposits:
        return
    batch = converting.propose(
        estate.public_id,
        basis="2026 年改造计划",
        due_fen=None,
        total_fen=seen.amount_fen,
        now=demo.ago(10),
        **_by(who["street"]),
    )
    converting.decide(batch, agree=True, now=demo.ago(9.5), **_by(who["accountant"]))
    session = reading()
    lines = list(conversions.planned_lines(session, conversions.batch_by_public_id(session, batch).id))
    end_reading()
    for line in lines:
        converting.convert(line, now=demo.ago(9.4))


@use_case
def _pay(demo: Demo, estate: Place, collection: Collection, homes: int) -> tuple[int, Fen]:
    gateway = MemoryGateway(merchant_id=next(iter(registry.merchants()), SANDBOX_MERCHANT))
    with transaction() as session:
        budget = budgets.current_budget(session, collection.id)
        assert budget is not None
        dues, came = budgets.dues_of(session, budget.id), budgets.contributed(session, collection.id)
        total, met = 0, 0
        for place, home in enumerate(places.dwellings_of_estate(session, estate.id)):
            left = dues.get(home.id, 0) - came.get(home.id, 0)
            if left < 1 or place % 2:
                continue
            at = demo.ago(9 - 8 * place / max(1, homes))
            # Every sixth pays in parts: the first half is here.
            fen = left // 2 if place % 6 == 0 else left
            tie = tie_of_owner(session, demo, home)
            pay_share(session, (collection, estate, budget), home, tie, fen, gateway, at=at)
            total, met = total + fen, met + (fen == left)
        session.execute(sa.delete(OutboxRow).where(OutboxRow.topic.in_((PAID_TOPIC, LOOK_TOPIC))))
        return met, total


def pay_share(
    session: Session,
    where: tuple[Collection, Place, Budget],
    home: Dwelling,
    tie: Tie,
    fen: Fen,
    gateway: MemoryGateway,
    *,
    at: datetime,
) -> None:
    """A payment of what a dwelling bears, by every step a real one takes."""
    collection, estate, budget = where
    payment, _ = pledge_in(
        session,
        collection,
        home,
        tie,
        amount_fen=fen,
        actor=BY,
        now=at,
        purpose=Purpose.CONTRIBUTION,
        terms_version=f"budget-{budget.version}",
    )
    attempt = paying.new_attempt(session, payment, estate=estate, gateway=gateway, notify_url=NOWHERE, now=at)
    gateway.place(paying.order_of(attempt))
    gateway.pay(attempt.trade_no, now=at)
    crediting.credit(session, attempt, payment, gateway.look(attempt.trade_no), told_by=ToldBy.NOTICE, now=at)
    session.flush()
    receipts.issue_in(session, payment, now=at)


def _spend(demo: Demo, estate: Place, collection: Collection, who: dict[str, Account]) -> None:
    session = reading()
    budget = budgets.current_budget(session, collection.id)
    line, item = budgets.costs_of(session, budget.id if budget else 0)[0]
    end_reading()
    maker = who["street"]
    made, _ = [
        spending.ask(
            estate.public_id,
            item=item.public_id,
            payee="韶关市第三建筑工程公司",
            purpose=purpose,
            voucher_no=voucher,
            amount_fen=line.amount_fen // 10,
            photos=[_photo(estate, maker, voucher, now=demo.ago(days))],
            account_id=maker.id,
            now=demo.ago(days),
            **_by(maker),
        )
        for purpose, voucher, days in (
            ("外墙和屋面，开工预付款", "FP20260601", 6),
            ("外墙和屋面，第一次进度款", "FP20260617", 1),  # waits for its second signature
        )
    ]
    spending.approve(made, now=demo.ago(5), **_by(who["accountant"]))
    spending.mark_paid(made, bank_reference="HD20260602", now=demo.ago(4), **_by(who["cashier"]))


def _photo(estate: Place, maker: Account, voucher: str, *, now: datetime) -> str:
    return evidence.keep(
        _voucher(),
        purpose="voucher",
        place=estate.code,
        account_id=maker.id,
        person_id=maker.person_id,
        key=Key(BY, f"demo-{voucher}", f"demo-{voucher}"),
        now=now,
    )


def _voucher() -> bytes:
    picture = Image.new("RGB", (640, 400), "white")
    ImageDraw.Draw(picture).text((40, 40), "FP20260601  DEMO VOUCHER", fill="black")
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def _relative(demo: Demo, estate: Place, account: Account) -> None:
    """A home in which something is open, for whoever looks at the demo as the son who lives elsewhere."""
    session = reading()
    collection = payments.open_collection(session, estate.id)
    budget = budgets.current_budget(session, collection.id) if collection else None
    assert collection is not None
    assert budget is not None
    dues, came = budgets.dues_of(session, budget.id), budgets.contributed(session, collection.id)
    open_homes = [
        home.id
        for home in places.dwellings_of_estate(session, estate.id)
        if dues.get(home.id, 0) > came.get(home.id, 0)
    ]
    end_reading()
    if open_homes:
        _tie(demo, account, open_homes[0])


@use_case
def _tie(demo: Demo, account: Account, dwelling_id: int) -> None:
    with transaction() as session:
        people.tie(
            session,
            _of(session, account),
            dwelling_id,
            level=LEVEL,
            relation=Relation.FAMILY,
            person_id=account.person_id,
            actor=BY,
            now=demo.ago(3),
        )


def _of(session: Session, account: Account) -> Account:
    return session.get_one(Account, account.id)
