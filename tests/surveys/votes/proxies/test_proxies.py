"""Proxies in writing: two people behind each, a limit for each agent, used once, withdrawn before use."""

from collections.abc import Callable

import pytest

from kernel.database import reading
from kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from kernel.people import queries as people
from kernel.web.guards import Identity
from portal import jobs
from portal.notices import services as notices
from surveys.votes import queries
from surveys.votes.conflicts import services as conflicts
from surveys.votes.paper import services as paper
from surveys.votes.proxies import queries as proxies
from surveys.votes.proxies import services
from surveys.votes.rolls.services import changing
from surveys.votes.rolls.services.changing import NewChange, NewOwner
from surveys.votes.rules.conflicts import Decision
from surveys.votes.rules.roll_changes import ChangeKind
from surveys.votes.rules.terms import Terms
from surveys.votes.services import preparing
from surveys.votes.services import reading as shown
from surveys.votes.services.casting import Voter
from surveys.votes.terms.services import set_terms
from tests.factories import Factory
from tests.surveys.votes.paper.stories import AT, Worker, a_proxy, a_worker, keyed, paper_row, printed, returned
from tests.surveys.votes.stories import (
    CLOSES,
    HOUR,
    NOW,
    PUMP,
    STREET,
    Estate,
    cast,
    drafted,
    opened,
    turnout,
    vote_row,
)
from tests.surveys.votes.test_secrecy import everything_stored

Two = tuple[Worker, Worker]
AGENT_PHONE = "13911112222"


@pytest.fixture
def workers(estate: Estate, make: Factory) -> Two:
    return a_worker(make, estate), a_worker(make, estate)


@pytest.fixture
def agent(make: Factory) -> Voter:
    """Somebody of another estate, with an account proved by the phone."""
    door = make.dwelling(make.place("building", make.estate("别处"), name="9栋"))
    account, _ = make.owner(door, "孙大勇", AGENT_PHONE)
    return Voter(account.id, f"account:{account.public_id}")


Register = Callable[..., str]


@pytest.fixture
def registered(estate: Estate, workers: Two) -> Register:
    def register(vote_id: str, who: str, door: str, *, phone: str = AGENT_PHONE, confirmed: bool = True) -> str:
        return a_proxy(vote_id, estate, workers, who, f"1栋1单元{door}", phone, confirmed=confirmed)

    return register


def test_an_agent_votes_once_on_his_own_phone_and_the_ballot_says_so(
    estate: Estate, agent: Voter, registered: Register, workers: Two
) -> None:
    vote_id = opened(estate)
    made = registered(vote_id, "chen", "101", confirmed=False)
    with pytest.raises(NotFound):
        cast(vote_id, agent, "1栋1单元101", "approve", now=AT)
    services.confirm(made, good=True, why="", by=workers[1].staff, now=AT)
    session = reading()
    (line,) = shown.my_lines(session, vote_row(vote_id), agent.account_id)
    assert (line.as_agent, line.refusal) == (True, None)
    ballot = cast(vote_id, agent, "1栋1单元101", "approve", now=AT + HOUR)
    assert (ballot.by_proxy, ballot.person_id) == (True, estate.people["chen"].id)
    assert proxies.proxy_by_public_id(reading(), made).state == "used"
    assert turnout(vote_id) == queries.Turnout(1, 1, 16_000)
    for voter in (agent, estate.voter("chen")):
        with pytest.raises(DomainError):
            cast(vote_id, voter, "1栋1单元101", "against", now=AT + 2 * HOUR)
    jobs.deliver_news(now=CLOSES)
    account = estate.accounts["chen"]
    kinds = {each.kind for each in notices.my_notices(Identity(account.id, account.public_id, None))}
    assert kinds == {"proxy_registered", "ballot_by_agent"}
    with pytest.raises(Conflict):
        services.withdraw_own(made, account_id=account.id, actor="account:chen", now=AT + 3 * HOUR)


def test_who_registered_it_does_not_confirm_it(estate: Estate, workers: Two, registered: Register) -> None:
    vote_id = opened(estate)
    made = registered(vote_id, "chen", "101", confirmed=False)
    with pytest.raises(NotAllowed):
        services.confirm(made, good=True, why="", by=workers[0].staff, now=AT)
    services.confirm(made, good=False, why="签名和房产证不符", by=workers[1].staff, now=AT)
    assert proxies.proxy_by_public_id(reading(), made).state == "refused"
    registered(vote_id, "chen", "101")


