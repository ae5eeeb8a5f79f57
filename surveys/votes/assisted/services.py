"""The voter confirms on a worker's phone by a code sent to the voter's own: asking for it, answering with it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, codes, idempotency, outbox
from kernel.database import new_public_id, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.idempotency import Key
from kernel.masks import mask_phone
from kernel.people.models import Person
from kernel.people.services import phone_of
from surveys.votes import queries
from surveys.votes.assisted import queries as assisted
from surveys.votes.assisted.models import AssistedCode
from surveys.votes.rules import assisted as rules
from surveys.votes.services import helping
from surveys.votes.services import reading as shown
from surveys.votes.services.preparing import Staff
from surveys.votes.services.two_people import is_one_of

TOPIC = "ballot.code"
"""{code: public id}: a code waits to be sent."""
PURPOSE = "assisted-code"


@dataclass(frozen=True)
class CodeAsked:
    """A code is on its way to ``phone`` (masked)."""

    id: str
    phone: str
    expires_at: datetime


def mobile_of(person: Person) -> str | None:
    """The voter's own phone as the register has it, if a message can reach it."""
    phone = phone_of(person)
    return phone if codes.can_receive(phone) else None


@use_case
def ask(vote_id: str, line_id: str, voter: str, *, by: Staff, now: datetime, key: Key | None = None) -> CodeAsked:
    """Send the voter of a line a code, on record. Raises NotFound, NotAllowed (who may not vote, or not help here),
    Conflict (not open, no mobile on the register, the worker's own), TooMany.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        before = assisted.code_by_public_id(session, done) if done else None
        if before is not None:
            return _asked(session, before)
        vote = queries.announced_vote(session, vote_id)
        helping.must_assist(session, by, vote, now)
        if by.account_id is None:
            raise NotAllowed("no-account", "请用工作人员的账号办理。")
        if not shown.accepts_ballots(vote, now):
            raise Conflict("not-open", "现在不是投票时间。请回到公告看开始和截止的时间。")
        line = queries.line_by_public_id(session, vote.id, line_id)
        if line is None:
            raise NotFound("no-such-line", "名册上没有这一票。请核对房号。")
        person = helping.voter_of(session, vote, line, voter)
        if is_one_of(session, by, [person.id]):
            raise Conflict(
                "own-phone", "验证码会发到您自己的手机，不能证明是投票人本人。请在自己的手机上投，或者本人签名。"
            )
        phone = mobile_of(person)
        if phone is None:
            raise Conflict("no-mobile", "登记里没有这位投票人的手机号，收不到验证码。请他本人签名。")
        assisted.hold_person(session, person.id)
        index = vault().blind_index("phone", phone)
        since = now - rules.DAY
        rules.may_send(assisted.sent_to(session, index, since), assisted.asked_by(session, by.account_id, since), now)
        code, public_id = codes.new_code(), new_public_id()
        made = AssistedCode(
            public_id=public_id,
            vote_id=vote.id,
            roll_line_id=line.id,
            person_id=person.id,
            helper_id=by.account_id,
            phone_index=index,
            code_hash=codes.code_hash(PURPOSE, public_id, code),
            code_sealed=vault().seal(code, context=_context(public_id)),
            made_at=now,
            expires_at=now + rules.TERM,
        )
        session.add(made)
        _record(session, made, "ballot.code_asked", by.actor, now, vote.public_id)
        outbox.stage(session, TOPIC, {"code": public_id}, now=now)
        idempotency.remember(session, key, public_id, now=now)
        return _asked(session, made)


def _context(public_id: str) -> str:
    return f"assisted_code.code:{public_id}"


def _asked(session: Session, made: AssistedCode) -> CodeAsked:
    phone = mobile_of(session.get_one(Person, made.person_id))
    return CodeAsked(made.public_id, mask_phone(phone) if phone else "", made.expires_at)


def confirm(vote_id: str, code_id: str, code: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """The voter says the code: right, it may confirm one ballot; wrong counts. Gives the code's public id.

    Raises NotFound (another worker's), Invalid (``wrong-code``), Conflict (wrong too often), Gone (used, too old).
    """
    left = _confirm(vote_id, code_id, code, by=by, now=now, key=key)
    if left is not None:
        text = (
            f"验证码不对，还可以试 {left} 次。" if left else "验证码不对，不能再试了。请改用本人签名，或者重新发一个。"
        )
        raise Invalid("wrong-code", text, {"code": [text]})
    return code_id


@use_case
def _confirm(vote_id: str, code_id: str, code: str, *, by: Staff, now: datetime, key: Key | None) -> int | None:
    with transaction() as session:
        if idempotency.recall(session, key):
            return None
        found = assisted.code_of(session, by.account_id or 0, code_id, hold=True)
        vote = queries.announced_vote(session, vote_id)
        if found.vote_id != vote.id:
            raise NotFound("no-such-code", "没有找到这个验证码，请重新发一个。")
        rules.may_answer(wrong=found.wrong, used=found.used_at is not None, expires_at=found.expires_at, now=now)
        good = codes.is_the_code(PURPOSE, found.public_id, code, found.code_hash)
        if good:
            found.confirmed_at = found.confirmed_at or now
            idempotency.remember(session, key, code_id, now=now)
        else:
            found.wrong += 1
        action = "ballot.code_confirmed" if good else "ballot.code_wrong"
        _record(session, found, action, by.actor, now, vote.public_id)
        return None if good else rules.MOST_WRONG - found.wrong


@dataclass(frozen=True)
class Message:
    """What is to be sent where."""

    phone: str
    text: str


@use_case
def message_of(code_id: str, *, now: datetime) -> Message | None:
    """The message of a code that waits to be sent; None when it was sent, used, or is too old."""
    with transaction() as session:
        made = assisted.code_by_public_id(session, code_id)
        if made is None or made.code_sealed is None or made.used_at is not None or made.expires_at <= now:
            return None
        phone = mobile_of(session.get_one(Person, made.person_id))
        if phone is None:
            return None
        vote = queries.vote_by_id(session, made.vote_id)
        (line,) = queries.lines_by_id(session, [made.roll_line_id])
        place = queries.place_of(session, vote).name
        code = vault().open(made.code_sealed, context=_context(made.public_id))
        text = (
            f"【共建】验证码 {code}，10 分钟内有效。工作人员正在帮您为{place}{line.value.labels[0]}投票，"
            "看过选票、确认是您选的，才把验证码告诉他；您没有在投票，请勿告诉别人，并告知街道。"
        )
        return Message(phone, text)


@use_case
def sent(code_id: str, *, now: datetime) -> None:
    """Note that a code's message went out, and wipe the code. Safe to repeat."""
    with transaction() as session:
        made = assisted.code_by_public_id(session, code_id)
        if made is not None and made.sent_at is None:
            made.sent_at, made.code_sealed = now, None


def _record(session: Session, made: AssistedCode, action: str, actor: str, now: datetime, vote: str) -> None:
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=f"assisted_code:{made.public_id}",
        now=now,
        payload={"vote": vote, "line": queries.lines_by_id(session, [made.roll_line_id])[0].public_id},
    )
