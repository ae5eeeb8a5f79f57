"""The code that goes to the roster's phone: asking for it, sending it, answering with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, outbox
from kernel.codes import can_receive, code_hash, is_the_code, new_code
from kernel.database import new_public_id, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Gone, Invalid, TooMany, Unavailable
from kernel.idempotency import Key, recall, remember
from kernel.people.models import Person
from kernel.people.services import phone_of
from kernel.places.queries import dwelling_by_id, place_by_id
from kernel.web.guards import Identity
from portal.claims import queries, rules
from portal.claims.models import Claim, ClaimCode, ClaimState, ClaimTry, TryKind
from portal.claims.services.making import make_tie, today
from portal.claims.services.views import ClaimView, view
from portal.notices import sms

CODE_TOPIC = "claim.code"
"""{code: public id}: a code waits to be sent."""
_PURPOSE = "claim-code"

_LOCKED = Conflict("claim-locked", "填错的次数太多，这次登记已锁住。请带身份证明找社区工作者，当面就能打开。")


@dataclass(frozen=True)
class CodeAsked:
    """A code is on its way. ``expires_at``: until when it is good; ``again_after_s``: when another may be asked for."""

    expires_at: datetime
    again_after_s: int
    text: str


@use_case
def send_code(who: Identity, claim_id: str, *, key: Key | None, now: datetime) -> CodeAsked:
    """Make a code for a matched claim and stage its message. The number itself is never shown to the claimant.

    Counted in this transaction by phone, account, dwelling and city, under locks on account and phone.
    Raises NotFound, Conflict (``claim-locked``, ``claim-not-matched``, ``claim-confirmed``, ``no-mobile``), TooMany,
    Unavailable when the city's day budget is spent.
    """
    with transaction() as session:
        done = recall(session, key)
        before = queries.code_by_public_id(session, done) if done else None
        if before is not None:
            return _asked(before.expires_at)
        queries.lock_account(session, who.account_id)
        claim = queries.my_claim_by_public_id(session, who.account_id, claim_id)
        phone = _phone_for(session, claim)
        phone_index = vault().blind_index("phone", phone)
        queries.lock_phone(session, phone_index)
        _check_limits(session, claim, phone_index, now=now)
        made = _new_code(session, claim, phone_index, now=now)
        outbox.stage(session, CODE_TOPIC, {"code": made.public_id}, now=now)
        audit.record(session, actor=who.actor, action="claim.code", subject=f"claim:{claim.public_id}", now=now)
        remember(session, key, made.public_id, now=now)
        return _asked(made.expires_at)


def _asked(expires_at: datetime) -> CodeAsked:
    text = "验证码已发到名册上登记的手机，10 分钟内有效。没收到请一分钟后再试，或请社区工作者确认。"
    return CodeAsked(expires_at, int(rules.CODE_AGAIN.total_seconds()), text)


def _phone_for(session: Session, claim: Claim) -> str:
    _must_be_open(claim)
    if claim.state != ClaimState.MATCHED:
        raise Conflict(
            "claim-not-matched", "姓名和手机尾号还没有和名册对上，不能发验证码。请先核对，或请社区工作者上门确认。"
        )
    person = session.get(Person, claim.phone_person_id) if claim.phone_person_id else None
    phone = phone_of(person) if person else None
    if phone is None or not can_receive(phone):
        raise Conflict("no-mobile", "名册上登记的不是手机号，收不到验证码。请社区工作者上门确认。")
    return phone


def _must_be_open(claim: Claim) -> None:
    if claim.state == ClaimState.LOCKED:
        raise _LOCKED
    if claim.state == ClaimState.CONFIRMED:
        raise Conflict("claim-confirmed", "这一户已经确认过了，不用再收验证码。")
    if claim.ended_at is not None:
        raise Gone("claim-over", "这次登记已经结束。请重新扫门口的二维码登记。")


def _check_limits(session: Session, claim: Claim, phone_index: bytes, *, now: datetime) -> None:
    since = today(now)
    sent = queries.codes_to_phone(session, phone_index, min(since, now - rules.CODE_AGAIN))
    if sent and now - sent[0] < rules.CODE_AGAIN:
        wait = int((sent[0] + rules.CODE_AGAIN - now).total_seconds()) + 1
        raise TooMany("too-many-codes", f"验证码刚刚发过，请 {wait} 秒后再试。", retry_after_s=wait)
    too_many = (
        sum(1 for at in sent if at >= since) >= rules.MOST_CODES_A_PHONE
        or queries.codes_sent_since(session, since, account_id=claim.account_id) >= rules.MOST_CODES_AN_ACCOUNT
        or queries.codes_sent_since(session, since, dwelling_id=claim.dwelling_id) >= rules.MOST_CODES_A_DWELLING
    )
    if too_many:
        wait = int((since + timedelta(days=1) - now).total_seconds()) + 1
        raise TooMany(
            "too-many-codes", "今天发的验证码太多了，请明天再试，或请社区工作者上门确认。", retry_after_s=wait
        )
    if queries.codes_sent_since(session, since) >= rules.MOST_CODES_A_CITY:
        raise Unavailable("sms-budget-spent", "今天的短信已经发完了，请明天再试，或请社区工作者上门确认。")


def _new_code(session: Session, claim: Claim, phone_index: bytes, *, now: datetime) -> ClaimCode:
    older = queries.live_code(session, claim.id)
    if older is not None:
        older.used_at = now
    code, public_id = new_code(), new_public_id()
    made = ClaimCode(
        public_id=public_id,
        claim_id=claim.id,
        code_hash=code_hash(_PURPOSE, public_id, code),
        code_sealed=vault().seal(code, context=_context(public_id)),
        phone_index=phone_index,
        made_at=now,
        expires_at=now + rules.CODE_TERM,
    )
    session.add(made)
    session.add(
        ClaimTry(kind=TryKind.SEND, account_id=claim.account_id, dwelling_id=claim.dwelling_id, good=True, at=now)
    )
    session.flush()
    return made


def _context(public_id: str) -> str:
    return f"claim_code.code:{public_id}"


@dataclass(frozen=True)
class _Answer:
    view: ClaimView
    wrong: bool


def confirm_by_code(who: Identity, claim_id: str, code: str, *, key: Key | None, now: datetime) -> ClaimView:
    """Answer with the code: right makes the tie level 2, wrong counts (also when the answer to the caller is lost).

    Raises NotFound, Invalid (``wrong-code``), Gone (``code-expired``), Conflict (``claim-locked``).
    """
    answer = _confirm(who, claim_id, code, key=key, now=now)
    if answer.wrong:
        if answer.view.state == ClaimState.LOCKED:
            raise _LOCKED
        text = f"验证码不对，还可以试 {answer.view.tries_left} 次。"
        raise Invalid("wrong-code", text, {"code": [text]})
    return answer.view


@use_case
def _confirm(who: Identity, claim_id: str, code: str, *, key: Key | None, now: datetime) -> _Answer:
    with transaction() as session:
        account = queries.lock_account(session, who.account_id)
        claim = queries.my_claim_by_public_id(session, who.account_id, claim_id)
        if recall(session, key):
            return _Answer(view(session, claim), wrong=False)
        _must_be_open(claim)
        sent = queries.live_code(session, claim.id)
        if sent is None or sent.expires_at <= now:
            raise Gone("code-expired", "验证码已经过期或还没有发。请重新获取验证码。")
        good = is_the_code(_PURPOSE, sent.public_id, code, sent.code_hash)
        session.add(
            ClaimTry(kind=TryKind.CODE, account_id=account.id, dwelling_id=claim.dwelling_id, good=good, at=now)
        )
        claim.changed_at = now
        if good:
            sent.used_at, claim.state, claim.decided_by = now, ClaimState.CONFIRMED, "code"
            make_tie(session, claim, account, level=2, by=who.actor, now=now)
            remember(session, key, claim.public_id, now=now)
        else:
            claim.wrong_tries += 1
            if rules.tries_left(claim.wrong_tries) == 0:
                claim.state, sent.used_at = ClaimState.LOCKED, now
        audit.record(
            session,
            actor=who.actor,
            action="claim.confirmed" if good else "claim.wrong-code",
            subject=f"claim:{claim.public_id}",
            now=now,
            payload={"by": "code", "wrong": claim.wrong_tries},
        )
        return _Answer(view(session, claim), wrong=not good)


@dataclass(frozen=True)
class _Message:
    phone: str
    text: str


def on_claim_code(payload: dict[str, Any], *, now: datetime) -> None:
    """Send a code's message and wipe the code. Told twice, the second finds nothing to send."""
    message = _message(payload["code"], now=now)
    if message is not None:
        sms.send(message.phone, message.text)
        _sent(payload["code"], now=now)


@use_case
def _message(code_id: str, *, now: datetime) -> _Message | None:
    with transaction() as session:
        made = queries.code_by_public_id(session, code_id)
        if made is None or made.code_sealed is None or made.used_at is not None or made.expires_at <= now:
            return None
        claim = session.get_one(Claim, made.claim_id)
        person = session.get(Person, claim.phone_person_id) if claim.phone_person_id else None
        phone = phone_of(person) if person else None
        if phone is None:
            return None
        code = vault().open(made.code_sealed, context=_context(made.public_id))
        dwelling = dwelling_by_id(session, claim.dwelling_id)
        estate = place_by_id(session, dwelling.estate_id).name
        text = (
            f"【共建】验证码 {code}，10 分钟内有效。有人正在手机上登记{estate}{dwelling.label}；"
            "不是您或您家人，请勿告诉别人，并告知社区。"
        )
        return _Message(phone, text)


@use_case
def _sent(code_id: str, *, now: datetime) -> None:
    with transaction() as session:
        made = queries.code_by_public_id(session, code_id)
        if made is not None and made.sent_at is None:
            made.sent_at, made.code_sealed = now, None
