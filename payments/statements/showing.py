"""What waits at an account, in words, with the households a transfer may come from."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
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
    """One line that waits. ``why_not``: why the reader does not decide what is proposed, "" where he may."""

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
    why_not: str
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
    about taking that back; ``may_decide``: the reader agrees to it; ``is_his``: he may ask for it.
    """

    id: str
    day: date | None
    amount: str
    name: str
    what: str
    homes: list[str]
    reversal: LineReversal | None
    may_decide: bool
    is_his: bool


@dataclass(frozen=True)
class Reader:
    """Who reads: under all the names he goes by, with the estates of his that gather into the account, ``all_`` of
    them or not. What a button offers is what ``services.deciding`` lets him do.
    """

    himself: AbstractSet[int]
    estates: AbstractSet[int]
    all_: bool

    def decides(self, estates: AbstractSet[int]) -> bool:
        """Does he decide about the money of some estates; of none in particular?"""
        return estates <= self.estates if estates else self.all_


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
    himself = people.names_of(session, person_id)
    return [_account(session, account, person_id, himself, now=now) for account in mine]


def _account(
    session: Session, account: BankAccount, person_id: int | None, himself: AbstractSet[int], *, now: datetime
) -> AccountView:
    theirs = [estate for _, estate in queries.collections_of_account(session, account)]
    mine = [estate for estate in theirs if grants.may(session, person_id, deciding.MANAGE, estate, now)]
    reader = Reader(himself, {estate.id for estate in mine}, len(mine) == len(theirs))
    return AccountView(
        account,
        queries.counts(session, account.id),
        _lines(session, account, mine, reader),
        _entered(session, account, reader),
        [(estate.public_id, estate.name) for estate in mine] if len(theirs) > 1 else [],
    )


def _lines(session: Session, account: BankAccount, mine: Sequence[Place], reader: Reader) -> list[Waiting]:
    found = queries.open_lines(session, account.id)
    if not found:
        return []
    ids = [line.id for line in found]
    homes, parts = _households(session, mine), doings.parts_with_homes(session, ids)
    mine_ids = [one.id for one, place in queries.collections_of_account(session, account) if place.id in reader.estates]
    cash = [
        (one.amount_fen, one.public_id, f"{china_text(one.banked_at)} 送存，单号 {one.slip_no}")
        for one in desk.bankings_waiting(session, mine_ids)
    ]
    same, estates = queries.alike(session, account.id, found), doings.estates_of_lines(session, ids)
    own = _own_lines(session, parts, reader.himself)
    return [
        _line(
            line,
            homes,
            parts.get(line.id, []),
            cash,
            same[line.id],
            _why_not(line, reader, estates.get(line.id, set()), is_own=line.id in own),
        )
        for line in found
    ]


def _own_lines(session: Session, parts: dict[int, list[tuple[LinePart, str]]], himself: AbstractSet[int]) -> set[int]:
    """The lines that would credit the reader's own household, show cash and cards that went through his hands, or
    settle what was missing or too much in his boxes.
    """
    flat = {line_id: [part for part, _ in some] for line_id, some in parts.items()}
    dwellings = {part.dwelling_id for some in flat.values() for part in some if part.dwelling_id is not None}
    homes = people.homes_among(session, himself, dwellings) if dwellings else set()
    return {
        line_id
        for line_id, some in flat.items()
        if any(part.dwelling_id in homes for part in some) or not himself.isdisjoint(doings.hands_of(session, some))
    }


def _why_not(line: BankLine, reader: Reader, estates: AbstractSet[int], *, is_own: bool) -> str:
    if line.proposed_by in reader.himself:
        return "处理意见是您提的，请另一位工作人员复核。"
    if not reader.decides(estates):
        return "这一行和别的小区的钱有关，由管理那个小区、或管理这个账户全部小区的工作人员复核。"
    return "这一行是您自己家的钱，或是您经手的现金、刷卡、长短款，请另一位工作人员复核。" if is_own else ""


def _entered(session: Session, account: BankAccount, reader: Reader) -> list[Entered]:
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
            line.id in reversals
            and reversals[line.id].proposed_by not in reader.himself
            and reader.decides(estates.get(line.id, set())),
            reader.decides(estates.get(line.id, set())),
        )
        for line in found
        if reader.all_ or estates.get(line.id, set()) <= reader.estates
    ]


def _in_words(parts: list[tuple[LinePart, str]]) -> list[str]:
    return [f"{label} {yuan_text(part.amount_fen)} 元" for part, label in parts if label]


def _line(
    line: BankLine,
    homes: list[Household],
    parts: list[tuple[LinePart, str]],
    cash: list[tuple[Fen, str, str]],
    same: list[BankLine],
    why_not: str,
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
        why_not if proposed else "",
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
