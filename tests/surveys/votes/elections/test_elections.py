"""From nominations with consent to a printed ballot; withdrawals, ties and their lots, run-offs; on both databases."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kernel.audit.models import AuditPayload
from kernel.database import reading
from kernel.errors import Conflict, DomainError, Invalid, NotAllowed
from surveys.votes import queries, verify
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import calls, nominating, ties
from surveys.votes.elections.services import reading as shown
from surveys.votes.elections.services.calls import NewCall, NewSection
from surveys.votes.elections.services.ties import NewLot
from surveys.votes.results import queries as standings
from surveys.votes.results import services as results
from surveys.votes.rules import periods
from surveys.votes.rules.nominations import COMMITTEE, GROUP, Contest, Way
from surveys.votes.services import bundles, counting, preparing
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.proofs import logged, photographed, proved_by
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, STREET, Estate, cast, opened
from tests.surveys.votes.stories import GROUP as GROUP_MOTION

UNTIL = NOW + timedelta(days=7)
OTHER = Staff("account:other", None, trusted=True)
DOORS = {"chen": "1栋1单元101", "li": "1栋1单元201", "zhao": "1栋1单元401", "qian": "1栋1单元402"}


def a_call(estate: Estate, **changes: Any) -> str:
    """A call for a group of three at the estate, 等额, two signatures for a joint nomination."""
    draft: dict[str, Any] = {
        "place_code": estate.place.code,
        "matter": GROUP,
        "title": "自管小组选举",
        "sections": (NewSection("全小区", 3, 3),),
        "until": UNTIL,
        "contest": Contest.EQUAL,
        "signatures": 2,
        "notice_days": 0,
        "voting_days": 7,
        "list_days": 3,
    }
    return calls.open_call(NewCall(**(draft | changes)), by=STREET, now=NOW)


def view(call_id: str, now: datetime = NOW, **who: Any) -> shown.CallView:
    session = reading()
    return shown.view(session, elections.call_by_public_id(session, call_id), now, **who)


def section(call_id: str, place: int = 0) -> str:
    return view(call_id).sections[place].public_id


def stands(call_id: str, estate: Estate, who: str, *, place: int = 0, now: datetime = NOW) -> str:
    """Somebody nominates himself and is found qualified."""
    nominee = nominating.nominate_self(call_id, section(call_id, place), who, "", by=estate.voter(who), now=now)
    nominating.check(call_id, nominee, True, "", by=STREET, now=now)
    return nominee


def listed(call_id: str, now: datetime = UNTIL) -> datetime:
    """The list is out; gives the end of its publicity."""
    calls.list_candidates(call_id, by=STREET, now=now)
    until = view(call_id).call.listed_until
    assert until is not None
    return until


def refusal(act: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act(*args, **kwargs)
    return refused.value.code


def test_from_nominations_to_a_ballot_whose_candidates_agreed(estate: Estate) -> None:
    call_id = a_call(estate)
    stands(call_id, estate, "chen")
    by_committee = nominating.recommend_by_committee(
        call_id, section(call_id), "li", DOORS["li"], "", by=OTHER, now=NOW + HOUR
    )
    jointly = nominating.recommend(
        call_id, section(call_id), "zhao", DOORS["zhao"], "热心", by=estate.voter("qian"), now=NOW + 2 * HOUR
    )
    before = {each.id: each for each in view(call_id).nominees}
    assert before[jointly].name == "z*", "nobody is named before he agreed"
    assert (before[jointly].way, before[jointly].signatures, before[jointly].supported) == (Way.JOINT, 1, False)

    nominating.sign(call_id, jointly, by=estate.voter("factory"), now=NOW)
    for _ in range(2):
        nominating.sign(call_id, jointly, by=estate.voter("chen"), now=NOW)
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
        call_id, section(call_id), "zhao", DOORS["zhao"], "", by=estate.voter("qian"), now=NOW
    )
    stranger = Voter(make.account("o-stranger").id, "account:s")
    unverified = make.account("o-unverified")
    make.tie(unverified, estate.dwellings[0], level=1)
    for voter in (stranger, Voter(unverified.id, "account:u")):
        with pytest.raises(NotAllowed):
            nominating.nominate_self(call_id, section(call_id), "x", "", by=voter, now=NOW)
        with pytest.raises(NotAllowed):
            nominating.sign(call_id, jointly, by=voter, now=NOW)
        assert not view(call_id, account_id=voter.account_id).may_nominate
    assert (
        refusal(nominating.nominate_self, call_id, section(call_id), "wang", "", by=estate.voter("li"), now=NOW)
        == "another-name"
    )
    assert (
        refusal(
            nominating.recommend, call_id, section(call_id), "zhao", "9栋9单元909", "", by=estate.voter("li"), now=NOW
        )
        == "no-such-door"
    )


def test_only_the_nominee_agrees_and_no_is_known_to_nobody_else(estate: Estate) -> None:
    call_id = a_call(estate)
    nominee = nominating.recommend_by_committee(call_id, section(call_id), "li", DOORS["li"], "", by=OTHER, now=NOW)
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
    nominee = nominating.recommend_by_committee(call_id, section(call_id), "li", DOORS["li"], "", by=OTHER, now=NOW)
    again = refusal(
        nominating.recommend, call_id, section(call_id), "l i", DOORS["li"], "", by=estate.voter("chen"), now=NOW
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


def opened_ballot(call_id: str, until: datetime) -> str:
    """The printed ballot, announced and open."""
    vote_id = calls.print_ballot(call_id, by=STREET, now=until)
    results.plan(vote_id, 0, by=STREET, now=until)
    preparing.publish(vote_id, by=STREET, now=until)
    preparing.open_voting(vote_id, by=STREET, now=until)
    return vote_id


def closed(vote_id: str) -> datetime:
    closes_at = queries.vote_by_public_id(reading(), vote_id).closes_at
    assert closes_at is not None
    counting.close(vote_id, by=STREET, now=closes_at)
    counting.publish_result(vote_id, by=STREET, now=closes_at)
    return closes_at


def said(vote_id: str) -> dict[str, Any]:
    session = reading()
    result = queries.result_of(session, queries.vote_by_public_id(session, vote_id).id)
    assert result is not None
    return dict(result.document["motions"][0])


def named(vote_id: str, document: dict[str, Any]) -> dict[str, str]:
    session = reading()
    names = {
        each.public_id: each.name
        for group in queries.candidates_of(session, queries.vote_by_public_id(session, vote_id).id).values()
        for each in group
    }
    return {names[each["candidate"]]: each["standing"] for each in document["candidates"]}


def test_who_steps_back_after_printing_stays_on_the_paper_and_takes_no_votes(estate: Estate) -> None:
    call_id = a_call(estate)
    nominees = {who: stands(call_id, estate, who) for who in ("chen", "li", "zhao")}
    until = listed(call_id)
    vote_id = opened_ballot(call_id, until)
    for who in ("chen", "li"):
        cast(vote_id, estate.voter(who), DOORS[who], ["chen", "li", "zhao"], now=until + HOUR)
    nominating.withdraw(call_id, nominees["chen"], by=estate.voter("chen"), now=until + 2 * HOUR)
    assert (
        refusal(nominating.withdraw, call_id, nominees["chen"], by=estate.voter("chen"), now=until + 2 * HOUR)
        == "withdrawn-already"
    )
    told = refusal(cast, vote_id, estate.voter("zhao"), DOORS["zhao"], ["chen"], now=until + 3 * HOUR)
    assert told == "candidate-withdrawn"
    assert logged("ballot.refused")["why"] == "not-filled-in", "the log does not say who was ticked"
    for who in ("zhao", "qian"):
        cast(vote_id, estate.voter(who), DOORS[who], ["li", "zhao"], now=until + 3 * HOUR)
    cast(vote_id, estate.voter("factory"), "1栋1单元202", ["li"], now=until + 3 * HOUR)
    closes = closed(vote_id)
    assert named(vote_id, said(vote_id)) == {"li": "elected", "zhao": "elected", "chen": "withdrawn"}
    assert verify.verify(bundles.auditor_bundle(vote_id, by=STREET, reason="抽查", now=closes)).faults == []
    late = refusal(nominating.withdraw, call_id, nominees["li"], by=estate.voter("li"), now=closes)
    assert late == "voting-over"


def test_who_steps_back_before_printing_is_not_on_the_paper(estate: Estate) -> None:
    call_id = a_call(estate, contest=Contest.MORE)
    nominees = {who: stands(call_id, estate, who) for who in ("chen", "li", "zhao", "qian")}
    until = listed(call_id)
    with pytest.raises(NotAllowed):
        nominating.withdraw(call_id, nominees["chen"], by=estate.voter("li"), now=UNTIL)
    nominating.withdraw(call_id, nominees["chen"], by=estate.voter("chen"), now=UNTIL)
    assert refusal(calls.print_ballot, call_id, by=STREET, now=until) == "too-few-candidates"


def a_tie(estate: Estate, *, publicity_days: int = 0) -> str:
    """Two seats; 陈建国 is elected, 李桂兰 and 吴志强 are equal."""
    vote_id = opened(estate, GROUP_MOTION, publicity_days=publicity_days)
    for who, names in (
        ("chen", ["陈建国", "李桂兰", "吴志强"]),
        ("li", ["陈建国", "李桂兰", "吴志强"]),
        ("zhao", ["陈建国", "李桂兰", "吴志强"]),
        ("qian", ["陈建国"]),
    ):
        cast(vote_id, estate.voter(who), DOORS[who], names)
    cast(vote_id, estate.voter("factory"), "1栋1单元202", [])
    closed(vote_id)
    return vote_id


def lot(vote_id: str, **changes: Any) -> NewLot:
    (tie,) = shown.ties(reading(), queries.vote_by_public_id(reading(), vote_id))
    order = tuple(identity for identity, _ in reversed(tie.names))
    drawn: dict[str, Any] = {
        "order": order,
        "method": "两张纸条放进票箱，由主持人当众摸",
        "drawn_by": "主持人王",
        "witnesses": ("见证人甲", "见证人乙"),
        "drawn_at": CLOSES + HOUR,
    }
    return NewLot(**(drawn | changes))


def test_a_tie_is_drawn_before_two_witnesses_and_the_verifier_follows_the_order(estate: Estate) -> None:
    vote_id = a_tie(estate)
    motion = said(vote_id)["motion"]
    assert named(vote_id, said(vote_id)) == {
        "陈建国": "elected",
        "李桂兰": "tied",
        "吴志强": "tied",
        "赵敏": "not_elected",
    }
    then = CLOSES + 2 * HOUR
    for wrong, code in (
        ({"witnesses": ("甲", "甲 ")}, "two-witnesses"),
        ({"witnesses": ("主持人王", "乙")}, "drawer-witnesses"),
        ({"order": lot(vote_id).order[:1]}, "not-the-tied"),
        ({"order": lot(vote_id).order[:1] * 2}, "not-the-tied"),
        ({"drawn_at": then + HOUR}, "odd-time"),
        ({"drawn_at": CLOSES - HOUR}, "odd-time"),
    ):
        assert refusal(ties.record_lot, vote_id, motion, lot(vote_id, **wrong), by=STREET, now=then) == code
    ties.record_lot(vote_id, motion, lot(vote_id), by=STREET, now=then)
    assert named(vote_id, said(vote_id)) == {
        "陈建国": "elected",
        "吴志强": "elected",
        "李桂兰": "alternate",
        "赵敏": "not_elected",
    }
    assert shown.ties(reading(), queries.vote_by_public_id(reading(), vote_id)) == []
    (drawn,) = shown.lots(reading(), queries.vote_by_public_id(reading(), vote_id))
    assert drawn.names == ("吴志强", "李桂兰")
    bundle = bundles.public_bundle(vote_id)
    assert verify.verify(bundle).faults == []
    assert [each.get("changed") for each in bundle["counts"]] == [None, True]
    bundle["result"]["motions"][0]["lots"][0].reverse()
    bundle["tally_hash"] = verify.sha256(verify.plain(bundle["result"]))
    assert verify.verify(bundle).faults, "another order is another result"
    log = " ".join(str(row.document) for row in reading().scalars(sa.select(AuditPayload)))
    assert "见证人" not in log


def test_no_lot_once_the_result_is_final_but_a_run_off(estate: Estate) -> None:
    vote_id = a_tie(estate)
    motion, drawn = said(vote_id)["motion"], lot(vote_id)
    results.finalise(vote_id, by=STREET, now=CLOSES)
    assert refusal(ties.record_lot, vote_id, motion, drawn, by=STREET, now=CLOSES + 2 * HOUR) == "final-already"
    runoff = ties.run_off(vote_id, motion, by=STREET, now=CLOSES + HOUR)
    assert ties.run_off(vote_id, motion, by=STREET, now=CLOSES + HOUR) == runoff
    session = reading()
    made = queries.vote_by_public_id(session, runoff)
    (again,) = queries.motions_of(session, made.id)
    assert (again.seats, again.most) == (1, 1)
    assert [each.name for each in queries.candidates_of(session, made.id)[again.id]] == ["李桂兰", "吴志强"]


def test_without_a_tie_there_is_neither_lot_nor_run_off(estate: Estate) -> None:
    vote_id = opened(estate, GROUP_MOTION)
    with pytest.raises(Conflict):
        ties.run_off(vote_id, queries.motions_of(reading(), 1)[0].public_id, by=STREET, now=NOW)
    for who in ("chen", "li", "zhao"):
        cast(vote_id, estate.voter(who), DOORS[who], ["陈建国", "李桂兰"])
    closed(vote_id)
    assert refusal(ties.run_off, vote_id, said(vote_id)["motion"], by=STREET, now=CLOSES) == "no-tie"


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


def test_who_has_no_phone_agrees_and_steps_back_on_paper_with_a_photo(estate: Estate, worker: Staff) -> None:
    call_id = a_call(estate)
    nominee = nominating.recommend_by_committee(call_id, section(call_id), "li", DOORS["li"], "", by=OTHER, now=NOW)
    signed = photographed(estate, worker, "consent")
    nominating.consent_on_paper(call_id, nominee, [signed], by=worker, now=NOW)
    (shown_,) = view(call_id).nominees
    assert (shown_.name, shown_.consent) == ("li", "given")
    assert refusal(nominating.withdraw_on_paper, call_id, nominee, [], by=worker, now=NOW) == "photo-needed"
    left = photographed(estate, worker, "consent")
    nominating.withdraw_on_paper(call_id, nominee, [left], by=worker, now=NOW)
    assert view(call_id).nominees[0].withdrawn
    proofs = proved_by(f"withdrawal:{nominee}")
    assert len(proofs) == 1
    assert logged("nominee.withdrawn")["proofs"] == proofs


def test_a_paper_consent_needs_a_photo(estate: Estate) -> None:
    call_id = a_call(estate)
    nominee = nominating.recommend_by_committee(call_id, section(call_id), "li", DOORS["li"], "", by=OTHER, now=NOW)
    with pytest.raises(Invalid):
        nominating.consent_on_paper(call_id, nominee, [], by=STREET, now=NOW)


def test_nobody_steps_back_between_the_closing_instant_and_the_clocks_job(estate: Estate) -> None:
    call_id = a_call(estate)
    nominees = {who: stands(call_id, estate, who) for who in ("chen", "li", "zhao")}
    until = listed(call_id)
    vote_id = opened_ballot(call_id, until)
    closes = queries.vote_by_public_id(reading(), vote_id).closes_at
    assert closes is not None
    late = refusal(nominating.withdraw, call_id, nominees["chen"], by=estate.voter("chen"), now=closes)
    assert late == "voting-over"
    just = closes - timedelta(microseconds=1)
    nominating.withdraw(call_id, nominees["chen"], by=estate.voter("chen"), now=just)


def test_a_housemate_whom_nobody_named_neither_speaks_for_the_nominee_nor_takes_a_name(
    estate: Estate, make: Factory
) -> None:
    call_id = a_call(estate)
    nominee = nominating.recommend_by_committee(call_id, section(call_id), "li", DOORS["li"], "", by=OTHER, now=NOW)
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
    mine = nominating.recommend_by_committee(call_id, section(call_id), "li", DOORS["li"], "", by=worker, now=NOW)
    assert refusal(nominating.check, call_id, mine, True, "", by=other_account, now=NOW) == "own-nomination"
    nominating.check(call_id, mine, True, "", by=STREET, now=NOW)
    neighbour = make.account("o-officer")
    make.tie(neighbour, estate.dwellings[7], person=estate.people["qian"])
    stands_himself = nominating.recommend_by_committee(
        call_id, section(call_id), "qian", DOORS["qian"], "", by=OTHER, now=NOW
    )
    for by in (worker, other_account):
        told = refusal(nominating.check, call_id, stands_himself, True, "", by=by, now=NOW)
        assert told == "own-candidacy", "on the account he lives with, or on the one he works with"
    nominating.check(call_id, stands_himself, True, "", by=STREET, now=NOW)


def test_a_lot_that_changes_who_is_elected_is_published_anew_for_its_days(estate: Estate) -> None:
    vote_id = a_tie(estate, publicity_days=7)
    drawn_at = CLOSES + timedelta(days=6)
    ties.record_lot(vote_id, said(vote_id)["motion"], lot(vote_id), by=STREET, now=drawn_at)
    standing = standings.standing_of(reading(), queries.vote_by_public_id(reading(), vote_id).id)
    assert standing is not None
    assert standing.ends_at == periods.opening(drawn_at, notice_days=7)[0]
    early = refusal(results.finalise, vote_id, by=STREET, now=standing.ends_at - HOUR)
    assert early == "publicity-running"
