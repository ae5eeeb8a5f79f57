"""What follows elections: a group whose seat an alternate took, a recall under way by phone and on paper, an owners'
committee with offices, filing and hand-over, and a preliminary result that somebody objects to.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kernel.clock import china_day
from kernel.database import reading, transaction, use_case
from kernel.people import queries as people_queries
from kernel.people import services as people
from kernel.people.models import HoldingKind, PersonKind
from kernel.places import queries as places
from portal.bodies import services as bodies
from portal.bodies.queries import body_by_public_id
from portal.bodies.rules import Chosen, Left
from portal.bodies.services.matching import Elected
from portal.demo import Demo
from portal.demo.personas import PERSONAS, TAOYUAN
from portal.demo.votes import BY, STORIES, Story, Voters, candidates_named, tell, voters
from surveys.votes import queries
from surveys.votes.elections.services import recalls
from surveys.votes.results import queries as results
from surveys.votes.results import services as finishing
from surveys.votes.rules.bodies import Office
from surveys.votes.rules.lifecycle import State
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import NewMotion, Staff
from surveys.votes.signature_sheets import services as sheets
from surveys.votes.signature_sheets.services import NewLine
from surveys.votes.signature_sheets.services.causes import PETITION

COMMITTEE_AT, BUILDING = "taoyuan-youju", f"{TAOYUAN}-3"
WORKER, STREET = (Staff(actor, None, trusted=True) for actor in ("demo:worker", "demo:street"))
SEATS, STANDING = 5, 7
FEWEST = 30
"""Owners below which an estate is too small to show a committee, or a petition that has not reached its number."""
BY_PHONE, ON_PAPER, UNCHECKED = 6, 3, 2


def bodies_and_recall(demo: Demo) -> str:
    """A group in office with a recall under way, a committee in office, a result objected to."""
    mine = voters(demo, TAOYUAN)
    said = [_group(demo, mine), _committee(demo), _objected(demo, mine)]
    return "小区自治：" + "、".join(each for each in said if each)


def _final_vote(title: str, place: str) -> str | None:
    """The vote of that title at a place, if its result is final."""
    session = reading()
    for vote, at in queries.all_votes(session, (State.RESULT,)):
        if vote.title == title and at.code == place and results.is_final(session, vote.id):
            return vote.public_id
    return None


def _group(demo: Demo, mine: Voters) -> str:
    vote_id = _final_vote(STORIES[0].title, TAOYUAN)
    if vote_id is None:
        return ""
    session = reading()
    standing = results.standing_of(session, queries.vote_by_public_id(session, vote_id).id)
    assert standing is not None
    formed_at = standing.ends_at + timedelta(days=2)
    body = _form(vote_id, TAOYUAN, years=3, now=formed_at, leader="何建国")
    _hand_over(body, 5, now=formed_at + timedelta(days=3))
    _replace(body, Left.MOVED, now=demo.ago(12))
    signed = _recall(demo, vote_id, mine)
    return f"桃园北巷自管小组在任，罢免联名 {signed} 户"


def _committee(demo: Demo) -> str:
    owners = voters(demo, COMMITTEE_AT)
    if len(owners.of_person) < FEWEST:
        return ""
    names = _owners_named(COMMITTEE_AT, STANDING)
    story = Story(
        110,
        True,
        92,
        92,
        "桃园西邮局宿舍业主委员会选举",
        "业主委员会五人，任期五年，主任、副主任由委员推选。候选人都是本小区业主，已征得本人同意。",
        (
            NewMotion(
                "owners.committee_members",
                f"选举业主委员会委员（{SEATS} 人）",
                candidates=candidates_named(*((name, "业主") for name in names)),
                seats=SEATS,
                most=STANDING,
            ),
        ),
        place=COMMITTEE_AT,
        notice_days=15,
    )
    vote_id, _ = tell(demo, story, owners, 20)
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    if not results.is_final(session, vote.id) or len(recalls.elected_by(session, vote)) < 3:
        return ""
    standing = results.standing_of(session, vote.id)
    assert standing is not None
    formed_at = standing.ends_at + timedelta(days=1)
    body = _form(vote_id, COMMITTEE_AT, years=5, now=formed_at)
    filed_at = formed_at + timedelta(days=9)
    bodies.file(body, "浈东街业备〔2026〕3号", china_day(filed_at), by=STREET, now=filed_at)
    _hand_over(body, 6, now=filed_at)
    _replace(body, Left.SOLD, now=demo.ago(3))
    return "桃园西邮局宿舍业主委员会在任，已备案"


def _objected(demo: Demo, mine: Voters) -> str:
    """An election of a building whose preliminary result is published, with an objection that waits."""
    names = _owners_named(TAOYUAN, STANDING, building="3栋")
    story = Story(
        40,
        True,
        80,
        84,
        "桃园北巷3栋自管小组选举",
        "3栋另设楼栋自管小组三人，任期三年，负责楼道和屋面。候选人已征得本人同意。",
        (
            NewMotion(
                "residents.group",
                "选举3栋自管小组成员（3 人）",
                candidates=candidates_named(*((name, "3栋") for name in names[:5])),
                seats=3,
                most=4,
            ),
        ),
        place=BUILDING,
    )
    vote_id, _ = tell(demo, story, mine, 21)
    objector = _of_building(mine, "3栋")
    session = reading()
    standing = results.standing_of(session, queries.vote_by_public_id(session, vote_id).id)
    if standing is None or objector is None or standing.ends_at <= demo.now:
        return ""
    text = "名册上 3栋1单元 有一户去年已经卖掉，换了业主，票可能是原来的人投的。请核对。"
    finishing.object_to(vote_id, text, by=objector, now=demo.now)
    return "3栋选举初步结果公示中，1 条异议待答复"


@use_case
def _owners_named(code: str, most: int, building: str = "") -> list[str]:
    """Names of natural owners of homes, nobody of the story, no two alike."""
    with transaction() as session:
        estate = places.place_by_code(session, code)
        story = {persona.owns for persona in PERSONAS}
        names: dict[str, None] = {}
        for dwelling in places.dwellings_of_estate(session, estate.id):
            owners = people_queries.owners_of(session, dwelling.id)
            if dwelling.label in story or not dwelling.label.startswith(building) or not owners:
                continue
            if owners[0].kind == PersonKind.NATURAL:
                names[people.name_of(owners[0])] = None
        return list(names)[:most]


@use_case
def _of_building(mine: Voters, building: str) -> Voter | None:
    with transaction() as session:
        estate = places.place_by_code(session, TAOYUAN)
        for dwelling in places.dwellings_of_estate(session, estate.id):
            if dwelling.label.startswith(building) and dwelling.public_id in mine.of_dwelling:
                return mine.of_dwelling[dwelling.public_id]
        return None


def _form(vote_id: str, code: str, *, years: int, now: datetime, leader: str = "") -> str:
    """The body of a final election, the second a vice; who stood for a household is put on the register first."""
    for each in bodies.matches(vote_id, by=BY, now=now):
        if not each.matches:
            _register(code, each.name, each.note, now)
    chosen: list[Chosen] = []
    elected = sorted(bodies.matches(vote_id, by=BY, now=now), key=lambda each: each.name != leader)
    for each in elected:
        person = _free(each, chosen)
        if person:
            office = (Office.LEADER, Office.VICE)[len(chosen)] if len(chosen) < 2 else Office.MEMBER
            chosen.append(Chosen(each.candidate, person, office, shown=len(chosen) != 2))
    return bodies.form(vote_id, chosen, years=years, by=BY, now=now)


def _free(each: Elected, chosen: Sequence[Chosen]) -> str:
    return next((one.person for one in each.matches if one.person not in {other.person for other in chosen}), "")


@use_case
def _register(code: str, name: str, note: str, now: datetime) -> None:
    """A candidate of a household who was not on the register: now he is, with his family's home."""
    with transaction() as session:
        estate = places.place_by_code(session, code)
        story = {persona.owns for persona in PERSONAS}
        homes = [
            each
            for each in places.dwellings_of_estate(session, estate.id)
            if each.label not in story and each.label.startswith(note.split("，")[0])
        ]
        person = people.add_person(session, name=name, phone=None)
        people.hold(
            session, person, homes[len(name + note) % len(homes)].id, HoldingKind.FAMILY, now=now, evidence="roster"
        )


