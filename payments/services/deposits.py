"""The payer's side: pledging, beginning to pay, and asking where it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kernel import audit, idempotency
from kernel.database import insert_ignoring, new_public_id, reading, transaction, use_case
from kernel.errors import Conflict, NotAllowed, NotFound, Unavailable
from kernel.idempotency import Key
from kernel.money import Fen
from kernel.people.models import Relation, Tie
from kernel.people.queries import spoke_for, tie_of
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_public_id
from payments import queries
from payments.contributions import queries as budgets
from payments.gateways.port import Unknown
from payments.models import A_DEPOSIT, TO_PAY, Collection, CollectionMode, Deposit, PaymentAttempt, Receipt
from payments.rules.attempt import OPEN, AttemptState
from payments.rules.deposit import DepositState, Purpose, amount_may_change, checked_amount
from payments.services import healing
from payments.services.collections import must_be_open

ASK_AGAIN_AFTER = timedelta(seconds=3)
"""How soon a waiting payer's page may make us ask WeChat again."""

PAYS_HIMSELF = frozenset({Relation.SELF, Relation.REPRESENTATIVE, Relation.TENANT})
"""Ties whose proved person is the one who pays."""

UNREACHABLE = "微信支付暂时联系不上，没有扣款，您填的内容都还在。请过几分钟再点一次，不会重复缴。"


def must_speak_for(session: Session, account_id: int, dwelling: Dwelling) -> Tie:
    """The account's tie to a dwelling, of level 2. NotFound without any tie, NotAllowed at level 1 (DESIGN §7)."""
    found = tie_of(session, account_id, dwelling.id)
    if found is None:
        raise NotFound("no-such-dwelling", "没有找到这一户。请重新扫门口的二维码。")
    if found.level < 2:
        raise NotAllowed(
            "tie-not-confirmed",
            "缴款和查看金额前，要先确认您是这一户的人：用登记的手机收一次验证码，或请社区工作人员确认。",
        )
    return found


def must_have_spoken_for(session: Session, account_id: int, dwelling: Dwelling) -> None:
    """May the payer say what becomes of what he paid? Who moved away may as well: his tie has ended, his money has not.
    Raises as ``must_speak_for`` for everybody else.
    """
    if not spoke_for(session, account_id, dwelling.id, level=2):
        must_speak_for(session, account_id, dwelling)


