"""A tie is decided by lot before two witnesses, or by a run-off.

Why a lot drawn in the open and not a number computed by the machine: neighbours trust slips of paper they saw go into a
box. What makes it checkable is that the record holds the order, who drew, who saw it and the photo, and that the seats
follow from the published votes and that order alone, which anyone recomputes (``surveys.votes.verify``).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, evidence, idempotency
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from kernel.places import queries as places
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.models import ElectionLot, ElectionPlan, ElectionRunoff
from surveys.votes.models import Motion, Vote
from surveys.votes.results import queries as results
from surveys.votes.results import services as results_services
from surveys.votes.results.rules import Stage
from surveys.votes.rules import catalogue
from surveys.votes.rules import nominations as rules
from surveys.votes.services import preparing
from surveys.votes.services.preparing import NewCandidate, NewMotion, NewVote, Staff, must_manage

VOTING_DAYS = 7
"""Where the first vote named its end and no days; the organiser changes the draft's notice as he likes."""


@dataclass(frozen=True)
class NewLot:
    """A lot as drawn: the candidates (public ids), first drawn first, and who drew, how, when, before whom."""

    order: tuple[str, ...]
    method: str
    drawn_by: str
    witnesses: tuple[str, ...]
    drawn_at: datetime
    photos: tuple[str, ...] = ()


def counted(session: Session, vote: Vote, motion_id: str) -> dict:
    """A motion's part of the last result. Raises Conflict before it is out."""
    result = queries.result_of(session, vote.id)
    if result is None:
        raise Conflict("no-result-yet", "结果还没有公布。投票截止、计票之后会在这里公布。")
    return next(each for each in result.document["motions"] if each["motion"] == motion_id)


@use_case
def record_lot(vote_id: str, motion_id: str, lot: NewLot, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Record a lot drawn among equals and count again with it; gives the vote's public id.

    Raises NotAllowed, NotFound, Conflict (no result, final already), Invalid (not the tied, witnesses, no photo, a time
    before the count or to come).
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        standing = results.standing_for_update(session, vote.id)
        if standing.stage == Stage.FINAL:
            raise Conflict("final-already", "结果已经确认为最终结果，不能再抽签；可以就空缺的名额另行投票。")
        motion = elections.motion(session, vote.id, motion_id)
        said = counted(session, vote, motion_id)
        rules.check_lot(said, lot.order, lot.witnesses, by_hand_of=lot.drawn_by)
        if motion.id in elections.runoffs_of(session, vote.id):
            raise Conflict("runoff-made", "这一项已经另行投票，不能再抽签。")
        if not vote.closed_at or not vote.closed_at <= lot.drawn_at <= now:
            raise Invalid("odd-time", "抽签时间要在计票以后、现在以前。", {"drawn_at": ["请检查"]})
        if not lot.photos and not by.trusted:
            raise Invalid("photo-needed", "请拍下抽签记录（签、见证人签名）。", {"evidence": ["请拍照"]})
        made = ElectionLot(
            public_id=new_public_id(),
            motion_id=motion.id,
            names=list(lot.order),
            method=lot.method,
            drawn_by=lot.drawn_by,
            witnesses=list(lot.witnesses),
            drawn_at=lot.drawn_at,
            recorded_at=now,
            recorded_by=by.actor,
        )
        session.add(made)
        session.flush()
        proofs = (
            evidence.use(
                session,
                lot.photos,
                subject=f"lot:{made.public_id}",
                purpose="lot",
                account_id=by.uploader(),
                place=queries.place_of(session, vote),
            )
            if lot.photos
            else []
        )
        audit.record(
            session,
            actor=by.actor,
            action="vote.lot_drawn",
            subject=f"vote:{vote.public_id}",
            now=now,
            payload={
                "lot": made.public_id,
                "motion": motion.public_id,
                "order": list(lot.order),
                "proofs": [proof.sha256 for proof in proofs],
            },
        )
        results_services.count_again(session, vote, "得票相同，当众抽签决定先后", by=by, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def run_off(vote_id: str, motion_id: str, *, by: Staff, now: datetime) -> str:
    """Draft the vote that decides a tie for the last seats; gives its public id. Asked twice, drafted once.

    Raises NotAllowed, NotFound, Conflict (no result, no tie).
    """
    draft = _draft(vote_id, motion_id, by=by, now=now)
    if isinstance(draft, str):
        return draft
    fingerprint = hashlib.sha256(f"{vote_id}\n{motion_id}".encode()).hexdigest()
    made = preparing.create(draft, by=by, now=now, key=Key("elections", f"runoff:{motion_id}", fingerprint))
    return _link(vote_id, motion_id, made, by=by, now=now)


@use_case
def _draft(vote_id: str, motion_id: str, *, by: Staff, now: datetime) -> NewVote | str:
    with transaction() as session:
        vote, motion = _managed(session, vote_id, motion_id, by, now)
        made = elections.runoffs_of(session, vote.id).get(motion.id)
        if made is not None:
            return made.public_id
        said = counted(session, vote, motion_id)
        tied = rules.tied_for_a_seat(said)
        if not tied:
            raise Conflict("no-tie", "这一项没有得票相同、待定的名额，不用另行投票。")
        candidates = queries.candidates_of(session, vote.id)[motion.id]
        seats = said["open_seats"]
        return NewVote(
            place_code=places.place_by_id(session, vote.place_id).code,
            title=f"{vote.title[:100]}（另行投票）",
            intro="上一次投票得票相同，按规定就待定的名额在得票相同的候选人之间另行投票。",
            notice_days=vote.notice_days,
            voting_days=vote.voting_days or VOTING_DAYS,
            headcount=preparing.HeadcountMode(vote.headcount),
            include_parking=vote.include_parking,
            motions=(
                NewMotion(
                    matter=catalogue.of_version(motion.rule).matter,
                    title=f"{motion.title[:150]}：另行投票（应选 {seats} 人）",
                    candidates=tuple(
                        NewCandidate(each.name, each.note) for each in candidates if each.public_id in tied
                    ),
                    seats=seats,
                    most=seats,
                ),
            ),
        )


@use_case
def _link(vote_id: str, motion_id: str, made: str, *, by: Staff, now: datetime) -> str:
    with transaction() as session:
        vote, motion = _managed(session, vote_id, motion_id, by, now)
        if motion.id in elections.runoffs_of(session, vote.id):
            return made
        runoff = queries.vote_by_public_id(session, made)
        session.add(ElectionRunoff(motion_id=motion.id, vote_id=runoff.id))
        session.add_all(
            ElectionPlan(motion_id=each.id, alternates=elections.alternates_of(session, vote.id).get(motion.id))
            for each in queries.motions_of(session, runoff.id)
        )
        with translating({"election_runoff_vote_id_key": Conflict("runoff-made", "这一项已经另行投票。")}):
            session.flush()
        audit.record(
            session,
            actor=by.actor,
            action="vote.runoff_drafted",
            subject=f"vote:{vote.public_id}",
            now=now,
            payload={"motion": motion.public_id, "runoff": made},
        )
        return made


def _managed(session: Session, vote_id: str, motion_id: str, by: Staff, now: datetime) -> tuple[Vote, Motion]:
    vote = queries.vote_for_update(session, vote_id)
    must_manage(session, by, queries.place_of(session, vote), now)
    return vote, elections.motion(session, vote.id, motion_id)
