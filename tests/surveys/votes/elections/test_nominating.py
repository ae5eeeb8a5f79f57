"""From nominations with consent to a printed ballot of a lawful body; on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from kernel.database import reading
from kernel.errors import Invalid, NotAllowed
from surveys.votes import queries, verify
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import calls, nominating, supporting
from surveys.votes.elections.services.calls import NewSection
from surveys.votes.rules.nominations import COMMITTEE, Contest, Way
from surveys.votes.services import bundles
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.elections.calls import (
    DOORS,
    OTHER,
    UNTIL,
    a_call,
    closed,
    listed,
    named,
    opened_ballot,
    recommended,
    refusal,
    said,
    section,
    stands,
    view,
)
from tests.surveys.votes.stories import HOUR, NOW, STREET, Estate, cast


def test_from_nominations_to_a_ballot_whose_candidates_agreed(estate: Estate) -> None:
    call_id = a_call(estate)
    stands(call_id, estate, "chen")
    by_committee = nominating.recommend_by_committee(
        call_id, recommended(call_id, "li", DOORS["li"]), by=OTHER, now=NOW + HOUR
    )
    jointly = nominating.recommend(
        call_id, recommended(call_id, "zhao", DOORS["zhao"], "热心"), by=estate.voter("qian"), now=NOW + 2 * HOUR
    )
    before = {each.id: each for each in view(call_id).nominees}
    assert before[jointly].name == "z*", "nobody is named before he agreed"
    assert (before[jointly].way, before[jointly].signatures, before[jointly].supported) == (Way.JOINT, 1, False)

    supporting.sign(call_id, jointly, by=estate.voter("factory"), now=NOW)
    for _ in range(2):
        supporting.sign(call_id, jointly, by=estate.voter("chen"), now=NOW)
    for nominee, who in ((by_committee, "li"), (jointly, "zhao")):
        nominating.consent(call_id, nominee, True, by=estate.voter(who), now=NOW)
        nominating.check(call_id, nominee, True, "", by=STREET, now=NOW)
    after = {each.id: each for each in view(call_id).nominees}
    assert (after[jointly].name, after[jointly].note) == ("zhao", "热心")
    assert all(each.stands for each in after.values())

    assert refusal(calls.list_candidates, call_id, by=STREET, now=UNTIL - HOUR) == "nominations-running"
    until = listed(call_id)
    assert refusal(calls.print_ballot, call_id, by=STREET, now=until - HOUR) == "list-running"
    vote_id = calls.print_ballot(call_id, by=STREET, now=until)
    assert calls.print_ballot(call_id, by=STREET, now=until) == vote_id
    session = reading()
    vote = queries.vote_by_public_id(session, vote_id)
    (motion,) = queries.motions_of(session, vote.id)
    assert [each.name for each in queries.candidates_of(session, vote.id)[motion.id]] == ["chen", "li", "zhao"]
    assert elections.alternates_of(session, vote.id) == {motion.id: 1}
    assert (motion.seats, motion.most) == (3, 3)


def test_who_is_not_of_the_electorate_neither_stands_nor_signs(estate: Estate, make: Factory) -> None:
    call_id = a_call(estate)
    jointly = nominating.recommend(
        call_id, recommended(call_id, "zhao", DOORS["zhao"]), by=estate.voter("qian"), now=NOW
    )
    stranger = Voter(make.account("o-stranger").id, "account:s")
    unverified = make.account("o-unverified")
    make.tie(unverified, estate.dwellings[0], level=1)
    for voter in (stranger, Voter(unverified.id, "account:u")):
        with pytest.raises(NotAllowed):
            nominating.nominate_self(call_id, section(call_id), "x", "", by=voter, now=NOW)
        with pytest.raises(NotAllowed):
            supporting.sign(call_id, jointly, by=voter, now=NOW)
        assert not view(call_id, account_id=voter.account_id).may_nominate
    assert (
        refusal(nominating.nominate_self, call_id, section(call_id), "wang", "", by=estate.voter("li"), now=NOW)
        == "another-name"
    )
    assert (
        refusal(
            nominating.recommend,
            call_id,
            recommended(call_id, "zhao", "9栋9单元909"),
            by=estate.voter("li"),
            now=NOW,
        )
        == "no-such-door"
    )


def test_only_the_nominee_agrees_and_no_is_known_to_nobody_else(estate: Estate) -> None:
    call_id = a_call(estate)
    nominee = nominating.recommend_by_committee(call_id, recommended(call_id, "li", DOORS["li"]), by=OTHER, now=NOW)
    for who in ("chen", "wu"):
        with pytest.raises(NotAllowed):
            nominating.consent(call_id, nominee, True, by=estate.voter(who), now=NOW)
    nominating.consent(call_id, nominee, False, by=estate.voter("li"), now=NOW)
    assert view(call_id).nominees == ()
    assert [each.name for each in view(call_id, staff=True).nominees] == ["li"]
    (own,) = view(call_id, account_id=estate.accounts["li"].id).nominees
    assert own.me


def test_nobody_is_nominated_twice_or_late_or_checked_by_who_nominated(estate: Estate) -> None:
    call_id = a_call(estate)
    nominee = nominating.recommend_by_committee(call_id, recommended(call_id, "li", DOORS["li"]), by=OTHER, now=NOW)
    again = refusal(
        nominating.recommend, call_id, recommended(call_id, "l i", DOORS["li"]), by=estate.voter("chen"), now=NOW
    )
    assert again == "nominated-already"
    late = refusal(nominating.nominate_self, call_id, section(call_id), "chen", "", by=estate.voter("chen"), now=UNTIL)
    assert late == "nominations-over"
    assert refusal(nominating.check, call_id, nominee, True, "", by=OTHER, now=NOW) == "own-nomination"
    assert refusal(nominating.check, call_id, nominee, False, " ", by=STREET, now=NOW) == "reason-needed"
    with pytest.raises(NotAllowed):
        nominating.check(call_id, nominee, True, "", by=Staff("account:x", None), now=NOW)


def test_too_few_candidates_hold_the_list_until_nominations_are_extended(estate: Estate) -> None:
    call_id = a_call(estate, sections=(NewSection("全小区", 3, 3),), contest=Contest.MORE)
    for who in ("chen", "li", "zhao"):
        stands(call_id, estate, who)
    assert refusal(calls.list_candidates, call_id, by=STREET, now=UNTIL) == "too-few-candidates"
    later = UNTIL + timedelta(days=3)
    assert refusal(calls.extend, call_id, UNTIL - HOUR, by=STREET, now=UNTIL) == "not-later"
    calls.extend(call_id, later, by=STREET, now=UNTIL)
    nominating.nominate_self(call_id, section(call_id), "qian", "", by=estate.voter("qian"), now=UNTIL)
    assert refusal(calls.list_candidates, call_id, by=STREET, now=later) == "nominees-unchecked"
    (qian,) = [each.id for each in view(call_id).nominees if each.name == "qian"]
    nominating.check(call_id, qian, True, "", by=STREET, now=later)
    listed(call_id, later)
    assert refusal(nominating.check, call_id, qian, False, "晚了", by=STREET, now=later) == "listed-already"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sections": (NewSection("全小区", 4, 4),)}, "odd-size"),
        ({"sections": (NewSection("全小区", 9, 9),)}, "odd-size"),
        ({"sections": (NewSection("1栋", 2, 2), NewSection("1栋", 1, 1))}, "same-section-twice"),
        ({"sections": (NewSection("1栋", 3, 2),)}, "seats-and-most"),
        ({"sections": (NewSection("组长", 3, 3, leader=True),)}, "one-leader"),
        ({"sections": ()}, "no-section"),
        ({"until": NOW}, "until-passed"),
        ({"matter": "owners.scheme"}, "unknown-matter"),
    ],
)
def test_a_call_that_cannot_elect_a_lawful_body_is_refused(estate: Estate, changes: Any, code: str) -> None:
    assert refusal(a_call, estate, **changes) == code


def test_seats_by_building_and_a_leader_stand_as_sections_on_one_ballot(estate: Estate) -> None:
    sections = (NewSection("1栋", 2, 2), NewSection("组长", 1, 1, leader=True))
    call_id = a_call(estate, sections=sections)
    for place, who in ((0, "chen"), (0, "li"), (1, "zhao")):
        stands(call_id, estate, who, place=place)
    vote_id = calls.print_ballot(call_id, by=STREET, now=listed(call_id))
    motions = queries.motions_of(reading(), queries.vote_by_public_id(reading(), vote_id).id)
    assert [(each.title, each.rule.split("@")[0]) for each in motions] == [
        ("1栋（应选 2 人）", "residents.group"),
        ("组长（应选 1 人）", "residents.leader"),
    ]


def test_an_owners_committee_is_elected_by_heads_and_area_and_verified(estate: Estate) -> None:
    call_id = a_call(estate, matter=COMMITTEE, sections=(NewSection("全小区", 3, 3),), size_low=3)
    for who in ("chen", "li", "zhao"):
        stands(call_id, estate, who)
    until = listed(call_id)
    vote_id = opened_ballot(call_id, until)
    for who in ("chen", "li", "zhao", "qian"):
        cast(vote_id, estate.voter(who), DOORS[who], ["chen", "li"], now=until + HOUR)
    cast(vote_id, estate.voter("factory"), "1栋1单元202", ["zhao", "chen"], now=until + HOUR)
    closes = closed(vote_id)
    document = said(vote_id)
    assert named(vote_id, document) == {"chen": "elected", "li": "elected", "zhao": "not_elected"}
    assert [(each["votes"], each["area_dm2"]) for each in document["candidates"]] == [
        (5, 64_000),
        (4, 40_000),
        (1, 24_000),
    ]
    assert verify.verify(bundles.auditor_bundle(vote_id, by=STREET, reason="抽查", now=closes)).faults == []


def test_a_paper_consent_needs_a_photo(estate: Estate) -> None:
    call_id = a_call(estate)
    nominee = nominating.recommend_by_committee(call_id, recommended(call_id, "li", DOORS["li"]), by=OTHER, now=NOW)
    with pytest.raises(Invalid):
        nominating.consent_on_paper(call_id, nominee, [], by=STREET, now=NOW)


def test_a_housemate_whom_nobody_named_neither_speaks_for_the_nominee_nor_takes_a_name(
    estate: Estate, make: Factory
) -> None:
    call_id = a_call(estate)
    nominee = nominating.recommend_by_committee(call_id, recommended(call_id, "li", DOORS["li"]), by=OTHER, now=NOW)
    account = make.account()
    make.tie(account, estate.dwellings[2], relation="family")
    housemate = Voter(account.id, f"account:{account.public_id}")
    for act in (
        lambda: nominating.consent(call_id, nominee, True, by=housemate, now=NOW),
        lambda: nominating.withdraw(call_id, nominee, by=housemate, now=NOW),
    ):
        assert refusal(act) == "not-the-nominee"
    told = refusal(nominating.nominate_self, call_id, section(call_id), "wu", "", by=housemate, now=NOW)
    assert told == "name-not-registered"


def test_an_officer_who_stands_or_nominated_from_another_account_does_not_check(
    estate: Estate, worker: Staff, other_account: Staff, make: Factory
) -> None:
    call_id = a_call(estate)
    mine = nominating.recommend_by_committee(call_id, recommended(call_id, "li", DOORS["li"]), by=worker, now=NOW)
    assert refusal(nominating.check, call_id, mine, True, "", by=other_account, now=NOW) == "own-nomination"
    nominating.check(call_id, mine, True, "", by=STREET, now=NOW)
    neighbour = make.account("o-officer")
    make.tie(neighbour, estate.dwellings[7], person=estate.people["qian"])
    stands_himself = nominating.recommend_by_committee(
        call_id, recommended(call_id, "qian", DOORS["qian"]), by=OTHER, now=NOW
    )
    for by in (worker, other_account):
        told = refusal(nominating.check, call_id, stands_himself, True, "", by=by, now=NOW)
        assert told == "own-candidacy", "on the account he lives with, or on the one he works with"
    nominating.check(call_id, stands_himself, True, "", by=STREET, now=NOW)
