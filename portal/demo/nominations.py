"""A call for nominations of 桃园北巷's owners' committee: some stand, one is asked, one still lacks signatures."""

from datetime import timedelta

from kernel.database import reading
from kernel.people import queries as people_queries
from kernel.people import services as people
from kernel.people.models import Account, PersonKind
from kernel.places import queries as places
from kernel.places.models import DwellingUse
from portal.demo import Demo
from portal.demo.personas import PERSONAS, TAOYUAN
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import calls, nominating, supporting
from surveys.votes.elections.services.calls import NewCall, NewSection
from surveys.votes.elections.services.nominating import Recommended
from surveys.votes.rules.nominations import COMMITTEE
from surveys.votes.rules.roll import VOTING_LEVEL
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff

BY = Staff("demo", None, trusted=True)
SEATS = 5
ENOUGH = 6
NOTES = ("退休会计，愿意管账", "做过物业，懂维修", "社区志愿者", "退休教师，时间多", "水电工，能帮忙看工程")
INTRO = "业主委员会五人，任期三年。候选人要是本小区业主，按时缴纳各项费用，热心公益。"


def nominations(demo: Demo) -> str:
    """One call that runs until nine days from now."""
    owners = _owners()
    if len(owners) < ENOUGH:
        return "选举提名：业主太少，不演示"
    began = demo.ago(5)
    call_id = calls.open_call(
        NewCall(
            TAOYUAN,
            COMMITTEE,
            "桃园北巷业主委员会选举",
            (NewSection("全小区", SEATS, SEATS),),
            until=demo.now + timedelta(days=9),
            intro=INTRO,
            size_low=5,
            size_high=11,
        ),
        by=BY,
        now=began,
    )
    session = reading()
    (section,) = elections.sections_of(session, elections.call_by_public_id(session, call_id).id)
    standing, supporters = owners[:3], owners[3:]
    for hours, (name, _, voter) in enumerate(standing, start=1):
        at = began + timedelta(hours=hours * 5)
        nominee = nominating.nominate_self(call_id, section.public_id, name, NOTES[hours - 1], by=voter, now=at)
        if hours == 1:
            nominating.check(call_id, nominee, True, "", by=Staff("demo:street", None, trusted=True), now=at)
    name, door, _ = supporters[0]
    asked = began + timedelta(days=2)
    nominee = nominating.recommend(
        call_id, Recommended(section.public_id, name, door, "为人公道"), by=supporters[1][2], now=asked
    )
    supporting.sign(call_id, nominee, by=supporters[2][2], now=asked + timedelta(hours=3))
    resident = next(persona for persona in PERSONAS if persona.openid == "demo-resident")
    who = Recommended(section.public_id, resident.name, resident.owns, "热心，大家信得过")
    nominating.recommend_by_committee(call_id, who, by=BY, now=asked)
    return "选举提名：1 次进行中，被提名 5 人，其中 2 人等本人同意"


def _owners() -> list[tuple[str, str, Voter]]:
    """Natural owners of the estate with a verified account: name, door, voter; nobody of the story."""
    session = reading()
    estate = places.place_by_code(session, TAOYUAN)
    doors = {persona.owns for persona in PERSONAS}
    found: list[tuple[str, str, Voter]] = []
    seen: set[int] = set()
    for dwelling in places.dwellings_of_estate(session, estate.id):
        if dwelling.use != DwellingUse.HOME or dwelling.label in doors or len(found) >= ENOUGH:
            continue
        owners = people_queries.owners_of(session, dwelling.id)
        if len(owners) != 1 or owners[0].kind != PersonKind.NATURAL or owners[0].id in seen:
            continue
        for tie in people_queries.ties_to(session, dwelling.id):
            if tie.person_id == owners[0].id and tie.level == VOTING_LEVEL:
                account = session.get_one(Account, tie.account_id)
                voter = Voter(account.id, f"account:{account.public_id}")
                found.append((people.name_of(owners[0]), dwelling.label, voter))
                seen.add(owners[0].id)
                break
    return found
