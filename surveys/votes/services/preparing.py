"""From a draft to an open vote: the roll built from the register, the notice, the frozen roll."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, idempotency, outbox
from kernel.clock import china_day, china_text
from kernel.database import new_public_id, transaction, use_case
from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.idempotency import Key
from kernel.places import queries as places
from kernel.places.models import Place, PlaceKind
from surveys.votes import queries
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.local_rules.services import freezing
from surveys.votes.models import Candidate, Motion, Vote
from surveys.votes.rolls import queries as rolls
from surveys.votes.rolls.services import building
from surveys.votes.rules import ballot, catalogue, lifecycle, periods
from surveys.votes.rules.catalogue import Form
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.local_rules import YES
from surveys.votes.rules.roll import HeadcountMode
from surveys.votes.services.papers import papers_of

MANAGE = "vote.manage"
CLOSE_DUE = "vote.close_due"


@dataclass(frozen=True)
class Staff:
    """Who acts: the audit chain's name, and the person grants hang on. ``person_id`` None with ``trusted``: the CLI."""

    actor: str
    person_id: int | None
    trusted: bool = False
    account_id: int | None = None

    def uploader(self) -> int:
        """The account whose proofs go into a record. Raises NotAllowed for who has none (a command, the clock)."""
        if self.account_id is None:
            raise NotAllowed("no-account", "要附照片，请用工作人员的账号办理。")
        return self.account_id


OPERATOR = Staff("cli", None, trusted=True)


@dataclass(frozen=True)
class NewCandidate:
    """A name on an election's paper; published with the person's consent."""

    name: str
    note: str = ""


@dataclass(frozen=True)
class NewMotion:
    """A motion as drafted. ``matter`` is a word of the catalogue; elections have candidates, seats and most."""

    matter: str
    title: str
    text: str = ""
    candidates: tuple[NewCandidate, ...] = ()
    seats: int = 0
    most: int = 0


@dataclass(frozen=True)
class NewVote:
    """A vote as drafted. Days are the local minimum promised on the notice; instants are wishes that leave as many.

    What is None follows the local rules of the day, or the usual way.
    """

    place_code: str
    title: str
    motions: tuple[NewMotion, ...]
    intro: str = ""
    notice_days: int | None = None
    voting_days: int | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    headcount: HeadcountMode | None = None
    include_parking: bool | None = None


def must_manage(session: Session, staff: Staff, place: Place, now: datetime) -> None:
    """Raises NotAllowed unless ``staff`` may manage votes at ``place`` now."""
    if not staff.trusted:
        grants.require(session, staff.person_id, MANAGE, place, now)


