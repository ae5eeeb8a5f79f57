"""What waits at an account, in words, with the households a transfer may come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.clock import china_text
from kernel.money import Fen, yuan_text
from kernel.people import queries as people
from kernel.people.services import name_of
from kernel.places.models import Place
from kernel.places.queries import dwellings_of_estate
from payments.cash_desk import queries as desk
from payments.reconciliation import queries as reconciliation
from payments.rules import channel
from payments.rules.bank_line import LINE_WORDS, LineDecision, LineState
from payments.rules.recognise import Household, suggestions
from payments.rules.reference import grouped
from payments.statements import queries
from payments.statements.models import BankAccount, BankLine, LinePart, LineReversal
from payments.statements.queries import parts as doings
from payments.statements.services import deciding
from payments.statements.services.effects import reference_of
from payments.statements.services.importing import opened
from payments.two_people import mark

MATCHED_WORD = "系统自动对上"
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
    fen: Fen | None
    name: str
    memo: str
    problem: str
    state: str
    tone: str
    proposed: bool
    may_decide: bool
    decision: str
    why: str
    suggested: list[tuple[str, str, str]]
    """(reference, door, why)"""
    planned: list[str]
    """What it would credit, or credits: door and amount."""
    bankings: list[tuple[str, str]]
    """Cash of that very amount that was handed in: (id, in words)."""
    seen: str
    """The mark of what is proposed."""
    same: list[tuple[str, str]]
    """Other lines of that day and amount, which it may be told again: (id, in words)."""


@dataclass(frozen=True)
class Entered:
    """A line that was settled: ``what`` it is, ``homes`` it credited. ``reversal``: what somebody proposed
    about taking that back.
    """

    id: str
    day: date | None
    amount: str
    name: str
    what: str
    homes: list[str]
    reversal: LineReversal | None
    may_decide: bool


@dataclass(frozen=True)
class AccountView:
    """An account with what waits, and how much was matched and decided. ``estates``: those that gather into it, (public
    id, name), where they are several: a fee is borne by one of them.
    """

    account: BankAccount
    counts: dict[str, tuple[int, Fen]]
    lines: list[Waiting]
    entered: list[Entered]
    estates: list[tuple[str, str]]

    def count(self, state: str) -> str:
        """How many lines are in a state, and their sum."""
        many, fen = self.counts.get(state, (0, 0))
        return f"{many} 行，{yuan_text(fen)} 元"


def account_views(session: Session, person_id: int | None, *, now: datetime) -> list[AccountView]:
    """The accounts in the person's charge; only those, and of a shared one only the households of his estates."""
    mine = queries.accounts_below(session, grants.places_for(session, person_id, deciding.MANAGE, now))
    return [_account(session, account, person_id, now=now) for account in mine]


def _account(session: Session, account: BankAccount, person_id: int | None, *, now: datetime) -> AccountView:
    theirs = [estate for _, estate in queries.collections_of_account(session, account)]
    mine = [estate for estate in theirs if grants.may(session, person_id, deciding.MANAGE, estate, now)]
    return AccountView(
        account,
        queries.counts(session, account.id),
        _lines(session, account, mine, person_id),
        _entered(session, account, {estate.id for estate in mine}, person_id, all_=len(mine) == len(theirs)),
        [(estate.public_id, estate.name) for estate in mine] if len(theirs) > 1 else [],
    )


def _lines(session: Session, account: BankAccount, mine: Sequence[Place], person_id: int | None) -> list[Waiting]:
    found = queries.open_lines(session, account.id)
    if not found:
        return []
    homes, parts = _households(session, mine), doings.parts_with_homes(session, [line.id for line in found])
    here = {estate.id for estate in mine}
    ids = [one.id for one, place in queries.collections_of_account(session, account) if place.id in here]
    cash = [
        (one.amount_fen, one.public_id, f"{china_text(one.banked_at)} 送存，单号 {one.slip_no}")
        for one in desk.bankings_waiting(session, ids)
    ]
    same = queries.alike(session, account.id, found)
    return [_line(line, homes, parts.get(line.id, []), cash, same[line.id], person_id) for line in found]


def _entered(
    session: Session, account: BankAccount, mine: set[int], person_id: int | None, *, all_: bool
) -> list[Entered]:
    """What was entered, without households of estates the reader does not manage: their names are not his to see."""
    found = queries.settled_lines(session, account.id)
    parts = doings.parts_with_homes(session, [line.id for line in found])
    estates = doings.estates_of_lines(session, [line.id for line in found])
    reversals = queries.open_reversals(session, [line.id for line in found])
    return [
        Entered(
            line.public_id,
            line.day,
            f"{yuan_text(line.amount_fen or 0)} 元",
            opened(line).name,
            LINE_WORDS[LineDecision(line.decision)] if line.decision else MATCHED_WORD,
            _in_words(parts.get(line.id, [])),
            reversals.get(line.id),
            line.id in reversals and reversals[line.id].proposed_by != person_id,
        )
        for line in found
        if all_ or estates.get(line.id, set()) <= mine
    ]


def _in_words(parts: list[tuple[LinePart, str]]) -> list[str]:
    return [f"{label} {yuan_text(part.amount_fen)} 元" for part, label in parts if label]


def _line(
    line: BankLine,
    homes: list[Household],
    parts: list[tuple[LinePart, str]],
    cash: list[tuple[Fen, str, str]],
    same: list[BankLine],
    person_id: int | None,
) -> Waiting:
    read, (word, tone) = opened(line), STATE_WORDS[LineState(line.state)]
    proposed = line.state == LineState.PROPOSED
    return Waiting(
        line.public_id,
        line.day,
        f"{yuan_text(line.amount_fen)} 元" if line.amount_fen is not None else "金额待核",
        line.amount_fen,
        read.name,
        read.memo,
        line.problem or "",
        word,
        tone,
        proposed,
        proposed and line.proposed_by != person_id,
        LINE_WORDS[LineDecision(line.decision)] if line.decision and proposed else "",
        line.why or "" if proposed else "",
        [(grouped(home.reference), home.label, why) for home, why in suggestions(read, homes)],
        _in_words(parts) if proposed else [],
        [(public_id, words) for fen, public_id, words in cash if fen == line.amount_fen],
        mark(line),
        [(one.public_id, _told_again(one)) for one in same],
    )


def _told_again(line: BankLine) -> str:
    read = opened(line)
    what = LINE_WORDS[LineDecision(line.decision)] if line.state == LineState.DECIDED and line.decision else ""
    number = f"流水号 {line.serial}" if line.serial else f"第 {line.row} 行"
    words = [read.name, number, what or (MATCHED_WORD if line.state == LineState.MATCHED else "未处理")]
    return "，".join(word for word in words if word)


def _households(session: Session, estates: Sequence[Place]) -> list[Household]:
    """Every dwelling of some estates with its owners' names and open pledge."""
    made = []
    for estate in estates:
        pledged, paid = queries.pledges(session, estate.id), queries.paid(session, estate.id)
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
                reference_of(home),
                tuple((fen, f"{china_text(at)}，{channel.word(by)}") for fen, at, by in paid.get(home.id, ())),
            )
            for home in dwellings_of_estate(session, estate.id)
        ]
    return made
