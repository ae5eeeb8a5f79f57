"""Every select over paper ballots."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import Conflict, NotFound
from kernel.people import models as people
from kernel.people.models import Person
from surveys.votes.models import RollLine, RollLineDwelling, RollLineHolder, Vote
from surveys.votes.paper.models import BallotPaper, PaperKeying
from surveys.votes.rules.paper import TO_KEY, Account, PaperState, account

NO_PAPER = NotFound("no-such-paper", "没有找到这张选票。请核对编号，或再扫一次选票上的二维码。")


def paper_by_serial(session: Session, serial: str, *, lock: bool = False) -> BallotPaper:
    """The paper of a serial, held for a change if asked. Raises NotFound."""
    statement = sa.select(BallotPaper).where(BallotPaper.serial == serial)
    paper = session.scalar(for_update(statement) if lock else statement)
    if paper is None:
        raise NO_PAPER
    return paper


def paper_of_public_id(session: Session, public_id: str) -> BallotPaper:
    """A paper by its public id. Raises NotFound."""
    paper = session.scalar(sa.select(BallotPaper).where(BallotPaper.public_id == public_id))
    if paper is None:
        raise NO_PAPER
    return paper


def papers_of_vote(session: Session, vote_id: int) -> Sequence[BallotPaper]:
    """All papers of a vote by number."""
    return session.scalars(
        sa.select(BallotPaper).where(BallotPaper.vote_id == vote_id).order_by(BallotPaper.number)
    ).all()


def good_papers(session: Session, line_ids: Sequence[int]) -> dict[int, BallotPaper]:
    """Line id → its paper that is not void."""
    return {
        paper.roll_line_id: paper
        for paper in session.scalars(
            sa.select(BallotPaper).where(
                BallotPaper.roll_line_id.in_(line_ids), BallotPaper.state != str(PaperState.VOID)
            )
        )
    }


def highest_number(session: Session, vote_id: int) -> int:
    """The last number printed in a vote; 0 before the first."""
    return session.scalar(sa.select(sa.func.max(BallotPaper.number)).where(BallotPaper.vote_id == vote_id)) or 0


def account_of(session: Session, vote_id: int) -> Account:
    """The account of a vote's papers."""
    states = session.scalars(sa.select(BallotPaper.state).where(BallotPaper.vote_id == vote_id)).all()
    return account(highest_number(session, vote_id), [PaperState(state) for state in states])


def waits_for_keying(session: Session, line_id: int) -> bool:
    """Whether a paper of a line came back and is not settled: what it is worth is not known yet."""
    waits = sa.exists().where(
        BallotPaper.roll_line_id == line_id, BallotPaper.state.in_([str(state) for state in TO_KEY])
    )
    return session.scalar(sa.select(waits)) or False


def agent_has_returned(session: Session, line_id: int) -> bool:
    """Whether the paper an agent was handed came back. The line's paper is held: nobody registers it meanwhile."""
    paper = session.scalar(
        for_update(
            sa.select(BallotPaper).where(
                BallotPaper.roll_line_id == line_id, BallotPaper.by_proxy, BallotPaper.state != str(PaperState.VOID)
            )
        )
    )
    return paper is not None and paper.state in TO_KEY


def person_of(session: Session, actor: str | None) -> int | None:
    """The person behind a name of the audit chain (``account:…``); None for a command or the clock."""
    kind, _, public_id = (actor or "").partition(":")
    if kind != "account":
        return None
    return session.scalar(sa.select(people.Account.person_id).where(people.Account.public_id == public_id))


def hands_of(session: Session, paper: BallotPaper) -> set[int | None]:
    """The persons who received or keyed a paper: they have seen, or could have seen, what it says."""
    return {person_of(session, paper.received_by), *(each.person_id for each in keyings_of(session, paper.id))}


def must_all_be_keyed(session: Session, vote_id: int) -> None:
    """Raises Conflict while a returned paper is not settled: nobody's ballot is left in a drawer."""
    waiting = session.scalar(
        sa.select(sa.func.count())
        .select_from(BallotPaper)
        .where(BallotPaper.vote_id == vote_id, BallotPaper.state.in_([str(state) for state in TO_KEY]))
    )
    if waiting:
        raise Conflict("papers-waiting", f"还有 {waiting} 张收回的纸质票没有录完，录完或作废以后才能计票。")


def keyings_of(session: Session, paper_id: int) -> Sequence[PaperKeying]:
    """What was keyed of a paper, by turn."""
    return session.scalars(
        sa.select(PaperKeying).where(PaperKeying.paper_id == paper_id).order_by(PaperKeying.turn)
    ).all()


def vote_of(session: Session, paper: BallotPaper) -> Vote:
    """The vote a paper belongs to."""
    return session.get_one(Vote, paper.vote_id)


def line_of(session: Session, paper: BallotPaper) -> RollLine:
    """The roll line a paper is for."""
    return session.get_one(RollLine, paper.roll_line_id)


def first_dwelling(session: Session, line_id: int) -> int:
    """A dwelling of a line (its first), for a ballot nobody's tie cast."""
    return session.scalars(
        sa.select(RollLineDwelling.dwelling_id)
        .where(RollLineDwelling.roll_line_id == line_id)
        .order_by(RollLineDwelling.dwelling_id)
        .limit(1)
    ).one()


def sole_holder(session: Session, line_id: int) -> tuple[int, str] | None:
    """Inner and public id of the person a line belongs to, when it is one."""
    rows = session.execute(
        sa.select(Person.id, Person.public_id)
        .join(RollLineHolder, RollLineHolder.person_id == Person.id)
        .where(RollLineHolder.roll_line_id == line_id)
    ).all()
    return (rows[0].id, rows[0].public_id) if len(rows) == 1 else None
