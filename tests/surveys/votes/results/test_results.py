"""From the first count to the final word: publicity, objections, recounts, on both databases."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.evidence import services as evidence
from kernel.idempotency import Key
from kernel.outbox import OutboxRow
from surveys.votes import queries
from surveys.votes.models import CountedBallot
from surveys.votes.results import jobs, services
from surveys.votes.results import queries as results
from surveys.votes.results.rules import Doubt, Ruling, Stage, doubts
from surveys.votes.rules.periods import opening
from surveys.votes.services import counting
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.proofs import logged, photo, proved_by
from tests.surveys.votes.secret_stories import cast_secretly, opened_by_trustees, secret_election
from tests.surveys.votes.stories import (
    CLOSES,
    HOUR,
    NOW,
    PUMP,
    STREET,
    Estate,
    account_of,
    cast,
    drafted,
    opened,
    vote_row,
)

DAYS = 7
ENDS = opening(CLOSES, notice_days=DAYS)[0]


def published(estate: Estate, *, days: int = DAYS) -> str:
    """A counted vote in which three of five agreed, published for some days."""
    vote_id = opened(estate, PUMP, publicity_days=days)
    for who, door, choice in (
        ("chen", "101", "approve"),
        ("li", "201", "approve"),
        ("zhao", "401", "approve"),
        ("qian", "402", "against"),
    ):
        cast(vote_id, estate.voter(who), f"1栋1单元{door}", choice)
    counting.close(vote_id, by=STREET, now=CLOSES)
    return counting.publish_result(vote_id, by=STREET, now=CLOSES)


def stands(vote_id: str, now=CLOSES, **who) -> services.Standing:
    session = reading()
    return services.standing(session, queries.vote_by_public_id(session, vote_id), now, **who)


def refusal(act, *args, **kwargs) -> str:
    with pytest.raises(Conflict) as refused:
        act(*args, **kwargs)
    return refused.value.code


def strike_off(vote_id: str, who: str, estate: Estate) -> None:
    """A ballot that turned out not to count is no longer the one of its line."""
    with transaction() as session:
        ballots = [
            ballot
            for ballot in queries.ballots_of(session, vote_row(vote_id).id)
            if ballot.account_id == estate.accounts[who].id
        ]
        session.execute(sa.delete(CountedBallot).where(CountedBallot.ballot_id == ballots[0].id))


strike_off.__use_case__ = True  # type: ignore[attr-defined]


def test_a_result_is_preliminary_for_its_days_and_then_final_by_order(estate: Estate) -> None:
    vote_id = published(estate)
    before = stands(vote_id)
    assert (before.stage, before.ends_at, before.takes_objections) == (Stage.PRELIMINARY, ENDS, True)
    assert refusal(services.finalise, vote_id, by=STREET, now=ENDS - timedelta(microseconds=1)) == "publicity-running"
    services.finalise(vote_id, by=STREET, now=ENDS)
    after = stands(vote_id, ENDS)
    assert (after.stage, after.final_at, after.takes_objections) == (Stage.FINAL, ENDS, False)
    assert refusal(services.finalise, vote_id, by=STREET, now=ENDS) == "final-already"
    topics = [row.topic for row in reading().scalars(sa.select(OutboxRow))]
    assert topics.count("vote.final") == 1


def test_the_days_are_set_in_the_draft_and_fixed_by_the_notice(estate: Estate) -> None:
    draft = drafted(estate, publicity_days=3)
    assert results.publicity_days(reading(), vote_row(draft).id) == 3
    with pytest.raises(Invalid):
        services.plan(draft, 91, by=STREET, now=NOW)
    with pytest.raises(NotAllowed):
        services.plan(draft, 1, by=Staff("account:x", None), now=NOW)
    vote_id = opened(estate, PUMP)
    assert refusal(services.plan, vote_id, 9, by=STREET, now=NOW) == "notice-out"


def test_an_open_objection_holds_the_final_word_until_it_is_answered_with_reasons(estate: Estate) -> None:
    vote_id = published(estate)
    made = services.object_to(vote_id, "我家的票没有计入", by=estate.voter("factory"), now=ENDS - HOUR)
    assert refusal(services.finalise, vote_id, by=STREET, now=ENDS) == "objections-open"
    services.answer(vote_id, made, Ruling.REJECTED, "名册上没有收到这张票，回执板可以核对。", by=STREET, now=ENDS)
    services.finalise(vote_id, by=STREET, now=ENDS)
    (public,) = stands(vote_id, ENDS).objections
    assert (public.text, public.answer, public.ruling) == (
        "",
        "名册上没有收到这张票，回执板可以核对。",
        Ruling.REJECTED,
    )
    (own,) = stands(vote_id, ENDS, account_id=estate.accounts["factory"].id).objections
    assert own.text == "我家的票没有计入"
    again = refusal(services.answer, vote_id, made, Ruling.UPHELD, "再答一次看看", by=STREET, now=ENDS)
    assert again == "answered-already"


def test_an_upheld_objection_asks_for_a_recount_and_both_documents_are_kept(estate: Estate) -> None:
    vote_id = published(estate)
    first = queries.result_of(reading(), vote_row(vote_id).id)
    assert first is not None
    assert first.document["motions"][0]["carried"] is False, "factory's half of the area did not take part"
    made = services.object_to(vote_id, "赵家的票不是本人投的", by=estate.voter("qian"), now=CLOSES + HOUR)
    services.answer(vote_id, made, Ruling.UPHELD, "查实，这张票不计。", by=STREET, now=CLOSES + 2 * HOUR)
    assert refusal(services.finalise, vote_id, by=STREET, now=ENDS) == "recount-first"
    strike_off(vote_id, "zhao", estate)
    later = CLOSES + timedelta(days=2)
    services.recount(vote_id, "异议 1 成立，剔除一张选票", by=STREET, now=later)
    standing = stands(vote_id, later)
    assert [each.changed for each in standing.recounts] == [True]
    assert standing.ends_at == opening(later, notice_days=DAYS)[0] > ENDS, "what is new is published anew"
    session = reading()
    last = queries.result_of(session, vote_row(vote_id).id)
    kept = queries.first_result_of(session, vote_row(vote_id).id)
    assert last is not None
    assert kept is not None
    assert (kept.document["ballots"]["counted"], last.document["ballots"]["counted"]) == (4, 3)
    services.finalise(vote_id, by=STREET, now=standing.ends_at)
    final = reading().scalars(sa.select(AuditEntry).where(AuditEntry.action == "vote.final")).all()
    assert len(final) == 1
    assert refusal(services.recount, vote_id, "还想再数", by=STREET, now=standing.ends_at) == "final-already"


def test_a_recount_that_finds_the_same_is_kept_and_costs_no_time(estate: Estate) -> None:
    vote_id = published(estate)
    services.recount(vote_id, "有人要求再数一遍", by=STREET, now=CLOSES + timedelta(days=3))
    standing = stands(vote_id)
    assert [each.changed for each in standing.recounts] == [False]
    assert standing.ends_at == ENDS


def test_a_secret_election_is_counted_again_from_the_numbers(estate: Estate) -> None:
    election = secret_election(estate)
    for number, (who, door) in enumerate((("chen", "101"), ("li", "201"), ("zhao", "401"), ("qian", "402"))):
        cast_secretly(election, estate, who, f"1栋1单元{door}", ["陈建国"], f"{number:012}")
    opened_by_trustees(election)
    services.recount(election.vote_id, "复核", by=STREET, now=CLOSES + 3 * HOUR)
    assert [each.changed for each in stands(election.vote_id).recounts] == [False]


def test_objections_come_in_time_from_the_roll_and_one_at_a_time(estate: Estate, make: Factory) -> None:
    vote_id = published(estate)
    neighbour = make.account("o-nobody")
    with pytest.raises(NotAllowed):
        services.object_to(vote_id, "我不在名册上", by=Voter(neighbour.id, "account:n"), now=CLOSES)
    chen = estate.voter("chen")
    made = services.object_to(vote_id, "第一条异议", by=chen, now=CLOSES)
    assert refusal(services.object_to, vote_id, "第二条异议", by=chen, now=CLOSES) == "objection-open"
    services.answer(vote_id, made, Ruling.REJECTED, "已经核对。", by=STREET, now=CLOSES)
    services.object_to(vote_id, "答复以后又一条", by=chen, now=ENDS - timedelta(microseconds=1))
    assert [each.number for each in stands(vote_id).objections] == [1, 2]
    late = refusal(services.object_to, vote_id, "过了时间", by=estate.voter("li"), now=ENDS)
    assert late == "publicity-over"


def test_nobody_answers_his_own_objection_and_strangers_answer_none(estate: Estate) -> None:
    vote_id = published(estate)
    chen = estate.voter("chen")
    made = services.object_to(vote_id, "我自己提的异议", by=chen, now=CLOSES)
    himself = Staff(chen.actor, None, trusted=True)
    own = refusal(services.answer, vote_id, made, Ruling.REJECTED, "自己答自己", by=himself, now=CLOSES)
    assert own == "own-objection"
    with pytest.raises(NotAllowed):
        services.answer(vote_id, made, Ruling.REJECTED, "没有权限", by=Staff("account:x", None), now=CLOSES)
    with pytest.raises(NotFound):
        services.answer(vote_id, "x" * 22, Ruling.REJECTED, "没有这条", by=STREET, now=CLOSES)


def test_nothing_stands_before_there_is_a_result(estate: Estate) -> None:
    vote_id = opened(estate, PUMP)
    for act in (
        lambda: stands(vote_id),
        lambda: services.object_to(vote_id, "还没有结果", by=estate.voter("chen"), now=NOW + HOUR),
        lambda: services.recount(vote_id, "还没有结果", by=STREET, now=NOW + HOUR),
        lambda: services.finalise(vote_id, by=STREET, now=NOW + HOUR),
    ):
        assert refusal(act) == "no-result-yet"


def test_what_objectors_wrote_is_read_by_those_in_charge_on_record(estate: Estate) -> None:
    vote_id = published(estate)
    services.object_to(vote_id, "请核对第二行", by=estate.voter("li"), now=CLOSES)
    _, standing = services.managed_standing(vote_id, by=STREET, now=CLOSES)
    assert [(each.text, each.line) for each in standing.objections] == [("请核对第二行", 2)]
    looks = reading().scalars(sa.select(AuditEntry).where(AuditEntry.action == "look.objections")).all()
    assert len(looks) == 1


def test_an_officer_who_objected_at_home_does_not_answer_himself_at_work(estate: Estate, worker: Staff) -> None:
    vote_id = published(estate)
    made = services.object_to(vote_id, "请再数一遍", by=estate.voter("qian"), now=CLOSES + HOUR)
    account_of(estate.accounts["qian"].id, worker.person_id)
    answer = "已当众复核，数字一致。"
    assert refusal(services.answer, vote_id, made, Ruling.REJECTED, answer, by=worker, now=ENDS) == "own-objection"
    services.answer(vote_id, made, Ruling.REJECTED, answer, by=STREET, now=ENDS)


def over(vote_id: str, now=ENDS) -> str:
    """The clock's news that the publicity is over, told twice; the stage after it."""
    for _ in range(2):
        jobs.on_publicity_over({"vote": vote_id}, now=now)
    return str(stands(vote_id).stage)


