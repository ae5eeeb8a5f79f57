"""Votes on paper: keyed twice, sealed like any other, accounted for to the last sheet."""

from datetime import timedelta

import pypdfium2
import pytest
import sqlalchemy as sa

from kernel.database import reading
from kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from kernel.people.models import Account, Person
from kernel.web.guards import Identity
from portal import jobs
from portal.notices import services as notices
from surveys.votes import queries
from surveys.votes.models import Ballot
from surveys.votes.paper import queries as papers
from surveys.votes.paper import services, sheets
from surveys.votes.paper.models import PaperKeying
from surveys.votes.rules.paper import SPOILT, VoidReason
from surveys.votes.rules.terms import Clash
from surveys.votes.services import counting
from surveys.votes.services.papers import papers_of
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.paper.stories import AT, Worker, a_worker, keyed, on_paper, paper_row, printed, returned
from tests.surveys.votes.secret_stories import secret_election
from tests.surveys.votes.stories import (
    CLOSES,
    GROUP,
    HOUR,
    NOW,
    PUMP,
    SCHEME,
    STREET,
    Estate,
    cast,
    filled,
    opened,
    turnout,
    vote_row,
)
from tests.surveys.votes.test_secrecy import everything_stored

Two = tuple[Worker, Worker]


@pytest.fixture
def workers(estate: Estate, make: Factory) -> Two:
    return a_worker(make, estate), a_worker(make, estate)


def account(vote_id: str) -> str:
    found = papers.account_of(reading(), vote_row(vote_id).id)
    assert found.adds_up
    return f"{found.printed} = {found.returned} + {found.void} + {found.unreturned}"


def test_a_paper_keyed_alike_by_two_workers_is_a_ballot_that_counts(estate: Estate, workers: Two) -> None:
    vote_id = opened(estate, PUMP, SCHEME)
    paper = on_paper(vote_id, estate, workers, "101", "approve", "against")
    assert paper.state == "settled"
    assert turnout(vote_id) == queries.Turnout(1, 1, 16_000)
    session = reading()
    ballot = session.get_one(Ballot, paper.ballot_id)
    assert (ballot.channel, ballot.device, ballot.confirmed) == ("paper", "paper", "paper")
    assert (ballot.receipt_no, ballot.cast_at, ballot.account_id) == (paper.receipt_no, AT + HOUR, None)
    assert ballot.person_id == estate.people["chen"].id
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    (told,) = counting.open_for_audit(vote_id, by=STREET, reason="测试", now=CLOSES)
    assert told.choices == filled(vote_id, "approve", "against")


def test_the_same_worker_never_keys_a_paper_twice_from_a_second_account_neither(
    estate: Estate, workers: Two, make: Factory
) -> None:
    vote_id = opened(estate)
    (serial,) = printed(vote_id, workers[0], "101")
    returned(serial, workers[0], estate)
    keyed(vote_id, serial, workers[0], "approve")
    with pytest.raises(NotAllowed) as refused:
        keyed(vote_id, serial, workers[0], "approve")
    assert refused.value.code == "same-person"
    himself = reading().get_one(Person, workers[0].staff.person_id)
    make.tie(workers[1].account, estate.dwellings[0], person=himself)
    with pytest.raises(NotAllowed) as again:
        keyed(vote_id, serial, workers[1], "approve")
    assert again.value.code == "same-person"
    assert turnout(vote_id).lines == 0, "keyed once counts for nothing"


def test_what_two_workers_read_differently_a_third_decides(estate: Estate, workers: Two, make: Factory) -> None:
    vote_id = opened(estate, PUMP, SCHEME)
    (serial,) = printed(vote_id, workers[0], "101")
    returned(serial, workers[0], estate)
    keyed(vote_id, serial, workers[0], "approve", "against")
    assert keyed(vote_id, serial, workers[1], "approve", SPOILT).state == "differs"
    motion = papers_of(reading(), vote_row(vote_id).id)[1]
    third = a_worker(make, estate)
    assert services.look_at_differences(serial, by=third.staff, now=AT) == {motion.motion: ("against", SPOILT)}
    for worker, decided, error in (
        (workers[1], {motion.motion: "against"}, NotAllowed),
        (third, {}, Invalid),
        (third, {motion.motion: "approve"}, Invalid),
    ):
        with pytest.raises(error):
            services.decide(serial, decided, by=worker.staff, now=AT + 3 * HOUR)
    services.decide(serial, {motion.motion: SPOILT}, by=third.staff, now=AT + 3 * HOUR)
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    (told,) = counting.open_for_audit(vote_id, by=STREET, reason="测试", now=CLOSES)
    assert list(told.choices.values()) == ["approve", "abstain"], "a part that cannot be read is 弃权"


