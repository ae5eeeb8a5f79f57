"""Making and withdrawing a claim."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, clock, outbox
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, TooMany
from kernel.idempotency import Key, recall, remember
from kernel.people import queries as people
from kernel.people import services as people_services
from kernel.people.models import Account, Tie
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_door_code, dwelling_by_public_id
from kernel.places.rules import read_door_code
from kernel.web.guards import Identity
from portal.claims import queries, rules
from portal.claims.models import Claim, ClaimState, ClaimTry, TryKind
from portal.claims.services.views import LEVELS, ClaimView, listed, name_context, view

NEW_TIE_TOPIC = "claim.tie"
"""{tie: public id, level}: somebody new speaks for a dwelling; those who did before are told."""


@use_case
def make_claim(
    who: Identity,
    *,
    door_code: str | None,
    dwelling_id: str | None,
    name: str,
    phone_tail: str,
    relation: str,
    key: Key | None,
    now: datetime,
) -> ClaimView:
    """Claim a dwelling by name and phone tail; a match makes a tie of level 1.

    A mismatch is no error: the claim waits for a worker or a better try, in the same words whoever lives there. The
    fifth wrong try locks the claim of this account; others may go on. Raises NotFound, Gone (label), Conflict
    (``claim-locked``), TooMany.
    """
    with transaction() as session:
        done = recall(session, key)
        if done:
            return view(session, queries.my_claim_by_public_id(session, who.account_id, done))
        dwelling = _dwelling(session, door_code, dwelling_id)
        account = queries.lock_account(session, who.account_id)
        if queries.wrong_since(session, account.id, today(now)) >= rules.MOST_WRONG_A_DAY:
            raise TooMany(
                "too-many-claims", "今天填错的次数太多了，请明天再试，或请社区工作者上门确认。", retry_after_s=3600
            )
        claim = _live_claim(session, account, dwelling, now=now)
        if claim.state == ClaimState.LOCKED:
            raise Conflict("claim-locked", "填错的次数太多，这次登记已锁住。请带身份证明找社区工作者，当面就能打开。")
        if claim.state != ClaimState.CONFIRMED:
            _try(session, claim, dwelling, account, name, phone_tail, relation, who=who, now=now)
        remember(session, key, claim.public_id, now=now)
        return view(session, claim)


def today(now: datetime) -> datetime:
    """When China's day of an instant began: limits count by it."""
    return clock.china_moment(clock.china_day(now))


def _dwelling(session: Session, door_code: str | None, dwelling_id: str | None) -> Dwelling:
    if dwelling_id is not None:
        return dwelling_by_public_id(session, dwelling_id)
    code = read_door_code(door_code or "")
    if code is None:
        text = "门牌码是 10 个数字和字母，请对着门上的码逐个核对。"
        raise Invalid("bad-door-code", text, {"door_code": [text]})
    return dwelling_by_door_code(session, code)


def _live_claim(session: Session, account: Account, dwelling: Dwelling, *, now: datetime) -> Claim:
    """The account's live claim, or a new one that carries the wrong tries of the one before: to withdraw a claim and
    start again does not buy new tries.
    """
    before = queries.last_claim(session, account.id, dwelling.id)
    if before is not None and before.ended_at is None:
        if before.state in LEVELS and people.tie_of(session, account.id, dwelling.id) is None:
            before.state = ClaimState.WAITING  # the tie has ended since (the flat was sold): prove it anew
        return before
    wrong = before.wrong_tries if before else 0
    public_id = new_public_id()
    claim = Claim(
        public_id=public_id,
        account_id=account.id,
        dwelling_id=dwelling.id,
        relation="self",
        state=ClaimState.LOCKED if rules.tries_left(wrong) == 0 else ClaimState.WAITING,
        name_sealed=vault().seal("", context=name_context(public_id)),
        wrong_tries=wrong,
        made_at=now,
        changed_at=now,
    )
    session.add(claim)
    with translating({"claim_one_live": Conflict("claim-made-twice", "您已经登记过这一户了，请刷新页面。")}):
        session.flush()
    return claim


def _try(
    session: Session,
    claim: Claim,
    dwelling: Dwelling,
    account: Account,
    name: str,
    phone_tail: str,
    relation: str,
    *,
    who: Identity,
    now: datetime,
) -> None:
    found = rules.match(listed(session, dwelling.id), name, phone_tail)
    session.add(
        ClaimTry(kind=TryKind.MATCH, account_id=account.id, dwelling_id=dwelling.id, good=found is not None, at=now)
    )
    claim.changed_at = now
    if found is None:
        claim.wrong_tries += 1
        if claim.state == ClaimState.WAITING:
            claim.relation = relation
            claim.name_sealed = vault().seal(name, context=name_context(claim.public_id))
        if rules.tries_left(claim.wrong_tries) == 0:
            claim.state = ClaimState.LOCKED
    else:
        claim.relation = rules.relation(relation, found.holding)
        claim.name_sealed = vault().seal(name, context=name_context(claim.public_id))
        if (claim.person_id, claim.phone_person_id) != (found.person_id, found.phone_person_id):
            queries.spend_codes(session, claim.id, now)  # what went to the tenant's phone does not prove the landlord
        claim.person_id, claim.phone_person_id = found.person_id, found.phone_person_id
        tie = make_tie(session, claim, account, level=1, by=who.actor, now=now)
        claim.state = ClaimState.CONFIRMED if tie.level == 2 else ClaimState.MATCHED
    audit.record(
        session,
        actor=who.actor,
        action="claim.tried",
        subject=f"claim:{claim.public_id}",
        now=now,
        payload={"dwelling": dwelling.public_id, "state": claim.state, "wrong": claim.wrong_tries},
    )


def make_tie(session: Session, claim: Claim, account: Account, *, level: int, by: str, now: datetime) -> Tie:
    """Let the claimant speak for the dwelling, and stage the news for those who did before him."""
    tie = people_services.tie(
        session,
        account,
        claim.dwelling_id,
        level=level,
        relation=claim.relation,
        person_id=claim.person_id,
        actor=by,
        now=now,
    )
    outbox.stage(session, NEW_TIE_TOPIC, {"tie": tie.public_id, "level": level}, now=now)
    return tie


@use_case
def withdraw(who: Identity, claim_id: str, *, key: Key | None, now: datetime) -> ClaimView:
    """Take one's own claim back; its tie ends. Safe to repeat. Raises NotFound."""
    with transaction() as session:
        claim = queries.my_claim_by_public_id(session, who.account_id, claim_id)
        if recall(session, key) is None and claim.ended_at is None:
            end_claim(session, claim, ClaimState.WITHDRAWN, by=who.actor, now=now)
            remember(session, key, claim.public_id, now=now)
        return view(session, claim)


def end_claim(session: Session, claim: Claim, state: ClaimState, *, by: str, now: datetime) -> None:
    """End a claim and the tie it made; audited."""
    claim.state, claim.ended_at, claim.changed_at, claim.decided_by = state, now, now, by
    tie = people.tie_of(session, claim.account_id, claim.dwelling_id)
    if tie is not None:
        people_services.end_tie(session, tie, actor=by, now=now)
    audit.record(session, actor=by, action=f"claim.{state.value}", subject=f"claim:{claim.public_id}", now=now)