def test_what_nobody_doubts_becomes_final_by_the_clock_and_is_told_once(estate: Estate) -> None:
    vote_id = published(estate)
    due = [row.due_at for row in reading().scalars(sa.select(OutboxRow)) if row.topic == "vote.publicity_over"]
    assert due == [ENDS]
    assert over(vote_id, ENDS - HOUR) == "preliminary"
    assert over(vote_id) == "final"
    final = [row for row in reading().scalars(sa.select(OutboxRow)) if row.topic == "vote.final"]
    assert len(final) == 1
    assert logged("vote.final")["tally_hash"] == queries.result_of(reading(), vote_row(vote_id).id).tally_hash
    assert refusal(services.finalise, vote_id, by=STREET, now=ENDS) == "final-already"


def test_an_objection_an_upheld_one_or_a_verdict_that_flips_waits_for_the_streets_word(estate: Estate) -> None:
    vote_id = published(estate)
    made = services.object_to(vote_id, "我家的票没有计入", by=estate.voter("wu"), now=CLOSES + HOUR)
    assert over(vote_id) == "preliminary"
    assert logged("vote.final_waits") == {"doubts": ["objections"]}
    services.answer(vote_id, made, Ruling.UPHELD, "已核对，名册漏了一户", by=STREET, now=ENDS)
    services.recount(vote_id, "名册更正", by=STREET, now=ENDS)
    assert over(vote_id) == "preliminary"
    assert logged("vote.final_waits") == {"doubts": ["upheld"]}
    assert stands(vote_id, ENDS).doubts == (Doubt.UPHELD,)
    services.finalise(vote_id, by=STREET, now=ENDS)
    assert stands(vote_id, ENDS).doubts == ()
    assert [str(each) for each in doubts(provisional=True, open_objections=0, upheld=False, flips=True, tied=True)] == [
        "provisional",
        "flips",
        "tied",
    ]


