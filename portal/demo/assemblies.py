"""Around the demo's votes: local rules, adopted rules on file, residents' representatives and their vote, a vote of
several estates, objections to a roll, an amendment, a proxy, and a question in the conflict queue.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from PIL import Image

from kernel import evidence
from kernel.clock import china_day
from kernel.database import end_reading, reading, transaction, use_case
from kernel.idempotency import Key
from kernel.people import queries as people_queries
from kernel.people import services as people
from kernel.people.models import Account, Person, PersonKind, Relation
from kernel.places import queries as places
from kernel.places.models import Dwelling, DwellingUse, PlaceKind
from portal.demo import Demo
from portal.demo.city import estates_with_dwellings
from portal.demo.personas import PERSONAS, TAOYUAN
from surveys.votes import queries
from surveys.votes.bylaws import services as filing
from surveys.votes.bylaws.services import NewBylaws
from surveys.votes.clusters import services as merging
from surveys.votes.conflicts import services as conflicts
from surveys.votes.delegates import services as delegating
from surveys.votes.delegates.services import NewDelegate
from surveys.votes.local_rules.services import filing as ruling
from surveys.votes.local_rules.services.filing import NewLocalRule
from surveys.votes.models import Vote
from surveys.votes.proxies import services as proxies
from surveys.votes.proxies.services import NewProxy
from surveys.votes.rolls.services import changing, objecting
from surveys.votes.rolls.services.changing import NewChange
from surveys.votes.rules.bylaws import Silence
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.delegates import Chosen
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.proxies import Powers
from surveys.votes.rules.roll import VOTING_LEVEL, LineKind
from surveys.votes.rules.roll_changes import ChangeKind, ObjectionKind
from surveys.votes.services import casting, preparing
from surveys.votes.services import reading as shown
from surveys.votes.services.casting import Voter
from surveys.votes.services.papers import papers_of
from surveys.votes.services.preparing import NewMotion, NewVote, Staff

BY = Staff("demo", None, trusted=True)
OTHER = Staff("demo:second", None, trusted=True)
LOCAL = (
    # key, value, from so many days ago on, document, number, clause
    ("agent_limit", "3", 400, "业主大会活动指引（示例）", "示例〔2025〕3号", "第十二条"),
    ("recall_share", "1/5", 400, "小区自管小组工作办法（示例）", "示例〔2025〕7号", "第九条"),
    ("public_delivery_days", "7", 400, "业主大会活动指引（示例）", "示例〔2025〕3号", "第十五条"),
    ("owners_notice_days", "15", -30, "业主大会活动指引（修订，示例）", "示例〔2026〕1号", "第八条"),
)
ESTATES = 3
OF_A_BUILDING = 2


@dataclass(frozen=True)
class _Desk:
    """Two officers of the street with accounts, for photos and second looks."""

    first: Staff
    second: Staff


def assemblies(demo: Demo) -> str:
    """All of it, through the services; says how much."""
    desk = _desk()
    _local_rules(demo)
    _bylaws(demo, desk)
    delegates = _representatives(demo, desk)
    estates = _cluster(demo)
    _around_the_open_vote(demo, desk)
    return (
        f"表决前后：地方规定 {len(LOCAL)} 项，议事规则 1 份，居民代表 {delegates} 名，"
        f"{estates} 个小区合并表决 1 次，名册异议 2 条"
    )


def _desk() -> _Desk:
    session = reading()
    found = []
    for name in ("demo-street", "demo-accountant"):
        account = session.scalars(sa.select(Account).where(Account.openid == name)).one()
        found.append(Staff(f"account:{account.public_id}", account.person_id, account_id=account.id))
    end_reading()
    return _Desk(*found)


def _photo(demo: Demo, desk: _Desk, purpose: str, name: str) -> str:
    """A photo of a paper, handed in by the first officer."""
    out = io.BytesIO()
    Image.new("RGB", (600, 800), (250, 250, 245)).save(out, "JPEG")
    return evidence.keep(
        out.getvalue(),
        purpose=purpose,
        place=TAOYUAN,
        account_id=desk.first.account_id or 0,
        person_id=desk.first.person_id,
        key=Key("demo", f"{purpose}-{name}", hashlib.sha256(name.encode()).hexdigest()),
        now=demo.now,
    )


def _local_rules(demo: Demo) -> None:
    with_city = places.place_by_code(reading(), TAOYUAN).path.strip("/").split("/")[0]
    for key, value, days, document, number, clause in LOCAL:
        new = NewLocalRule(
            with_city,
            key,
            value,
            china_day(demo.ago(days)),
            document,
            document_no=number,
            issued_on=china_day(demo.ago(max(days, 1) + 20)),
            clause=clause,
        )
        made = ruling.enter(new, by=BY, now=demo.ago(10))
        ruling.confirm(made, by=OTHER, now=demo.ago(9))


def _bylaws(demo: Demo, desk: _Desk) -> None:
    made = filing.enter(
        NewBylaws(
            TAOYUAN,
            "桃园北巷业主大会议事规则",
            china_day(demo.ago(300)),
            Silence.TOOK_PART,
            warning="表决票送达后在期限内不投票的，视为参加表决，不视为同意。",
            clauses="第十八条 表决票送达业主后，业主在表决期限内未投票的，计入参加表决的人数和面积，不计入同意。",
            meeting="首次业主大会会议",
            evidence=(_photo(demo, desk, "bylaws", "rules"),),
        ),
        by=desk.first,
        now=demo.ago(12),
    )
    filing.confirm(made, by=desk.second, now=demo.ago(11))


def _representatives(demo: Demo, desk: _Desk) -> int:
    """Two of each building's households, and a vote of theirs that runs."""
    session = reading()
    estate = places.place_by_code(session, TAOYUAN)
    chosen: list[tuple[str, str, str, int]] = []
    for building in places.places_under(session, estate, PlaceKind.BUILDING):
        chosen += [
            (building.name, dwelling.public_id, owner.public_id, dwelling.id)
            for dwelling, owner in _homes(building.id)[:OF_A_BUILDING]
        ]
    end_reading()
    for building_name, dwelling, person, _ in chosen:
        new = NewDelegate(
            dwelling,
            f"{building_name}居民小组",
            Chosen.BALLOT,
            china_day(demo.ago(200)),
            china_day(demo.ago(-500)),
            person=person,
            evidence=(_photo(demo, desk, "delegate", dwelling),),
        )
        delegating.confirm(delegating.enter(new, by=desk.first, now=demo.ago(25)), by=desk.second, now=demo.ago(24))
    motion = NewMotion("representatives.decision", "是否同意改造期间轮流值班巡查", "每晚两人一班，表格贴在各单元门口。")
    vote_id = preparing.create(
        NewVote(TAOYUAN, "桃园北巷居民代表会议", (motion,), notice_days=5, voting_days=30), by=BY, now=demo.ago(16)
    )
    preparing.publish(vote_id, by=BY, now=demo.ago(15))
    opens_at = queries.vote_by_public_id(reading(), vote_id).opens_at
    assert opens_at is not None
    preparing.open_voting(vote_id, by=BY, now=opens_at + timedelta(hours=9))
    for number, (_, _, person, dwelling_id) in enumerate(chosen[: len(chosen) // 2]):
        voter = _voter_of(demo, dwelling_id, person)
        _cast(demo, vote_id, person, voter, hours=number + 1)
    return len(chosen)


def _homes(building_id: int) -> list[tuple[Dwelling, Person]]:
    """Homes of a building with one natural owner, nobody of the story's."""
    doors = {persona.owns for persona in PERSONAS} | {persona.tied_to for persona in PERSONAS}
    found = []
    session = reading()
    for dwelling in session.scalars(
        sa.select(Dwelling).where(Dwelling.building_id == building_id).order_by(Dwelling.sort_key)
    ):
        owners = people_queries.owners_of(session, dwelling.id)
        natural = len(owners) == 1 and owners[0].kind == PersonKind.NATURAL
        if dwelling.use == DwellingUse.HOME and natural and dwelling.label not in doors:
            found.append((dwelling, owners[0]))
    return found


@use_case
def _voter_of(demo: Demo, dwelling_id: int, person: str) -> Voter:
    """An account that proved to be a person of a home, made where there is none."""
    with transaction() as session:
        wanted = session.scalars(sa.select(Person).where(Person.public_id == person)).one()
        for tie in people_queries.ties_to(session, dwelling_id):
            if tie.person_id == wanted.id and tie.level == VOTING_LEVEL and tie.relation == Relation.SELF:
                account = session.get_one(Account, tie.account_id)
                return Voter(account.id, f"account:{account.public_id}")
        account = people.make_sure_account(session, f"demo-person-{wanted.public_id}", now=demo.ago(100))
        people.tie(
            session,
            account,
            dwelling_id,
            level=VOTING_LEVEL,
            relation=Relation.SELF,
            person_id=wanted.id,
            actor=BY.actor,
            now=demo.ago(100),
        )
        return Voter(account.id, f"account:{account.public_id}")


def _cast(demo: Demo, vote_id: str, person: str, voter: Voter, *, hours: int) -> None:
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    (line,) = [each for each in queries.roll_of(session, vote.id) if person in each.value.holders]
    answers = {paper.motion: "approve" for paper in papers_of(session, vote.id)}
    at = (vote.opened_at or demo.now) + timedelta(hours=hours)
    casting.cast(vote_id, line.public_id, answers, text_hash=vote.text_hash or "", by=voter, now=at)


def _cluster(demo: Demo) -> int:
    """Several estates announce the same vote; two households of 桃园北巷 object to its roll, one has its answer."""
    codes = [estate.code for estate, _ in estates_with_dwellings(demo)]
    codes = [TAOYUAN, *[code for code in codes if code != TAOYUAN]][:ESTATES]
    if len(codes) < 2:
        return 0
    motion = NewMotion("owners.other", "是否同意合并为一个物业管理区域", "合并以后共用一个自管小组和一家物业。")
    cluster_id = merging.create(
        NewVote("", "相邻小区合并表决", (motion,), notice_days=15, voting_days=30),
        tuple(codes),
        by=BY,
        now=demo.ago(4),
    )
    merging.publish(cluster_id, by=BY, now=demo.ago(3))
    session = reading()
    vote, estate = next(row for row in queries.all_votes(session, (State.PUBLISHED,)) if row.Place.code == TAOYUAN)
    building = places.places_under(session, estate, PlaceKind.BUILDING)[0]
    homes = [(dwelling.id, dwelling.public_id, owner.public_id) for dwelling, owner in _homes(building.id)[:2]]
    vote_id = vote.public_id
    for number, (dwelling_id, dwelling, owner) in enumerate(homes):
        by, at = _voter_of(demo, dwelling_id, owner), demo.ago(2 - number)
        words = "房产证上是 62.5 平方米，名册少写了。" if number else "我家去年过户，业主还是老名字。"
        kind = ObjectionKind.AREA if number else ObjectionKind.OWNERS
        made = objecting.object_to(vote_id, dwelling, kind, words, by=by, now=at)
        if not number:
            objecting.reject(vote_id, made, "不动产登记簿上的业主与名册一致。", by=BY, now=at + timedelta(hours=5))
    return len(codes)


def _around_the_open_vote(demo: Demo, desk: _Desk) -> None:
    """In the owners' vote that runs: an area amended on record, a proxy confirmed, a question in the conflict queue."""
    session = reading()
    vote = next(
        (
            vote
            for vote, place in queries.all_votes(session, (State.OPEN,))
            if place.code == TAOYUAN and vote.electorate == Electorate.OWNERS and shown.accepts_ballots(vote, demo.now)
        ),
        None,
    )
    if vote is None:
        return
    unused = [
        line
        for line in queries.roll_of(session, vote.id)
        if line.value.kind is LineKind.OWNER and not queries.held_on(session, line.id)
    ]
    if unused:
        _amend(demo, desk, vote, unused[-1])
        _proxy(demo, desk, vote.public_id, unused[0])
    _question(demo, vote.public_id)


def _amend(demo: Demo, desk: _Desk, vote: Vote, line: queries.StoredLine) -> None:
    area = places.dwelling_by_public_id(reading(), line.value.dwellings[0]).area_dm2 or 0
    changing.change(
        vote.public_id,
        NewChange(
            line.value.dwellings[0],
            ChangeKind.AREA,
            "按不动产登记簿更正面积",
            area_dm2=area + 120,
            evidence=(_photo(demo, desk, "roll", line.public_id),),
        ),
        by=desk.first,
        now=demo.ago(1),
    )


def _proxy(demo: Demo, desk: _Desk, vote_id: str, line: queries.StoredLine) -> None:
    made = proxies.register(
        vote_id,
        NewProxy(
            line=line.public_id,
            principal=line.value.holders[0],
            agent_name="孙大勇",
            agent_phone="13900000099",
            matter="本次表决的全部事项",
            powers=Powers.FREE,
            signed_at=demo.ago(3),
            valid_until=demo.ago(-60),
        ),
        photos=[_photo(demo, desk, "proxy", line.public_id)],
        account_id=desk.first.account_id or 0,
        by=desk.first,
        now=demo.ago(1),
    )
    proxies.confirm(made, good=True, why="", by=desk.second, now=demo.ago(0.9))


def _question(demo: Demo, vote_id: str) -> None:
    """A co-owner says that the flat's ballot was not agreed upon: it counts, marked, until the street decides."""
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    for line in queries.roll_of(session, vote.id):
        if line.value.kind is not LineKind.CO_OWNERS or not queries.held_on(session, line.id):
            continue
        cast = queries.ballots_of_lines(session, [line.id])[line.id][0]
        voted = session.get_one(Person, cast.person_id).public_id if cast.person_id else ""
        other = next(person for person in line.value.holders if person != voted)
        dwelling_id = places.dwelling_by_public_id(session, line.value.dwellings[0]).id
        by = _voter_of(demo, dwelling_id, other)
        conflicts.object_to(vote_id, line.public_id, "没有商量过", by=by, now=demo.ago(0.5))
        return