def test_an_agent_holds_no_more_than_the_notice_allows(estate: Estate, registered: Register) -> None:
    vote_id = drafted(estate, PUMP)
    set_terms(vote_id, Terms(agent_limit=2), by=STREET, now=NOW)
    preparing.publish(vote_id, by=STREET, now=NOW)
    preparing.open_voting(vote_id, by=STREET, now=NOW)
    registered(vote_id, "chen", "101")
    made = registered(vote_id, "zhao", "401")
    with pytest.raises(Conflict) as refused:
        registered(vote_id, "qian", "402")
    assert refused.value.code == "agent-limit-reached"
    services.withdraw(made, why="换人", by=STREET, now=AT)
    registered(vote_id, "qian", "402", phone="139 1111-2222")
    with pytest.raises(Conflict):
        registered(vote_id, "zhao", "401")


def test_staff_of_the_property_company_are_no_agents(estate: Estate, registered: Register) -> None:
    vote_id = opened(estate)
    entry = services.bar(vote_id, "孙大勇", AGENT_PHONE, "物业公司员工", by=STREET, now=AT)
    with pytest.raises(Conflict) as refused:
        registered(vote_id, "chen", "101")
    assert refused.value.code == "agent-barred"
    services.unbar(entry, by=STREET, now=AT)
    registered(vote_id, "chen", "101")


def test_withdrawn_before_use_it_is_good_for_nothing(
    estate: Estate, agent: Voter, registered: Register, workers: Two
) -> None:
    vote_id = opened(estate)
    made = registered(vote_id, "chen", "101")
    (serial,) = printed(vote_id, workers[0], "101")
    paper.hand_out(serial, asked_by="代理人", to="孙大勇", agent=True, by=workers[0].staff, now=AT)
    with pytest.raises(NotFound):
        services.withdraw_own(made, account_id=estate.accounts["zhao"].id, actor="account:zhao", now=AT)
    services.withdraw_own(made, account_id=estate.accounts["chen"].id, actor="account:chen", now=AT)
    with pytest.raises(NotFound):
        cast(vote_id, agent, "1栋1单元101", "approve", now=AT + HOUR)
    returned(serial, workers[0], estate)
    for worker in workers:
        keyed(vote_id, serial, worker, "approve")
    assert (paper_row(serial).state, paper_row(serial).void_reason) == ("void", "withdrawn")
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "against", now=AT + 5 * HOUR)
    assert turnout(vote_id).lines == 1


def test_a_proxy_whose_ballot_was_struck_is_spent_and_the_line_may_have_another(
    estate: Estate, agent: Voter, registered: Register
) -> None:
    vote_id = opened(estate)
    made = registered(vote_id, "chen", "101")
    receipt = cast(vote_id, agent, "1栋1单元101", "approve", now=AT + HOUR).receipt_no
    with pytest.raises(Conflict) as refused:
        registered(vote_id, "chen", "102")
    assert refused.value.code == "already-cast"
    doubted = conflicts.doubt(
        vote_id, receipt, "委托书签名不像本人", account_id=estate.accounts["qian"].id, by=STREET, now=AT + 2 * HOUR
    )
    conflicts.settle(doubted, Decision.NEITHER, "本人说没有委托过", by=STREET, now=AT + 3 * HOUR)
    assert proxies.proxy_by_public_id(reading(), made).state == "struck"
    assert turnout(vote_id).lines == 0
    with pytest.raises(NotFound):
        cast(vote_id, agent, "1栋1单元101", "approve", now=AT + 4 * HOUR)
    again = registered(vote_id, "chen", "101")
    cast(vote_id, agent, "1栋1单元101", "against", now=AT + 5 * HOUR)
    assert proxies.proxy_by_public_id(reading(), again).state == "used"
    assert turnout(vote_id).lines == 1


