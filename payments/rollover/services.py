"""Asking the payers whether their deposits stay for the next plan. Who says nothing keeps everything as it is."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.database import insert_ignoring, new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.places.queries import dwelling_by_id, place_by_id, place_by_public_id
from payments import queries as payments
from payments.models import Collection, Deposit
from payments.refunds import queries as returns
from payments.refunds.services.asking import ask_in
from payments.rollover import queries
from payments.rollover.models import RolloverAnswer, RolloverQuestion
from payments.rules.deposit import DepositState, Purpose
from payments.rules.giving_back import AskedReason, must_be_a_deposit, must_be_askable
from payments.rules.rollover import RolloverChoice
from payments.services.deposits import must_have_spoken_for

MANAGE = "collection.manage"
ASKED_TOPIC = "rollover.asked"


@use_case
def ask(
    estate: str,
    *,
    plan_year: int,
    why: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Ask the payers of an estate's deposits; return the question's public id. Every payer is told.

    Raises NotFound, NotAllowed, Conflict (one is open, nothing is held).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, MANAGE, place, now)
        collection = payments.collection_there(session, place.id)
        if not queries.held_of(session, collection.id):
            raise Conflict("nothing-held", "本小区现在没有留着的诚意金，不用问。")
        made = RolloverQuestion(
            public_id=new_public_id(),
            collection_id=collection.id,
            plan_year=plan_year,
            why=why,
            asked_by=person_id,
            asked_at=now,
        )
        session.add(made)
        with translating({"rollover_question_one_open": Conflict("question-open", "已经在问了。先结束上一次。")}):
            session.flush()
        outbox.stage(session, ASKED_TOPIC, {"question": made.public_id, "round": 1}, now=now)
        _note(session, made, "rollover.asked", actor=actor, now=now, plan_year=plan_year)
        remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def answer(
    deposit: str,
    choice: RolloverChoice,
    *,
    account_id: int,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> RolloverChoice:
    """The payer says what is to become of his deposit. Giving back asks for the refund in the same moment.

    May be changed while the question is open and the refund is not asked for. Raises NotFound (also for another's),
    NotAllowed below level 2, Conflict (no question, deposit not held, asked back already).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return RolloverChoice(done)
        found = payments.deposit_of_payer(session, deposit, account_id, lock=True)
        must_have_spoken_for(session, account_id, dwelling_by_id(session, found.dwelling_id))
        question = queries.open_question(session, found.collection_id)
        if question is None:
            raise Conflict("no-question", "现在没有在问留还是退。想退随时可以在收据页面申请。")
        must_be_a_deposit(Purpose(found.purpose))
        must_be_askable(DepositState(found.state))
        if returns.live_request(session, found.id) is not None:
            raise Conflict("already-asked", "您已经申请退还。想留下，先撤回退还申请。")
        values = {"choice": choice, "at": now}
        session.execute(
            insert_ignoring(session, RolloverAnswer)
            .values(question_id=question.id, deposit_id=found.id, **values)
            .on_conflict_do_update(index_elements=["question_id", "deposit_id"], set_=values)
        )
        if choice is RolloverChoice.GIVE_BACK:
            ask_in(session, found, reason=AskedReason.NOT_LISTED, actor=actor, now=now)
        _note(session, question, "rollover.answered", actor=actor, now=now, deposit=found.public_id, choice=choice)
        remember(session, key, choice, now=now)
        return choice


@use_case
def remind(question: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> int:
    """Tell those who said nothing once more (once a question); return how many deposits that are.

    Raises NotFound, Conflict (closed, reminded before, nobody left).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return int(done)
        found = _managed(session, question, person_id, now=now)
        left = len(queries.unanswered(session, found))
        if not left:
            raise Conflict("nobody-to-remind", "每一笔都有了回答，不用再提醒。")
        outbox.stage(session, ASKED_TOPIC, {"question": found.public_id, "round": 2}, now=now)
        _note(session, found, "rollover.reminded", actor=actor, now=now, deposits=left)
        remember(session, key, str(left), now=now)
        return left


@use_case
def close(question: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> str:
    """End the question. Who said nothing: nothing moves, and he may ask his money back whenever he likes."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found = _managed(session, question, person_id, now=now)
        found.closed_at = now
        _note(session, found, "rollover.closed", actor=actor, now=now, **queries.counts_of(session, found.id))
        remember(session, key, question, now=now)
        return question


def to_tell(session: Session, question: RolloverQuestion) -> list[Deposit]:
    """Whose deposits the news of a question is about: those who have not answered."""
    return queries.unanswered(session, question) if question.closed_at is None else []


def _managed(session: Session, question: str, person_id: int | None, *, now: datetime) -> RolloverQuestion:
    found = queries.question_by_public_id(session, question)
    estate = place_by_id(session, session.get_one(Collection, found.collection_id).estate_id)
    if person_id is None or not grants.may(session, person_id, MANAGE, estate, now):
        raise NotFound("no-such-question", "没有找到这次询问。")
    if found.closed_at is not None:
        raise Conflict("question-closed", "这次询问已经结束。")
    return found


def _note(
    session: Session, question: RolloverQuestion, action: str, *, actor: str, now: datetime, **more: object
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"rollover:{question.public_id}",
        now=now,
        payload=more,
    )
