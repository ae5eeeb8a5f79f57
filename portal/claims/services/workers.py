"""What a community worker does with claims: see them, confirm one at the door, refuse one."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Gone, NotAllowed, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.people.models import Account
from kernel.people.queries import known_under
from kernel.places.models import Place
from kernel.places.queries import dwelling_by_id, dwelling_by_public_id, place_by_code, place_by_id
from kernel.web.guards import Identity
from portal.claims import queries, rules
from portal.claims.models import Claim, ClaimState
from portal.claims.services.making import end_claim, make_tie
from portal.claims.services.views import WorkClaimView, listed, mark_of, view_for_worker
from portal.notices.models import NoticeKind

ACTION = "claim.confirm"
DECIDED_TOPIC = "claim.decided"
"""{claim: public id, kind: notice kind, at: instant}: a worker decided; the claimant is told."""


def claims_for_worker(
    who: Identity, *, dwelling_id: str | None, place_code: str | None, now: datetime
) -> list[WorkClaimView]:
    """The undecided claims of a dwelling or under a place, oldest first; the look is written down.

    Raises NotFound, NotAllowed.
    """
    session = reading()
    if dwelling_id is not None:
        dwelling = dwelling_by_public_id(session, dwelling_id)
        place, subject = place_by_id(session, dwelling.building_id), f"dwelling:{dwelling.public_id}"
    else:
        place = place_by_code(session, place_code or "")
        subject = f"place:{place.code}"
    grants.require(session, who.person_id, ACTION, place, now)
    audit.look(actor=who.actor, what="claims", subject=subject, now=now)
    session = reading()
    if dwelling_id is not None:
        found = queries.waiting_claims(session, dwelling_by_public_id(session, dwelling_id).id)
    else:
        found = queries.undecided_under(session, place)
    return [view_for_worker(session, claim) for claim in found]


@use_case
def confirm_by_worker(
    who: Identity, claim_id: str, *, mark: str, seen: str, key: Key | None, now: datetime
) -> WorkClaimView:
    """Confirm a claim at the door: its tie is level 2. Opens a locked one too. ``seen``: what the worker looked at;
    ``mark``: of the claim he was shown, so that nobody puts another name under his finger.

    Raises NotFound (also outside the worker's places), NotAllowed for one's own claim, Conflict, Gone.
    """
    with transaction() as session:
        claim = _claim_of_my_place(session, who, claim_id, now=now)
        if recall(session, key) is None:
            if _is_own(session, who, claim):
                raise NotAllowed("own-claim", "不能确认自己的登记，请另一位工作人员办理。")
            if claim.ended_at is not None:
                raise Gone("claim-over", "这次登记已经撤回或没有通过，请对方重新登记。")
            if claim.state == ClaimState.CONFIRMED:
                raise Conflict("claim-confirmed", "这次登记已经确认过了。")
            if mark != mark_of(claim):
                raise Conflict("claim-changed", "对方刚刚改了登记的内容，请重新查看申请人再确认。")
            _confirm(session, who, claim, seen=seen, now=now)
            remember(session, key, claim.public_id, now=now)
        return view_for_worker(session, claim)


def _confirm(session: Session, who: Identity, claim: Claim, *, seen: str, now: datetime) -> None:
    if claim.person_id is None:
        name = view_for_worker(session, claim).claimed_name
        claim.person_id = rules.named(listed(session, claim.dwelling_id), name)
    claim.state, claim.changed_at, claim.decided_by = ClaimState.CONFIRMED, now, who.actor
    account = session.get_one(Account, claim.account_id)
    make_tie(session, claim, account, level=2, by=who.actor, now=now)
    audit.record(
        session,
        actor=who.actor,
        action="claim.confirmed",
        subject=f"claim:{claim.public_id}",
        now=now,
        payload={"by": "worker", "seen": seen, "on_roster": claim.person_id is not None},
    )
    _tell(session, claim, NoticeKind.CLAIM_CONFIRMED, now=now)


@use_case
def refuse(who: Identity, claim_id: str, *, reason: str, key: Key | None, now: datetime) -> WorkClaimView:
    """Refuse a claim; the tie it made ends, also a confirmed one (a neighbour's objection was right).

    Raises NotFound, NotAllowed for one's own claim.
    """
    with transaction() as session:
        claim = _claim_of_my_place(session, who, claim_id, now=now)
        if recall(session, key) is None and claim.ended_at is None:
            if _is_own(session, who, claim):
                raise NotAllowed("own-claim", "不能办理自己的登记，请另一位工作人员办理。")
            end_claim(session, claim, ClaimState.REFUSED, by=who.actor, now=now)
            audit.record(
                session,
                actor=who.actor,
                action="claim.reason",
                subject=f"claim:{claim.public_id}",
                now=now,
                payload={"reason": reason},
            )
            _tell(session, claim, NoticeKind.CLAIM_REFUSED, now=now)
            remember(session, key, claim.public_id, now=now)
        return view_for_worker(session, claim)


def _is_own(session: Session, who: Identity, claim: Claim) -> bool:
    """Is a claim the worker's own affair: made by an account of his, or for a person he is, under whatever name?"""
    account = session.get_one(Account, claim.account_id)
    mine = known_under(session, [who.person_id] if who.person_id else [], [who.account_public_id])
    theirs = known_under(session, [claim.person_id] if claim.person_id else [], [account.public_id])
    return claim.account_id == who.account_id or mine.meets(theirs)


def _tell(session: Session, claim: Claim, kind: NoticeKind, *, now: datetime) -> None:
    outbox.stage(session, DECIDED_TOPIC, {"claim": claim.public_id, "kind": kind.value, "at": now.isoformat()}, now=now)


def _claim_of_my_place(session: Session, who: Identity, claim_id: str, *, now: datetime) -> Claim:
    """The claim, locked, if its dwelling lies in the worker's places; else it is not found."""
    queries.lock_account(session, queries.account_of_claim(session, claim_id))  # first, as the claimant's calls do
    claim = queries.claim_by_public_id(session, claim_id)
    building: Place = place_by_id(session, dwelling_by_id(session, claim.dwelling_id).building_id)
    if not grants.may(session, who.person_id, ACTION, building, now):
        raise NotFound("no-such-claim", "没有找到这次登记，或它不在您负责的地方。")
    return claim
