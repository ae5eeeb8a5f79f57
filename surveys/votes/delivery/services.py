"""Recording deliveries: by hand, by public notice for those nobody reached, and by the app when a notice is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, evidence, grants, idempotency
from kernel.database import insert_ignoring, new_public_id, transaction, use_case
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from kernel.places.models import Dwelling, Place
from kernel.places.queries import place_by_id
from surveys.votes import queries
from surveys.votes.delivery import queries as deliveries
from surveys.votes.delivery.models import NoticeDelivery, NoticeDeliveryRevoked
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.models import Vote
from surveys.votes.rules import deliveries as rules
from surveys.votes.rules import lifecycle
from surveys.votes.rules.deliveries import Recipient, Way
from surveys.votes.rules.lifecycle import State
from surveys.votes.services import reading as shown
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff

ACTION = "dwelling.contact"
"""Community workers and the street deliver."""


@dataclass(frozen=True)
class NewDelivery:
    """What a worker did at some doors. ``dwellings``: public ids; ``delivered_at`` None: now."""

    dwellings: tuple[str, ...]
    way: Way
    recipient: Recipient
    delivered_at: datetime | None = None
    note: str = ""
    evidence: tuple[str, ...] = ()


@use_case
def record(vote_id: str, made: NewDelivery, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Record that the notice was delivered to some flats in one go; gives the batch.

    Raises NotFound, NotAllowed (not one's building), Conflict (not the time), Invalid (not on the roll).
    """
    rules.check(made.way, made.recipient)
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = _running(session, vote_id, now)
        at = made.delivered_at or now
        if vote.published_at is None or not vote.published_at <= at <= now + timedelta(minutes=5):
            raise Invalid(
                "delivered-when",
                "送达时间要在公告发布之后、现在之前。",
                {"delivered_at": ["不在公告发布之后、现在之前"]},
            )
        found = deliveries.on_the_roll(session, vote.id, made.dwellings)
        if not made.dwellings or set(found) != set(made.dwellings):
            raise Invalid(
                "not-on-the-roll", "有房屋不在这次表决的名册上，请刷新页面再选。", {"dwellings": ["请重新选"]}
            )
        for building_id in {dwelling.building_id for dwelling in found.values()}:
            _must_deliver(session, by, place_by_id(session, building_id), now)
        batch = new_public_id()
        proofs = (
            evidence.use(
                session,
                made.evidence,
                subject=f"delivery:{batch}",
                purpose="delivery",
                account_id=by.uploader(),
                place=queries.place_of(session, vote),
            )
            if made.evidence
            else []
        )
        rows = [
            _row(vote.id, dwelling.id, batch, made.way, made.recipient, at, at, len(made.evidence), made.note, by, now)
            for dwelling in found.values()
        ]
        _add(session, vote, batch, rows, made.way, proofs, by.actor, now)
        idempotency.remember(session, key, batch, now=now)
        return batch


@use_case
def announce_publicly(
    vote_id: str, *, days: int, note: str, files: Sequence[str], by: Staff, now: datetime, key: Key | None = None
) -> str:
    """Deliver by public notice to every flat nobody reached: it counts when ``days`` days are over. Gives the batch.

    Raises NotAllowed, Conflict (not the time, or all are told), Invalid (days, no photo of the notice).
    """
    effective_at = rules.effective(Way.PUBLIC, now, public_days=days)
    if not files:
        raise Invalid("proof-missing", "公告送达要附张贴的照片。", {"evidence": ["请拍照"]})
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = _running(session, vote_id, now)
        place = queries.place_of(session, vote)
        _must_deliver(session, by, place, now)
        least = local_rules.frozen_number(session, vote.id, "public_delivery_days")
        if least is not None and days < least:
            raise Invalid("public-days", f"本地规定公告送达不少于 {least} 天。", {"days": [f"至少 {least} 天"]})
        flats = deliveries.untold(session, vote)
        if not flats:
            raise Conflict("all-told", "名册上每一户都已经有送达记录，不用公告送达。")
        batch = new_public_id()
        subject = f"delivery:{batch}"
        proofs = evidence.use(
            session, files, subject=subject, purpose="delivery", account_id=by.uploader(), place=place
        )
        rows = [
            _row(vote.id, flat, batch, Way.PUBLIC, Recipient.NOBODY, now, effective_at, len(files), note, by, now)
            for flat in flats
        ]
        _add(session, vote, batch, rows, Way.PUBLIC, proofs, by.actor, now)
        idempotency.remember(session, key, batch, now=now)
        return batch


