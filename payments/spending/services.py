"""Asking, signing, executing, reversing a payment out of the account. Each signature is another person's.

Locks are taken in one order: the budget item (the parent of the cap), then the payment. Publishing a new budget locks
the items, too, so that no item ever holds less than what is approved of it.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, evidence, grants
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.people.queries import known_as
from kernel.places.queries import place_by_id, place_by_public_id
from payments import queries as payments
from payments.contributions import queries as budgets
from payments.models import Collection
from payments.rules import ledger, spending
from payments.rules.ledger import EntryKind
from payments.rules.spending import SignedAs, SpendingState
from payments.services.bookkeeping import enter
from payments.spending import queries
from payments.spending.models import Spending, SpendingSetting, SpendingSignature
from payments.two_people import must_be_checked_by_another

SIGN = "spending.sign"
APPROVE = "collection.manage"
EXECUTE = "cash.take"
VOUCHER_USED = Conflict("voucher-used", "这个凭证号已经用过。每张发票或合同只能付一次；没付成的撤回以后才能再申请。")
REFERENCE_USED = Conflict("reference-used", "这个银行回单号已经登记过。")


@use_case
def set_signatories(
    estate: str, many: int, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> int:
    """The street sets how many sign: two or three; it holds for requests made from now on. Returns the number that
    holds. More sign at once; fewer only when another person of the street says the same. Raises NotAllowed, Invalid.
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return int(done)
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, APPROVE, place, now)
        if person_id is None:
            raise NotFound("no-such-place", "没有找到这个小区，或者它还没有开始收款。")
        collection = budgets.locked_collection(session, payments.collection_there(session, place.id).id)
        setting = queries.setting_of(session, collection.id, lock=True)
        if setting is None:
            setting = SpendingSetting(
                collection_id=collection.id,
                signatories=queries.signatories_of(session, collection.id),
                set_by=person_id,
                set_at=now,
            )
            session.add(setting)
        _set(session, setting, spending.checked_signatories(many), person_id, now)
        session.flush()
        audit.record(
            session,
            actor=actor,
            action="spending.signatories",
            subject=f"collection:{collection.public_id}",
            now=now,
            payload={"signatories": setting.signatories, "wanted": setting.wanted},
        )
        remember(session, key, str(setting.signatories), now=now)
        return setting.signatories


def _set(session: Session, setting: SpendingSetting, many: int, person_id: int, now: datetime) -> None:
    if many >= setting.signatories:
        setting.signatories, setting.set_by, setting.set_at = many, person_id, now
        setting.wanted = setting.wanted_by = None
    elif setting.wanted is None:
        setting.wanted, setting.wanted_by, setting.set_at = many, person_id, now
    else:
        must_be_checked_by_another(session, by=person_id, maker=setting.wanted_by)
        setting.signatories, setting.set_by, setting.set_at = many, person_id, now
        setting.wanted = setting.wanted_by = None


