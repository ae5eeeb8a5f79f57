"""Keying what papers say: by one person, by another, and by a third where they differ; then it is a ballot."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit, double_keying, idempotency
from kernel.database import reading, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict
from kernel.idempotency import Key
from surveys.votes.models import Vote
from surveys.votes.paper import queries as papers
from surveys.votes.paper.models import BallotPaper, PaperKeying
from surveys.votes.paper.services.handling import held, make_void, must_enter, record, subject_of, usable_proxy
from surveys.votes.proxies import services as written
from surveys.votes.rules import paper as rules
from surveys.votes.rules.ballot import Paper, Standing
from surveys.votes.rules.binding import Channel, Confirmation, Device
from surveys.votes.rules.conflicts import Held
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.paper import PaperState, VoidReason
from surveys.votes.services import casting, keeping
from surveys.votes.services.keeping import How
from surveys.votes.services.papers import papers_of
from surveys.votes.services.preparing import Staff
from surveys.votes.services.two_people import must_be_none_of


@use_case
def key_in(
    serial: str,
    entries: Mapping[str, object],
    *,
    signed: bool,
    by: Staff,
    now: datetime,
    key: Key | None = None,
) -> str:
    """Key what a paper says: motion → choice word, names, or ``spoilt``; gives its serial.

    The second person's keying settles the paper when it equals the first's; what differs waits for a third. Raises
    NotAllowed (the same person again), Conflict (not to be keyed, result out), Invalid.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        paper, vote = held(session, serial, by, now)
        rules.may("key", PaperState(paper.state))
        offered = papers_of(session, vote.id)
        fields = rules.keyed(offered, entries, signed=signed)
        earlier = papers.keyings_of(session, paper.id)
        _keep(session, paper, offered, fields, turn=len(earlier) + 1, earlier=earlier, by=by, now=now)
        if not earlier:
            paper.state = PaperState.KEYED
        elif double_keying.differences(_opened(paper, earlier[0]), fields):
            paper.state = PaperState.DIFFERS
        else:
            _settle(session, vote, paper, offered, fields, by=by, now=now)
        session.flush()
        record(session, "paper.keyed", subject_of(paper), by, now, {"turn": len(earlier) + 1, "state": paper.state})
        idempotency.remember(session, key, serial, now=now)
        return serial


