"""The agent of a proxy casts its ballot; he is not the owner in anything else. On both databases."""

from datetime import timedelta

import pytest

from kernel.errors import NotAllowed
from surveys.votes.delivery import services as delivering
from surveys.votes.proxies import services as proxies
from surveys.votes.proxies.services import NewProxy
from surveys.votes.results import services as results
from surveys.votes.rules.proxies import Powers
from surveys.votes.services import counting
from surveys.votes.services.casting import Voter
from tests.factories import Factory
from tests.surveys.votes.paper.stories import AT, a_worker, photo_of
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, STREET, Estate, cast, line_of, opened

PHONE = "13911112222"


@pytest.fixture
def agent(make: Factory) -> Voter:
    """Somebody of another estate, with an account proved by the phone."""
    door = make.dwelling(make.place("building", make.estate("别处"), name="9栋"))
    account, _ = make.owner(door, "孙大勇", PHONE)
    return Voter(account.id, f"account:{account.public_id}")


def test_an_agent_neither_takes_delivery_for_the_owner_nor_objects_in_his_place(
    estate: Estate, agent: Voter, make: Factory
) -> None:
    vote_id = opened(estate, publicity_days=7)
    first, second = a_worker(make, estate), a_worker(make, estate)
    made = proxies.register(
        vote_id,
        NewProxy(
            line=line_of(vote_id, "1栋1单元101"),
            principal=estate.people["chen"].public_id,
            agent_name="孙大勇",
            agent_phone=PHONE,
            matter="本次投票的全部事项",
            powers=Powers.FREE,
            signed_at=NOW - timedelta(days=1),
            valid_until=CLOSES,
        ),
        photos=[photo_of(first, estate, "proxy")],
        account_id=first.account.id,
        by=first.staff,
        now=AT,
    )
    proxies.confirm(made, good=True, why="", by=second.staff, now=AT)
    assert delivering.opened(vote_id, by=agent, now=AT) == 0
    cast(vote_id, agent, "1栋1单元101", "approve", now=AT + HOUR)
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    with pytest.raises(NotAllowed) as refused:
        results.object_to(vote_id, "请再数一遍", by=agent, now=CLOSES + HOUR)
    assert refused.value.code == "not-on-the-roll"
    results.object_to(vote_id, "请再数一遍", by=estate.voter("chen"), now=CLOSES + HOUR)
