"""Dues in words: for the household its own formula, for everybody the masked notice, for staff how far it has come."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from sqlalchemy.orm import Session

from kernel import grants
from kernel.clock import china_text
from kernel.money import Fen, yuan_text
from kernel.people.models import Person
from kernel.people.queries import names_of
from kernel.people.services import name_of
from kernel.places.models import Dwelling, Place
from kernel.places.queries import place_by_public_id
from kernel.places.rules import sort_key
from payments import queries as payments
from payments.contributions import queries
from payments.contributions.models import Budget, BudgetState
from payments.contributions.services.budgeting import MANAGE
from payments.contributions.services.contributing import Standing, over_by_home, standing
from payments.contributions.services.public import CostView, costs_view
from payments.models import Collection
from payments.reminders import queries as reminder_queries
from payments.reminders import services as reminders
from payments.rules import due
from payments.rules.apportion import difference
from payments.rules.deposit import Purpose
from payments.rules.disclosure import SEE
from payments.rules.reminding import chat_text
from payments.services.doors import shown_as_paid

STATE_WORDS = {
    BudgetState.PROPOSED: ("待复核", "todo"),
    BudgetState.PUBLISHED: ("已公布", "ok"),
    BudgetState.WITHDRAWN: ("已撤回", ""),
}


@dataclass(frozen=True)
class DueLineView:
    """A line of a dwelling's due: which cost, how much, the formula."""

    name: str
    amount_fen: Fen
    words: str
    is_exemption: bool


@dataclass(frozen=True)
class Change:
    """What a version meant beside the one before: ``word`` 补缴 | 应退 | 不变."""

    version: int
    title: str
    why: str
    published: datetime
    due_fen: Fen
    word: str
    fen: Fen


@dataclass(frozen=True)
class PaidLine:
    """A payment that met the due. ``own``: this account's, which alone may open the receipt."""

    deposit: str
    word: str
    fen: Fen
    paid_at: datetime | None
    receipt: str | None
    own: bool


@dataclass(frozen=True)
class HomeView:
    """All a household reads of its contribution."""

    budget: Budget
    standing: Standing
    word: str
    tone: str
    lines: list[DueLineView]
    changes: list[Change]
    paid: list[PaidLine]
    ask_back_fen: Fen
    waiting_deposit: str | None
    waiting_fen: Fen


def home_view(session: Session, collection: Collection, home: Dwelling, account_id: int) -> HomeView | None:
    """A dwelling's due with its formula, what was paid and what is open; None before the first budget."""
    budget = queries.current_budget(session, collection.id)
    if budget is None:
        return None
    stands = standing(session, collection, budget, home)
    word, tone = due.DUE_WORDS[stands.state]
    promised = payments.own_deposit(
        session,
        collection_id=collection.id,
        dwelling_id=home.id,
        account_id=account_id,
        purpose=Purpose.CONTRIBUTION,
    )
    return HomeView(
        budget,
        stands,
        word,
        tone,
        [
            DueLineView(name, line.amount_fen, line.words, line.is_exemption)
            for line, name in queries.lines_of_dwelling(session, budget.id, home.id)
        ],
        changes_of(session, collection, home),
        [
            PaidLine(
                row.deposit,
                "诚意金转入" if row.purpose == Purpose.DEPOSIT else "缴纳出资",
                row.fen,
                row.paid_at,
                row.receipt,
                row.account_id == account_id,
            )
            for row in queries.payments_of_dwelling(session, collection.id, home.id)
        ],
        over_by_home(session, collection, home.id).get(home.id, 0),
        promised.public_id if promised else None,
        promised.amount_fen if promised else 0,
    )


CHANGE_WORDS = {"top_up": "补缴", "back": "应退", "same": "不变"}


def changes_of(session: Session, collection: Collection, home: Dwelling) -> list[Change]:
    """What each published version after the first meant for a dwelling, newest first."""
    versions = list(reversed(queries.budgets_of(session, collection.id, published=True)))
    dues = [queries.due_fen(session, one.id, home.id) for one in versions]
    changes = []
    for (before, after), budget in zip(pairwise(dues), versions[1:], strict=True):
        kind, fen = difference(before, after)
        at = budget.decided_at or budget.made_at
        changes.append(Change(budget.version, budget.title, budget.why, at, after, CHANGE_WORDS[kind], fen))
    return changes[::-1]


# ----------------------------------------------------------------------------------------------------------- staff


@dataclass(frozen=True)
class StaffDoor:
    """A dwelling as staff of the street and the community read it."""

    label: str
    building: str
    due_fen: Fen
    paid_fen: Fen
    open_fen: Fen
    over_fen: Fen
    word: str
    tone: str


@dataclass(frozen=True)
class Progress:
    """How far an estate's contributions have come."""

    due_fen: Fen
    paid_fen: Fen
    over_fen: Fen
    homes: int
    met: int


@dataclass(frozen=True)
class VersionView:
    """A version as staff see it; ``may_publish``: by this person now."""

    budget: Budget
    word: str
    tone: str
    people: str
    costs: list[CostView]
    may_publish: bool


