"""Registering, confirming, withdrawing and using written proxies; the list of people who may not be agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, evidence, grants, idempotency, outbox
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.encryption import normalise_phone, vault
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key
from kernel.people.services import phone_of
from kernel.places.queries import place_by_id
from surveys.votes import queries
from surveys.votes.conflicts import queries as conflicts
from surveys.votes.models import RollLine, Vote
from surveys.votes.paper import queries as papers
from surveys.votes.proxies import queries as proxies
from surveys.votes.proxies.models import BarredAgent, WrittenProxy
from surveys.votes.rules import proxies as rules
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.proxies import Powers, ProxyState
from surveys.votes.services import telling
from surveys.votes.services.preparing import Staff, must_manage
from surveys.votes.services.telling import Told
from surveys.votes.services.two_people import must_be_none_of
from surveys.votes.terms.queries import terms_of

ENTER = "paper.enter"
REGISTERED = "proxy.registered"
"""{vote, proxy}: the principal is told, so that a forged proxy is noticed before it is used."""
LIVE_ALREADY = Conflict("proxy-there", "这一票已经登记了一份委托。要换代理人，请先撤回原来那一份。")


@dataclass(frozen=True)
class NewProxy:
    """A proxy as the paper says it. ``principal``: public id of the owner who signed it."""

    line: str
    principal: str
    agent_name: str
    agent_phone: str
    matter: str
    powers: Powers
    signed_at: datetime
    valid_until: datetime


@use_case
def register(
    vote_id: str,
    new: NewProxy,
    *,
    photos: Sequence[str],
    account_id: int,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Register a written proxy with its photo; gives its public id. It is good once another worker has confirmed it.

    Raises NotAllowed, NotFound (line, principal), Conflict (vote over, line used, one there already, agent's limit,
    agent barred), Invalid (photo, phone, days).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        # The cap is a sum over the vote's proxies, so the vote is held.
        vote = queries.vote_for_update(session, vote_id)
        if not by.trusted:
            grants.require(session, by.person_id, ENTER, queries.place_of(session, vote), now)
        if by.person_id is None:
            raise Conflict("a-person-registers", "委托要由有姓名的工作人员登记。")
        _must_be_running(vote, now)
        line = queries.line_by_public_id(session, vote.id, new.line)
        if line is None:
            raise NotFound("no-such-line", "名册上没有这一票。")
        principal = next(
            (each for each in proxies.holders_of(session, line.id) if each.public_id == new.principal), None
        )
        if principal is None:
            raise NotFound("no-such-owner", "委托人不在这一票的业主名册上，不能委托。")
        if queries.held_on(session, line.id) and not conflicts.was_struck(session, line.id):
            raise Conflict("already-cast", "这一票已经投过了，不能再委托。")
        rules.term(signed_at=new.signed_at, valid_until=new.valid_until, closes_at=vote.closes_at, now=now)
        phone = normalise_phone(new.agent_phone)
        if len(phone) != 11:
            raise Invalid("agent-phone", "代理人手机号不对。", {"agent_phone": ["请填 11 位手机号。"]})
        if phone == phone_of(principal):
            raise Invalid("own-agent", "代理人和委托人是同一个手机号。", {"agent_phone": ["请填代理人自己的手机号。"]})
        indexes = vault().blind_indexes("phone", phone)
        rules.may_hold_one_more(proxies.held_by_agent(session, vote.id, indexes), terms_of(session, vote).agent_limit)
        _must_not_be_barred(session, vote, indexes)
        if not photos:
            raise Invalid("photo-needed", "请先给委托书拍照。", {"evidence": ["委托书要拍全，签名要看得清。"]})
        public_id = new_public_id()
        session.add(
            WrittenProxy(
                public_id=public_id,
                vote_id=vote.id,
                roll_line_id=line.id,
                principal_id=principal.id,
                agent_name_sealed=vault().seal(new.agent_name, context=_name_context(public_id)),
                agent_phone_sealed=vault().seal(phone, context=f"written_proxy.agent_phone:{public_id}"),
                agent_phone_index=vault().blind_index("phone", phone),
                matter=new.matter,
                powers=new.powers,
                signed_at=new.signed_at,
                valid_until=new.valid_until,
                state=ProxyState.REGISTERED,
                registered_by=by.person_id,
                registered_at=now,
                ended_why="",
            )
        )
        with translating({"written_proxy_one_live_a_line": LIVE_ALREADY}):
            session.flush()
        place = queries.place_of(session, vote)
        proofs = evidence.use(
            session, photos, subject=_subject(public_id), purpose="proxy", account_id=account_id, place=place
        )
        said = {"vote": vote.public_id, "line": line.public_id, "photos": [proof.sha256 for proof in proofs]}
        _record(session, "proxy.registered", public_id, by.actor, now, said)
        outbox.stage(session, REGISTERED, {"vote": vote.public_id, "proxy": public_id}, now=now)
        idempotency.remember(session, key, public_id, now=now)
        return public_id


@use_case
def confirm(proxy_id: str, *, good: bool, why: str, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Another worker holds the paper against the entry: confirm it, or refuse it with a reason. Gives its public id.

    Raises NotFound, NotAllowed (who registered it), Conflict.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found, vote = _held(session, proxy_id, by, now)
        rules.may("confirm" if good else "refuse", ProxyState(found.state))
        must_be_none_of(session, by, [found.registered_by])
        if good:
            _must_be_running(vote, now)
            found.state, found.confirmed_by, found.confirmed_at = ProxyState.CONFIRMED, by.person_id, now
        else:
            _end(found, ProxyState.REFUSED, why, by=by.actor, now=now)
        _record(session, f"proxy.{found.state}", proxy_id, by.actor, now, {"vote": vote.public_id})
        idempotency.remember(session, key, proxy_id, now=now)
        return proxy_id


@use_case
def withdraw(proxy_id: str, *, why: str, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Note that the principal withdrew a proxy before it was used; gives its public id.

    Raises NotFound, Conflict (used, the agent's paper came back, voting is over).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found, vote = _held(session, proxy_id, by, now)
        _withdraw(session, found, vote, why, by=by.actor, now=now)
        idempotency.remember(session, key, proxy_id, now=now)
        return proxy_id


@use_case
def withdraw_own(proxy_id: str, *, account_id: int, actor: str, now: datetime, key: Key | None = None) -> str:
    """The principal withdraws on his own phone; gives its public id.

    Raises NotFound (not his), Conflict (used, the agent's paper came back, voting is over).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found = proxies.proxy_by_public_id(session, proxy_id, lock=True)
        own = {person for claim, _, person in queries.claims_of(session, account_id) if claim.level >= 2}
        if found.principal_id not in own:
            raise proxies.NO_PROXY
        _withdraw(session, found, session.get_one(Vote, found.vote_id), "委托人自己撤回", by=actor, now=now)
        idempotency.remember(session, key, proxy_id, now=now)
        return proxy_id


def use(session: Session, proxy_id: int, ballot_id: int) -> None:
    """Mark a proxy as used by the ballot it was cast with, in the caller's transaction. Raises Conflict when it was
    withdrawn meanwhile, or used.
    """
    used = session.execute(
        sa.update(WrittenProxy)
        .where(WrittenProxy.id == proxy_id, WrittenProxy.state == str(ProxyState.CONFIRMED))
        .values(state=str(ProxyState.USED), ballot_id=ballot_id)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("proxy-gone", "这份委托刚刚被撤回，不能再用它投票。")


def strike(session: Session, ballot_ids: Sequence[int], *, by: str, now: datetime) -> None:
    """Let the proxies used by some ballots be spent, in the transaction that lets those ballots count no more."""
    for found in proxies.used_by(session, ballot_ids):
        found.state = ProxyState.STRUCK
        vote = session.get_one(Vote, found.vote_id)
        _record(session, "proxy.struck", found.public_id, by, now, {"vote": vote.public_id})


def end_of_former_holders(session: Session, vote: Vote, line_id: int, *, by: str, now: datetime) -> None:
    """End the proxies of those who no longer hold a line, in the transaction that changes its holders."""
    for found in proxies.of_former_holders(session, line_id):
        _end(found, ProxyState.WITHDRAWN, "房屋换了业主，原来的委托作废", by=by, now=now)
        _record(session, "proxy.ended", found.public_id, by, now, {"vote": vote.public_id})


def agent_name(found: WrittenProxy) -> str:
    """The agent's name in clear. Mask it before it leaves its scope."""
    return vault().open(found.agent_name_sealed, context=_name_context(found.public_id))


@use_case
def bar(vote_id: str, name: str, phone: str, why: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """List somebody who may not be an agent at the vote's place; gives the entry's public id. Raises NotAllowed."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_by_public_id(session, vote_id)
        place = queries.place_of(session, vote)
        must_manage(session, by, place, now)
        digits = normalise_phone(phone)
        if len(digits) != 11:
            raise Invalid("agent-phone", "手机号不对。", {"phone": ["请填 11 位手机号。"]})
        public_id = new_public_id()
        session.add(
            BarredAgent(
                public_id=public_id,
                place_id=place.id,
                name_sealed=vault().seal(name, context=f"barred_agent.name:{public_id}"),
                phone_index=vault().blind_index("phone", digits),
                why=why,
                added_by=by.actor,
                added_at=now,
            )
        )
        session.flush()
        _record(session, "agent.barred", public_id, by.actor, now, {"place": place.code})
        idempotency.remember(session, key, public_id, now=now)
        return public_id


@use_case
def unbar(entry_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Take somebody off the list; gives the entry's public id. Raises NotAllowed, NotFound."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        entry = proxies.barred_by_public_id(session, entry_id)
        must_manage(session, by, place_by_id(session, entry.place_id), now)
        entry.ended_at = entry.ended_at or now
        session.flush()
        _record(session, "agent.unbarred", entry_id, by.actor, now, {})
        idempotency.remember(session, key, entry_id, now=now)
        return entry_id


def barred_name(entry: BarredAgent) -> str:
    """The name of somebody on the list, in clear."""
    return vault().open(entry.name_sealed, context=f"barred_agent.name:{entry.public_id}")


def _must_be_running(vote: Vote, now: datetime) -> None:
    if vote.state != State.OPEN or vote.closes_at is None or now >= vote.closes_at:
        raise Conflict("not-open", "名册在开始投票时定下来，委托在投票期间登记；现在不能登记。")


def _must_not_be_barred(session: Session, vote: Vote, indexes: Sequence[bytes]) -> None:
    if terms_of(session, vote).bar_staff:
        barred = next(
            (
                each
                for each in proxies.barred_at(session, queries.place_of(session, vote))
                if each.phone_index in indexes
            ),
            None,
        )
        if barred is not None:
            raise Conflict("agent-barred", f"公告写明这个人不得代理（{barred.why}）。请另请代理人。")


def _held(session: Session, proxy_id: str, by: Staff, now: datetime) -> tuple[WrittenProxy, Vote]:
    found = proxies.proxy_by_public_id(session, proxy_id, lock=True)
    vote = session.get_one(Vote, found.vote_id)
    if not by.trusted and not grants.may(session, by.person_id, ENTER, queries.place_of(session, vote), now):
        raise proxies.NO_PROXY
    return found, vote


def _withdraw(session: Session, found: WrittenProxy, vote: Vote, why: str, *, by: str, now: datetime) -> None:
    rules.may("withdraw", ProxyState(found.state))
    if papers.agent_has_returned(session, found.roll_line_id):
        raise Conflict("paper-came-back", "代理人的纸质票已经收回登记，委托不能再撤回。有疑问请联系社区。")
    if vote.state != State.OPEN or vote.closes_at is None or now >= vote.closes_at:
        raise Conflict("not-open", "投票已经截止，委托不能再撤回。对结果有异议的，请在公示期内提出。")
    _end(found, ProxyState.WITHDRAWN, why, by=by, now=now)
    _record(session, "proxy.withdrawn", found.public_id, by, now, {"vote": vote.public_id})


def _end(found: WrittenProxy, state: ProxyState, why: str, *, by: str, now: datetime) -> None:
    found.state, found.ended_at, found.ended_by, found.ended_why = state, now, by, why


def _name_context(public_id: str) -> str:
    return f"written_proxy.agent_name:{public_id}"


def _subject(public_id: str) -> str:
    return f"proxy:{public_id}"


def _record(session: Session, action: str, public_id: str, by: str, now: datetime, payload: dict[str, Any]) -> None:
    session.flush()
    audit.record(session, actor=by, action=action, subject=_subject(public_id), now=now, payload=payload)


def principals_of(proxy_id: str) -> list[Told]:
    """The accounts that proved to be the principal of a proxy."""
    session = reading()
    found = proxies.proxy_by_public_id(session, proxy_id)
    line = session.get_one(RollLine, found.roll_line_id)
    own = set(proxies.accounts_of(session, found.principal_id))
    return [each for each in telling.of_line(session, line) if each.account_id in own]