def test_a_sellers_proxy_ends_with_the_sale_and_the_buyer_has_his_own(
    estate: Estate, agent: Voter, registered: Register, workers: Two, make: Factory
) -> None:
    vote_id, door = opened(estate), "1栋1单元401"
    made = registered(vote_id, "zhao", "401")
    (serial,) = printed(vote_id, workers[0], "401")
    paper.hand_out(serial, asked_by="代理人", to="孙大勇", agent=True, by=workers[0].staff, now=AT)
    sale = NewChange(
        estate.dwellings[6].public_id, ChangeKind.SALE, "过户登记", owners=(NewOwner("周明", "13933334444"),)
    )
    changing.change(vote_id, sale, by=STREET, now=AT + HOUR)
    assert proxies.proxy_by_public_id(reading(), made).state == "withdrawn"
    assert shown.my_lines(reading(), vote_row(vote_id), agent.account_id) == []
    with pytest.raises(NotFound):
        cast(vote_id, agent, door, "approve", now=AT + 2 * HOUR)
    returned(serial, workers[0], estate, at=AT + 2 * HOUR)
    for worker in workers:
        keyed(vote_id, serial, worker, "approve", now=AT + 3 * HOUR)
    assert turnout(vote_id).lines == 0, "nor on the paper he was handed"
    (buyer,) = people.owners_of(reading(), estate.dwellings[6].id)
    estate.people["buyer"] = buyer  # type: ignore[index]
    registered(vote_id, "buyer", "401")
    assert cast(vote_id, agent, door, "against", now=AT + 4 * HOUR).person_id == buyer.id


def test_a_proxy_is_not_withdrawn_once_the_agents_paper_is_back_or_voting_is_over(
    estate: Estate, registered: Register, workers: Two
) -> None:
    vote_id = opened(estate)
    first, second = registered(vote_id, "chen", "101"), registered(vote_id, "zhao", "401", phone="13911113333")
    (serial,) = printed(vote_id, workers[0], "101")
    paper.hand_out(serial, asked_by="代理人", to="孙大勇", agent=True, by=workers[0].staff, now=AT)
    returned(serial, workers[0], estate)
    own = {"account_id": estate.accounts["chen"].id, "actor": "account:chen"}
    for now in (AT + 2 * HOUR, CLOSES + HOUR):
        with pytest.raises(Conflict) as refused:
            services.withdraw_own(first, now=now, **own)  # type: ignore[arg-type]
        assert refused.value.code == "paper-came-back"
    with pytest.raises(Conflict) as refused:
        services.withdraw(second, why="反悔", by=STREET, now=CLOSES)
    assert refused.value.code == "not-open"
    for worker in workers:
        keyed(vote_id, serial, worker, "approve", now=CLOSES + HOUR)
    assert turnout(vote_id).lines == 1


def test_an_agent_votes_on_paper(estate: Estate, registered: Register, workers: Two) -> None:
    vote_id = opened(estate)
    (serial,) = printed(vote_id, workers[0], "101")
    with pytest.raises(Invalid):
        paper.hand_out(serial, asked_by="代理人", to="孙大勇", agent=True, by=workers[0].staff, now=AT)
    made = registered(vote_id, "chen", "101")
    paper.hand_out(serial, asked_by="代理人", to="孙大勇", agent=True, by=workers[0].staff, now=AT)
    returned(serial, workers[0], estate)
    for worker in workers:
        keyed(vote_id, serial, worker, "approve")
    (row,) = queries.counted_ballots(reading(), vote_row(vote_id).id)
    assert (row.Ballot.channel, row.Ballot.by_proxy) == ("paper", True)
    assert proxies.proxy_by_public_id(reading(), made).ballot_id == row.Ballot.id


def test_what_a_proxy_must_say(estate: Estate, registered: Register, workers: Two) -> None:
    vote_id = opened(estate)
    cast(vote_id, estate.voter("qian"), "1栋1单元402", "approve", now=AT)
    for who, door, phone, code in (
        ("qian", "402", AGENT_PHONE, "already-cast"),
        ("zhao", "101", AGENT_PHONE, "no-such-owner"),
        ("chen", "101", "12345", "agent-phone"),
        ("chen", "101", "13800001000", "own-agent"),
    ):
        with pytest.raises(DomainError) as refused:
            registered(vote_id, who, door, phone=phone)
        assert refused.value.code == code, (who, door)
    registered(vote_id, "chen", "101")
    stored = [text for rows in everything_stored().values() for text in rows]
    assert not [text for text in stored if AGENT_PHONE in text or "孙大勇" in text], "names and phones are sealed"