@pytest.mark.parametrize(
    ("given", "signed", "reason"),
    [(("approve", "against"), False, "unsigned"), ((SPOILT, SPOILT), True, "both_boxes")],
)
def test_an_unsigned_or_wholly_spoilt_paper_is_void(
    estate: Estate, workers: Two, given: tuple[str, str], signed: bool, reason: str
) -> None:
    vote_id = opened(estate, PUMP, SCHEME)
    (serial,) = printed(vote_id, workers[0], "101")
    returned(serial, workers[0], estate)
    for worker in workers:
        keyed(vote_id, serial, worker, *given, signed=signed)
    assert (paper_row(serial).state, paper_row(serial).void_reason) == ("void", reason)
    assert turnout(vote_id).lines == 0
    assert account(vote_id) == "1 = 0 + 1 + 0"
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", "approve", now=AT + 5 * HOUR)
    assert turnout(vote_id).lines == 1, "who signed nothing may still vote"


def test_the_instant_it_was_received_decides_not_the_keying(estate: Estate, workers: Two) -> None:
    vote_id = opened(estate)
    just = timedelta(minutes=1)
    on_paper(vote_id, estate, workers, "101", "approve", at=CLOSES - just, now=CLOSES - just)
    (in_time,) = printed(vote_id, workers[0], "401", now=CLOSES - 2 * just)
    (late,) = printed(vote_id, workers[0], "402", now=CLOSES - 2 * just)
    services.hand_out(in_time, asked_by="本人", to="赵大妈", by=workers[0].staff, now=CLOSES - 2 * just)
    counting.close(vote_id, by=STREET, now=CLOSES)
    returned(in_time, workers[1], estate, at=CLOSES - just, now=CLOSES + HOUR)
    returned(late, workers[0], estate, at=CLOSES, now=CLOSES + HOUR)
    with pytest.raises(Conflict) as refused:
        counting.publish_result(vote_id, by=STREET, now=CLOSES + HOUR)
    assert refused.value.code == "papers-waiting"
    for worker in workers:
        for serial in (in_time, late):
            keyed(vote_id, serial, worker, "approve", now=CLOSES + 2 * HOUR)
    session = reading()
    standings = {
        number: session.get_one(Ballot, papers.paper_by_serial(session, serial).ballot_id).standing
        for number, serial in (("in time", in_time), ("late", late))
    }
    assert standings == {"in time": "valid", "late": "late"}
    assert turnout(vote_id).lines == 2
    counting.publish_result(vote_id, by=STREET, now=CLOSES + 3 * HOUR)


@pytest.mark.parametrize(
    ("at", "now", "code"),
    [
        (AT + HOUR, AT, "in-the-future"),
        (AT - HOUR, AT + HOUR, "before-it-was"),
        (AT, AT + timedelta(hours=25), "too-long-ago"),
    ],
)
def test_a_paper_was_not_received_whenever_one_likes(
    estate: Estate, workers: Two, at: object, now: object, code: str
) -> None:
    vote_id = opened(estate)
    (serial,) = printed(vote_id, workers[0], "101")
    with pytest.raises(Invalid) as refused:
        returned(serial, workers[0], estate, at=at, now=now)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_after_closing_a_fresh_paper_is_not_said_to_have_come_before_nor_by_one_worker(
    estate: Estate, workers: Two
) -> None:
    vote_id, (one, two) = opened(estate), workers
    just = timedelta(minutes=1)
    fresh, handed = printed(vote_id, one, "401", "402", now=CLOSES - 2 * just)
    services.hand_out(handed, asked_by="本人", to="钱先生", by=one.staff, now=CLOSES - 2 * just)
    for state in ("the clock is behind", "closed"):
        for serial, worker, code in ((fresh, two, "never-handed"), (handed, one, "same-person")):
            with pytest.raises(DomainError) as refused:
                returned(serial, worker, estate, at=CLOSES - just, now=CLOSES + HOUR)
            assert refused.value.code == code, state
        with pytest.raises(Conflict) as late:
            services.hand_out(fresh, asked_by="本人", to="赵大妈", by=one.staff, now=CLOSES + HOUR)
        assert late.value.code == "not-open"
        if state != "closed":
            counting.close(vote_id, by=STREET, now=CLOSES)
    returned(fresh, one, estate, at=CLOSES + HOUR)
    returned(handed, two, estate, at=CLOSES - just, now=CLOSES + HOUR)
    assert [paper_row(each).state for each in (fresh, handed)] == ["returned", "returned"]