@use_case
def opened(vote_id: str, *, by: Voter, now: datetime) -> int:
    """The notice was opened on a voter's own phone: recorded once a flat. Gives how many flats were new.

    Counts only for who may vote there (verified, an owner or the household): for every flat of his line. The agent of a
    proxy is not the owner, so his look delivers nothing. Safe to repeat, so it needs no key.
    """
    with transaction() as session:
        vote = queries.announced_vote(session, vote_id)
        if not _runs(vote, now):
            return 0
        mine = shown.my_lines(session, vote, by.account_id)
        lines = [each.line.value for each in mine if each.refusal is None and not each.as_agent]
        flats = deliveries.on_the_roll(session, vote.id, [name for line in lines for name in line.dwellings])
        new = 0
        for flat in flats.values():
            row = _row(
                vote.id, flat.id, new_public_id(), Way.APP, Recipient.OWNER, now, now, 0, "", _Own(by.actor), now
            )
            added = session.execute(
                insert_ignoring(session, NoticeDelivery)
                .values(**row)
                .on_conflict_do_nothing()
                .returning(NoticeDelivery.id)
            ).scalar_one_or_none()
            new += added is not None
        if new:
            audit.record(
                session,
                actor=by.actor,
                action="notice.opened",
                subject=f"vote:{vote.public_id}",
                now=now,
                payload={"flats": new},
            )
        return new


@use_case
def revoke(vote_id: str, delivery_id: str, reason: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Take a record back that was made in error; gives its public id. Raises NotFound, NotAllowed, Conflict."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = _running(session, vote_id, now)
        found = deliveries.delivery_by_public_id(session, vote.id, delivery_id)
        there = session.get_one(Dwelling, found.dwelling_id)
        _must_deliver(session, by, place_by_id(session, there.building_id), now)
        if deliveries.is_revoked(session, found.id):
            raise Conflict("revoked-already", "这条送达记录已经撤销。")
        session.add(NoticeDeliveryRevoked(delivery_id=found.id, reason=reason, revoked_at=now, revoked_by=by.actor))
        session.flush()
        audit.record(
            session,
            actor=by.actor,
            action="notice.delivery_revoked",
            subject=f"delivery:{found.batch}",
            now=now,
            payload={"vote": vote.public_id, "delivery": found.public_id, "reason": reason},
        )
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


@dataclass(frozen=True)
class _Own:
    """A voter as the one who recorded: the app did, for him."""

    actor: str


def _row(
    vote_id: int,
    dwelling_id: int,
    batch: str,
    way: Way,
    recipient: Recipient,
    at: datetime,
    effective_at: datetime,
    proofs: int,
    note: str,
    by: Staff | _Own,
    now: datetime,
) -> dict[str, object]:
    return {
        "public_id": new_public_id(),
        "batch": batch,
        "vote_id": vote_id,
        "dwelling_id": dwelling_id,
        "way": str(way),
        "recipient": str(recipient),
        "delivered_at": at,
        "effective_at": effective_at,
        "proofs": proofs,
        "note": note,
        "recorded_at": now,
        "recorded_by": by.actor,
    }


def _add(
    session: Session,
    vote: Vote,
    batch: str,
    rows: list[dict[str, object]],
    way: Way,
    proofs: Sequence[evidence.Proof],
    actor: str,
    now: datetime,
) -> None:
    session.execute(sa.insert(NoticeDelivery), rows)
    audit.record(
        session,
        actor=actor,
        action="notice.delivered",
        subject=f"delivery:{batch}",
        now=now,
        payload={
            "vote": vote.public_id,
            "way": str(way),
            "flats": len(rows),
            "deliveries": [r["public_id"] for r in rows],
            "proofs": [proof.sha256 for proof in proofs],
        },
    )


def _runs(vote: Vote, now: datetime) -> bool:
    return lifecycle.at(State(vote.state), closes_at=vote.closes_at, now=now) in (State.PUBLISHED, State.OPEN)


def _running(session: Session, vote_id: str, now: datetime) -> Vote:
    vote = queries.vote_for_share(session, vote_id)
    if not _runs(vote, now):
        raise Conflict("not-delivering", "只在公告发布后、投票截止前记录送达。")
    return vote


def _must_deliver(session: Session, by: Staff, place: Place, now: datetime) -> None:
    if not by.trusted:
        grants.require(session, by.person_id, ACTION, place, now)
