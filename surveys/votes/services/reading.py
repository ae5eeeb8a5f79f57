"""What is shown of votes: the notice with its smallest passing numbers, one's own lines, receipts, the public board."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit
from kernel.errors import Conflict, DomainError, NotFound
from kernel.places.models import Place
from surveys.votes import queries
from surveys.votes.conflicts import queries as conflicts
from surveys.votes.conflicts.models import BallotConflict
from surveys.votes.elections import queries as elections
from surveys.votes.models import Ballot, Vote, VoteResult
from surveys.votes.proxies import queries as proxies
from surveys.votes.proxies.models import WrittenProxy
from surveys.votes.queries import StoredLine, Turnout
from surveys.votes.results.models import ResultRecount
from surveys.votes.rules import catalogue, decision, roll
from surveys.votes.rules.catalogue import Electorate, Measure, Rule
from surveys.votes.rules.decision import Needed
from surveys.votes.rules.lifecycle import State
from surveys.votes.secret import queries as secret
from surveys.votes.services import keeping


@dataclass(frozen=True)
class CandidateView:
    """A name on the paper."""

    id: str
    name: str
    note: str
    withdrawn: bool
    """stepped back after printing: the name stays, votes for it are void"""


@dataclass(frozen=True)
class NeededView:
    """The smallest passing numbers of one measure for this roll (heads, or 0.01 ㎡); ``full``: if everybody votes."""

    measure: Measure
    roll: int
    needed: Needed
    full: int


@dataclass(frozen=True)
class MotionView:
    """A motion as the notice prints it."""

    id: str
    title: str
    text: str
    rule: Rule
    seats: int
    most: int
    candidates: tuple[CandidateView, ...]
    needed: tuple[NeededView, ...]


@dataclass(frozen=True)
class Notice:
    """A vote as everybody may see it: never what was chosen before the result is out."""

    vote: Vote
    place: Place
    state: State
    electorate: Electorate
    motions: tuple[MotionView, ...]
    turnout: Turnout

    @property
    def small(self) -> bool:
        """Is the body so small that a result says much about single households?"""
        return self.vote.roll_dwellings < roll.SMALL_BODY


def notice(session: Session, vote: Vote) -> Notice:
    """The notice of a vote (of a draft, too, for its makers)."""
    candidates, withdrawn = queries.candidates_of(session, vote.id), elections.withdrawn_of(session, vote.id)
    sizes = {Measure.HEADS: vote.roll_heads, Measure.AREA: vote.roll_area_dm2}
    motions = []
    for motion in queries.motions_of(session, vote.id):
        rule = catalogue.of_version(motion.rule)
        motions.append(
            MotionView(
                id=motion.public_id,
                title=motion.title,
                text=motion.text,
                rule=rule,
                seats=motion.seats,
                most=motion.most,
                candidates=tuple(
                    CandidateView(each.public_id, each.name, each.note, each.public_id in withdrawn)
                    for each in candidates.get(motion.id, ())
                ),
                needed=tuple(
                    NeededView(
                        measure,
                        sizes[measure],
                        decision.needed(rule, sizes[measure]),
                        rule.approval.smallest(sizes[measure]),
                    )
                    for measure in rule.measures
                ),
            )
        )
    return Notice(
        vote=vote,
        place=queries.place_of(session, vote),
        state=State(vote.state),
        electorate=Electorate(vote.electorate),
        motions=tuple(motions),
        turnout=queries.turnout_of(session, vote.id),
    )


def accepts_ballots(vote: Vote, now: datetime) -> bool:
    """Does a ballot cast now count?"""
    return vote.state == State.OPEN and vote.closes_at is not None and now < vote.closes_at


@dataclass(frozen=True)
class MyLine:
    """A roll line the viewer is tied to. ``refusal``: why this viewer may not use it, or None. ``ballot``: the one that
    used it; ``mine``: cast by this very account. Co-owners learn that the line was used, not how.
    """

    line: StoredLine
    refusal: DomainError | None
    ballot: Ballot | None
    mine: bool
    as_agent: bool = False
    """the viewer is the agent of its written proxy"""
    proxy: WrittenProxy | None = None
    """its live proxy, for those it belongs to"""
    questions: tuple[BallotConflict, ...] = ()
    """what is or was in question about its ballots"""
    anew: bool = False
    """a ballot by phone would count all the same: the notice lets the phone prevail over paper, or nothing counts"""


def my_lines(session: Session, vote: Vote, account_id: int, *, now: datetime | None = None) -> list[MyLine]:
    """The lines of a vote the account is tied to, whether it may use them or not.

    With ``now`` a line that was used says whether a ballot by phone arriving then would count all the same.
    """
    open_now = now is not None and accepts_ballots(vote, now) and secret.key_of(session, vote.id) is None
    lines = queries.lines_for_account(session, vote.id, account_id)
    as_agent = proxies.lines_as_agent(session, vote.id, account_id)
    known = {line.id for line in lines}
    lines += [each for each in queries.lines_by_id(session, [*as_agent]) if each.id not in known] if as_agent else []
    if not lines:
        return []
    claims = [claim for claim, _, _ in queries.claims_of(session, account_id)]
    ids = [line.id for line in lines]
    ballots = queries.ballots_of_lines(session, ids)
    proxied = proxies.live_proxies_of(session, ids)
    questions = conflicts.conflicts_of_lines(session, ids) if ballots else {}
    mine: list[MyLine] = []
    for line in lines:
        refusal: DomainError | None = None
        agent = False
        try:
            roll.must_be_on_it(line.value, claims, Electorate(vote.electorate))
        except DomainError as error:
            agent = line.id in as_agent
            if not agent and isinstance(error, NotFound):
                continue  # a neighbour's tie: not this viewer's line at all
            refusal = None if agent else error
        cast = next(iter(ballots.get(line.id, ())), None) if refusal is None else None
        mine.append(
            MyLine(
                line,
                refusal,
                cast,
                cast is not None and cast.account_id == account_id,
                as_agent=agent,
                proxy=proxied.get(line.id) if refusal is None else None,
                questions=tuple(questions.get(line.id, ())) if refusal is None and not agent else (),
                anew=cast is not None
                and now is not None
                and open_now
                and keeping.would_count(session, vote, line.id, now=now),
            )
        )
    return mine


def line_to_vote(session: Session, vote: Vote, account_id: int, line_id: str, *, now: datetime | None = None) -> MyLine:
    """The line a ballot page is for. Raises NotFound (not the viewer's), or the refusal that keeps him from it."""
    mine = my_lines(session, vote, account_id, now=now)
    found = next((each for each in mine if each.line.public_id == line_id), None)
    if found is None:
        raise NotFound("no-such-line", "名册上没有找到您的这一票。请从自家门上的二维码进来再试。")
    if found.refusal is not None:
        raise found.refusal
    return found


@dataclass(frozen=True)
class Receipt:
    """What a voter keeps. ``chain``: place and hash in the audit chain once sealed (about a second), else None."""

    ballot: Ballot
    line: StoredLine
    chain: tuple[int, str] | None


def receipt(session: Session, vote: Vote, account_id: int, receipt_no: str) -> Receipt:
    """A receipt for those who may use its line: voter, co-owners, household. Raises NotFound for all others."""
    cast = queries.ballot_by_receipt(session, vote.id, receipt_no)
    if cast is not None:
        for each in my_lines(session, vote, account_id):
            if each.line.id == cast.roll_line_id and (each.refusal is None or cast.account_id == account_id):
                return Receipt(cast, each.line, audit.sealed_position(session, cast.audit_hash))
    raise NotFound("no-such-receipt", "没有找到这张回执。请核对编号，或回到投票页面查看。")


def result(session: Session, vote: Vote) -> VoteResult | ResultRecount:
    """What was counted last. Raises Conflict before it is published."""
    found = queries.result_of(session, vote.id)
    if found is None:
        raise Conflict("no-result-yet", "结果还没有公布。投票截止、计票之后会在这里公布。")
    return found