@dataclass(frozen=True)
class StaffView:
    """All staff work with on an estate's page; without ``may_manage`` they only read."""

    estate: Place
    collection: Collection | None
    versions: list[VersionView]
    progress: Progress | None
    may_manage: bool
    remind: int = 0
    most: int = 0
    chat: str = ""
    doors: list[StaffDoor] = field(default_factory=list)


def staff_view(session: Session, estate_public_id: str, *, person_id: int | None, now: datetime) -> StaffView:
    """An estate's budgets and, once one is published, every door's standing. Raises NotFound, NotAllowed."""
    estate = place_by_public_id(session, estate_public_id)
    grants.require(session, person_id, SEE, estate, now)
    may = grants.may(session, person_id, MANAGE, estate, now)
    collection = payments.collection_of(session, estate.id)
    if collection is None:
        return StaffView(estate, None, [], None, may)
    himself = names_of(session, person_id)
    versions = [_version(session, one, himself, may=may) for one in queries.budgets_of(session, collection.id)]
    budget = queries.current_budget(session, collection.id)
    if budget is None:
        return StaffView(estate, collection, versions, None, may)
    doors = door_standings(session, collection, budget)
    progress = progress_of(doors)
    return StaffView(
        estate,
        collection,
        versions,
        progress,
        may,
        len(reminders.to_remind(session, collection, budget, now=now)),
        reminder_queries.most_of(session, collection.id),
        chat_text(estate.name, len(shown_as_paid(session, [estate.id])), progress.homes),
        doors,
    )


def door_standings(session: Session, collection: Collection, budget: Budget) -> list[StaffDoor]:
    """Every dwelling that bears something or for which something was paid, in the order one walks them."""
    dues = queries.dues_of(session, budget.id)
    came = queries.counted(session, collection.id, dues)
    rows = []
    for door in queries.doors_of(session, collection.estate_id):
        if door.id not in dues and door.id not in came:
            continue
        stands = due.Standing(dues.get(door.id, 0), came.get(door.id, 0))
        word, tone = due.DUE_WORDS[stands.state]
        rows.append(
            StaffDoor(
                door.label,
                door.building,
                stands.due_fen,
                stands.paid_fen,
                stands.open_fen,
                stands.over_fen,
                word,
                tone,
            )
        )
    return rows


def progress_of(doors: Sequence[StaffDoor]) -> Progress:
    """The sums over some doors."""
    return Progress(
        sum(door.due_fen for door in doors),
        sum(door.paid_fen for door in doors),
        sum(door.over_fen for door in doors),
        sum(1 for door in doors if door.due_fen),
        sum(1 for door in doors if door.due_fen and not door.open_fen),
    )


def _version(session: Session, budget: Budget, himself: AbstractSet[int], *, may: bool) -> VersionView:
    word, tone = STATE_WORDS[BudgetState(budget.state)]
    made = session.get(Person, budget.made_by)
    decided = session.get(Person, budget.decided_by) if budget.decided_by else None
    people = f"{name_of(made) if made else ''} 编制 {china_text(budget.made_at)}"
    if decided is not None and budget.decided_at is not None:
        people += f"；{name_of(decided)} {word[1:]} {china_text(budget.decided_at)}"
    may_publish = may and budget.state == BudgetState.PROPOSED and budget.made_by not in himself
    return VersionView(budget, word, tone, people, costs_view(session, budget), may_publish)


def scopes_of(session: Session, estate: Place) -> list[str]:
    """The buildings and units a cost may be shared within, as ``Home.places`` names them, in order."""
    names = {name for home in queries.homes_of(session, estate.id) for name in home.places if not name.endswith("/")}
    return sorted(names, key=lambda name: sort_key(name))


@dataclass(frozen=True)
class EstateRow:
    """An estate in the list of those one manages."""

    public_id: str
    name: str
    word: str
    tone: str
    text: str


def overview(session: Session, person_id: int | None, *, now: datetime) -> list[EstateRow]:
    """The estates that collect or collected at the places a person manages or sees, with how far each has come."""
    rows = []
    from_places = grants.places_for(session, person_id, SEE, now)
    found = queries.collections_within(session, [place.path for place in from_places])
    ids = [collection.id for collection, _ in found]
    current, proposed = queries.current_budgets(session, ids), queries.proposed_among(session, ids)
    for collection, estate in found:
        budget = current.get(collection.id)
        if budget is None:
            word = ("待复核", "todo") if collection.id in proposed else ("未公布", "")
            rows.append(EstateRow(estate.public_id, estate.name, *word, ""))
            continue
        came = progress_of(door_standings(session, collection, budget))
        text = f"应出 {yuan_text(came.due_fen)} 元，已缴 {yuan_text(came.paid_fen)} 元，{came.met}/{came.homes} 户缴清"
        rows.append(EstateRow(estate.public_id, estate.name, f"第 {budget.version} 版", "ok", text))
    return rows
