"""A roll between notice and result: objected to, corrected, frozen, amended; on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.people import queries as people
from kernel.people.services import name_of
from surveys.votes import queries, verify
from surveys.votes.models import RollLine
from surveys.votes.results import queries as results
from surveys.votes.results.services import finalise
from surveys.votes.rolls import queries as rolls
from surveys.votes.rolls.models import RollObjection
from surveys.votes.rolls.services import building, changing, objecting
from surveys.votes.rolls.services import reading as shown
from surveys.votes.rolls.services.changing import NewChange, NewOwner
from surveys.votes.rules.roll_changes import ChangeKind, Effect, ObjectionKind, ObjectionState
from surveys.votes.services import bundles, counting, preparing
from surveys.votes.services.preparing import NewVote, Staff
from tests.factories import Factory
from tests.surveys.votes.paper.stories import AT, a_worker, keyed, printed, returned
from tests.surveys.votes.proofs import logged, photographed, proved_by
from tests.surveys.votes.stories import (
    CLOSES,
    GROUP,
    HOUR,
    NOW,
    PUMP,
    STREET,
    Estate,
    cast,
    line_of,
    opened,
    vote_row,
)


def announced(estate: Estate, *motions: preparing.NewMotion) -> str:
    """A vote whose notice runs a week."""
    draft = NewVote(estate.place.code, "表决", motions or (PUMP,), notice_days=7, voting_days=7)
    vote_id = preparing.create(draft, by=STREET, now=NOW)
    return preparing.publish(vote_id, by=STREET, now=NOW)


def lines(vote_id: str) -> list[tuple[str, int, int]]:
    """Kind, heads and area of every line."""
    return [
        (str(line.value.kind), line.value.heads, line.value.area_dm2)
        for line in queries.roll_of(reading(), vote_row(vote_id).id)
    ]


def objected(estate: Estate, vote_id: str, who: str = "chen", door: int = 0) -> str:
    return objecting.object_to(
        vote_id,
        estate.dwellings[door].public_id,
        ObjectionKind.AREA,
        "房产证上是 80.50",
        by=estate.voter(who),
        now=NOW + HOUR,
    )


def changed(estate: Estate, vote_id: str, door: int, kind: ChangeKind, *, now=NOW + HOUR, **more: object) -> str:
    wanted = NewChange(estate.dwellings[door].public_id, kind, "按登记簿更正", **more)  # type: ignore[arg-type]
    return changing.change(vote_id, wanted, by=STREET, now=now)


def test_an_objection_waits_blocks_the_opening_and_ends_with_an_answer(estate: Estate) -> None:
    vote_id = announced(estate)
    objection = objected(estate, vote_id)
    opens_at = vote_row(vote_id).opens_at
    assert opens_at is not None
    with pytest.raises(Conflict) as refused:
        preparing.open_voting(vote_id, by=STREET, now=opens_at)
    assert refused.value.code == "objections-open"
    objecting.reject(vote_id, objection, "登记簿上是 80.00", by=STREET, now=opens_at)
    (mine,) = objecting.mine(reading(), vote_row(vote_id), estate.accounts["chen"].id)
    assert (mine.state, mine.answer, mine.words) == (ObjectionState.REJECTED, "登记簿上是 80.00", "房产证上是 80.50")
    with pytest.raises(Conflict):
        objecting.reject(vote_id, objection, "再答一次", by=STREET, now=opens_at)
    preparing.open_voting(vote_id, by=STREET, now=opens_at)


def test_one_objection_a_dwelling_waits_at_a_time_and_can_be_taken_back(estate: Estate) -> None:
    vote_id = announced(estate)
    first = objected(estate, vote_id)
    with pytest.raises(Conflict) as refused:
        objected(estate, vote_id)
    assert refused.value.code == "objection-waits"
    with pytest.raises(NotFound):
        objecting.withdraw(vote_id, first, by=estate.voter("zhao"), now=NOW + HOUR)
    objecting.withdraw(vote_id, first, by=estate.voter("chen"), now=NOW + HOUR)
    assert objected(estate, vote_id) != first


def test_nobody_objects_for_another_dwelling_or_outside_the_notice(estate: Estate, make: Factory) -> None:
    vote_id = announced(estate)
    with pytest.raises(NotFound):
        objected(estate, vote_id, "chen", door=6)
    account = make.account()
    make.tie(account, estate.dwellings[0], relation="neighbour")
    with pytest.raises(NotFound):
        objecting.object_to(
            vote_id,
            estate.dwellings[0].public_id,
            ObjectionKind.OTHER,
            "不对",
            by=objecting.Voter(account.id, "account:x"),
            now=NOW + HOUR,
        )
    with pytest.raises(Conflict):
        objecting.object_to(
            vote_id,
            estate.dwellings[0].public_id,
            ObjectionKind.AREA,
            "不对",
            by=estate.voter("chen"),
            now=vote_row(vote_id).opens_at,  # type: ignore[arg-type]
        )


def test_words_of_an_objection_lie_sealed(estate: Estate) -> None:
    objected(estate, announced(estate))
    stored = reading().scalars(sa.select(RollObjection)).one()
    assert "房产证".encode() not in stored.words_sealed
    context = f"roll_objection.words:{stored.public_id}"
    assert vault().open(stored.words_sealed, context=context) == "房产证上是 80.50"


def test_a_correction_rebuilds_the_roll_keeps_old_and_new_and_answers_the_objection(estate: Estate) -> None:
    vote_id = announced(estate)
    objection = objected(estate, vote_id)
    changed(estate, vote_id, 0, ChangeKind.AREA, area_dm2=8_050, objection=objection)
    assert lines(vote_id)[0] == ("owner", 1, 16_050)
    assert vote_row(vote_id).roll_area_dm2 == 64_050
    (change,) = shown.changes(reading(), vote_row(vote_id))
    assert (change.old_area_dm2, change.new_area_dm2, change.frozen) == (8_000, 8_050, False)
    (mine,) = objecting.mine(reading(), vote_row(vote_id), estate.accounts["chen"].id)
    assert (mine.state, mine.answer) == (ObjectionState.UPHELD, "按登记簿更正")
    preparing.rebuild_roll(vote_id, by=STREET, now=NOW + HOUR)
    assert lines(vote_id)[0][2] == 16_050, "a roll built again keeps its corrections"
    actions = reading().scalars(sa.select(AuditEntry.action)).all()
    assert {"roll.objected", "roll.corrected", "roll.objection_upheld"} <= set(actions)


def test_a_correction_of_owners_goes_into_the_register_by_which_people_vote(estate: Estate) -> None:
    vote_id = announced(estate)
    changed(estate, vote_id, 1, ChangeKind.OWNERS, owners=(NewOwner("周明", "13911112222"), NewOwner("赵敏")))
    owners = people.owners_of(reading(), estate.dwellings[1].id)
    assert sorted(name_of(person) for person in owners) == ["周明", "赵敏"]
    assert lines(vote_id)[:2] == [("owner", 1, 8_000), ("co_owners", 1, 8_000)]
    assert vote_row(vote_id).roll_heads == 6


def test_a_known_person_named_as_owner_is_the_same_head(estate: Estate) -> None:
    vote_id = announced(estate)
    changed(estate, vote_id, 7, ChangeKind.OWNERS, owners=(NewOwner("zhao", "13800001004"),))
    assert vote_row(vote_id).roll_heads == 4
    assert ("owner", 1, 16_000) in lines(vote_id)


def test_what_is_left_out_is_not_counted_and_can_be_put_back(estate: Estate) -> None:
    vote_id = announced(estate)
    changed(estate, vote_id, 7, ChangeKind.LEFT_OUT)
    assert (vote_row(vote_id).roll_heads, vote_row(vote_id).roll_dwellings) == (4, 7)
    changed(estate, vote_id, 7, ChangeKind.PUT_BACK)
    assert (vote_row(vote_id).roll_heads, vote_row(vote_id).roll_dwellings) == (5, 8)


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        (ChangeKind.AREA, {}, "area-missing"),
        (ChangeKind.AREA, {"area_dm2": 8_000}, "nothing-changed"),
        (ChangeKind.SALE, {}, "owners-missing"),
        (ChangeKind.OWNERS, {"owners": (NewOwner("chen"),)}, "nothing-changed"),
    ],
)
def test_a_change_that_changes_nothing_is_refused(
    estate: Estate, kind: ChangeKind, more: dict[str, object], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        changed(estate, announced(estate), 0, kind, **more)
    assert refused.value.code == code


def test_a_change_wants_a_reason_a_grant_and_a_dwelling_of_the_vote(estate: Estate, make: Factory) -> None:
    vote_id = announced(estate)
    here = estate.dwellings[0].public_id
    with pytest.raises(Invalid):
        changing.change(vote_id, NewChange(here, ChangeKind.AREA, " ", area_dm2=1), by=STREET, now=NOW)
    with pytest.raises(NotAllowed):
        stranger = Staff("account:x", None)
        changing.change(vote_id, NewChange(here, ChangeKind.AREA, "更正", area_dm2=1), by=stranger, now=NOW)
    other = make.estate("别处")
    (elsewhere, *_) = rolls.doors_like(reading(), other, "101", 1)
    with pytest.raises(Invalid) as refused:
        changing.change(
            vote_id, NewChange(elsewhere.public_id, ChangeKind.AREA, "更正", area_dm2=1), by=STREET, now=NOW
        )
    assert refused.value.code == "not-of-this-vote"


def test_sold_during_the_vote_the_buyer_votes_when_the_seller_has_not(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate)
    frozen = vote_row(vote_id).roll_hash
    changed(estate, vote_id, 6, ChangeKind.SALE, owners=(NewOwner("孙丽", "13922223333"),))
    vote = vote_row(vote_id)
    assert vote.roll_hash == frozen
    assert counting.roll_is_intact(reading(), vote)
    with pytest.raises(NotAllowed):
        cast(vote_id, estate.voter("zhao"), "1栋1单元401", "approve", now=NOW + 2 * HOUR)
    (buyer,) = people.owners_of(reading(), estate.dwellings[6].id)
    account = make.account()
    make.tie(account, estate.dwellings[6], person=buyer)
    buying = objecting.Voter(account.id, f"account:{account.public_id}")
    cast(vote_id, buying, "1栋1单元401", "approve", now=NOW + 2 * HOUR)


def test_the_sellers_ballot_stands_and_the_buyer_does_not_vote_again(estate: Estate) -> None:
    vote_id = opened(estate)
    cast(vote_id, estate.voter("zhao"), "1栋1单元401", "approve")
    before = lines(vote_id)
    changed(estate, vote_id, 6, ChangeKind.SALE, now=NOW + 2 * HOUR, owners=(NewOwner("孙丽", "13922223333"),))
    (change,) = shown.changes(reading(), vote_row(vote_id))
    assert change.effect is Effect.STANDS
    assert lines(vote_id) == before


def test_while_the_sellers_paper_waits_to_be_keyed_no_sale_gives_it_to_the_buyer(estate: Estate, make: Factory) -> None:
    vote_id, workers = opened(estate), (a_worker(make, estate), a_worker(make, estate))
    (serial,) = printed(vote_id, workers[0], "401")
    returned(serial, workers[0], estate)
    sale = {"now": AT + 2 * HOUR, "owners": (NewOwner("孙丽", "13922223333"),)}
    for worker in workers:
        with pytest.raises(Conflict) as refused:
            changed(estate, vote_id, 6, ChangeKind.SALE, **sale)
        assert refused.value.code == "paper-waits"
        keyed(vote_id, serial, worker, "approve")
    before = lines(vote_id)
    changed(estate, vote_id, 6, ChangeKind.SALE, **sale)
    (change,) = shown.changes(reading(), vote_row(vote_id))
    assert (change.effect, lines(vote_id)) == (Effect.STANDS, before)


def test_a_flat_sold_out_of_several_gets_a_line_of_its_own_and_the_sums_follow(estate: Estate) -> None:
    vote_id = opened(estate)
    changed(estate, vote_id, 1, ChangeKind.INHERITANCE, owners=(NewOwner("陈小明", "13933334444"),))
    vote = vote_row(vote_id)
    assert (vote.roll_heads, vote.roll_area_dm2, vote.roll_dwellings) == (6, 64_000, 8)
    assert lines(vote_id)[0] == ("owner", 1, 8_000)
    assert lines(vote_id)[-1] == ("owner", 1, 8_000)
    assert building.is_intact(reading(), vote)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", now=NOW + 2 * HOUR)
    assert line_of(vote_id, "1栋1单元102") != line_of(vote_id, "1栋1单元101")


def test_an_amended_vote_is_counted_with_its_amendments_and_anybody_can_replay_them(estate: Estate) -> None:
    vote_id = opened(estate)
    for who, door in (
        ("chen", "1栋1单元101"),
        ("li", "1栋1单元201"),
        ("factory", "1栋1单元202"),
        ("zhao", "1栋1单元401"),
    ):
        cast(vote_id, estate.voter(who), door, "approve")
    changed(estate, vote_id, 7, ChangeKind.AREA, now=NOW + 2 * HOUR, area_dm2=9_000)
    changed(estate, vote_id, 6, ChangeKind.COURT, now=NOW + 2 * HOUR, owners=(NewOwner("孙丽"),))
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    bundle = bundles.public_bundle(vote_id)
    assert bundle["result"]["roll"]["area_dm2"] == 65_000
    assert [each["effect"] for each in bundle["roll"]["amendments"]] == ["applied", "stands"]
    assert verify.verify(bundle).faults == []
    bundle["roll"]["amendments"][0]["lines"][0][3] += 1
    assert verify.verify(bundle).faults


def test_a_roll_changed_behind_the_log_is_noticed(estate: Estate) -> None:
    vote_id = opened(estate)
    changed(estate, vote_id, 7, ChangeKind.AREA, now=NOW + 2 * HOUR, area_dm2=9_000)
    with transaction() as session:
        session.execute(sa.update(RollLine).where(RollLine.number == 1).values(area_dm2=RollLine.area_dm2 + 1))
    assert not building.is_intact(reading(), vote_row(vote_id))


@pytest.mark.parametrize("kind", [ChangeKind.LEFT_OUT, ChangeKind.PUT_BACK])
def test_no_dwelling_is_left_out_once_the_roll_is_frozen(estate: Estate, kind: ChangeKind) -> None:
    with pytest.raises(Conflict):
        changed(estate, opened(estate), 7, kind)


def test_after_closing_an_area_may_still_be_amended_but_nobody_sells_into_the_vote(estate: Estate) -> None:
    vote_id = opened(estate)
    counting.close(vote_id, by=STREET, now=CLOSES)
    changed(estate, vote_id, 7, ChangeKind.AREA, now=CLOSES + HOUR, area_dm2=9_000)
    with pytest.raises(Conflict) as refused:
        changed(estate, vote_id, 7, ChangeKind.SALE, now=CLOSES + HOUR, owners=(NewOwner("孙丽"),))
    assert refused.value.code == "too-late-for-the-roll"
    counting.publish_result(vote_id, by=STREET, now=CLOSES + 2 * HOUR)
    with pytest.raises(Conflict):
        changed(estate, vote_id, 7, ChangeKind.SALE, now=CLOSES + 3 * HOUR, owners=(NewOwner("孙丽"),))


def test_an_area_amended_under_a_preliminary_result_is_counted_again_and_a_final_one_stands(estate: Estate) -> None:
    vote_id = opened(estate, publicity_days=7)
    for who, door in (("chen", "101"), ("li", "201"), ("factory", "202"), ("zhao", "401")):
        cast(vote_id, estate.voter(who), f"1栋1单元{door}", "approve")
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES + HOUR)
    later = CLOSES + timedelta(days=2)
    changed(estate, vote_id, 7, ChangeKind.AREA, now=later, area_dm2=9_000)
    counts = bundles.public_bundle(vote_id)["counts"]
    assert [each["document"]["roll"]["area_dm2"] for each in counts] == [64_000, 65_000]
    assert [each["document"]["roll"]["amendments"] for each in counts] == [0, 1]
    assert counts[1]["changed"] is True
    standing = results.standing_of(reading(), vote_row(vote_id).id)
    assert standing is not None
    assert standing.ends_at > later + timedelta(days=6), "it is published anew for its days"
    assert "名册更正第 1 号" in results.recounts_of(reading(), vote_row(vote_id).id)[0].reason
    assert verify.verify(bundles.public_bundle(vote_id)).faults == []
    finalise(vote_id, by=STREET, now=standing.ends_at)
    with pytest.raises(Conflict) as final:
        changed(estate, vote_id, 7, ChangeKind.AREA, now=standing.ends_at + HOUR, area_dm2=9_100)
    assert final.value.code == "result-final"
    assert "向法院起诉" in final.value.detail


def test_a_residents_roll_has_no_areas_and_no_owners_to_correct(estate: Estate) -> None:
    vote_id = announced(estate, GROUP)
    with pytest.raises(Invalid):
        changed(estate, vote_id, 0, ChangeKind.AREA, area_dm2=9_000)
    changed(estate, vote_id, 0, ChangeKind.LEFT_OUT)
    assert vote_row(vote_id).roll_heads == 7


def test_no_sale_moves_a_line_from_the_closing_instant_on_whenever_the_clocks_job_runs(estate: Estate) -> None:
    vote_id = opened(estate)
    buyer = (NewOwner("孙丽", "13922223333"),)
    with pytest.raises(Conflict) as refused:
        changed(estate, vote_id, 6, ChangeKind.SALE, now=CLOSES, owners=buyer)
    assert refused.value.code == "too-late-for-the-roll"
    changed(estate, vote_id, 6, ChangeKind.SALE, now=CLOSES - timedelta(microseconds=1), owners=buyer)


def test_the_log_names_the_papers_of_a_change_by_their_hash(estate: Estate, worker: Staff) -> None:
    vote_id = announced(estate)
    paper = (photographed(estate, worker, "roll"),)
    wanted = NewChange(estate.dwellings[0].public_id, ChangeKind.AREA, "按登记簿", area_dm2=8_050, evidence=paper)
    made = changing.change(vote_id, wanted, by=worker, now=NOW + HOUR)
    proofs = proved_by(f"roll_change:{made}")
    assert len(proofs) == 1
    assert logged("roll.corrected")["proofs"] == proofs
