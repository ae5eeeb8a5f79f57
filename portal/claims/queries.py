"""Every select over claims, their codes and tries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.people.models import Account, Person
from kernel.places.models import Dwelling, Place
from portal.claims.models import Claim, ClaimCode, ClaimState, ClaimTry, TryKind

UNDECIDED = (ClaimState.WAITING, ClaimState.MATCHED, ClaimState.LOCKED)


def my_claim(session: Session, account_id: int, dwelling_id: int) -> Claim | None:
    """The account's live claim to a dwelling, or None."""
    return session.scalar(
        sa.select(Claim).where(
            Claim.account_id == account_id, Claim.dwelling_id == dwelling_id, Claim.ended_at.is_(None)
        )
    )


def my_claims(session: Session, account_id: int) -> Sequence[Claim]:
    """The account's live claims, oldest first."""
    return session.scalars(
        sa.select(Claim).where(Claim.account_id == account_id, Claim.ended_at.is_(None)).order_by(Claim.made_at)
    ).all()


def last_claim(session: Session, account_id: int, dwelling_id: int) -> Claim | None:
    """The account's newest claim to a dwelling, live or over: its wrong tries still count."""
    return session.scalar(
        sa.select(Claim)
        .where(Claim.account_id == account_id, Claim.dwelling_id == dwelling_id)
        .order_by(Claim.made_at.desc(), Claim.id.desc())
        .limit(1)
    )


def claim_by_public_id(session: Session, public_id: str) -> Claim:
    """The claim with a public id, locked for this transaction. Raises NotFound."""
    found = session.scalar(for_update(sa.select(Claim).where(Claim.public_id == public_id)))
    if found is None:
        raise no_such_claim()
    return found


def account_of_claim(session: Session, public_id: str) -> int:
    """Whose claim it is (inner id), without a lock. Raises NotFound."""
    found = session.scalar(sa.select(Claim.account_id).where(Claim.public_id == public_id))
    if found is None:
        raise no_such_claim()
    return found


def my_claim_by_public_id(session: Session, account_id: int, public_id: str) -> Claim:
    """One's own claim, locked. Raises NotFound also for somebody else's."""
    found = claim_by_public_id(session, public_id)
    if found.account_id != account_id:
        raise no_such_claim()
    return found


def no_such_claim() -> NotFound:
    """The refusal for a claim that is not there, or not yours."""
    return NotFound("no-such-claim", "没有找到这次登记。请重新扫门口的二维码。")


def waiting_claims(session: Session, dwelling_id: int) -> Sequence[Claim]:
    """Live claims to a dwelling that a worker may decide (waiting, matched or locked), oldest first."""
    return session.scalars(
        sa.select(Claim)
        .where(Claim.dwelling_id == dwelling_id, Claim.ended_at.is_(None), Claim.state.in_(UNDECIDED))
        .order_by(Claim.made_at)
    ).all()


def dwellings_with_waiting_claims(session: Session, estate_ids: Sequence[int]) -> set[int]:
    """The dwellings of some estates at which somebody waits for a worker (inner ids)."""
    return set(
        session.scalars(
            sa.select(Claim.dwelling_id)
            .join(Dwelling, Dwelling.id == Claim.dwelling_id)
            .where(Dwelling.estate_id.in_(estate_ids), Claim.ended_at.is_(None), Claim.state.in_(UNDECIDED))
        )
    )


def undecided_under(session: Session, place: Place, limit: int = 200) -> Sequence[Claim]:
    """Live claims a worker may decide at or under a place, oldest first."""
    return session.scalars(
        sa.select(Claim)
        .join(Dwelling, Dwelling.id == Claim.dwelling_id)
        .join(Place, Place.id == Dwelling.building_id)
        .where(
            Place.path.startswith(place.path, autoescape=True),
            Claim.ended_at.is_(None),
            Claim.state.in_(UNDECIDED),
        )
        .order_by(Claim.made_at)
        .limit(limit)
    ).all()


def lock_account(session: Session, account_id: int) -> Account:
    """The account, locked: its tries are counted one after another."""
    return session.scalars(for_update(sa.select(Account).where(Account.id == account_id))).one()


def lock_phone(session: Session, phone_index: bytes) -> None:
    """Lock all persons with a number: codes to it are counted one after another."""
    session.scalars(for_update(sa.select(Person).where(Person.phone_index == phone_index).order_by(Person.id))).all()


def wrong_since(session: Session, account_id: int, since: datetime) -> int:
    """How many wrong tries an account made since a moment."""
    return _count(session, ClaimTry.account_id == account_id, ClaimTry.good.is_(False), ClaimTry.at >= since)


def codes_sent_since(session: Session, since: datetime, **which: int) -> int:
    """How many codes were asked for since a moment by ``account_id`` or for ``dwelling_id``."""
    columns = {"account_id": ClaimTry.account_id, "dwelling_id": ClaimTry.dwelling_id}
    conditions = [columns[name] == value for name, value in which.items()]
    return _count(session, ClaimTry.kind == TryKind.SEND, ClaimTry.at >= since, *conditions)


def _count(session: Session, *conditions: Any) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(ClaimTry).where(*conditions)) or 0


def codes_to_phone(session: Session, phone_index: bytes, since: datetime) -> Sequence[datetime]:
    """When codes were made for a number since a moment, newest first."""
    return session.scalars(
        sa.select(ClaimCode.made_at)
        .where(ClaimCode.phone_index == phone_index, ClaimCode.made_at >= since)
        .order_by(ClaimCode.made_at.desc())
    ).all()


def live_code(session: Session, claim_id: int) -> ClaimCode | None:
    """The newest code of a claim that was not used or replaced, or None."""
    return session.scalar(
        sa.select(ClaimCode)
        .where(ClaimCode.claim_id == claim_id, ClaimCode.used_at.is_(None))
        .order_by(ClaimCode.made_at.desc())
        .limit(1)
    )


def spend_codes(session: Session, claim_id: int, now: datetime) -> None:
    """No code of a claim that was sent so far is good any more."""
    session.execute(
        sa.update(ClaimCode).where(ClaimCode.claim_id == claim_id, ClaimCode.used_at.is_(None)).values(used_at=now)
    )


def code_by_public_id(session: Session, public_id: str) -> ClaimCode | None:
    """The code with a public id, locked; or None."""
    return session.scalar(for_update(sa.select(ClaimCode).where(ClaimCode.public_id == public_id)))