def test_a_paper_that_came_back_is_voided_by_two_others_and_its_people_are_told(
    estate: Estate, workers: Two, make: Factory
) -> None:
    vote_id, (one, two) = opened(estate), workers
    (serial,) = printed(vote_id, one, "101")
    returned(serial, one, estate)
    keyed(vote_id, serial, two, "against")
    for worker in workers:
        with pytest.raises(NotAllowed) as refused:
            services.void(serial, VoidReason.SPOILT, by=worker.staff, now=AT + 3 * HOUR)
        assert refused.value.code == "same-person"
    third, fourth = a_worker(make, estate, "third").staff, a_worker(make, estate, "fourth").staff
    assert services.void(serial, VoidReason.SPOILT, by=third, now=AT + 3 * HOUR) == serial
    assert paper_row(serial).state == "keyed", "one outsider alone voids nothing"
    with pytest.raises(NotAllowed):
        services.void(serial, VoidReason.SPOILT, by=third, now=AT + 3 * HOUR)
    services.void(serial, VoidReason.LOST, by=fourth, now=AT + 3 * HOUR)
    assert (paper_row(serial).state, paper_row(serial).void_reason) == ("void", "spoilt"), "for what was asked"
    jobs.deliver_news(now=AT + 4 * HOUR)
    chen = estate.accounts["chen"]
    (news,) = notices.my_notices(Identity(chen.id, chen.public_id, None))
    assert news.kind == "paper_void"


def test_printed_is_returned_and_void_and_unreturned_and_a_reprint_voids_the_old_number(
    estate: Estate, workers: Two
) -> None:
    vote_id = opened(estate)
    first = printed(vote_id, workers[0])
    assert account(vote_id) == "5 = 0 + 0 + 5"
    services.print_papers(vote_id, None, by=workers[0].staff, now=AT)
    assert account(vote_id) == "5 = 0 + 0 + 5", "a line has one good paper"
    fresh = services.void(first[0], VoidReason.REPRINTED, reprint=True, by=workers[0].staff, now=AT)
    returned(first[1], workers[0], estate)
    assert account(vote_id) == "6 = 1 + 1 + 4"
    assert paper_row(fresh).number == 6
    with pytest.raises(Conflict):
        returned(first[0], workers[0], estate)
    with pytest.raises(Conflict):
        printed(vote_id, workers[0], "101")


def test_a_paper_somebody_took_out_of_the_table_is_noticed(estate: Estate, workers: Two) -> None:
    from kernel.database import transaction
    from surveys.votes.paper.models import BallotPaper

    vote_id = opened(estate)
    serial = printed(vote_id, workers[0])[2]
    with transaction() as session:
        session.execute(sa.delete(BallotPaper).where(BallotPaper.serial == serial))
    assert not papers.account_of(reading(), vote_row(vote_id).id).adds_up


def test_papers_are_for_the_workers_of_the_place_and_for_votes_that_take_them(
    estate: Estate, workers: Two, make: Factory
) -> None:
    vote_id = opened(estate)
    (serial,) = printed(vote_id, workers[0], "101")
    stranger = make.account()
    make.grant(stranger, "community_worker", make.estate("别处"))
    by = Staff("account:x", reading().get_one(Account, stranger.id).person_id)
    with pytest.raises(NotFound):
        services.hand_out(serial, asked_by="本人", to="陈秀英", by=by, now=AT)
    with pytest.raises(NotAllowed):
        services.print_papers(vote_id, None, by=by, now=AT)
    secret = secret_election(estate)
    with pytest.raises(Conflict) as refused:
        services.print_papers(secret.vote_id, None, by=workers[0].staff, now=AT)
    assert refused.value.code == "no-paper-here"


