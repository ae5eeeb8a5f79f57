"""A budget and its apportionment: made by one person, published by another, each version kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.database import insert_ignoring, new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen, yuan_text
from kernel.places.queries import place_by_id, place_by_public_id
from payments.contributions import queries
from payments.contributions.models import Budget, BudgetItem, BudgetLine, BudgetState, DueLine
from payments.models import Collection
from payments.rules.apportion import Apportionment, Cost, Exemption, ExemptionBearer, apportion, method_from
from payments.services.collections import must_be_open
from payments.spending import queries as spending
from payments.two_people import settle

MANAGE = "collection.manage"
PUBLISHED_TOPIC = "budget.published"


@dataclass(frozen=True)
class Plan:
    """A budget as it is proposed, its homes named by their keys, and what each home would bear of it."""

    costs: list[dict[str, Any]]
    exemptions: list[dict[str, Any]]
    shared: Apportionment


def computed(
    session: Session,
    estate_id: int,
    costs: Sequence[Mapping[str, Any]],
    exemptions: Sequence[Mapping[str, Any]],
    borne_by: str,
) -> Plan:
    """Share some costs among an estate's homes and shops, as they would be proposed now.

    ``costs``: name, amount_fen, scope, how; ``exemptions``: dwelling, thousandths, why. Homes are named by their public
    ids or as people say them (3栋2单元501). Raises Invalid.
    """
    homes = queries.homes_of(session, estate_id)
    keys = {name: home.key for home in homes for name in (home.key, home.label)}
    try:
        named = [{**one, "how": _named(one["how"], keys)} for one in costs]
        let_off = [{**one, "dwelling": keys[one["dwelling"]]} for one in exemptions]
    except KeyError as stranger:
        raise Invalid("no-such-dwelling", f"本小区没有这一户：{stranger.args[0]}。请核对门牌。") from None
    if len({one["name"] for one in named}) < len(named):
        raise Invalid("cost-named-twice", "两项费用用了同一个名称。请各起一个名称。")
    if len({one["dwelling"] for one in let_off}) < len(let_off):
        raise Invalid("exempted-twice", "同一户写了两次减免。")
    shared = apportion(
        [Cost(one["name"], one["amount_fen"], method_from(one["how"]), one.get("scope", "")) for one in named],
        homes,
        exemptions=[Exemption(one["dwelling"], one["thousandths"], one["why"]) for one in let_off],
        borne_by=ExemptionBearer(borne_by),
    )
    return Plan(named, let_off, shared)


def _named(how: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """A method with its homes named by their keys. Raises KeyError with the name of a home that is none."""
    made = dict(how)
    if made.get("homes"):
        made["homes"] = [keys[name] for name in made["homes"]]
    if made.get("amounts"):
        made["amounts"] = {keys[name]: fen for name, fen in made["amounts"].items()}
    if made.get("parts"):
        made["parts"] = [_named(part, keys) for part in made["parts"]]
    return made


@use_case
def propose(
    estate: str,
    *,
    title: str,
    why: str,
    costs: Sequence[Mapping[str, Any]],
    exemptions: Sequence[Mapping[str, Any]],
    borne_by: str,
    total_fen: Fen,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Propose the first budget of a collection, or a new version of it; return its public id.

    Every line is computed and kept now, so that what the second person publishes is what he looked at. ``total_fen``:
    what the maker expects the costs to be. Raises NotFound, NotAllowed, Gone, Invalid, Conflict (one waits already).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, MANAGE, place, now)
        collection = queries.locked_collection(session, must_be_open(session, place.id).id)
        if sum(one["amount_fen"] for one in costs) != total_fen:
            raise Invalid("total-differs", "各项费用加起来和总额不一样。请核对。")
        plan = computed(session, place.id, costs, exemptions, borne_by)
        budget = Budget(
            public_id=new_public_id(),
            collection_id=collection.id,
            version=queries.last_version(session, collection.id) + 1,
            state=BudgetState.PROPOSED,
            title=title,
            why=why,
            exemptions=plan.exemptions,
            borne_by=borne_by,
            total_fen=total_fen,
            fund_fen=plan.shared.by_fund_fen,
            made_by=person_id,
            made_at=now,
        )
        session.add(budget)
        with translating({"budget_one_proposed": Conflict("budget-waits", "本小区已有一版分摊方案在等复核。")}):
            session.flush()
        _keep(session, collection, budget, place.id, plan)
        _note(session, budget, "budget.proposed", actor=actor, now=now)
        remember(session, key, budget.public_id, now=now)
        return budget.public_id


def _keep(
    session: Session,
    collection: Collection,
    budget: Budget,
    estate_id: int,
    plan: Plan,
) -> None:
    for one in plan.costs:
        session.execute(
            insert_ignoring(session, BudgetItem)
            .values(public_id=new_public_id(), collection_id=collection.id, name=one["name"])
            .on_conflict_do_nothing(index_elements=["collection_id", "name"])
        )
    items = {item.name: item.id for item in queries.items_of(session, collection.id)}
    dwellings = queries.ids_of_dwellings(session, estate_id)
    session.execute(
        sa.insert(BudgetLine),
        [
            {
                "budget_id": budget.id,
                "item_id": items[one["name"]],
                "place": place,
                "amount_fen": one["amount_fen"],
                "scope": one.get("scope", ""),
                "how": dict(one["how"]),
            }
            for place, one in enumerate(plan.costs, 1)
        ],
    )
    session.execute(
        sa.insert(DueLine),
        [
            {
                "budget_id": budget.id,
                "place": place,
                "dwelling_id": dwellings[line.key],
                "item_id": items[line.cost],
                "amount_fen": line.amount_fen,
                "words": line.words,
                "is_exemption": line.is_exemption,
            }
            for place, line in enumerate(plan.shared.lines, 1)
        ],
    )


@use_case
def decide(
    budget: str, *, agree: bool, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> str:
    """Publish a proposed version, or withdraw it; whoever made it may only withdraw. Returns its public id.

    From this moment on every dwelling's due is the new version's; what it means beside the version before is a line of
    its own on the payer's page. Raises NotFound, NotAllowed, Conflict (decided before, less than is spent already).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = queries.budget_by_public_id(session, budget)
        collection = queries.locked_collection(session, found.collection_id)
        found = queries.budget_by_public_id(session, budget, lock=True)
        place = place_by_id(session, collection.estate_id)
        if person_id is None or not grants.may(session, person_id, MANAGE, place, now):
            raise NotFound("no-such-budget", "没有找到这一版分摊方案。")
        to = BudgetState.PUBLISHED if agree else None
        settle(session, found, to=to, by=person_id, now=now, code="budget-decided", what="这一版方案")
        if agree:
            must_be_open(session, place.id)
            _must_hold_what_is_spent(session, found)
        if agree:
            outbox.stage(session, PUBLISHED_TOPIC, {"budget": found.public_id}, now=now)
        _note(session, found, "budget.published" if agree else "budget.withdrawn", actor=actor, now=now)
        remember(session, key, budget, now=now)
        return budget


def _must_hold_what_is_spent(session: Session, budget: Budget) -> None:
    """Raises Conflict when an item would have less than is approved of it. Items are locked, as for approving."""
    items = queries.items_of(session, budget.collection_id, lock=True)
    given = {item.id: line.amount_fen for line, item in queries.costs_of(session, budget.id)}
    for item_id, fen in spending.committed_of(session, [item.id for item in items]).items():
        if given.get(item_id, 0) < fen:
            name = next(item.name for item in items if item.id == item_id)
            raise Conflict("below-spent", f"“{name}”已核准付款 {yuan_text(fen)} 元，新预算不能比它少。")


def _note(session: Session, budget: Budget, action: str, *, actor: str, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"budget:{budget.public_id}",
        now=now,
        payload={"version": budget.version, "total_fen": budget.total_fen, "fund_fen": budget.fund_fen},
    )
