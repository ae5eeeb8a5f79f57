"""Claims as they are shown: to the claimant, and to the worker who decides."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from kernel.codes import can_receive
from kernel.encryption import vault
from kernel.people import queries as people
from kernel.people.models import Account, Person, PersonKind
from kernel.people.services import name_of, phone_of
from kernel.places.queries import dwelling_by_id, place_by_id
from portal.claims import rules
from portal.claims.models import Claim, ClaimState

LEVELS = {ClaimState.MATCHED: 1, ClaimState.CONFIRMED: 2}
MISMATCH = "姓名和手机尾号与名册上的对不上。请核对后再填，或请社区工作者上门确认。"
_TEXTS = {
    ClaimState.WAITING: MISMATCH,
    ClaimState.MATCHED: "已和名册对上，可以填问卷了。要投票、缴费，请再用登记的手机收一次验证码，或请社区工作者确认。",
    ClaimState.CONFIRMED: "已经确认，可以填问卷、投票和缴费。",
    ClaimState.LOCKED: "填错的次数太多，这次登记已锁住。请带身份证明找社区工作者，当面就能打开。",
    ClaimState.REFUSED: "社区工作者没有通过这次登记。如有疑问，请到社区当面核对。",
    ClaimState.WITHDRAWN: "这次登记已经撤回。",
}


@dataclass(frozen=True)
class ClaimView:
    """What a claimant sees of his claim. ``level``: 0 nothing, 1 questionnaire, 2 votes and money."""

    id: str
    dwelling: str
    label: str
    estate: str
    relation: str
    state: str
    level: int
    tries_left: int
    can_send_code: bool
    text: str
    made_at: datetime
    page: str


@dataclass(frozen=True)
class WorkClaimView:
    """What a worker sees besides: the name as claimed, whom of the roster it fits, who else speaks for the dwelling.

    ``mark``: what he saw is known again by it, when he confirms.
    """

    claim: ClaimView
    mark: str
    claimed_name: str
    matched_name: str | None
    account: str
    others: int


def view(session: Session, claim: Claim) -> ClaimView:
    """A claim for its claimant."""
    dwelling = dwelling_by_id(session, claim.dwelling_id)
    state = ClaimState(claim.state)
    reached = session.get(Person, claim.phone_person_id) if claim.phone_person_id else None
    return ClaimView(
        id=claim.public_id,
        dwelling=dwelling.public_id,
        label=dwelling.label,
        estate=place_by_id(session, dwelling.estate_id).name,
        relation=claim.relation,
        state=state,
        level=LEVELS.get(state, 0),
        tries_left=rules.tries_left(claim.wrong_tries),
        can_send_code=state == ClaimState.MATCHED and reached is not None and can_receive(phone_of(reached)),
        text=_TEXTS[state],
        made_at=claim.made_at,
        page=f"/d/{dwelling.public_id}",
    )


def view_for_worker(session: Session, claim: Claim) -> WorkClaimView:
    """A claim for the worker; the caller has checked the grant and written the look down."""
    matched = session.get(Person, claim.person_id) if claim.person_id else None
    account = session.get_one(Account, claim.account_id)
    ties = people.ties_to(session, claim.dwelling_id)
    return WorkClaimView(
        claim=view(session, claim),
        mark=mark_of(claim),
        claimed_name=vault().open(claim.name_sealed, context=name_context(claim.public_id)),
        matched_name=name_of(matched) if matched else None,
        account=account.public_id,
        others=sum(1 for tie in ties if tie.account_id != claim.account_id),
    )


def mark_of(claim: Claim) -> str:
    """What a claim is known again by: another name that was tried, or another person it fits, makes another mark."""
    told = f"{claim.public_id}\n{claim.person_id}\n{claim.relation}\n".encode()
    return sha256(told + claim.name_sealed).hexdigest()[:16]


def name_context(claim_public_id: str) -> str:
    """What a claimed name's seal is bound to."""
    return f"claim.name:{claim_public_id}"


def listed(session: Session, dwelling_id: int) -> list[rules.Listed]:
    """The natural persons the roster lists for a dwelling, opened, for comparing; never shown to a claimant."""
    return [
        rules.Listed(person.id, name_of(person), phone_of(person), holding.kind)
        for holding, person in people.holdings_of(session, dwelling_id)
        if person.kind == PersonKind.NATURAL
    ]
