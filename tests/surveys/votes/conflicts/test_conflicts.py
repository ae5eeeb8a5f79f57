"""Phone and paper for one line, co-owners who object, what the street settles: both kept, one counts, all are told."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel import audit, clock
from kernel.database import reading
from kernel.errors import Conflict, DomainError, NotAllowed, NotFound
from kernel.people.models import Account
from kernel.places.models import Place
from kernel.places.queries import ancestors
from kernel.web.guards import Identity
from portal import jobs
from portal.notices import services as notices
from surveys.votes import queries
from surveys.votes.conflicts import queries as conflicts
from surveys.votes.conflicts import services
from surveys.votes.models import Ballot
from surveys.votes.rules.conflicts import Decision
from surveys.votes.rules.terms import Clash, Terms
from surveys.votes.services import counting, preparing
from surveys.votes.services.casting import Voter
from surveys.votes.terms.services import set_terms
from tests.factories import Factory
from tests.surveys.votes.paper.stories import AT, Worker, a_proxy, a_worker, keyed, on_paper, printed, returned
from tests.surveys.votes.stories import (
    CLOSES,
    GROUP,
    HOUR,
    NOW,
    PUMP,
    STREET,
    Estate,
    cast,
    drafted,
    line_of,
    opened,
    turnout,
    vote_row,
)

Two = tuple[Worker, Worker]
AGENT = "13911112222"
JUST = timedelta(minutes=1)


@pytest.fixture
def workers(estate: Estate, make: Factory) -> Two:
    return a_worker(make, estate), a_worker(make, estate)


def open_with(estate: Estate, clash: Clash) -> str:
    vote_id = drafted(estate, PUMP)
    set_terms(vote_id, Terms(clash=clash), by=STREET, now=NOW)
    preparing.publish(vote_id, by=STREET, now=NOW)
    return preparing.open_voting(vote_id, by=STREET, now=NOW)


def counted(vote_id: str) -> list[str]:
    return [row.Ballot.channel for row in queries.counted_ballots(reading(), vote_row(vote_id).id)]


def told(estate: Estate, who: str, *, now: datetime = AT + 20 * HOUR) -> list[str]:
    """What one of them was told, after the outbox was delivered."""
    jobs.deliver_news(now=now)
    account = estate.accounts[who]
    return [each.kind for each in notices.my_notices(Identity(account.id, account.public_id, None))]


@pytest.mark.parametrize(
    ("clash", "phone_first", "counts"),
    [
        (Clash.FIRST, True, "phone"),
        (Clash.FIRST, False, "paper"),
        (Clash.PAPER, True, "paper"),
        (Clash.PHONE, True, "phone"),
        (Clash.PHONE, False, "phone"),
    ],
)
def test_phone_and_paper_are_both_kept_and_the_notice_says_which_counts(
    estate: Estate, workers: Two, clash: Clash, phone_first: bool, counts: str
) -> None:
    vote_id = open_with(estate, clash)
    (serial,) = printed(vote_id, workers[0], "101")
    paper_at, phone_at = (AT + HOUR, AT) if phone_first else (AT, AT + HOUR)
    returned(serial, workers[0], estate, at=paper_at, now=max(paper_at, AT))
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", now=phone_at)
    for worker in workers:
        keyed(vote_id, serial, worker, "against")
    assert counted(vote_id) == [counts]
    assert turnout(vote_id).lines == 1
    session = reading()
    assert len(queries.ballots_of(session, vote_row(vote_id).id)) == 2
    assert queries.set_aside(session, vote_row(vote_id).id) == 1
    (question,) = conflicts.conflicts_of(session, vote_row(vote_id).id)
    assert (question.kind, question.state) == ("two_channels", "by_rule")
    assert "ballot_conflict" in told(estate, "chen")


@pytest.mark.parametrize(("clash", "anew"), [(Clash.PHONE, True), (Clash.PAPER, False), (Clash.FIRST, False)])
def test_after_a_paper_the_ballot_page_opens_only_where_the_phone_prevails(
    estate: Estate, workers: Two, make: Factory, clash: Clash, anew: bool
) -> None:
    vote_id = open_with(estate, clash)
    on_paper(vote_id, estate, workers, "101", "against")
    chen, line = make.signed_in(estate.accounts["chen"]), line_of(vote_id, "1栋1单元101")
    with clock.at(AT + 9 * HOUR):
        assert (">用手机投<" in chen.get(f"/v/{vote_id}").text) is anew
        (mine,) = chen.get(f"/api/v1/votes/{vote_id}/lines").json["lines"]
        assert mine["may_vote"] is anew
        page = chen.get(f"/v/{vote_id}/ballot?line={line}")
        assert page.status_code == (200 if anew else 302)
        if anew:
            cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", now=AT + 9 * HOUR)
            assert counted(vote_id) == ["phone"]
            assert "/receipt/" in chen.get(f"/v/{vote_id}/ballot?line={line}").headers["Location"]
        else:
            assert "/receipt/" in page.headers["Location"]


def test_two_of_the_same_instant_wait_for_the_street_and_hold_up_the_count(estate: Estate, workers: Two) -> None:
    vote_id = opened(estate)
    (serial,) = printed(vote_id, workers[0], "101", now=AT - JUST)
    returned(serial, workers[0], estate, at=AT)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", now=AT)
    for worker in workers:
        keyed(vote_id, serial, worker, "against")
    assert counted(vote_id) == ["phone"], "until the street decides, the one that counted goes on counting"
    counting.close(vote_id, by=STREET, now=CLOSES)
    with pytest.raises(Conflict) as refused:
        counting.publish_result(vote_id, by=STREET, now=CLOSES)
    assert refused.value.code == "ballots-undecided"
    ((question, doors, ballots),) = services.queue(vote_id, by=STREET, now=CLOSES)
    assert (doors, [each.channel for each in ballots]) == ("1栋1单元101、1栋1单元102", ["phone", "paper"])
    services.settle(question.public_id, Decision.OTHER, "当面核实，以纸质为准", by=STREET, now=CLOSES)
    assert counted(vote_id) == ["paper"]
    with pytest.raises(Conflict):
        services.settle(question.public_id, Decision.STANDS, "再改", by=STREET, now=CLOSES)
    assert "ballot_settled" in told(estate, "chen", now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES + HOUR)


def test_co_owners_are_told_and_one_objects_before_the_deadline(estate: Estate) -> None:
    vote_id = opened(estate)
    cast(vote_id, estate.voter("li"), "1栋1单元201", "approve", now=AT)
    assert told(estate, "wu") == ["ballot_by_other"]
    assert told(estate, "li") == [], "who cast it knows"
    line, wu = line_of(vote_id, "1栋1单元201"), estate.voter("wu")
    made = services.object_to(vote_id, line, "没有商量过", by=wu, now=AT + HOUR)
    assert counted(vote_id) == ["phone"], "it counts, and is marked"
    (row,) = queries.counted_ballots(reading(), vote_row(vote_id).id)
    assert row.disputed
    for who, code in (("wu", "objected-already"), ("li", "own-ballot"), ("zhao", "no-such-line")):
        with pytest.raises(DomainError) as refused:
            services.object_to(vote_id, line, "再提一次", by=estate.voter(who), now=AT + HOUR)
        assert refused.value.code == code
    services.settle(made, Decision.NEITHER, "双方意见不一，这一票不计", by=STREET, now=AT + 2 * HOUR)
    assert turnout(vote_id).lines == 0
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES + HOUR)
    assert audit.verify().ok


def test_after_the_deadline_a_ballot_is_not_objected_to_and_after_the_result_nothing_moves(estate: Estate) -> None:
    vote_id = opened(estate)
    cast(vote_id, estate.voter("li"), "1栋1单元201", "approve", now=AT)
    line = line_of(vote_id, "1栋1单元201")
    made = services.object_to(vote_id, line, "没有商量过", by=estate.voter("wu"), now=CLOSES - JUST)
    counting.close(vote_id, by=STREET, now=CLOSES)
    with pytest.raises(Conflict) as refused:
        services.object_to(vote_id, line, "没有商量过", by=estate.voter("wu"), now=CLOSES)
    assert refused.value.code == "too-late-to-object"
    counting.publish_result(vote_id, by=STREET, now=CLOSES + HOUR)
    with pytest.raises(Conflict) as refused:
        services.settle(made, Decision.NEITHER, "太晚了", by=STREET, now=CLOSES + 2 * HOUR)
    assert refused.value.code == "result-is-out"


def test_a_worker_doubts_who_cast_a_ballot_and_only_the_street_of_the_place_settles_it(
    estate: Estate, make: Factory
) -> None:
    vote_id = opened(estate)
    ballot: Ballot = cast(vote_id, estate.voter("zhao"), "1栋1单元401", "approve", now=AT)
    made = services.doubt(
        vote_id, ballot.receipt_no, "赵敏当天住院", account_id=make.account().id, by=STREET, now=AT + HOUR
    )
    stranger: Any = preparing.Staff("account:x", make.person("外人", None).id)
    with pytest.raises(NotFound):
        services.settle(made, Decision.NEITHER, "不归他管", by=stranger, now=AT + HOUR)
    with pytest.raises(Conflict):
        services.settle(made, Decision.OTHER, "没有另一张", by=STREET, now=AT + HOUR)
    services.settle(made, Decision.STANDS, "核实是本人", by=STREET, now=AT + HOUR)
    assert turnout(vote_id).lines == 1


def test_nobody_settles_a_doubt_of_his_own(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate)
    ballot = cast(vote_id, estate.voter("zhao"), "1栋1单元401", "approve", now=AT)
    officer, other = make.account(), make.account()
    for each in (officer, other):
        make.grant(each, "street_officer", street_of(estate))
    one, two = (as_staff(each) for each in (officer, other))
    made = services.doubt(vote_id, ballot.receipt_no, "像是别人投的", account_id=officer.id, by=one, now=AT + HOUR)
    with pytest.raises(NotAllowed) as refused:
        services.settle(made, Decision.NEITHER, "不计", by=one, now=AT + HOUR)
    assert refused.value.code == "same-person"
    assert turnout(vote_id).lines == 1
    services.settle(made, Decision.NEITHER, "核实不是本人", by=two, now=AT + HOUR)
    assert turnout(vote_id).lines == 0


def test_a_question_never_strikes_a_ballot_it_does_not_ask_about(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate)
    door, officer = "1栋1单元201", make.account()
    struck = cast(vote_id, estate.voter("li"), door, "approve", now=AT)
    objection = services.object_to(vote_id, line_of(vote_id, door), "没有商量过", by=estate.voter("wu"), now=AT)
    doubt = services.doubt(vote_id, struck.receipt_no, "有疑问", account_id=officer.id, by=STREET, now=AT)
    services.settle(doubt, Decision.NEITHER, "不是本人投的", by=STREET, now=AT + HOUR)
    agreed = cast(vote_id, estate.voter("wu"), door, "against", now=AT + 2 * HOUR)
    with pytest.raises(Conflict) as refused:
        services.settle(objection, Decision.NEITHER, "不计", by=STREET, now=AT + 3 * HOUR)
    assert refused.value.code == "another-counts"
    with pytest.raises(Conflict) as refused:
        services.doubt(vote_id, struck.receipt_no, "再疑", account_id=make.account().id, by=STREET, now=AT + 3 * HOUR)
    assert refused.value.code == "does-not-count"
    services.settle(objection, Decision.STANDS, "后来商量好了", by=STREET, now=AT + 3 * HOUR)
    (row,) = queries.counted_ballots(reading(), vote_row(vote_id).id)
    assert row.Ballot.public_id == agreed.public_id


def test_an_agent_does_not_object_for_the_line_he_may_vote_for(estate: Estate, workers: Two, make: Factory) -> None:
    vote_id, door = opened(estate), "1栋1单元101"
    account, _ = make.owner(make.dwelling(make.place("building", make.estate("别处"), name="9栋")), "孙大勇", AGENT)
    a_proxy(vote_id, estate, workers, "chen", door, AGENT)
    cast(vote_id, estate.voter("chen"), door, "approve", now=AT)
    agent = Voter(account.id, f"account:{account.public_id}")
    with pytest.raises(NotFound):
        services.object_to(vote_id, line_of(vote_id, door), "不同意", by=agent, now=AT + HOUR)


def street_of(estate: Estate) -> Place:
    return next(place for place in ancestors(reading(), estate.place) if place.kind == "street")


def as_staff(account: Account) -> preparing.Staff:
    fresh = reading().get_one(Account, account.id)
    return preparing.Staff(f"account:{fresh.public_id}", fresh.person_id, account_id=fresh.id)


def test_a_household_hears_that_somebody_of_it_voted_and_neighbours_do_not(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate, GROUP)
    wife, neighbour = make.account(), make.account()
    make.tie(wife, estate.dwellings[6], relation="family")
    make.tie(neighbour, estate.dwellings[6], relation="neighbour", level=1)
    cast(vote_id, estate.voter("zhao"), "1栋1单元401", ["陈建国"], now=AT)
    estate.accounts.update({"wife": wife, "neighbour": neighbour})  # type: ignore[attr-defined]
    assert told(estate, "wife") == ["ballot_by_other"]
    assert told(estate, "neighbour") == []


def test_paper_tells_all_of_the_line(estate: Estate, workers: Two) -> None:
    vote_id = opened(estate)
    on_paper(vote_id, estate, workers, "201", "approve")
    assert told(estate, "li") == told(estate, "wu") == ["ballot_on_paper"]
    by = Voter(estate.accounts["wu"].id, "account:wu")
    services.object_to(vote_id, line_of(vote_id, "1栋1单元201"), "不是我签的", by=by, now=AT + 3 * HOUR)