@use_case
def ask(
    estate: str,
    *,
    item: str,
    payee: str,
    payee_is_person: bool = False,
    purpose: str,
    voucher_no: str,
    amount_fen: Fen,
    photos: Sequence[str],
    person_id: int | None,
    account_id: int,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Ask for a payment, with a photo of its voucher; return the request's public id.

    Raises NotFound, NotAllowed, Invalid (no photo, or one that was used), Conflict (voucher used, over the budget).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, SIGN, place, now)
        collection = payments.collection_there(session, place.id)
        budget = budgets.current_budget(session, collection.id)
        if budget is None:
            raise Conflict("no-budget", "本小区还没有公布预算，不能申请付款。")
        if not photos:
            raise Invalid("no-voucher", "请拍下发票或合同。", {"photos": ["至少一张。"]})
        line, given = queries.item_of_budget(session, budget.id, item)
        spending.must_fit(amount_fen, given, queries.committed_of(session, [line.id]).get(line.id, 0))
        made = Spending(
            public_id=new_public_id(),
            collection_id=collection.id,
            item_id=line.id,
            state=SpendingState.ASKED,
            signatories=queries.signatories_of(session, collection.id),
            payee=payee,
            payee_is_person=payee_is_person,
            purpose=purpose,
            voucher_no=voucher_no,
            amount_fen=amount_fen,
            asked_at=now,
        )
        session.add(made)
        with translating({"spending_voucher_once": VOUCHER_USED}):
            session.flush()
        proofs = evidence.use(
            session, photos, subject=f"spending:{made.public_id}", purpose="voucher", account_id=account_id, place=place
        )
        _sign(session, made, person_id, SignedAs.MAKER, now=now)
        _note(session, made, "spending.asked", actor=actor, now=now, proofs=[proof.sha256 for proof in proofs])
        remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def cosign(request: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> SpendingState:
    """Another of the group or the community co-signs, where three sign. Raises NotFound, NotAllowed, Conflict."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return SpendingState(done)
        found, who = _locked(session, request, person_id, SIGN, now=now)
        if found.signatories < spending.SIGNATORIES[1]:
            raise Conflict("two-sign", "本小区约定两方签字，不用会签。请街道核准。")
        found.state = spending.moved(SpendingState(found.state), SpendingState.COSIGNED)
        _sign(session, found, who, SignedAs.COSIGNER, now=now)
        _note(session, found, "spending.cosigned", actor=actor, now=now)
        remember(session, key, found.state, now=now)
        return SpendingState(found.state)


@use_case
def approve(request: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> SpendingState:
    """The street approves: from now on it counts against its item and against what the households have contributed.

    Raises NotFound, NotAllowed, Conflict (somebody was quicker, over the budget, more than there is).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return SpendingState(done)
        # The collection first, as publishing a budget does: the money of all its items is one sum.
        budgets.locked_collection(session, queries.spending_by_public_id(session, request).collection_id)
        found, who = _locked(session, request, person_id, APPROVE, now=now)
        spending.must_wait_for_street(SpendingState(found.state), found.signatories)
        budget = budgets.current_budget(session, found.collection_id)
        given = queries.budget_fen(session, budget.id, found.item_id) if budget else 0
        done_fen = queries.committed_of(session, [found.item_id]).get(found.item_id, 0)
        spending.must_fit(found.amount_fen, given, done_fen)
        spending.must_be_covered(
            found.amount_fen,
            queries.contributed_fen(session, found.collection_id),
            queries.promised_of(session, found.collection_id),
        )
        found.state = SpendingState.APPROVED
        _sign(session, found, who, SignedAs.APPROVER, now=now)
        _note(session, found, "spending.approved", actor=actor, now=now)
        remember(session, key, found.state, now=now)
        return SpendingState(found.state)


@use_case
def refuse(
    request: str, *, why: str, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> SpendingState:
    """The street refuses what is not paid yet, with a reason everybody who signed reads. Raises as ``approve``."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return SpendingState(done)
        found, _ = _locked(session, request, person_id, APPROVE, now=now)
        found.state = spending.moved(SpendingState(found.state), SpendingState.REFUSED)
        found.refused_why = why
        _note(session, found, "spending.refused", actor=actor, now=now)
        remember(session, key, found.state, now=now)
        return SpendingState(found.state)


@use_case
def withdraw(
    request: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> SpendingState:
    """Whoever asked takes back what the street has not approved; its voucher may serve again.

    Raises NotFound, NotAllowed (another's), Conflict (approved, or done with).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return SpendingState(done)
        found, who = _locked(session, request, person_id, SIGN, now=now)
        maker = queries.maker_of(session, found.id)
        spending.must_be_maker(known_as(session, who, [maker]), maker)
        found.state = spending.moved(SpendingState(found.state), SpendingState.WITHDRAWN)
        _note(session, found, "spending.withdrawn", actor=actor, now=now)
        remember(session, key, found.state, now=now)
        return SpendingState(found.state)


@use_case
def mark_paid(
    request: str,
    *,
    bank_reference: str,
    person_id: int | None,
    actor: str,
    now: datetime,
    key: Key | None = None,
) -> SpendingState:
    """A cashier, who signed nothing of it, has executed it: enter it in the books under the bank's own reference.

    Raises NotFound, NotAllowed, Conflict (not approved, reference used).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return SpendingState(done)
        found, who = _locked(session, request, person_id, EXECUTE, now=now)
        signed = _signed(session, found)
        spending.must_not_have_signed(known_as(session, who, signed), signed)
        found.state = spending.moved(SpendingState(found.state), SpendingState.PAID)
        found.bank_reference, found.paid_by, found.paid_at = bank_reference, who, now
        with translating({"spending_reference_once": REFERENCE_USED}):
            session.flush()
        enter(session, found.collection_id, EntryKind.SPENT, found.public_id, ledger.spent(found.amount_fen), now=now)
        _note(session, found, "spending.paid", actor=actor, now=now)
        remember(session, key, found.state, now=now)
        return SpendingState(found.state)


@use_case
def propose_reversal(
    request: str, *, why: str, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> str:
    """Propose to reverse a payment (it came back, or was recorded wrongly). Raises NotFound, NotAllowed, Conflict."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return done
        found, who = _locked(session, request, person_id, APPROVE, now=now)
        spending.moved(SpendingState(found.state), SpendingState.REVERSED)
        found.reversal_by, found.reversal_why = who, why
        _note(session, found, "spending.reversal_proposed", actor=actor, now=now)
        remember(session, key, request, now=now)
        return request


@use_case
def reverse(request: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> SpendingState:
    """Another person agrees: an entry the other way, and the item has its money back. Raises as above."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return SpendingState(done)
        found, who = _locked(session, request, person_id, APPROVE, now=now)
        if found.reversal_by is None:
            raise Conflict("nothing-proposed", "还没有人提出冲正。请刷新页面。")
        must_be_checked_by_another(session, by=who, maker=found.reversal_by)
        found.state = spending.moved(SpendingState(found.state), SpendingState.REVERSED)
        found.reversed_by, found.reversed_at = who, now
        session.flush()
        enter(
            session,
            found.collection_id,
            EntryKind.SPENT_BACK,
            found.public_id,
            ledger.spent_back(found.amount_fen),
            now=now,
        )
        _note(session, found, "spending.reversed", actor=actor, now=now)
        remember(session, key, found.state, now=now)
        return SpendingState(found.state)


def _locked(
    session: Session, request: str, person_id: int | None, action: str, *, now: datetime
) -> tuple[Spending, int]:
    """A request, locked after its item, for a person who may ``action`` at its estate; NotFound for anybody else."""
    found = queries.spending_by_public_id(session, request)
    estate = place_by_id(session, session.get_one(Collection, found.collection_id).estate_id)
    if person_id is None or not grants.may(session, person_id, action, estate, now):
        raise NotFound("no-such-spending", "没有找到这笔付款申请。")
    queries.locked_item(session, found.item_id)
    return queries.spending_by_public_id(session, request, lock=True), person_id


def _signed(session: Session, found: Spending) -> list[int]:
    return [signature.person_id for signature, _ in queries.signers_of(session, found.id)]


def _sign(session: Session, found: Spending, person_id: int | None, signed_as: SignedAs, *, now: datetime) -> None:
    if person_id is None:
        raise NotFound("no-such-spending", "没有找到这笔付款申请。")
    signed = _signed(session, found)
    spending.must_not_have_signed(known_as(session, person_id, signed), signed)
    session.execute(
        sa.insert(SpendingSignature).values(spending_id=found.id, person_id=person_id, signed_as=signed_as, at=now)
    )


def _note(session: Session, found: Spending, action: str, *, actor: str, now: datetime, **more: object) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"spending:{found.public_id}",
        now=now,
        payload={"amount_fen": found.amount_fen, "voucher_no": found.voucher_no, "state": found.state, **more},
    )
