"""What the vote tests stand on: an estate with owners, votes drafted, opened and cast in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kernel.database import reading, transaction
from kernel.people.models import Account, Person
from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwellings_of_estate
from surveys.votes import queries
from surveys.votes.models import Ballot, Vote
from surveys.votes.results import services as results
from surveys.votes.services import casting, preparing
from surveys.votes.services.casting import Voter
from surveys.votes.services.papers import papers_of
from surveys.votes.services.preparing import NewCandidate, NewMotion, NewVote, Staff
from tests.factories import Factory

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
CLOSES = NOW + timedelta(days=7)
STREET = Staff("account:street", None, trusted=True)

PUMP = NewMotion("owners.fund_use", "是否同意使用维修资金更换水泵", "预算 30,000 元")
SCHEME = NewMotion("owners.scheme", "是否同意小区改造方案", "方案见公示栏")
GROUP = NewMotion(
    "residents.group",
    "选举自管小组成员",
    candidates=tuple(NewCandidate(name, "1栋") for name in ("陈建国", "李桂兰", "吴志强", "赵敏")),
    seats=2,
    most=3,
)


@dataclass
class Estate:
    """Eight flats: 陈 owns two, 李 and 吴 one together, a factory three, 赵 and 钱 one each."""

    place: Place
    dwellings: Sequence[Dwelling]
    people: Mapping[str, Person]
    accounts: Mapping[str, Account]

    def voter(self, who: str) -> Voter:
        """The account of one of them, as the service takes it."""
        account = self.accounts[who]
        return Voter(account.id, f"account:{account.public_id}")


def account_of(account_id: int, person_id: int | None) -> Account:
    """An account that is now a person's (staff may have several)."""
    with transaction() as session:
        account = session.get_one(Account, account_id)
        account.person_id = person_id
        return account


account_of.__use_case__ = True  # type: ignore[attr-defined]


def an_estate(make: Factory) -> Estate:
    """Eight flats of 80 ㎡ (roll lines by owner: 陈, 李+吴, factory, 赵, 钱)."""
    place = make.estate()
    dwellings = dwellings_of_estate(reading(), place.id)
    people: dict[str, Person] = {}
    accounts: dict[str, Account] = {}

    def holds(
        who: str, *numbers: int, kind: str = "owner", person_kind: str = "natural", relation: str = "self"
    ) -> None:
        people[who] = make.person(who, f"1380000{1000 + len(people)}", kind=person_kind)
        accounts[who] = make.account(f"o-{who}")
        for number in numbers:
            make.holding(people[who], dwellings[number], kind)
        make.tie(accounts[who], dwellings[numbers[0]], person=people[who], relation=relation)

    with make.together():
        holds("chen", 0, 1)
        holds("li", 2)
        holds("wu", 2, kind="co_owner")
        holds("factory", 3, 4, 5, kind="organisation", person_kind="organisation", relation="representative")
        holds("zhao", 6)
        holds("qian", 7)
    return Estate(place, dwellings, people, accounts)


def drafted(
    estate: Estate,
    *motions: NewMotion,
    now: datetime = NOW,
    closes_at: datetime | None = CLOSES,
    publicity_days: int = 0,
) -> str:
    """A draft at the estate whose notice may open at once, and whose result may be final at once."""
    vote_id = preparing.create(
        NewVote(
            estate.place.code,
            "小区共同事项表决",
            motions or (PUMP,),
            notice_days=0,
            voting_days=0,
            closes_at=closes_at,
        ),
        by=STREET,
        now=now,
    )
    results.plan(vote_id, publicity_days, by=STREET, now=now)
    return vote_id


def opened(
    estate: Estate,
    *motions: NewMotion,
    now: datetime = NOW,
    closes_at: datetime = CLOSES,
    publicity_days: int = 0,
) -> str:
    """A vote that is open from ``now`` until ``closes_at``."""
    vote_id = drafted(estate, *motions, now=now, closes_at=closes_at, publicity_days=publicity_days)
    preparing.publish(vote_id, by=STREET, now=now)
    return preparing.open_voting(vote_id, by=STREET, now=now)


def line_of(vote_id: str, label: str) -> str:
    """The public id of the line that covers a door (1栋1单元101 …)."""
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    (found,) = [line for line in queries.roll_of(session, vote.id) if label in line.value.labels]
    return found.public_id


def filled(vote_id: str, *given: object) -> dict[str, object]:
    """Answers for a vote's motions in printed order; names of candidates become their ids."""
    session = reading()
    papers = papers_of(session, queries.vote_by_public_id(session, vote_id).id)
    ids = {name: identity for paper in papers for identity, name in paper.candidates}
    return {
        paper.motion: answer if isinstance(answer, str) else [ids[name] for name in answer]  # type: ignore[attr-defined]
        for paper, answer in zip(papers, given, strict=True)
    }


def cast(
    vote_id: str, voter: Voter, label: str, *given: object, now: datetime = NOW + timedelta(hours=1), **more: object
) -> Ballot:
    """Cast for the line of a door and read the ballot back."""
    session = reading()
    text_hash = queries.vote_by_public_id(session, vote_id).text_hash
    ballot_id = casting.cast(
        vote_id,
        line_of(vote_id, label),
        filled(vote_id, *given),
        by=voter,
        now=now,
        text_hash=text_hash,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )
    return queries.ballot_by_public_id(reading(), ballot_id)


def vote_row(vote_id: str) -> Vote:
    """The vote as stored."""
    return queries.vote_by_public_id(reading(), vote_id)


def turnout(vote_id: str) -> queries.Turnout:
    """How far it has come."""
    session = reading()
    return queries.turnout_of(session, queries.vote_by_public_id(session, vote_id).id)
