"""What payments shows on a dwelling's page."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.money import yuan_text
from kernel.people.models import Tie
from kernel.places.models import Dwelling
from kernel.web.cards import Card, Tone
from payments import queries
from payments.contributions import queries as contributions
from payments.contributions.models import Budget
from payments.contributions.services.contributing import standing
from payments.models import Collection, CollectionMode
from payments.rollover import queries as rollovers
from payments.rules.deposit import COUNTED, DepositState
from payments.rules.due import DUE_WORDS

TITLE = "改造诚意金（自愿）"
CONTRIBUTION = "我家的出资"


def cards_for(session: Session, *, dwelling: Dwelling, tie: Tie, now: datetime) -> list[Card]:
    """Cards while the estate collects, or once this payer has paid: his deposit, and what his dwelling bears.

    Only his own amount, only for a level 2 tie.
    """
    collection = queries.collection_of(session, dwelling.estate_id)
    if collection is None:
        return []
    books = f"/books/{queries.estate_public_id(session, dwelling.estate_id)}"
    budget = contributions.current_budget(session, collection.id)
    if budget is not None and tie.level == 2:
        due = _contribution(session, collection, budget, dwelling)
        # What was given before is still told; nothing more is asked for as a deposit.
        return [due, *_deposit(session, collection, dwelling, tie, books, over=True)]
    if collection.mode == CollectionMode.ONE_SHOT and tie.level == 2:
        text = "改造出资一次收取。分摊方案公布后，这里会写明您家应出多少、怎么算的。"
        return [Card(CONTRIBUTION, "还没公布", text, books, Tone.PLAIN, order=50)]
    return _deposit(session, collection, dwelling, tie, books, over=False)


def _contribution(session: Session, collection: Collection, budget: Budget, dwelling: Dwelling) -> Card:
    """What the dwelling bears, in words; nothing in it urges."""
    stands = standing(session, collection, budget, dwelling)
    word, tone = DUE_WORDS[stands.state]
    text = f"应出 {yuan_text(stands.due_fen)} 元，已缴 {yuan_text(stands.paid_fen)} 元。点开看怎么算的。"
    order = 40 if stands.open_fen or stands.over_fen else 70
    return Card(CONTRIBUTION, word, text, f"/contribution/{dwelling.public_id}", tone, order=order)


def _deposit(
    session: Session, collection: Collection, dwelling: Dwelling, tie: Tie, books: str, *, over: bool
) -> list[Card]:
    if tie.level < 2:
        return [
            Card(TITLE, "公开账目", "自愿缴纳。核实身份后可以缴；现在可以看公开账目。", books, Tone.PLAIN, order=40)
        ]
    own = queries.own_deposit(session, collection_id=collection.id, dwelling_id=dwelling.id, account_id=tie.account_id)
    if own is not None and own.state != DepositState.PLEDGED:
        word, tone = PAID_WORDS[DepositState(own.state)]
        text = f"您缴了 {yuan_text(own.amount_fen)} 元，点开看收据。"
        question = rollovers.open_question(session, collection.id) if own.state == DepositState.PAID else None
        if question is not None and rollovers.answer_of(session, question.id, own.id) is None:
            text = "小区想问您：诚意金留到下一年的计划，还是退还给您？不回答就原样放着。"
            return [Card(TITLE, "留还是退", text, f"/rollover/{own.public_id}", Tone.TODO, order=40)]
        if own.state not in COUNTED:
            text = f"您缴的 {yuan_text(own.amount_fen)} 元，点开看退到哪一步。"
            return [Card(TITLE, word, text, f"/refund/{own.public_id}", tone, order=60)]
        return [Card(TITLE, word, text, f"/receipt/{own.public_id}", tone, order=70)]
    if over:
        return []
    pay = f"/pay/{dwelling.public_id}"
    if collection.closed_at is not None:
        return [Card(TITLE, "已结束", "收取已经结束，可以看公开账目。", books, Tone.PLAIN, order=80)]
    if own is not None and queries.open_attempt(session, own.id) is not None:
        text = f"{yuan_text(own.amount_fen)} 元的付款还没有完成，点开可以继续，也可以改主意。"
        return [Card(TITLE, "未完成", text, pay, Tone.WAIT, order=40)]
    return [Card(TITLE, "可自愿缴", "户均 500 元，缴不缴、缴多少由您决定。", pay, Tone.TODO, order=40)]


PAID_WORDS: dict[DepositState, tuple[str, Tone]] = {
    DepositState.PAID: ("已缴", Tone.OK),
    DepositState.CONVERTED: ("已转为出资", Tone.OK),
    DepositState.REFUND_PENDING: ("退款中", Tone.WAIT),
    DepositState.REFUNDED: ("已退回", Tone.PLAIN),
    DepositState.REFUND_FAILED: ("退款待处理", Tone.WAIT),
    DepositState.REFUNDED_OFFLINE: ("已退回", Tone.PLAIN),
}
"""How a payer reads the state of what he paid."""
