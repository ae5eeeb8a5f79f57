"""Votes of 桃园北巷: of each kind one that is over and one that is open, with plausible ballots of invented people."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kernel.database import reading, transaction, use_case
from kernel.people import queries as people_queries
from kernel.people import services as people
from kernel.people.models import Account, Person, PersonKind, Relation
from kernel.places import queries as places
from kernel.places.models import DwellingUse
from portal.demo import Demo
from portal.demo.personas import PERSONAS, TAOYUAN
from surveys.votes import queries
from surveys.votes.results import queries as results
from surveys.votes.results.services import finalise
from surveys.votes.rules.ballot import Paper
from surveys.votes.rules.catalogue import Form
from surveys.votes.rules.decision import Choice
from surveys.votes.rules.roll import VOTING_LEVEL
from surveys.votes.services import casting, counting, preparing
from surveys.votes.services.casting import Voter
from surveys.votes.services.papers import papers_of
from surveys.votes.services.preparing import NewCandidate, NewMotion, NewVote, Staff

BY = Staff("demo", None, trusted=True)
MOST_BALLOTS = 300
"""A big demo does not spend its minutes on voting."""
VOTING_DAYS = 30
CHOICES = (Choice.APPROVE, Choice.AGAINST, Choice.ABSTAIN)


@dataclass(frozen=True)
class Story:
    """A vote to tell: when its notice went out, how many of a hundred lines vote, how many of a hundred agree."""

    days_ago: int
    over: bool
    turnout: int
    approval: int
    title: str
    intro: str
    motions: tuple[NewMotion, ...]
    place: str = TAOYUAN
    notice_days: int = 5


def candidates_named(*names: tuple[str, str]) -> tuple[NewCandidate, ...]:
    return tuple(NewCandidate(name, note) for name, note in names)


STORIES = (
    Story(
        90,
        True,
        83,
        74,
        "桃园北巷自管小组成员选举",
        "自管小组负责改造期间的沟通、监督和改造后的日常管理，任期三年。候选人由居民自荐和联名推荐产生，已征得本人同意。",
        (
            NewMotion(
                "residents.group",
                "选举自管小组成员（5 人）",
                candidates=candidates_named(
                    ("何建国", "2栋，退休电工，自荐"),
                    ("王玉兰", "3栋，现任楼栋长，联名推荐"),
                    ("梁志明", "1栋，会计，联名推荐"),
                    ("罗少芬", "1栋，退休教师，自荐"),
                    ("谢国华", "2栋，水电维修，联名推荐"),
                    ("丘美玲", "3栋，社区志愿者，自荐"),
                    ("叶伟强", "2栋，个体户，自荐"),
                ),
                seats=5,
                most=5,
            ),
        ),
    ),
    Story(
        80,
        True,
        79,
        86,
        "使用维修资金更换供水水泵",
        "三栋楼的二次供水水泵已用 19 年，经常停水。更换两台水泵和控制柜，预算 48,600 元，从维修资金列支，多退少补。",
        (NewMotion("owners.fund_use", "是否同意使用维修资金更换供水水泵", "预算 48,600 元，按专有部分面积分摊。"),),
    ),
    Story(
        21,
        False,
        46,
        70,
        "桃园北巷自管小组增补成员选举",
        "一名成员搬离小区，另按居民要求增加一名，共增补 2 人。候选人已征得本人同意。",
        (
            NewMotion(
                "residents.group",
                "增补自管小组成员（2 人）",
                candidates=candidates_named(
                    ("丘美玲", "3栋，社区志愿者"),
                    ("叶伟强", "2栋，个体户"),
                    ("廖雪梅", "1栋，退休护士"),
                    ("江永福", "3栋，退休工人"),
                ),
                seats=2,
                most=3,
            ),
        ),
    ),
    Story(
        20,
        False,
        41,
        80,
        "小区停车统一划线管理",
        "改造后可划停车位 37 个。表决是否由自管小组统一划线、登记和管理，管理办法见公示栏。",
        (NewMotion("owners.other", "是否同意由自管小组统一划线管理停车", "不收费，不出租，只登记本小区车辆。"),),
    ),
)


def votes(demo: Demo) -> str:
    """Announce, open, cast, and for those that are over close and count; all through the services."""
    mine = voters(demo, TAOYUAN)
    ballots = sum(tell(demo, story, mine, number)[1] for number, story in enumerate(STORIES))
    over = sum(story.over for story in STORIES)
    return f"表决：已结束 {over} 次、进行中 {len(STORIES) - over} 次，共 {ballots} 张选票"


@dataclass(frozen=True)
class Voters:
    """Who can cast: by dwelling (a household's) and by person (an owner's), the account that does."""

    of_dwelling: dict[str, Voter]
    of_person: dict[str, Voter]
    undecided: set[str]


@use_case
def voters(demo: Demo, code: str) -> Voters:
    """An account tied at level 2 to every owner of an estate; the people of the story keep their own."""
    found = Voters({}, {}, {persona.tied_to or persona.owns for persona in PERSONAS} - {""})
    with transaction() as session:
        estate = places.place_by_code(session, code)
        for number, dwelling in enumerate(places.dwellings_of_estate(session, estate.id)):
            owners = people_queries.owners_of(session, dwelling.id)
            if dwelling.use != DwellingUse.HOME or not owners:
                continue
            owner = owners[0]
            account = _account_of(session, dwelling.id, owner)
            if account is None:
                if code == TAOYUAN and dwelling.label in found.undecided:
                    continue  # the story claims this door itself
                openid = f"demo-voter-{number:04}" if code == TAOYUAN else f"demo-voter-{code}-{number:04}"
                account = _new_account(session, dwelling.id, owner, openid, demo.ago(130))
            voter = Voter(account.id, f"account:{account.public_id}")
            found.of_dwelling[dwelling.public_id] = voter
            found.of_person.setdefault(owner.public_id, voter)
    return found


def _account_of(session: Session, dwelling_id: int, owner: Person) -> Account | None:
    for tie in people_queries.ties_to(session, dwelling_id):
        if tie.person_id == owner.id and tie.level == VOTING_LEVEL:
            return session.get_one(Account, tie.account_id)
    return None


def _new_account(session: Session, dwelling_id: int, owner: Person, openid: str, since: datetime) -> Account:
    account = people.make_sure_account(session, openid, now=since)
    organisation = owner.kind == PersonKind.ORGANISATION
    people.tie(
        session,
        account,
        dwelling_id,
        level=VOTING_LEVEL,
        relation=Relation.REPRESENTATIVE if organisation else Relation.SELF,
        person_id=owner.id,
        actor=BY.actor,
        now=since,
    )
    return account


def tell(demo: Demo, story: Story, mine: Voters, number: int) -> tuple[str, int]:
    """Announce, open, cast, and if it is over close and count; gives the vote and how many ballots."""
    announced = demo.ago(story.days_ago)
    vote_id = preparing.create(
        NewVote(
            story.place,
            story.title,
            story.motions,
            intro=story.intro,
            notice_days=story.notice_days,
            voting_days=VOTING_DAYS,
        ),
        by=BY,
        now=announced - timedelta(days=1),
    )
    preparing.publish(vote_id, by=BY, now=announced)
    opens_at = queries.vote_by_public_id(reading(), vote_id).opens_at
    assert opens_at is not None
    opened_at = opens_at + timedelta(hours=9)
    preparing.open_voting(vote_id, by=BY, now=opened_at)
    cast = _cast_all(demo, story, vote_id, mine, opened_at, number)
    if story.over:
        closes_at = queries.vote_by_public_id(reading(), vote_id).closes_at
        assert closes_at is not None
        counting.close(vote_id, by=BY, now=closes_at)
        counting.publish_result(vote_id, by=BY, now=closes_at + timedelta(hours=10))
        standing = results.standing_of(reading(), queries.vote_by_public_id(reading(), vote_id).id)
        assert standing is not None
        if standing.ends_at < demo.now:
            finalise(vote_id, by=BY, now=standing.ends_at + timedelta(hours=10))
    return vote_id, cast


def _cast_all(demo: Demo, story: Story, vote_id: str, mine: Voters, opened_at: datetime, number: int) -> int:
    chance = demo.random(f"votes:{number}")
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    papers = papers_of(session, vote.id)
    lines = queries.roll_of(session, vote.id)
    last = min(vote.closes_at or demo.now, demo.now) - timedelta(hours=1)
    cast = 0
    for line in lines:
        votes_at = opened_at + (last - opened_at) * chance.random() ** 2
        answers = {paper.motion: _answer(paper, story.approval, chance) for paper in papers}
        stays_away = chance.randrange(100) >= story.turnout
        of_the_story = bool(mine.undecided & set(line.value.labels)) and not story.over
        voter = next(
            (
                who
                for who in (
                    *(mine.of_person.get(person) for person in line.value.holders),
                    *(mine.of_dwelling.get(dwelling) for dwelling in line.value.dwellings if not line.value.holders),
                )
                if who is not None
            ),
            None,
        )
        if voter is None or stays_away or of_the_story or cast >= MOST_BALLOTS:
            continue
        casting.cast(vote_id, line.public_id, answers, text_hash=vote.text_hash or "", by=voter, now=votes_at)
        cast += 1
    return cast


def _answer(paper: Paper, approval: int, chance: random.Random) -> str | list[str]:
    if paper.form is Form.QUESTION:
        rest = (100 - approval) / 2
        return str(chance.choices(CHOICES, (approval, rest, rest))[0])
    names = [identity for identity, _ in paper.candidates]
    # Those who stand first on the paper are better known here; the last ones miss the majority.
    weights = [approval - 100 * place // (2 * len(names)) + 8 for place in range(len(names))]
    chosen = [name for name, weight in zip(names, weights, strict=True) if chance.randrange(100) < weight]
    chance.shuffle(chosen)
    return chosen[: paper.most]