def _hand_over(body: str, many: int, *, now: datetime) -> None:
    for item in bodies.managed_view(reading(), body, by=BY, now=now).handover[:many]:
        bodies.hand_over(body, item.public_id, by=STREET, now=now)


def _replace(body: str, why: Left, *, now: datetime) -> None:
    """The last member leaves; the next alternate, if there is one, moves up."""
    last = bodies.managed_view(reading(), body, by=BY, now=now).members[-1]
    bodies.leave(body, last.candidate, why, by=STREET, now=now)
    session = reading()
    found = body_by_public_id(session, body)
    place = places.place_by_id(session, found.place_id)
    for each in bodies.waiting_alternates(body, by=BY, now=now):
        if not each.matches:
            _register(place.code, each.name, each.note, now)
    waiting = bodies.waiting_alternates(body, by=BY, now=now)
    if waiting and waiting[0].matches:
        up = Chosen(waiting[0].candidate, waiting[0].matches[0].person, Office.MEMBER, shown=True)
        bodies.move_up(body, up, [], by=STREET, now=now + timedelta(hours=3))


def _recall(demo: Demo, vote_id: str, mine: Voters) -> int:
    """A petition some signed on their phones and some on paper; a sheet waits for its second person."""
    if len(mine.of_dwelling) < FEWEST:
        return 0
    whom = _whom(vote_id)
    homes = _homes(mine)
    signers, on_paper = homes[:BY_PHONE], homes[BY_PHONE : BY_PHONE + ON_PAPER + UNCHECKED]
    began = demo.ago(9)
    reason = "半年没有公布公共收益的收支，居民几次询问没有答复。"
    petition = recalls.start(vote_id, [whom], reason, by=signers[0][2], now=began)
    for hours, (_, _, voter) in enumerate(signers[1:], start=1):
        recalls.sign(petition, by=voter, now=began + timedelta(hours=7 * hours))
    lines = [NewLine(door, name) for door, name, _ in on_paper]
    keyed = demo.ago(4)
    sheet = sheets.enter(PETITION, petition, lines[:ON_PAPER], [], by=WORKER, now=keyed)
    sheets.check(sheet, [], "", by=STREET, now=keyed + timedelta(hours=5))
    again = [NewLine(signers[0][0], signers[0][1]), *lines[ON_PAPER:]]
    sheets.enter(PETITION, petition, again, [], by=WORKER, now=demo.ago(1))
    return BY_PHONE + ON_PAPER


def _whom(vote_id: str) -> str:
    session = reading()
    return recalls.seated(session, queries.vote_by_public_id(session, vote_id))[1].public_id


@use_case
def _homes(mine: Voters) -> list[tuple[str, str, Voter]]:
    """Homes whose household may sign: door, an owner's name, the account; nobody of the story."""
    with transaction() as session:
        estate = places.place_by_code(session, TAOYUAN)
        story = {persona.owns for persona in PERSONAS}
        return [
            (dwelling.label, _owner_of(session, dwelling.id), mine.of_dwelling[dwelling.public_id])
            for dwelling in places.dwellings_of_estate(session, estate.id)
            if dwelling.public_id in mine.of_dwelling and dwelling.label not in story
        ]


def _owner_of(session: Session, dwelling_id: int) -> str:
    return people.name_of(people_queries.owners_of(session, dwelling_id)[0])
