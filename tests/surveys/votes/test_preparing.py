"""From a draft to an open vote: the roll from the register, the notice period, the frozen roll."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.database import reading, transaction
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from surveys.votes import queries
from surveys.votes.models import RollLine
from surveys.votes.services import counting, preparing
from surveys.votes.services import reading as shown
from surveys.votes.services.preparing import NewMotion, NewVote, Staff
from tests.factories import Factory
from tests.surveys.votes.stories import CLOSES, GROUP, NOW, PUMP, SCHEME, STREET, Estate, drafted, opened, vote_row


def test_the_roll_comes_from_the_register_and_the_notice_names_the_smallest_numbers(estate: Estate) -> None:
    vote_id = drafted(estate, SCHEME)
    session = reading()
    notice = shown.notice(session, queries.vote_by_public_id(session, vote_id))
    assert (notice.vote.roll_heads, notice.vote.roll_area_dm2, notice.vote.roll_dwellings) == (5, 64_000, 8)
    heads, area = notice.motions[0].needed
    assert (heads.needed.turnout, heads.needed.approval) == (4, 3)
    assert (area.needed.turnout, area.needed.approval) == (42_667, 32_001)
    assert notice.small


def test_a_draft_is_nobodys_business_until_its_notice_is_out(estate: Estate) -> None:
    vote_id = drafted(estate)
    with pytest.raises(NotFound):
        queries.announced_vote(reading(), vote_id)
    preparing.publish(vote_id, by=STREET, now=NOW)
    assert queries.announced_vote(reading(), vote_id).text_hash


def test_only_who_holds_the_grant_at_the_place_may_draft(estate: Estate, make: Factory) -> None:
    draft = NewVote(estate.place.code, "表决", (PUMP,))
    worker = make.account("o-street")
    with pytest.raises(NotAllowed):
        preparing.create(draft, by=Staff("account:x", None), now=NOW)
    district = make.place("district")
    grant = make.grant(worker, "street_officer", make.place("street", district))
    with pytest.raises(NotAllowed):
        preparing.create(draft, by=Staff("account:x", grant.person_id), now=NOW)


@pytest.mark.parametrize(
    ("motions", "code"),
    [
        ((), "no-motion"),
        ((PUMP, GROUP), "mixed-electorates"),
        ((NewMotion("owners.nonsense", "?"),), "unknown-matter"),
        ((NewMotion("residents.group", "选举", candidates=GROUP.candidates, seats=5, most=5),), "seats-and-names"),
        ((NewMotion("residents.group", "选举", candidates=GROUP.candidates, seats=3, most=2),), "seats-and-names"),
        ((NewMotion("owners.other", "?", seats=1),), "not-an-election"),
        (
            (NewMotion("residents.group", "选举", candidates=(*GROUP.candidates, *GROUP.candidates), seats=1, most=1),),
            "same-name-twice",
        ),
    ],
)
def test_a_draft_that_could_never_be_lawful_is_refused(
    estate: Estate, motions: tuple[NewMotion, ...], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        preparing.create(NewVote(estate.place.code, "表决", motions), by=STREET, now=NOW)
    assert refused.value.code == code


def test_voting_opens_when_the_notice_period_is_over_and_freezes_the_roll(estate: Estate, make: Factory) -> None:
    vote_id = preparing.create(
        NewVote(estate.place.code, "表决", (PUMP,), notice_days=7, voting_days=7), by=STREET, now=NOW
    )
    preparing.publish(vote_id, by=STREET, now=NOW)
    with pytest.raises(Conflict) as refused:
        preparing.open_voting(vote_id, by=STREET, now=NOW + timedelta(days=3))
    assert refused.value.code == "notice-running"
    opens_at = vote_row(vote_id).opens_at
    assert opens_at is not None
    preparing.open_voting(vote_id, by=STREET, now=opens_at)
    vote = vote_row(vote_id)
    assert vote.roll_hash is not None
    assert counting.roll_is_intact(reading(), vote)
    with pytest.raises(Conflict):
        preparing.rebuild_roll(vote_id, by=STREET, now=opens_at)


def test_the_roll_follows_the_register_until_it_is_frozen(estate: Estate, make: Factory) -> None:
    vote_id = drafted(estate)
    make.holding(make.person("孙", None), estate.dwellings[7], "co_owner")
    preparing.rebuild_roll(vote_id, by=STREET, now=NOW)
    session = reading()
    kinds = [line.value.kind for line in queries.roll_of(session, queries.vote_by_public_id(session, vote_id).id)]
    assert [str(kind) for kind in kinds] == ["owner", "co_owners", "organisation", "owner", "co_owners"]


def test_a_tampered_roll_is_noticed_and_not_counted(estate: Estate) -> None:
    vote_id = opened(estate)
    with transaction() as session:
        session.execute(sa.update(RollLine).where(RollLine.number == 1).values(area_dm2=RollLine.area_dm2 + 1))
    assert not counting.roll_is_intact(reading(), vote_row(vote_id))
    counting.close(vote_id, by=STREET, now=CLOSES)
    with pytest.raises(Conflict) as refused:
        counting.publish_result(vote_id, by=STREET, now=CLOSES)
    assert refused.value.code == "roll-changed"