def pledge(
    dwelling_public_id: str,
    *,
    account_id: int,
    actor: str,
    amount_fen: Fen,
    terms_version: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Pledge (or change the pledge of) this payer's deposit for a dwelling; return its public id.

    An attempt still open over another amount is closed at the gateway first. Raises NotFound, NotAllowed, Gone,
    Invalid, Conflict (already paid; other terms), Unavailable (an open attempt whose fate is not known).
    """
    return once_closed(
        lambda: _pledge(
            dwelling_public_id,
            account_id=account_id,
            actor=actor,
            amount_fen=amount_fen,
            terms_version=terms_version,
            now=now,
            key=key,
        ),
        now=now,
    )


@dataclass(frozen=True)
class Pledged:
    """What a promise made: its public id; and, when an attempt over another amount has to be closed first, that one's:
    then nothing was changed.
    """

    deposit: str
    open_attempt: str | None = None


def once_closed(make: Callable[[], Pledged], *, now: datetime) -> str:
    """Make a promise; with an attempt open over another amount, have that one closed at the gateway and make it again.

    Raises Unavailable when the fate of that attempt is not known, and whatever ``make`` raises.
    """
    for _ in range(2):
        made = make()
        if made.open_attempt is None:
            return made.deposit
        try:
            healing.look(made.open_attempt, now=now, patience="request", closing=True)
        except Unknown:
            break
    raise Unavailable("wechat-pay-unreachable", UNREACHABLE)


@use_case
def _pledge(
    dwelling_public_id: str,
    *,
    account_id: int,
    actor: str,
    amount_fen: Fen,
    terms_version: str,
    now: datetime,
    key: Key | None,
) -> Pledged:
    with transaction(serializable=True) as session:
        if done := idempotency.recall(session, key):
            return Pledged(done)
        dwelling = dwelling_by_public_id(session, dwelling_public_id)
        tie = must_speak_for(session, account_id, dwelling)
        collection = must_be_open(session, dwelling.estate_id)
        if terms_version != collection.terms_version:
            raise Conflict("terms-changed", "缴款约定有了新版本。请刷新页面，看过后再继续。")
        _must_take_deposits(session, collection)
        deposit, waiting = pledge_in(session, collection, dwelling, tie, amount_fen=amount_fen, actor=actor, now=now)
        if waiting is not None:
            return Pledged(deposit.public_id, waiting.public_id)
        idempotency.remember(session, key, deposit.public_id, now=now)
        return Pledged(deposit.public_id)


def _must_take_deposits(session: Session, collection: Collection) -> None:
    """Raises Conflict where all is collected once, and once the shares are published: then the contribution is paid."""
    if collection.mode == CollectionMode.ONE_SHOT:
        raise Conflict("one-shot", "本小区不收诚意金，改造出资一次收取。分摊方案公布后，请在“我家的出资”里缴。")
    if budgets.current_budget(session, collection.id) is not None:
        raise Conflict("contribution-stage", "本小区已公布分摊方案，不再收诚意金。请在“我家的出资”里看看您家的金额。")


def pledge_in(
    session: Session,
    collection: Collection,
    dwelling: Dwelling,
    tie: Tie,
    *,
    amount_fen: Fen,
    actor: str,
    now: datetime,
    purpose: Purpose = Purpose.DEPOSIT,
    terms_version: str | None = None,
) -> tuple[Deposit, PaymentAttempt | None]:
    """Pledge within the caller's transaction; return the payer's deposit (or payment of a contribution), and None.

    ``terms_version``: what the payer agreed to, the collection's terms unless told otherwise. With an open attempt over
    another amount nothing is changed and that attempt is returned as well: it has to be closed first. Raises Invalid,
    Conflict.
    """
    terms = terms_version or collection.terms_version
    checked_amount(amount_fen, largest_fen=collection.largest_fen)
    deposit, is_new = own_or_new(
        session, collection, dwelling, tie, amount_fen=amount_fen, purpose=purpose, terms=terms, now=now
    )
    amount_may_change(DepositState(deposit.state))
    if not is_new:
        waiting = queries.open_attempt(session, deposit.id)
        if waiting is not None and waiting.amount_fen != amount_fen:
            return deposit, waiting
        deposit.amount_fen = amount_fen
        deposit.terms_version, deposit.terms_accepted_at = terms, now
    audit.record(
        session,
        actor=actor,
        action=f"{purpose}.pledged",
        subject=f"deposit:{deposit.public_id}",
        now=now,
        payload={"amount_fen": amount_fen, "terms": terms, "dwelling": dwelling.public_id},
    )
    return deposit, None


ONE_OF = {Purpose.DEPOSIT: A_DEPOSIT, Purpose.CONTRIBUTION: TO_PAY}
"""Of what a payer has at most one: the partial unique indexes of the table."""


def own_or_new(
    session: Session,
    collection: Collection,
    dwelling: Dwelling,
    tie: Tie,
    *,
    amount_fen: Fen,
    now: datetime,
    purpose: Purpose = Purpose.DEPOSIT,
    terms: str | None = None,
) -> tuple[Deposit, bool]:
    """This payer's deposit, locked; made when there is none. Two at once: the constraint lets one make it."""
    inserted = session.execute(
        insert_ignoring(session, Deposit)
        .values(
            public_id=new_public_id(),
            collection_id=collection.id,
            dwelling_id=dwelling.id,
            payer_account_id=tie.account_id,
            # A relative proves to be of the household, not to be the owner: the owner is then not the payer.
            payer_person_id=tie.person_id if tie.relation in PAYS_HIMSELF else None,
            purpose=purpose,
            amount_fen=amount_fen,
            state=DepositState.PLEDGED,
            terms_version=terms or collection.terms_version,
            terms_accepted_at=now,
            pledged_at=now,
        )
        .on_conflict_do_nothing(
            index_elements=["collection_id", "dwelling_id", "payer_account_id"],
            index_where=ONE_OF[purpose],
        )
        .returning(Deposit.id)
    ).scalar_one_or_none()
    found = queries.own_deposit(
        session,
        collection_id=collection.id,
        dwelling_id=dwelling.id,
        account_id=tie.account_id,
        lock=True,
        purpose=purpose,
    )
    if found is None:
        raise Unavailable("database-busy", "系统正忙，没有保存成功。请过一分钟再试。")
    return found, inserted is not None


@dataclass(frozen=True)
class Status:
    """Where a deposit stands. ``attempt``: state of the last one; ``unreachable``: WeChat did not answer just now."""

    deposit: Deposit
    receipt: Receipt | None
    attempt: AttemptState | None
    unreachable: bool = False


def status(deposit_public_id: str, *, account_id: int, now: datetime) -> Status:
    """Tell the payer where his deposit stands; while a payment is open and nothing was heard, ask WeChat.

    His own money he may always see, also after he moved away and speaks for the dwelling no more.
    """
    deposit = queries.deposit_of_payer(reading(), deposit_public_id, account_id)
    attempt = queries.last_attempt(reading(), deposit.id)
    unreachable = False
    if attempt is not None and AttemptState(attempt.state) in OPEN:
        last = attempt.asked_at or attempt.begun_at
        if now - last >= ASK_AGAIN_AFTER:
            try:
                healing.look(attempt.public_id, now=now, patience="request")
            except Unknown:
                unreachable = True
            deposit = queries.deposit_of_payer(reading(), deposit_public_id, account_id)
            attempt = queries.last_attempt(reading(), deposit.id)
    return Status(
        deposit,
        queries.receipt_of(reading(), deposit.id),
        AttemptState(attempt.state) if attempt else None,
        unreachable,
    )
