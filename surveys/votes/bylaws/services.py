"""Putting adopted rules on file by two officers, withdrawing them, and letting a draft count silence by them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel import audit, evidence, idempotency
from kernel.clock import china_day
from kernel.database import new_public_id, transaction, use_case
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from kernel.places.models import PlaceKind
from kernel.places.queries import place_by_code
from surveys.votes import queries
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.bylaws.models import Bylaws, DeemedVote
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.rules import bylaws as rules
from surveys.votes.rules.bylaws import Silence
from surveys.votes.rules.lifecycle import State
from surveys.votes.services.preparing import Staff, must_manage
from surveys.votes.services.two_people import must_be_another


@dataclass(frozen=True)
class NewBylaws:
    """Adopted rules as their paper says. ``vote``: the vote here that adopted them; else ``meeting``, in words."""

    place: str
    title: str
    adopted_on: date
    silence: Silence
    warning: str = ""
    clauses: str = ""
    vote: str | None = None
    meeting: str = ""
    evidence: tuple[str, ...] = ()


@use_case
def enter(new: NewBylaws, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Put rules on file; they count once another officer has confirmed them. Gives their public id.

    Raises NotAllowed, NotFound, Invalid (adopted by nothing, no warning, no photo of the paper).
    """
    rules.check(new.silence, new.warning, new.adopted_on, china_day(now))
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        place = place_by_code(session, new.place)
        if place.kind not in (PlaceKind.ESTATE, PlaceKind.BUILDING):
            raise Invalid("wrong-scope", "议事规则是一个小区或一栋楼的。", {"place": ["请选小区或楼栋"]})
        must_manage(session, by, place, now)
        if not new.evidence:
            raise Invalid("proof-missing", "请拍下议事规则和通过记录。", {"evidence": ["请拍照"]})
        made = Bylaws(
            public_id=new_public_id(),
            place_id=place.id,
            title=new.title,
            adopted_on=new.adopted_on,
            vote_id=_adopting_vote(session, new, place.id),
            meeting=new.meeting.strip(),
            silence=new.silence,
            warning=new.warning.strip(),
            clauses=new.clauses,
            entered_by=by.actor,
            entered_at=now,
        )
        session.add(made)
        proofs = evidence.use(
            session,
            new.evidence,
            subject=f"bylaws:{made.public_id}",
            purpose="bylaws",
            account_id=by.uploader(),
            place=place,
        )
        _record(
            session,
            made,
            "bylaws.entered",
            by,
            now,
            {
                "place": place.code,
                "silence": str(new.silence),
                "title": new.title,
                "proofs": [proof.sha256 for proof in proofs],
            },
        )
        idempotency.remember(session, key, made.public_id, now=now)
        return made.public_id


def _adopting_vote(session: Session, new: NewBylaws, place_id: int) -> int | None:
    if new.vote is None:
        if not new.meeting.strip():
            raise Invalid("adopted-where", "请写明是哪次会议或表决通过的。", {"meeting": ["请填写"]})
        return None
    vote = queries.announced_vote(session, new.vote)
    if vote.place_id != place_id or not _adopted(session, vote):
        raise Invalid(
            "adopted-where",
            "这次表决不是这里制定、修改议事规则的，或者没有通过，或者结果还没有确认为最终结果。请核对后再填。",
            {"vote": ["请核对"]},
        )
    return vote.id


def _adopted(session: Session, vote: Vote) -> bool:
    """Whether the final result of a vote says that rules of the assembly were adopted."""
    result = queries.result_of(session, vote.id)
    if result is None or not results.is_final(session, vote.id):
        return False
    adopting = {
        each.public_id for each in queries.motions_of(session, vote.id) if each.rule.split("@")[0] == rules.MATTER
    }
    return any(each["carried"] for each in result.document["motions"] if each["motion"] in adopting)


@use_case
def confirm(bylaws_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """A second officer has compared the entry with the paper. Raises NotAllowed (who entered it), Conflict."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found, place = bylaws.bylaws_by_public_id(session, bylaws_id)
        must_manage(session, by, place, now)
        if found.confirmed_at is not None or found.withdrawn_at is not None:
            raise Conflict("bylaws-settled", "这份议事规则已经核对过，或者已经作废。")
        must_be_another(session, by, [found.entered_by])
        found.confirmed_by, found.confirmed_at = by.actor, now
        _record(session, found, "bylaws.confirmed", by, now, {})
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def withdraw(bylaws_id: str, reason: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Take rules off file (wrong, or no longer in force). Votes announced with them keep them. Raises Conflict."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found, place = bylaws.bylaws_by_public_id(session, bylaws_id)
        must_manage(session, by, place, now)
        if found.withdrawn_at is not None:
            raise Conflict("bylaws-settled", "这份议事规则已经作废。")
        found.withdrawn_at = now
        _record(session, found, "bylaws.withdrawn", by, now, {"reason": reason})
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def count_silence(vote_id: str, bylaws_id: str | None, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Let a draft count silence by adopted rules, or (None) no longer. Gives the vote's public id.

    Raises NotAllowed, NotFound, Conflict once the notice is out, Invalid with what stands against it.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        place = queries.place_of(session, vote)
        must_manage(session, by, place, now)
        before = session.get(DeemedVote, vote.id)
        if bylaws_id is None:
            if vote.state != State.DRAFT:
                raise Conflict("announced", "公告已经发布，不投票怎样计不能再改。")
            if before is not None:
                session.delete(before)
        else:
            found, at = bylaws.bylaws_by_public_id(session, bylaws_id)
            bylaws.must_deem(session, vote, place, found, at, state=State(vote.state), today=china_day(now))
            row = before or DeemedVote(vote_id=vote.id)
            row.bylaws_id, row.set_at, row.set_by = found.id, now, by.actor
            session.add(row)
        session.flush()
        audit.record(
            session,
            actor=by.actor,
            action="vote.silence",
            subject=f"vote:{vote.public_id}",
            now=now,
            payload={"bylaws": bylaws_id},
        )
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def _record(session: Session, found: Bylaws, action: str, by: Staff, now: datetime, payload: dict[str, object]) -> None:
    session.flush()
    audit.record(session, actor=by.actor, action=action, subject=f"bylaws:{found.public_id}", now=now, payload=payload)
