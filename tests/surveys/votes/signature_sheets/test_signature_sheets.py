"""Signatures on paper for a recall and a joint nomination: two people, once a head, taken back, never by name."""

from typing import Any

import pytest
import sqlalchemy as sa

from kernel.audit.models import AuditPayload
from kernel.database import reading
from kernel.errors import DomainError, NotAllowed
from surveys.votes import queries as votes
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import nominating, recalls, supporting
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.signature_sheets import LineState, Signed, judge
from surveys.votes.services.preparing import Staff
from surveys.votes.signature_sheets import services
from surveys.votes.signature_sheets.services import NewLine
from surveys.votes.signature_sheets.services.causes import NOMINEE, PETITION
from tests.factories import Factory
from tests.portal.bodies.test_committee import elected_committee
from tests.portal.bodies.test_forming import AFTER, elected_in
from tests.surveys.votes.elections.calls import DOORS, a_call, recommended, view
from tests.surveys.votes.local_rules.test_local_rules import laid_down, place_above
from tests.surveys.votes.paper.stories import a_worker
from tests.surveys.votes.proofs import logged, photographed, proved_by
from tests.surveys.votes.stories import HOUR, NOW, STREET, Estate


@pytest.fixture
def second(estate: Estate, make: Factory) -> Staff:
    """Another officer of the same street."""
    return a_worker(make, estate, "o-second").staff


