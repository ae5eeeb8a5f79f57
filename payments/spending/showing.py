"""Payments out of the account in words: what is left of each item, what waits for whose signature."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import evidence, grants
from kernel.clock import china_text
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.people.queries import names_of
from kernel.people.services import name_of
from kernel.places.models import Place, PlaceKind
from kernel.places.queries import place_by_public_id, places_below
from payments import queries as payments
from payments.contributions import queries as budgets
from payments.contributions.models import Budget
from payments.contributions.services.public import FOLDED, small_items
from payments.rules.disclosure import SEE
from payments.rules.spending import SPENDING_WORDS, SignedAs, SpendingState, waits_for_street
from payments.spending import queries
from payments.spending.models import Spending
from payments.spending.services import APPROVE, EXECUTE, SIGN

SIGNED_WORDS = {SignedAs.MAKER: "申请", SignedAs.COSIGNER: "会签", SignedAs.APPROVER: "核准"}


@dataclass(frozen=True)
class ItemView:
    """A budget item and what is left of it."""

    public_id: str
    name: str
    budget_fen: Fen
    committed_fen: Fen

    @property
    def left_fen(self) -> Fen:
        """What may still be approved."""
        return max(0, self.budget_fen - self.committed_fen)


@dataclass(frozen=True)
class RequestView:
    """A request, with what the reader may do now."""

    row: Spending
    item: str
    word: str
    tone: str
    people: str
    proofs: list[str]
    may_cosign: bool
    may_approve: bool
    may_refuse: bool
    may_pay: bool
    may_propose_reversal: bool
    may_reverse: bool
    may_withdraw: bool


@dataclass(frozen=True)
class EstateView:
    """All of an estate's page. ``sees_account``: what households have contributed by now is told only to who accounts
    for it: a leader who signs would read the newest payment off it (``payments.rules.disclosure``).
    """

    estate: Place
    signatories: int
    items: list[ItemView]
    requests: list[RequestView]
    may_ask: bool
    may_set: bool
    wanted: int | None
    may_agree: bool
    contributed_fen: Fen
    promised_fen: Fen
    sees_account: bool

    @property
    def left_fen(self) -> Fen:
        """What may still be approved of the money there is."""
        return max(0, self.contributed_fen - self.promised_fen)


def estate_view(session: Session, estate_public_id: str, *, person_id: int | None, now: datetime) -> EstateView:
    """An estate's items and requests, for whoever signs, approves or executes there. Raises NotFound for others."""
    estate = place_by_public_id(session, estate_public_id)
    may = {action: grants.may(session, person_id, action, estate, now) for action in (SIGN, APPROVE, EXECUTE)}
    collection = payments.collection_of(session, estate.id)
    if not any(may.values()) or collection is None or person_id is None:
        raise NotFound("no-such-place", "没有找到这个小区，或者它还没有开始收款。")
    budget = budgets.current_budget(session, collection.id)
    costs = budgets.costs_of(session, budget.id) if budget else []
    done = queries.committed_of(session, [item.id for _, item in costs])
    setting, himself = queries.setting_of(session, collection.id), names_of(session, person_id)
    return EstateView(
        estate,
        queries.signatories_of(session, collection.id),
        [ItemView(item.public_id, item.name, line.amount_fen, done.get(item.id, 0)) for line, item in costs],
        [_request(session, row, name, himself, may) for row, name in queries.spendings_of(session, collection.id)],
        may[SIGN] and bool(costs),
        may[APPROVE],
        setting.wanted if setting else None,
        may[APPROVE] and setting is not None and _is_anothers(setting.wanted_by, himself),
        queries.contributed_fen(session, collection.id),
        queries.promised_of(session, collection.id),
        may[APPROVE] or may[EXECUTE] or grants.may(session, person_id, SEE, estate, now),
    )


def _is_anothers(maker: int | None, himself: AbstractSet[int]) -> bool:
    return maker is not None and maker not in himself


def _request(
    session: Session, row: Spending, item: str, himself: AbstractSet[int], may: dict[str, bool]
) -> RequestView:
    state = SpendingState(row.state)
    word, tone = SPENDING_WORDS[state]
    signers = queries.signers_of(session, row.id)
    fresh = himself.isdisjoint(signature.person_id for signature, _ in signers)
    people = "；".join(
        f"{name_of(person)} {SIGNED_WORDS[SignedAs(signature.signed_as)]} {china_text(signature.at)}"
        for signature, person in signers
    )
    for_street = waits_for_street(state, row.signatories)
    if state is SpendingState.ASKED and not for_street:
        word = "待会签"
    return RequestView(
        row,
        item,
        word,
        tone,
        people,
        [proof.file for proof in evidence.of(session, f"spending:{row.public_id}")],
        may[SIGN] and fresh and state is SpendingState.ASKED and not for_street,
        may[APPROVE] and fresh and for_street,
        may[APPROVE] and state in {SpendingState.ASKED, SpendingState.COSIGNED, SpendingState.APPROVED},
        may[EXECUTE] and fresh and state is SpendingState.APPROVED,
        may[APPROVE] and state is SpendingState.PAID and row.reversal_by is None,
        may[APPROVE] and state is SpendingState.PAID and _is_anothers(row.reversal_by, himself),
        may[SIGN]
        and state in {SpendingState.ASKED, SpendingState.COSIGNED}
        and any(signature.signed_as == SignedAs.MAKER and signature.person_id in himself for signature, _ in signers),
    )


def overview(session: Session, person_id: int | None, *, now: datetime) -> list[tuple[Place, int]]:
    """The estates that collect where one signs, approves or executes, with how many requests wait there."""
    found: dict[int, Place] = {}
    for action in (SIGN, APPROVE, EXECUTE):
        places = grants.places_for(session, person_id, action, now)
        found |= {estate.id: estate for estate in places_below(session, places, PlaceKind.ESTATE)}
    collections = payments.collections_of(session, list(found))
    waiting = queries.waiting_by_collection(session, [each.id for each in collections.values()])
    rows = [(found[estate_id], waiting.get(each.id, 0)) for estate_id, each in collections.items()]
    return sorted(rows, key=lambda row: row[0].name)


def spent_shown(session: Session, collection_id: int, budget: Budget | None) -> list[queries.Published]:
    """What was spent as everybody may read it: an item that fewer than five homes bear is not named."""
    small = small_items(session, budget) if budget else set()
    return [
        replace(one, item=FOLDED if one.item_id in small else one.item)
        for one in queries.published_of(session, collection_id)
    ]