def test_no_table_tells_what_a_paper_says(estate: Estate, workers: Two, make: Factory) -> None:
    vote_id = opened(estate, PUMP, SCHEME)
    on_paper(vote_id, estate, workers, "101", "against", "abstain")
    (serial,) = printed(vote_id, workers[0], "401")
    services.hand_out(serial, asked_by="本人", to="赵大妈", by=workers[0].staff, now=AT)
    returned(serial, workers[0], estate)
    keyed(vote_id, serial, workers[0], "approve", "against")
    rows = everything_stored()
    stored = [text for name in rows if name not in ("vote", "motion") for text in rows[name]]
    for word in ("approve", "against", "abstain", "赵大妈", SPOILT):
        assert not [text for text in stored if word in text], word
    lengths = {len(each) for each in reading().scalars(sa.select(PaperKeying.sealed))}
    assert len(lengths) == 1, "no size tells"
    sizes = {len(each) for each in reading().scalars(sa.select(Ballot.choices_sealed))}
    cast(vote_id, estate.voter("qian"), "1栋1单元402", "approve", "approve", now=AT)
    assert sizes == {len(each) for each in reading().scalars(sa.select(Ballot.choices_sealed))}


def test_an_election_takes_names_and_too_many_are_refused_at_the_desk(estate: Estate, workers: Two) -> None:
    vote_id = opened(estate, GROUP)
    (serial,) = printed(vote_id, workers[0], "101")
    returned(serial, workers[0], estate)
    with pytest.raises(Invalid):
        keyed(vote_id, serial, workers[0], ["陈建国", "李桂兰", "吴志强", "赵敏"])
    for worker in workers:
        paper = keyed(vote_id, serial, worker, ["李桂兰", "陈建国"])
    assert paper.state == "settled"


def test_two_keying_at_once_leave_one_first_and_one_second(estate: Estate, workers: Two) -> None:
    vote_id = opened(estate)
    (serial,) = printed(vote_id, workers[0], "101")
    returned(serial, workers[0], estate)
    keyed(vote_id, serial, workers[0], "approve")
    with pytest.raises(DomainError):
        keyed(vote_id, serial, workers[0], "approve")
    keyed(vote_id, serial, workers[1], "approve")
    with pytest.raises(Conflict):
        keyed(vote_id, serial, workers[1], "approve")
    assert turnout(vote_id).lines == 1


def test_the_sheet_says_what_is_asked_and_how_a_paper_becomes_void(estate: Estate, workers: Two) -> None:
    vote_id = opened(estate, PUMP, SCHEME)
    (serial,) = printed(vote_id, workers[0], "101")
    paper, vote = paper_row(serial), vote_row(vote_id)
    head = sheets.Head(
        vote.title, "桃园北巷", "11月9日", vote.text_hash or "", Clash.FIRST, True, "https://gj.example.cn/", vote_id
    )
    one = sheets.Sheet(paper.number, serial, paper.receipt_no, 1, "1栋1单元101、1栋1单元102")
    made = sheets.pdf(head, papers_of(reading(), vote.id), [one, one])
    document = pypdfium2.PdfDocument(made)
    assert len(document) == 2
    text = document[0].get_textpage().get_text_bounded()
    for words in ("No. 00001", "名册第 1 号", "同意", "反对", "弃权", "没有签名的，整张作废", PUMP.title, SCHEME.title):
        assert words in text, words
    assert (vote.text_hash or "") in text.replace("\r\n", "")
    assert made == sheets.pdf(head, papers_of(reading(), vote.id), [one, one])


def test_nothing_is_printed_before_the_roll_is_frozen(estate: Estate, workers: Two) -> None:
    from surveys.votes.services import preparing
    from tests.surveys.votes.stories import drafted

    vote_id = drafted(estate)
    preparing.publish(vote_id, by=STREET, now=NOW)
    with pytest.raises(Conflict):
        services.print_papers(vote_id, None, by=workers[0].staff, now=NOW)