@use_case
def decide(serial: str, decided: Mapping[str, object], *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """A third person decides what two keyings differ in (one of the two readings each); gives the serial.

    Raises NotAllowed (who keyed it), Conflict, Invalid by field.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        paper, vote = held(session, serial, by, now)
        rules.may("decide", PaperState(paper.state))
        earlier = papers.keyings_of(session, paper.id)
        must_be_none_of(session, by, [each.person_id for each in earlier])
        first, second = (_opened(paper, each) for each in earlier[:2])
        chosen = {name: sorted(value) if isinstance(value, list) else value for name, value in decided.items()}
        agreed = double_keying.settled(first, second, chosen)
        offered = papers_of(session, vote.id)
        _keep(session, paper, offered, agreed, turn=3, earlier=earlier, by=by, now=now)
        _settle(session, vote, paper, offered, agreed, by=by, now=now)
        session.flush()
        record(session, "paper.decided", subject_of(paper), by, now, {"fields": len(chosen), "state": paper.state})
        idempotency.remember(session, key, serial, now=now)
        return serial


def differing(session: Session, paper: BallotPaper) -> dict[str, tuple[Any, Any]]:
    """Field → the two readings, of a paper that waits for a third."""
    first, second = (_opened(paper, each) for each in papers.keyings_of(session, paper.id)[:2])
    return {name: (first.get(name), second.get(name)) for name in double_keying.differences(first, second)}


def look_at_differences(serial: str, *, by: Staff, now: datetime) -> dict[str, tuple[Any, Any]]:
    """What two keyings differ in, for the third person; the look is on record first.

    Raises NotFound, NotAllowed (no grant, or one of the two who keyed), Conflict (nothing differs).
    """
    session = reading()
    paper = papers.paper_by_serial(session, serial)
    must_enter(session, by, papers.vote_of(session, paper), now)
    rules.may("decide", PaperState(paper.state))
    must_be_none_of(session, by, [each.person_id for each in papers.keyings_of(session, paper.id)])
    audit.look(actor=by.actor, what="paper", subject=subject_of(paper), now=now)
    session = reading()
    return differing(session, papers.paper_by_serial(session, serial))


def _settle(
    session: Session,
    vote: Vote,
    paper: BallotPaper,
    offered: list[Paper],
    agreed: Mapping[str, object],
    *,
    by: Staff,
    now: datetime,
) -> None:
    found = rules.read(offered, agreed)
    if found.void is not None:
        make_void(session, vote, paper, found.void, by=by, now=now)
        return
    assert paper.received_at is not None
    proxy = usable_proxy(session, paper, paper.received_at) if paper.by_proxy else None
    if paper.by_proxy and proxy is None:
        # Withdrawn, or over, before the paper came back: the agent had nothing left to vote with.
        make_void(session, vote, paper, VoidReason.WITHDRAWN, by=by, now=now)
        return
    standing = rules.standing(
        state=State(vote.state),
        opens_at=vote.opened_at,
        closes_at=vote.closes_at,
        closed_at=vote.closed_at,
        received_at=paper.received_at,
    )
    sealed = casting.sealed_ballot(
        offered,
        {
            motion: sorted(answer) if isinstance(answer, frozenset) else answer
            for motion, answer in found.answers.items()
        },
        receipt_no=paper.receipt_no,
    )
    line = papers.line_of(session, paper)
    holder = papers.sole_holder(session, line.id)
    how = How(
        by.actor,
        papers.first_dwelling(session, line.id),
        channel=Channel.PAPER,
        device=Device.PAPER,
        confirmed=Confirmation.PAPER,
        person_id=holder[0] if holder else None,
        person=holder[1] if holder else None,
        by_proxy=paper.by_proxy,
    )
    at = paper.received_at
    kept = keeping.add(
        session, vote, (line.id, line.public_id), sealed, how=how, standing=standing, received_at=at, now=now
    )
    if proxy is not None:
        written.use(session, proxy.id, kept)
    if standing is Standing.VALID:
        new = Held(str(Channel.PAPER), at)
        keeping.make_count(session, vote, line.id, kept, new=new, actor=by.actor, now=now)
    paper.state, paper.ballot_id = PaperState.SETTLED, kept


def _keep(
    session: Session,
    paper: BallotPaper,
    offered: list[Paper],
    fields: Mapping[str, object],
    *,
    turn: int,
    earlier: Sequence[PaperKeying],
    by: Staff,
    now: datetime,
) -> None:
    if by.person_id is None:
        raise Conflict("a-person-keys", "选票要由有姓名的工作人员录入。")
    must_be_none_of(session, by, [each.person_id for each in earlier])
    twice = Conflict("keyed-meanwhile", "刚刚有人也录了这一张，请刷新页面再看。")
    with translating({"paper_keying_once_a_turn": twice, "paper_keying_once_a_person": twice}):
        session.execute(
            sa.insert(PaperKeying).values(
                paper_id=paper.id,
                turn=turn,
                person_id=by.person_id,
                sealed=vault().seal(_packed(offered, fields), context=_keying_context(paper, turn)),
                keyed_at=now,
            )
        )


def _packed(offered: list[Paper], fields: Mapping[str, object]) -> str:
    """Of one length whatever was read, so that a row's size tells nothing."""
    longest = sum(60 + 30 * max(paper.most, 1) for paper in offered) + 40
    return json.dumps(dict(fields), ensure_ascii=True, separators=(",", ":")).ljust(longest)


def _opened(paper: BallotPaper, keying: PaperKeying) -> dict[str, Any]:
    opened: dict[str, Any] = json.loads(vault().open(keying.sealed, context=_keying_context(paper, keying.turn)))
    return opened


def _keying_context(paper: BallotPaper, turn: int) -> str:
    return f"paper_keying.sealed:{paper.public_id}:{turn}"