def refusal(act: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act(*args, **more)
    return refused.value.code


def lines(*signed: tuple[str, str]) -> list[NewLine]:
    return [NewLine(f"1栋1单元{door}", name) for door, name in signed]


def states(sheet: str, by: Staff = STREET) -> list[str]:
    return [str(each.state) for each in services.one_sheet(sheet, by=by, now=AFTER)[1].lines]


def whom(election: str, *names: str) -> list[str]:
    session = reading()
    vote = votes.vote_by_public_id(session, election)
    return [each.public_id for each in recalls.seated(session, vote) if each.name in names]


def test_a_recall_begins_on_paper_counts_each_household_once_and_reaches_its_number(
    estate: Estate, worker: Staff, second: Staff
) -> None:
    laid_down(place_above(estate, "district"), "recall_share", "1/2")
    election = elected_in(estate)
    photo = photographed(estate, worker, "petition")
    signed = lines(("101", "chen"), ("101", "chen的家人"), ("102", "chen"), ("999", "谁"))
    sheet = services.begin_recall(
        election, whom(election, "li"), "半年没有公布收支", signed, [photo], by=worker, now=AFTER
    )
    (petition,) = elections.petitions_of(reading(), votes.vote_by_public_id(reading(), election).id)
    assert (petition.share_num, petition.share_den, petition.needed) == (1, 2, 4)
    assert states(sheet) == ["waiting", "duplicate", "waiting", "unknown"]
    assert proved_by(f"signature_sheet:{sheet}") == logged("signatures.entered")["proofs"]
    assert refusal(elections.signed_petition, reading(), petition.public_id) == "no-such-petition", "nobody knows yet"

    recalls.sign(petition.public_id, by=estate.voter("zhao"), now=AFTER + HOUR)
    more = lines(("401", "zhao"), ("402", "qian"), ("202", "张三"))
    also = services.enter(
        PETITION, petition.public_id, more, [photographed(estate, worker, "petition")], by=worker, now=AFTER + HOUR
    )
    assert states(also)[0] == "duplicate", "signed on the phone"
    with pytest.raises(NotAllowed):
        services.check(sheet, [], "", by=worker, now=AFTER + HOUR)
    assert refusal(services.check, sheet, [1], " ", by=second, now=AFTER + HOUR) == "reason-needed"
    services.check(sheet, [1], "没有这个人的签名", by=second, now=AFTER + HOUR)
    assert states(sheet) == ["refused", "counted", "counted", "unknown"], "the second of two alike comes into its own"
    assert refusal(services.check, sheet, [], "", by=second, now=AFTER + HOUR) == "checked-already"
    one = services.one_cause(PETITION, petition.public_id, by=STREET, now=AFTER)
    assert (one.signatures, one.on_paper, one.waiting) == (3, 2, 1)
    services.check(also, [3], "看不清", by=second, now=AFTER + 2 * HOUR)
    assert elections.petition_by_public_id(reading(), petition.public_id).state == "reached"
    assert recalls.draft_vote(petition.public_id, now=AFTER + 3 * HOUR)
    log = " ".join(str(row.document) for row in reading().scalars(sa.select(AuditPayload)))
    assert "张三" not in log
    assert "chen的家人" not in log


def test_a_signature_is_taken_back_on_the_phone_or_in_writing_while_they_are_collected(
    estate: Estate, worker: Staff, second: Staff
) -> None:
    laid_down(place_above(estate, "district"), "recall_share", "1/1")
    election = elected_in(estate)
    petition = recalls.start(election, whom(election, "li"), "半年没有公布收支", by=estate.voter("zhao"), now=AFTER)
    sheet = services.enter(
        PETITION, petition, lines(("402", "qian")), [photographed(estate, worker, "petition")], by=worker, now=AFTER
    )
    services.check(sheet, [], "", by=second, now=AFTER)

    def count() -> int:
        return services.one_cause(PETITION, petition, by=STREET, now=AFTER).signatures

    assert count() == 2
    assert refusal(recalls.take_back, petition, by=estate.voter("qian"), now=AFTER) == "nothing-signed"
    recalls.take_back(petition, by=estate.voter("zhao"), now=AFTER)
    again = refusal(services.take_back, PETITION, petition, "1栋1单元401", [], by=worker, now=AFTER)
    assert again == "nothing-signed"
    assert refusal(services.take_back, PETITION, petition, "1栋1单元402", [], by=worker, now=AFTER) == "photo-needed"
    left = photographed(estate, worker, "petition")
    services.take_back(PETITION, petition, "1栋1单元402", [left], by=worker, now=AFTER)
    assert (count(), states(sheet)) == (0, ["withdrawn"])
    recalls.sign(petition, by=estate.voter("zhao"), now=AFTER + HOUR)
    assert count() == 1, "who took it back may sign again"
    until = elections.petition_by_public_id(reading(), petition).until
    assert refusal(recalls.take_back, petition, by=estate.voter("zhao"), now=until) == "petition-over"
    assert refusal(services.enter, PETITION, petition, lines(("402", "qian")), [left], by=worker, now=until) == (
        "petition-over"
    )


def test_owners_sign_themselves_and_a_paper_of_nobody_blocks_no_petition(
    estate: Estate, worker: Staff, second: Staff, other_account: Staff
) -> None:
    election = elected_committee(estate)
    photo = photographed(estate, worker, "petition")
    signed = lines(("101", "chen"), ("402", "钱的儿子"))
    sheet = services.begin_recall(election, whom(election, "zhao"), "不公开账目", signed, [photo], by=worker, now=AFTER)
    assert states(sheet) == ["waiting", "unknown"]
    with pytest.raises(NotAllowed):
        services.check(sheet, [], "", by=other_account, now=AFTER)
    services.check(sheet, [1], "签名是别人的", by=second, now=AFTER)
    (petition,) = elections.petitions_of(reading(), votes.vote_by_public_id(reading(), election).id)
    assert petition.state == "lapsed"
    recalls.start(election, whom(election, "zhao"), "不公开账目", by=estate.voter("qian"), now=AFTER + HOUR)


def test_what_nobody_has_signed_and_nobody_sees_keeps_no_resident_from_starting(estate: Estate, worker: Staff) -> None:
    election = elected_in(estate)
    li, reason = whom(election, "li"), "半年没有公布收支"
    photo = photographed(estate, worker, "petition")
    services.begin_recall(election, li, reason, lines(("101", "chen")), [photo], by=worker, now=AFTER)
    again = photographed(estate, worker, "petition")
    refused = refusal(
        services.begin_recall, election, li, reason, lines(("101", "chen")), [again], by=worker, now=AFTER
    )
    assert refused == "petition-running", "whoever keys papers sees the one that waits"
    hollow = recalls.start(election, li, reason, by=estate.voter("zhao"), now=AFTER)
    assert refusal(recalls.start, election, li, reason, by=estate.voter("qian"), now=AFTER) == "petition-running"
    recalls.take_back(hollow, by=estate.voter("zhao"), now=AFTER)
    recalls.start(election, li, reason, by=estate.voter("qian"), now=AFTER)


def test_a_joint_nomination_is_signed_on_paper_too(estate: Estate, worker: Staff, second: Staff) -> None:
    call_id = a_call(estate)
    who = recommended(call_id, "zhao", DOORS["zhao"])
    nominee = nominating.recommend(call_id, who, by=estate.voter("qian"), now=NOW)
    signed = lines(("402", "qian"), ("101", "chen"))
    photo = photographed(estate, worker, "petition")
    sheet = services.enter(NOMINEE, nominee, signed, [photo], by=worker, now=NOW)
    assert not view(call_id).nominees[0].supported
    services.check(sheet, [], "", by=second, now=NOW)
    (shown,) = view(call_id, account_id=estate.accounts["qian"].id).nominees
    assert (shown.signatures, shown.supported, shown.may_take_back) == (2, True, True)
    supporting.take_back(call_id, nominee, by=estate.voter("qian"), now=NOW)
    assert view(call_id).nominees[0].signatures == 1
    by_committee = nominating.recommend_by_committee(
        call_id, recommended(call_id, "li", DOORS["li"]), by=STREET, now=NOW
    )
    told = refusal(services.enter, NOMINEE, by_committee, signed, [photo], by=worker, now=NOW)
    assert told == "not-to-be-signed"


@pytest.mark.parametrize(
    ("given", "before", "electorate", "wanted"),
    [
        ([(1, True), (1, True)], set(), Electorate.OWNERS, ["waiting", "duplicate"]),
        ([(1, False), (2, True)], {2}, Electorate.OWNERS, ["unknown", "duplicate"]),
        ([(1, False), (None, False)], set(), Electorate.RESIDENTS, ["waiting", "unknown"]),
    ],
)
def test_what_a_line_is_worth(given: Any, before: set[int], electorate: Electorate, wanted: list[str]) -> None:
    found = judge([Signed(head, named) for head, named in given], before, electorate)
    assert found == [LineState(each) for each in wanted]
