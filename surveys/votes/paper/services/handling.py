"""Printing, handing out, taking back and voiding papers. Each step is on record."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, evidence, grants, idempotency, outbox
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from kernel.places.rules import CROCKFORD
from surveys.votes import queries
from surveys.votes.models import Vote
from surveys.votes.paper import queries as papers
from surveys.votes.paper.models import BallotPaper
from surveys.votes.proxies import queries as proxies
from surveys.votes.proxies.models import WrittenProxy
from surveys.votes.rules import paper as rules
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.paper import PaperState, VoidReason
from surveys.votes.services import keeping, telling
from surveys.votes.services.preparing import Staff
from surveys.votes.services.telling import Told
from surveys.votes.services.two_people import must_be_none_of
from surveys.votes.terms.queries import terms_of

ENTER = "paper.enter"
VOIDED = "paper.void"
"""{vote, paper}: a paper that had come back counts for nothing; those of its line are told."""


def must_enter(session: Session, by: Staff, vote: Vote, now: datetime) -> None:
    """Raises NotAllowed unless ``by`` may handle papers at the vote's place now."""
    if not by.trusted:
        grants.require(session, by.person_id, ENTER, queries.place_of(session, vote), now)


@use_case
def print_papers(
    vote_id: str, line_ids: Sequence[str] | None, *, by: Staff, now: datetime, key: Key | None = None
) -> str:
    """Number papers for lines that have none (``None``: for all of the roll that lack one); gives the vote's public id.

    Raises NotAllowed, Conflict (not open, a vote without paper, a line that has one), Invalid (no such line).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_share(session, vote_id)
        must_enter(session, by, vote, now)
        _must_take_paper(session, vote)
        if vote.state != State.OPEN:
            raise Conflict("not-open", "名册在开始投票时才定下来，投票期间才能打印选票。")
        roll = {line.public_id: line.id for line in queries.roll_of(session, vote.id)}
        if line_ids is not None and not set(line_ids) <= set(roll):
            raise Invalid("no-such-line", "有的房屋不在这次表决的名册上。", {"lines": ["请重新选。"]})
        wanted = [roll[each] for each in (line_ids if line_ids is not None else roll)]
        have = papers.good_papers(session, wanted)
        if line_ids is not None and have:
            raise _has_one(next(iter(have.values())).number)
        lacking = [line for line in dict.fromkeys(wanted) if line not in have]
        _number(session, vote, lacking, by=by, now=now)
        record(session, "vote.papers_printed", f"vote:{vote.public_id}", by, now, {"papers": len(lacking)})
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def _number(session: Session, vote: Vote, lines: Sequence[int], *, by: Staff, now: datetime) -> list[str]:
    first = papers.highest_number(session, vote.id) + 1
    rows = [
        {
            "public_id": new_public_id(),
            "vote_id": vote.id,
            "roll_line_id": line,
            "number": number,
            "serial": "".join(secrets.choice(CROCKFORD) for _ in range(10)),
            "receipt_no": keeping.new_receipt_no(),
            "text_hash": vote.text_hash,
            "state": str(PaperState.PRINTED),
            "printed_at": now,
            "printed_by": by.actor,
            "by_proxy": False,
        }
        for number, line in enumerate(lines, start=first)
    ]
    busy = Conflict("printing-elsewhere", "刚刚有人也在打印，请刷新页面再试。")
    with translating({"ballot_paper_one_number": busy, "ballot_paper_one_good_a_line": busy}):
        if rows:
            session.execute(sa.insert(BallotPaper), rows)
    return [str(row["serial"]) for row in rows]


def _must_take_paper(session: Session, vote: Vote) -> None:
    if not terms_of(session, vote).paper:
        raise Conflict("no-paper-here", "这次投票公告写明不用纸质票。没有手机的，请在工作人员的手机上投。")


def _has_one(number: int) -> Conflict:
    return Conflict("has-a-paper", f"这一票已经打印过，编号 {number}。纸质票丢了或写坏了，请在那一张上选“补打”。")


@use_case
def hand_out(
    serial: str,
    *,
    asked_by: str,
    to: str,
    agent: bool = False,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Note who asked for a paper and whose hands it went into (``to``: a name, sealed); gives its serial.

    Raises NotAllowed, Conflict (returned or void, voting is over).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        paper, vote = held(session, serial, by, now)
        rules.may("hand", PaperState(paper.state))
        if vote.state != State.OPEN or vote.closes_at is None or now >= vote.closes_at:
            raise Conflict("not-open", "投票已经截止，不能再发出选票。")
        if agent and usable_proxy(session, paper, now) is None:
            raise Invalid("no-proxy", "这一票没有有效的书面委托。", {"agent": ["请先登记委托，由另一人核对。"]})
        paper.state, paper.asked_by, paper.handed_at, paper.handed_by = PaperState.HANDED, asked_by, now, by.actor
        paper.handed_to_sealed = vault().seal(to, context=_handed_context(paper))
        paper.by_proxy = agent
        session.flush()
        record(session, "paper.handed", subject_of(paper), by, now, {"vote": vote.public_id, "agent": agent})
        idempotency.remember(session, key, serial, now=now)
        return serial


@use_case
def take_back(
    serial: str,
    *,
    received_at: datetime | None,
    photos: Sequence[str],
    account_id: int,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Note that a paper came back, with its photo; gives its serial. ``received_at`` decides whether it is late.

    Once voting is over, one received before must have been handed out, and by another worker than who registers it.
    Raises NotAllowed, Conflict (not out), Invalid (no photo, an instant that cannot be).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        paper, vote = held(session, serial, by, now)
        rules.may("return", PaperState(paper.state))
        at = received_at or now
        rules.received(at, printed_at=paper.printed_at, now=now)
        assert vote.closes_at is not None, "papers are printed in an open vote"
        ended = rules.ended(vote.closes_at, vote.closed_at)
        if rules.is_belated(PaperState(paper.state), ended=ended, received_at=at, now=now):
            _must_be_another(session, by, {papers.person_of(session, paper.handed_by)})
        if not photos:
            raise Invalid("photo-needed", "请先给选票拍照。", {"evidence": ["请拍下整张选票，编号要看得清。"]})
        place = queries.place_of(session, vote)
        proofs = evidence.use(
            session, photos, subject=subject_of(paper), purpose="paper_ballot", account_id=account_id, place=place
        )
        paper.state, paper.received_at, paper.registered_at = PaperState.RETURNED, at, now
        paper.received_by = by.actor
        session.flush()
        said = {"vote": vote.public_id, "received_at": at.isoformat(), "photos": [proof.sha256 for proof in proofs]}
        record(session, "paper.returned", subject_of(paper), by, now, said)
        idempotency.remember(session, key, serial, now=now)
        return serial


@use_case
def void(
    serial: str,
    reason: VoidReason,
    *,
    reprint: bool = False,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Make a paper void; with ``reprint`` the line gets a new one. Gives the serial that is good now (or the voided).

    One that came back is voided by two who neither received nor keyed it: the first call asks for it, another's agrees
    (for the reason that was asked), and those of its line are told. Raises NotAllowed, Conflict (settled or void
    already; no reprint once voting is over).
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        paper, vote = held(session, serial, by, now)
        rules.may("void", PaperState(paper.state))
        if paper.state in rules.TO_KEY:
            _must_be_another(session, by, papers.hands_of(session, paper))
            if paper.voiding_by is None or paper.voiding_reason is None:
                paper.voiding_by, paper.voiding_reason = by.actor, reason
                asked = {"vote": vote.public_id, "reason": str(reason)}
                record(session, "paper.voiding", subject_of(paper), by, now, asked)
                idempotency.remember(session, key, serial, now=now)
                return serial
            _must_be_another(session, by, {papers.person_of(session, paper.voiding_by)})
            reason = VoidReason(paper.voiding_reason)
        if reprint and (vote.state != State.OPEN or vote.closes_at is None or now >= vote.closes_at):
            raise Conflict("not-open", "投票已经截止，不能再补打选票。")
        make_void(session, vote, paper, reason, by=by, now=now)
        session.flush()
        fresh = _number(session, vote, [paper.roll_line_id], by=by, now=now) if reprint else []
        said = {"vote": vote.public_id, "reason": str(reason), "reprinted": bool(fresh)}
        record(session, "paper.void", subject_of(paper), by, now, said)
        good = fresh[0] if fresh else serial
        idempotency.remember(session, key, good, now=now)
        return good


def usable_proxy(session: Session, paper: BallotPaper, at: datetime) -> WrittenProxy | None:
    """The line's proxy, if it is confirmed and its term runs at an instant."""
    return proxies.usable_of(session, paper.roll_line_id, at)


