"""Two secret group elections: one opened by its trustees, its group in office; one open, its key's shares on disk."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kernel.database import reading, transaction, use_case
from kernel.people import queries as people_queries
from kernel.people import services as people
from kernel.people.models import PersonKind, Relation
from kernel.places import queries as places
from kernel.places.models import DwellingUse
from portal.bodies import services as bodies
from portal.bodies.rules import Chosen
from portal.demo import Demo
from surveys.votes import ceremony, queries
from surveys.votes.results import queries as results
from surveys.votes.results.services import finalise
from surveys.votes.rules import ballot, envelope
from surveys.votes.rules.bodies import Office
from surveys.votes.rules.roll import VOTING_LEVEL
from surveys.votes.secret.services import casting, keys, opening
from surveys.votes.services import counting, preparing
from surveys.votes.services.casting import Voter
from surveys.votes.services.papers import papers_of
from surveys.votes.services.preparing import NewCandidate, NewMotion, NewVote, Staff

BY = Staff("demo", None, trusted=True)
OVER, RUNNING = "gongshangju", "zhibuchang-xiqu"
MOST_VOTERS = 24
CANDIDATES, SEATS = 5, 3
VOTING_DAYS = 20
INTRO = "自管小组负责小区的日常管理和公共收益公开，任期三年。无记名投票，选票在手机上封好，由三位保管人中的两位开箱。"


def secret_votes(demo: Demo) -> str:
    """One election from key to group, and one that is open."""
    if any(len(_voters(code, demo.ago(60))) < CANDIDATES for code in (OVER, RUNNING)):
        return "无记名选举：小区太小，候选人不够，不演示"
    over, running = _told(demo, OVER, days_ago=60), _told(demo, RUNNING, days_ago=9)
    vote_id, _, shares = over
    closes_at = queries.vote_by_public_id(reading(), vote_id).closes_at
    assert closes_at is not None
    counting.close(vote_id, by=BY, now=closes_at)
    opened = ceremony.open_all(opening.envelopes(vote_id, by=BY, now=closes_at), shares[:2])
    counted_at = closes_at + timedelta(hours=10)
    opening.open_envelopes(vote_id, opened, by=BY, now=counted_at)
    standing = results.standing_of(reading(), queries.vote_by_public_id(reading(), vote_id).id)
    assert standing is not None
    finalise(vote_id, by=BY, now=standing.ends_at)
    formed = _form(vote_id, standing.ends_at + timedelta(hours=1))
    folder = _keep_shares(demo, *running)
    return f"无记名选举：1 次已开箱（自管小组 {formed} 人在任）、1 次进行中，钥匙份在 {folder}"


def _told(demo: Demo, code: str, *, days_ago: int) -> tuple[str, dict[str, str], list[dict[str, object]]]:
    """An open secret election with ballots; gives its id, its key's public document and its shares."""
    voters = _voters(code, demo.ago(days_ago + 5))
    public, shares = ceremony.make(3, 2)
    announced = demo.ago(days_ago)
    names = list(dict.fromkeys(name for _, name, _ in voters))[:CANDIDATES]
    motion = NewMotion(
        "residents.group",
        f"选举自管小组成员（{SEATS} 人）",
        candidates=tuple(NewCandidate(name) for name in names),
        seats=min(SEATS, len(names)),
        most=min(SEATS, len(names)),
    )
    vote_id = preparing.create(
        NewVote(code, "自管小组成员选举（无记名）", (motion,), intro=INTRO, notice_days=5, voting_days=VOTING_DAYS),
        by=BY,
        now=announced - timedelta(days=1),
    )
    keys.make_secret(vote_id, public["public_key"], by=BY, now=announced)
    preparing.publish(vote_id, by=BY, now=announced)
    opens_at = queries.vote_by_public_id(reading(), vote_id).opens_at
    assert opens_at is not None
    opened_at = opens_at + timedelta(hours=9)
    preparing.open_voting(vote_id, by=BY, now=opened_at)
    _cast_all(demo, vote_id, bytes.fromhex(public["public_key"]), voters, opened_at)
    return vote_id, public, shares


@use_case
def _voters(code: str, since: datetime) -> list[tuple[str, str, Voter]]:
    """Households that vote: the dwelling's id, an owner's name, the account tied at level 2."""
    found: list[tuple[str, str, Voter]] = []
    with transaction() as session:
        estate = places.place_by_code(session, code)
        homes = [each for each in places.dwellings_of_estate(session, estate.id) if each.use == DwellingUse.HOME]
        for number, dwelling in enumerate(homes):
            owners = [p for p in people_queries.owners_of(session, dwelling.id) if p.kind == PersonKind.NATURAL]
            if not owners or len(found) >= MOST_VOTERS:
                continue
            account = people.make_sure_account(session, f"demo-{code}-{number:04}", now=since)
            people.tie(
                session,
                account,
                dwelling.id,
                level=VOTING_LEVEL,
                relation=Relation.SELF,
                person_id=owners[0].id,
                actor=BY.actor,
                now=since,
            )
            voter = Voter(account.id, f"account:{account.public_id}")
            found.append((dwelling.public_id, people.name_of(owners[0]), voter))
    return found


def _cast_all(
    demo: Demo, vote_id: str, point: bytes, voters: Sequence[tuple[str, str, Voter]], opened_at: datetime
) -> None:
    chance = demo.random(f"secret-votes:{len(voters)}")
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    papers, text_hash = papers_of(session, vote.id), vote.text_hash or ""
    lines = {
        dwelling: line.public_id for line in queries.roll_of(session, vote.id) for dwelling in line.value.dwellings
    }
    last = min(vote.closes_at or demo.now, demo.now) - timedelta(hours=1)
    names = [identity for identity, _ in papers[0].candidates]
    for dwelling, _, voter in voters:
        if dwelling not in lines:
            continue
        # Those who stand first on the paper are better known; now and then somebody abstains.
        picked = [name for place, name in enumerate(names) if chance.randrange(100) < 88 - 14 * place]
        answers = ballot.check(papers, {papers[0].motion: picked[: papers[0].most]})
        sealed = envelope.seal(point, vote.public_id, text_hash, papers, answers, envelope.new_number())
        at = opened_at + (last - opened_at) * chance.random()
        casting.cast(vote_id, lines[dwelling], sealed, text_hash=text_hash, by=voter, now=at)


def _form(vote_id: str, now: datetime) -> int:
    """The group of the finished election, its first elected the leader; how many members."""
    members: list[Chosen] = []
    for each in bodies.matches(vote_id, by=BY, now=now):
        free = [match for match in each.matches if match.person not in {member.person for member in members}]
        if free:
            members.append(
                Chosen(each.candidate, free[0].person, Office.MEMBER if members else Office.LEADER, shown=True)
            )
    if members:
        bodies.form(vote_id, members, years=3, by=BY, now=now)
    return len(members)


def _keep_shares(demo: Demo, vote_id: str, public: dict[str, str], shares: list[dict[str, object]]) -> str:
    folder = demo.var / "demo-election-keys" / vote_id
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ceremony.write(folder / "public.json", dict(public))
    for number, share in enumerate(shares, start=1):
        ceremony.write(folder / f"share-{number}.json", share, private=True)
    return f"{folder.parent.name}/{folder.name}"