def test_a_recount_that_changes_the_result_moves_the_clock(estate: Estate) -> None:
    vote_id = published(estate)
    strike_off(vote_id, "qian", estate)
    later = ENDS - timedelta(days=1)
    services.recount(vote_id, "一张票不应计入", by=STREET, now=later)
    moved = opening(later, notice_days=DAYS)[0]
    assert over(vote_id) == "preliminary", "the first news comes too early now"
    assert over(vote_id, moved) == "final"


def test_an_objection_carries_photos_that_its_maker_and_staff_see(estate: Estate, worker: Staff) -> None:
    vote_id = published(estate)
    wu, qian = estate.accounts["wu"], estate.accounts["qian"]

    def taken(account_id: int, purpose: str = "result_objection") -> str:
        key = Key("x", str(uuid.uuid4()), "x")
        place = estate.place.code
        return evidence.keep(
            photo(), purpose=purpose, place=place, account_id=account_id, person_id=None, key=key, now=CLOSES
        )

    with pytest.raises(NotAllowed):
        taken(wu.id, "lot")
    with pytest.raises(NotAllowed):
        taken(worker.account_id or 0)
    with pytest.raises(Invalid):
        services.object_to(vote_id, "照片是别人的", photos=[taken(qian.id)], by=estate.voter("wu"), now=CLOSES)
    shot = taken(wu.id)
    made = services.object_to(vote_id, "公示栏和手机上不一样", photos=[shot], by=estate.voter("wu"), now=CLOSES)
    assert logged("vote.objected")["proofs"] == proved_by(f"result_objection:{made}")
    assert [each.photos for each in stands(vote_id, account_id=wu.id).objections] == [(shot,)]
    assert [each.photos for each in stands(vote_id, staff=True).objections] == [(shot,)]
    assert [each.photos for each in stands(vote_id, account_id=qian.id).objections] == [()]

    def looks(account_id: int, person_id: int | None = None) -> bytes:
        return evidence.picture(shot, account_id=account_id, person_id=person_id, actor="account:x", now=CLOSES)

    assert looks(wu.id) == looks(worker.account_id or 0, worker.person_id)
    with pytest.raises(NotFound):
        looks(qian.id)