def make_void(
    session: Session, vote: Vote, paper: BallotPaper, reason: VoidReason, *, by: Staff, now: datetime
) -> None:
    """Make a paper void; if it had come back, those of its line are told: they think they have voted."""
    paper.state, paper.void_reason, paper.voided_at, paper.voided_by = PaperState.VOID, reason, now, by.actor
    if paper.received_at is not None:
        outbox.stage(session, VOIDED, {"vote": vote.public_id, "paper": paper.public_id}, now=now)


def people_of(paper_id: str) -> list[Told]:
    """The accounts of the line a paper (by its public id) is for."""
    session = reading()
    return telling.of_line(session, papers.line_of(session, papers.paper_of_public_id(session, paper_id)))


def _must_be_another(session: Session, by: Staff, hands: Collection[int | None]) -> None:
    if by.person_id is None:
        raise Conflict("a-person-does", "这一步要由有姓名的工作人员来做。")
    must_be_none_of(session, by, hands)


def held(session: Session, serial: str, by: Staff, now: datetime) -> tuple[BallotPaper, Vote]:
    """The paper, held, with its vote held open against counting. Another place's is not told apart from none."""
    paper = papers.paper_by_serial(session, serial, lock=True)
    vote = queries.vote_for_share(session, papers.vote_of(session, paper).public_id)
    if not by.trusted and not grants.may(session, by.person_id, ENTER, queries.place_of(session, vote), now):
        raise papers.NO_PAPER
    return paper, vote


def _handed_context(paper: BallotPaper) -> str:
    return f"ballot_paper.handed_to:{paper.public_id}"


def subject_of(paper: BallotPaper) -> str:
    return f"ballot_paper:{paper.public_id}"


def record(session: Session, action: str, subject: str, by: Staff, now: datetime, payload: dict[str, Any]) -> None:
    session.flush()
    audit.record(session, actor=by.actor, action=action, subject=subject, now=now, payload=payload)
