"""Differences of cash boxes in words: what was missing, what is proposed, what was decided."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from kernel.money import yuan_text
from kernel.people.services import name_of
from kernel.places.models import Place
from payments.cash_desk import queries as desk
from payments.cash_desk.differences import queries
from payments.cash_desk.differences.models import CashDifference
from payments.cash_desk.differences.rules import DECISION_WORDS, CashDecision, DifferenceState, offered
from payments.cash_desk.models import CashBox
from payments.two_people import mark

STATE_WORDS = {
    DifferenceState.WAITING: ("待处理", "bad"),
    DifferenceState.PROPOSED: ("待复核", "todo"),
    DifferenceState.DECIDED: ("已处理", "ok"),
}


@dataclass(frozen=True)
class DifferenceView:
    """One difference. ``turn``: what the reader may do now, "propose", "decide" or "": then ``why_not`` says why."""

    id: str
    estate: str
    day: date
    collector: str
    title: str
    found: str
    state: str
    tone: str
    decision: str
    why: str
    who: str
    turn: str
    why_not: str
    choices: list[tuple[str, str]]
    seen: str


def views(session: Session, estates: Mapping[int, Place], himself: AbstractSet[int]) -> list[DifferenceView]:
    """The differences of some collections (inner id -> estate): those that wait, and the last that were decided."""
    found = queries.of_collections(session, estates)
    ids = {
        one
        for difference, box in found
        for one in (difference.proposed_by, difference.decided_by, box.collector_id)
        if one is not None
    }
    names = {number: name_of(person) for number, person in desk.persons(session, ids).items()}
    return [_view(one, box, estates[box.collection_id].name, names, himself) for one, box in found]


def _view(
    one: CashDifference, box: CashBox, estate: str, names: Mapping[int, str], himself: AbstractSet[int]
) -> DifferenceView:
    state = DifferenceState(one.state)
    word, tone = STATE_WORDS[state]
    turn, why_not = _turn(one, box, himself)
    told = state is not DifferenceState.WAITING
    made, checked = names.get(one.proposed_by or 0, "") if told else "", names.get(one.decided_by or 0, "")
    return DifferenceView(
        one.public_id,
        estate,
        box.day,
        names.get(box.collector_id, ""),
        f"{'短款' if one.missing_fen > 0 else '长款'} {yuan_text(abs(one.missing_fen))} 元",
        box.why or "",
        word,
        tone,
        DECISION_WORDS[CashDecision(one.decision)] if told and one.decision else "",
        one.why or "" if told else "",
        "，".join(text for text in (f"{made}提出" if made else "", f"{checked}复核" if checked else "") if text),
        turn,
        why_not,
        [(choice.value, DECISION_WORDS[choice]) for choice in offered(one.missing_fen)],
        mark(one),
    )


def _turn(one: CashDifference, box: CashBox, himself: AbstractSet[int]) -> tuple[str, str]:
    if one.state == DifferenceState.DECIDED:
        return "", ""
    if box.collector_id in himself:
        return "", "这个钱箱是您自己收的，请另外两位工作人员处理。"
    if one.state == DifferenceState.WAITING:
        return "propose", ""
    return ("", "处理意见是您提的，请另一位工作人员复核。") if one.proposed_by in himself else ("decide", "")