@use_case
def create(draft: NewVote, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Draft a vote and build its roll from the register; gives its public id.

    Raises NotAllowed without a grant at the place, Invalid for what the catalogue or the register does not carry.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = draft_in(session, draft, by=by, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def draft_in(session: Session, draft: NewVote, *, by: Staff, now: datetime) -> Vote:
    """Draft a vote and build its roll in the caller's transaction; raises as ``create`` does."""
    place = places.place_by_code(session, draft.place_code)
    must_manage(session, by, place, now)
    rules = _checked(draft, place, now)
    local = local_rules.in_force(session, place, china_day(now))
    notice_days, voting_days = draft.notice_days, draft.voting_days
    if notice_days is None:
        notice_days = local.number(freezing.notice_key(rules[0].electorate))
    if voting_days is None:
        voting_days = local.number("voting_days")
    headcount, parking = draft.headcount, draft.include_parking
    vote = Vote(
        public_id=new_public_id(),
        place_id=place.id,
        title=draft.title,
        intro=draft.intro,
        electorate=rules[0].electorate,
        headcount=headcount or HeadcountMode(local.word("headcount")),
        include_parking=local.word("parking") == YES if parking is None else parking,
        notice_days=notice_days,
        voting_days=voting_days,
        opens_at=draft.opens_at,
        closes_at=draft.closes_at,
        created_by=by.actor,
        created_at=now,
    )
    session.add(vote)
    session.flush()
    for position, (motion, rule) in enumerate(zip(draft.motions, rules, strict=True), start=1):
        _add_motion(session, vote.id, position, motion, rule)
    freezing.begin(session, vote, local)
    building.build(session, vote, place, day=china_day(now))
    _record(session, vote, "vote.drafted", by, now, {"place": place.code, "rules": [rule.version for rule in rules]})
    return vote


@use_case
def rebuild_roll(vote_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Build the roll again from today's register, while it is not frozen. Raises Conflict once voting has opened."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote, place = _managed(session, vote_id, by, now)
        if vote.state not in (State.DRAFT, State.PUBLISHED):
            raise Conflict("roll-frozen", "投票开始后名册已经冻结，不能重新生成。")
        building.build(session, vote, place, day=china_day(now))
        _record(session, vote, "vote.roll_rebuilt", by, now, {"heads": vote.roll_heads, "area_dm2": vote.roll_area_dm2})
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


@use_case
def publish(vote_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Put the notice out: the window is fixed and the ballot's text frozen. Raises Conflict unless it is a draft."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote, _ = _managed(session, vote_id, by, now)
        publish_in(session, vote, by=by, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def publish_in(session: Session, vote: Vote, *, by: Staff, now: datetime) -> None:
    """Put a draft's notice out in the caller's transaction; raises as ``publish`` does."""
    before = State(vote.state)
    state = lifecycle.advance(before, State.PUBLISHED)
    # Rules withdrawn since the draft was made count nobody's silence.
    bylaws.must_still_deem(session, vote, queries.place_of(session, vote), state=before, today=china_day(now))
    vote.state = state
    window = periods.window(
        now,
        notice_days=vote.notice_days,
        voting_days=vote.voting_days,
        opens_at=vote.opens_at,
        closes_at=vote.closes_at,
    )
    vote.opens_at, vote.closes_at, vote.provisional = window.opens_at, window.closes_at, window.provisional
    laid_down = freezing.freeze(session, vote, queries.place_of(session, vote), china_day(now))
    vote.published_at = now
    vote.text_hash = ballot.text_hash(vote.public_id, vote.title, papers_of(session, vote.id))
    _record(
        session,
        vote,
        "vote.published",
        by,
        now,
        {
            "text_hash": vote.text_hash,
            "opens_at": vote.opens_at.isoformat(),
            "closes_at": vote.closes_at.isoformat(),
            "local_rules": laid_down,
        },
    )
    outbox.stage(session, "vote.published", {"vote": vote.public_id}, now=now)


@use_case
def open_voting(vote_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Open the voting: the roll is frozen with its hash, closing is set for its instant.

    Raises Conflict before the notice period is over or out of turn.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote, place = _managed(session, vote_id, by, now)
        state = lifecycle.advance(State(vote.state), State.OPEN)
        assert vote.opens_at is not None
        assert vote.closes_at is not None
        lifecycle.may_open(opens_at=vote.opens_at, now=now, opens_text=china_text(vote.opens_at))
        planned = periods.Window(vote.opens_at, vote.closes_at, vote.provisional)
        window = periods.reopened(planned, now, voting_days=vote.voting_days)
        if window.closes_at <= now:
            raise Conflict("window-over", "公告写明的截止时间已经过了，请重新发布公告。")
        lifecycle.may_freeze(open_objections=rolls.open_objections(session, vote.id))
        building.must_be_of_today(session, vote, place, day=china_day(now))
        roll_hash = building.freeze(session, vote)
        vote.closes_at, vote.provisional = window.closes_at, window.provisional
        vote.state, vote.opened_at = state, now
        _record(
            session,
            vote,
            "vote.opened",
            by,
            now,
            {"roll_hash": roll_hash, "heads": vote.roll_heads, "area_dm2": vote.roll_area_dm2},
        )
        news = {"vote": vote.public_id}
        outbox.stage(session, "vote.opened", news, now=now)
        outbox.stage(session, CLOSE_DUE, news, now=now, due_at=vote.closes_at)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def _managed(session: Session, vote_id: str, by: Staff, now: datetime) -> tuple[Vote, Place]:
    vote = queries.vote_for_update(session, vote_id)
    place = queries.place_of(session, vote)
    must_manage(session, by, place, now)
    return vote, place


def _record(session: Session, vote: Vote, action: str, by: Staff, now: datetime, payload: dict[str, object]) -> None:
    session.flush()
    audit.record(session, actor=by.actor, action=action, subject=f"vote:{vote.public_id}", now=now, payload=payload)


def _checked(draft: NewVote, place: Place, now: datetime) -> list[catalogue.Rule]:
    """The rules in force for the draft's motions; Invalid for what cannot be voted on together or at this place."""
    if place.kind not in (PlaceKind.ESTATE, PlaceKind.BUILDING, PlaceKind.UNIT):
        raise Invalid("wrong-scope", "表决范围请选一个小区、一栋楼或者一个单元。", {"place": ["请选小区、楼栋或单元"]})
    if not draft.motions:
        raise Invalid("no-motion", "至少要有一个表决事项。", {"motions": ["请填写"]})
    periods.opening(now, notice_days=draft.notice_days or 0)
    rules = [catalogue.in_force(motion.matter, china_day(now)) for motion in draft.motions]
    if len({rule.electorate for rule in rules}) > 1:
        raise Invalid("mixed-electorates", "业主、居民、居民代表是三种不同的投票人，不能放在同一张选票上。")
    for motion, rule in zip(draft.motions, rules, strict=True):
        if rule.form is Form.QUESTION and (motion.candidates or motion.seats or motion.most):
            raise Invalid("not-an-election", "这一项是同意、反对、弃权，不设候选人。")
        if rule.form is Form.ELECTION and not (
            1 <= motion.seats <= len(motion.candidates) and motion.seats <= motion.most <= len(motion.candidates)
        ):
            raise Invalid("seats-and-names", "应选人数要在 1 到候选人数之间，每票最多可选人数不少于应选人数。")
        if len({candidate.name for candidate in motion.candidates}) < len(motion.candidates):
            raise Invalid("same-name-twice", "候选人里有两个同名的，请在姓名后面写明楼栋以便区分。")
    return rules


def _add_motion(session: Session, vote_id: int, position: int, draft: NewMotion, rule: catalogue.Rule) -> None:
    motion = Motion(
        public_id=new_public_id(),
        vote_id=vote_id,
        position=position,
        rule=rule.version,
        title=draft.title,
        text=draft.text,
        seats=draft.seats,
        most=draft.most,
    )
    session.add(motion)
    session.flush()
    session.add_all(
        Candidate(public_id=new_public_id(), motion_id=motion.id, position=place, name=each.name, note=each.note)
        for place, each in enumerate(draft.candidates, start=1)
    )
    session.flush()
