"""What waits at an account, in words, with the households a transfer may come from."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel.money import Fen, yuan_text
from kernel.people import queries as people
from kernel.people.services import name_of
from kernel.places.queries import dwellings_of_estate
from payments.reconciliation import queries as reconciliation
from payments.rules.reconcile import DECISION_WORDS, Decision
from payments.rules.statement import Household, LineState, suggestions
from payments.statements import queries, services
from payments.statements.models import BankAccount, BankLine

STATE_WORDS = {
    LineState.REVIEW: ("读不出来", "bad"),
    LineState.WAITING: ("未对上", "todo"),
    LineState.PROPOSED: ("待复核", "todo"),
}


@dataclass(frozen=True)
class Waiting:
    """One line that waits. ``may_decide``: the reader is not the one who proposed."""

    id: str
    day: date | None
    amount: str
    name: str
    memo: str
    problem: str
    state: str
    tone: str
    proposed: bool
    may_decide: bool
    decision: str
    why: str
    suggested: list[tuple[str, str]]


@dataclass(frozen=True)
class AccountView:
    """An account with what waits, and how much was matched and decided."""

    account: BankAccount
    counts: dict[str, tuple[int, Fen]]
    lines: list[Waiting]

    def count(self, state: str) -> str:
        """How many lines are in a state, and their sum."""
        many, fen = self.counts.get(state, (0, 0))
        return f"{many} 行，{yuan_text(fen)} 元"


def account_views(session: Session, person_id: int | None, *, now: datetime) -> list[AccountView]:
    """The accounts in the person's charge; only those."""
    return [
        AccountView(
            account,
            queries.counts(session, account.id),
            _lines(session, account, person_id),
        )
        for account in queries.accounts(session)
        if services.may_manage(session, account, person_id, now=now)
    ]


def _lines(session: Session, account: BankAccount, person_id: int | None) -> list[Waiting]:
    found = queries.open_lines(session, account.id)
    if not found:
        return []
    homes = _households(session, account)
    return [_line(line, homes, person_id) for line in found]


def _line(line: BankLine, homes: list[Household], person_id: int | None) -> Waiting:
    read, (word, tone) = services.opened(line), STATE_WORDS[LineState(line.state)]
    proposed = line.state == LineState.PROPOSED
    return Waiting(
        line.public_id,
        line.day,
        f"{yuan_text(line.amount_fen)} 元" if line.amount_fen is not None else "金额待核",
        read.name,
        read.memo,
        line.problem or "",
        word,
        tone,
        proposed,
        proposed and line.proposed_by != person_id,
        DECISION_WORDS[Decision(line.decision)] if line.decision and proposed else "",
        line.why or "" if proposed else "",
        [(home.label, why) for home, why in suggestions(read, homes)],
    )


def _households(session: Session, account: BankAccount) -> list[Household]:
    """Every dwelling of the account's estates with its owners' names and open pledge."""
    made = []
    for _, estate in queries.collections_of_account(session, account):
        pledged = queries.pledges(session, estate.id)
        holders: dict[int, list[int]] = {}
        for holding in people.holdings_of_estate(session, estate.id):
            holders.setdefault(holding.dwelling_id, []).append(holding.person_id)
        known = reconciliation.persons(session, {one for ids in holders.values() for one in ids})
        names = {number: name_of(person) for number, person in known.items()}
        made += [
            Household(
                home.public_id,
                home.label,
                tuple(names[one] for one in holders.get(home.id, ()) if one in names),
                pledged.get(home.id),
            )
            for home in dwellings_of_estate(session, estate.id)
        ]
    return made
