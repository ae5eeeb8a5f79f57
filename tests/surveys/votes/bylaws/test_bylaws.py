"""When silence may be counted: tables of the rule, and the way from the paper to the lines; on both databases."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.bylaws import services as filing
from surveys.votes.bylaws.services import NewBylaws
from surveys.votes.delivery import services as delivering
from surveys.votes.results import services as results
from surveys.votes.rules import bylaws as rules
from surveys.votes.rules.bylaws import Adopted, Silence
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.deliveries import Recipient
from surveys.votes.rules.lifecycle import State
from surveys.votes.services import counting, preparing
from surveys.votes.services.preparing import NewMotion, NewVote, Staff
from tests.factories import Factory
from tests.surveys.votes.delivery.test_services import handed
from tests.surveys.votes.proofs import logged, photographed, proved_by
from tests.surveys.votes.stories import CLOSES, GROUP, HOUR, NOW, PUMP, STREET, Estate, cast, opened, vote_row

WARNING = "表决票送达后不投票的，视为同意已表决的多数意见。"
ADOPTED = Adopted(Silence.MAJORITY, WARNING, date(2025, 6, 1), confirmed=True, withdrawn=False, path="/city/estate/")
TODAY = date(2026, 11, 2)


def may(adopted: Adopted = ADOPTED, **more: Any) -> None:
    given: dict[str, Any] = {
        "state": State.DRAFT,
        "electorate": Electorate.OWNERS,
        "matters": ("owners.other",),
        "vote_path": "/city/estate/",
        "today": TODAY,
    }
    rules.may_deem(adopted, **{**given, **more})


def but(**more: Any) -> Adopted:
    """The adopted rules, but for something."""
    return replace(ADOPTED, **more)


def test_confirmed_rules_of_the_place_let_a_draft_count_silence() -> None:
    may()
    may(vote_path="/city/estate/1/")


@pytest.mark.parametrize(
    ("adopted", "more", "code"),
    [
        (ADOPTED, {"state": State.PUBLISHED}, "announced"),
        (ADOPTED, {"electorate": Electorate.RESIDENTS}, "not-an-owners-vote"),
        (but(confirmed=False), {}, "bylaws-not-confirmed"),
        (but(withdrawn=True), {}, "bylaws-not-confirmed"),
        (but(silence=Silence.NOTHING), {}, "bylaws-say-nothing"),
        (ADOPTED, {"vote_path": "/city/other/"}, "bylaws-of-elsewhere"),
        (but(adopted_on=TODAY), {}, "bylaws-too-new"),
        (ADOPTED, {"matters": ("owners.other", "owners.meeting_rules")}, "first-rules"),
    ],
)
def test_what_stands_against_counting_silence(adopted: Adopted, more: dict[str, Any], code: str) -> None:
    with pytest.raises((Conflict, Invalid)) as refused:
        may(adopted, **more)
    assert refused.value.code == code


def test_rules_that_count_silence_need_a_warning_and_a_past_day() -> None:
    rules.check(Silence.NOTHING, "", TODAY, TODAY)
    with pytest.raises(Invalid):
        rules.check(Silence.MAJORITY, "短", date(2025, 1, 1), TODAY)
    with pytest.raises(Invalid):
        rules.check(Silence.NOTHING, "", TODAY + timedelta(days=1), TODAY)


def filed(estate: Estate, worker: Staff, **more: Any) -> str:
    given: dict[str, Any] = {
        "place": estate.place.code,
        "title": "桃园北巷业主大会议事规则",
        "adopted_on": date(2025, 6, 1),
        "silence": Silence.MAJORITY,
        "warning": WARNING,
        "meeting": "2025年6月1日首次业主大会",
        "evidence": (photographed(estate, worker, "bylaws"),),
    }
    return filing.enter(NewBylaws(**{**given, **more}), by=worker, now=NOW)


def drafted(estate: Estate, *motions: NewMotion) -> str:
    draft = NewVote(
        estate.place.code,
        "表决",
        motions or (PUMP,),
        notice_days=0,
        voting_days=0,
        closes_at=NOW + timedelta(days=9),
    )
    return preparing.create(draft, by=STREET, now=NOW)


def test_one_officer_enters_and_another_confirms(estate: Estate, worker: Staff) -> None:
    made = filed(estate, worker)
    with pytest.raises(Invalid) as refused:
        filing.count_silence(drafted(estate), made, by=STREET, now=NOW)
    assert refused.value.code == "bylaws-not-confirmed"
    with pytest.raises(NotAllowed) as same:
        filing.confirm(made, by=worker, now=NOW)
    assert same.value.code == "same-person"
    filing.confirm(made, by=STREET, now=NOW)
    with pytest.raises(Conflict):
        filing.confirm(made, by=STREET, now=NOW)
    (usable,) = bylaws.usable_for(reading(), estate.place)
    assert usable.public_id == made
    filing.withdraw(made, "已修订", by=STREET, now=NOW)
    assert bylaws.usable_for(reading(), estate.place) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [({"meeting": " "}, "adopted-where"), ({"evidence": ()}, "proof-missing"), ({"warning": ""}, "warning-missing")],
)
def test_rules_from_nowhere_are_not_filed(estate: Estate, worker: Staff, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        filed(estate, worker, **more)
    assert refused.value.code == code


def test_silence_is_off_by_default_and_counted_for_flats_whose_delivery_is_proved(
    estate: Estate, worker: Staff, make: Factory
) -> None:
    made = filed(estate, worker)
    filing.confirm(made, by=STREET, now=NOW)
    vote_id = drafted(estate)
    assert bylaws.deemed_rule(reading(), vote_row(vote_id)) is None
    filing.count_silence(vote_id, made, by=STREET, now=NOW)
    filing.count_silence(vote_id, None, by=STREET, now=NOW)
    assert bylaws.deemed_rule(reading(), vote_row(vote_id)) is None
    filing.count_silence(vote_id, made, by=STREET, now=NOW)
    preparing.publish(vote_id, by=STREET, now=NOW)
    with pytest.raises(Conflict):
        filing.count_silence(vote_id, None, by=STREET, now=NOW)
    preparing.open_voting(vote_id, by=STREET, now=NOW)
    rule = bylaws.deemed_rule(reading(), vote_row(vote_id))
    assert rule is not None
    assert (rule.silence, rule.warning) == (Silence.MAJORITY, WARNING)
    # 陈 (two flats, one reached), 李+吴 (proved), the factory (no proof), 赵 (a tenant took it), 钱 (proved, and votes)
    for doors, recipient, proof in (
        ((0,), Recipient.OWNER, True),
        ((2,), Recipient.OWNER, True),
        ((3, 4, 5), Recipient.OWNER, False),
        ((6,), Recipient.TENANT, True),
        ((7,), Recipient.FAMILY, True),
    ):
        files = (photographed(estate, worker),) if proof else ()
        delivering.record(
            vote_id, handed(estate, *doors, recipient=recipient, evidence=files), by=worker, now=NOW + HOUR
        )
    cast(vote_id, estate.voter("qian"), "1栋1单元402", "approve", now=NOW + 2 * HOUR)
    lines = bylaws.deemed_lines(reading(), vote_row(vote_id))
    assert [line.value.labels for line in lines] == [("1栋1单元201",)]
    files = (photographed(estate, worker),)
    delivering.record(vote_id, handed(estate, 1, evidence=files), by=worker, now=NOW + 3 * HOUR)
    assert len(bylaws.deemed_lines(reading(), vote_row(vote_id))) == 2


def test_a_residents_vote_never_counts_silence(estate: Estate, worker: Staff) -> None:
    made = filed(estate, worker)
    filing.confirm(made, by=STREET, now=NOW)
    with pytest.raises(Invalid):
        filing.count_silence(drafted(estate, GROUP), made, by=STREET, now=NOW)


def test_rules_withdrawn_before_the_notice_count_nobodys_silence(estate: Estate, worker: Staff) -> None:
    made = filed(estate, worker)
    filing.confirm(made, by=STREET, now=NOW)
    vote_id = drafted(estate)
    filing.count_silence(vote_id, made, by=STREET, now=NOW)
    filing.withdraw(made, "已修订", by=STREET, now=NOW)
    with pytest.raises(Invalid) as refused:
        preparing.publish(vote_id, by=STREET, now=NOW)
    assert refused.value.code == "bylaws-not-confirmed"
    filing.count_silence(vote_id, None, by=STREET, now=NOW)
    preparing.publish(vote_id, by=STREET, now=NOW)


def counted(estate: Estate, motion: NewMotion, choice: str) -> str:
    """A vote in which everybody says the same, with its preliminary result."""
    vote_id = opened(estate, motion)
    for who, door in (("chen", "101"), ("li", "201"), ("factory", "202"), ("zhao", "401"), ("qian", "402")):
        cast(vote_id, estate.voter(who), f"1栋1单元{door}", choice)
    counting.close(vote_id, by=STREET, now=CLOSES)
    return counting.publish_result(vote_id, by=STREET, now=CLOSES)


def test_only_a_final_result_that_carried_such_rules_adopts_them(estate: Estate, worker: Staff) -> None:
    rules_of_the_meeting = NewMotion("owners.meeting_rules", "是否同意议事规则")
    votes = {
        "adopted": counted(estate, rules_of_the_meeting, "approve"),
        "preliminary": counted(estate, rules_of_the_meeting, "approve"),
        "lost": counted(estate, rules_of_the_meeting, "against"),
        "another matter": counted(estate, PUMP, "approve"),
    }
    for name, vote_id in votes.items():
        if name != "preliminary":
            results.finalise(vote_id, by=STREET, now=CLOSES)
    for name, vote_id in votes.items():
        if name == "adopted":
            filed(estate, worker, vote=vote_id)
            continue
        with pytest.raises(Invalid) as refused:
            filed(estate, worker, vote=vote_id)
        assert refused.value.code == "adopted-where", name


def test_an_officers_second_account_confirms_nothing_and_the_log_names_the_paper(
    estate: Estate, worker: Staff, other_account: Staff
) -> None:
    made = filed(estate, worker)
    with pytest.raises(NotAllowed) as same:
        filing.confirm(made, by=other_account, now=NOW)
    assert same.value.code == "same-person"
    proofs = proved_by(f"bylaws:{made}")
    assert len(proofs) == 1
    assert logged("bylaws.entered")["proofs"] == proofs
