"""An owner finds a mistake in the roll, the street corrects it, and the vote opens."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from surveys.votes.services import preparing
from surveys.votes.services.preparing import NewVote
from tests.factories import Factory
from tests.support.browser import Phone, assert_usable
from tests.surveys.votes.stories import PUMP, STREET, Estate, an_estate

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


def test_an_owner_objects_the_street_corrects_and_the_vote_opens(
    estate: Estate, make: Factory, visit: Callable[..., Phone]
) -> None:
    now = clock.now()
    draft = NewVote(
        estate.place.code,
        "更换水泵",
        (PUMP,),
        notice_days=0,
        voting_days=0,
        opens_at=now + timedelta(hours=1),
        closes_at=now + timedelta(days=9),
    )
    vote_id = preparing.create(draft, by=STREET, now=now)
    preparing.publish(vote_id, by=STREET, now=now)
    owner = visit(estate.accounts["chen"], size="large")
    page = owner.go(f"/v/{vote_id}?d={estate.dwellings[0].public_id}")
    assert_usable(owner)
    page.get_by_role("link", name="名册有误，提异议").click()
    assert_usable(owner)
    page.get_by_label("请说明").fill("房产证上是 80.50 平方米")
    page.get_by_role("button", name="提交异议").click()
    expect(page.get_by_text("等答复")).to_be_visible()

    account = make.account("o-officer")
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    make.grant(account, "street_officer", street)
    officer = visit(account)
    page = officer.go(f"/work/votes/{vote_id}")
    expect(page.get_by_text("1 条异议等答复")).to_be_visible()
    assert_usable(officer)
    page.get_by_role("link", name="异议和更正").click()
    assert_usable(officer)
    page.get_by_role("link", name="更正名册").click()
    expect(page.get_by_text("房产证上是 80.50 平方米")).to_be_visible()
    assert_usable(officer)
    page.get_by_label("更正后的面积（㎡）").fill("80.50")
    page.get_by_label("理由").fill("按不动产登记簿更正")
    page.get_by_role("button", name="更正").click()
    expect(page.get_by_text("没有待答复的异议")).to_be_visible()
    expect(page.get_by_text("80.00 → 80.50 ㎡")).to_be_visible()

    page = owner.go(f"/v/{vote_id}/roll/objection")
    expect(page.get_by_text("街道答复：按不动产登记簿更正")).to_be_visible()
    preparing.open_voting(vote_id, by=STREET, now=now + timedelta(hours=1))
    page = owner.go(f"/v/{vote_id}/roll/changes")
    assert_usable(owner)
    page = owner.go(f"/v/{vote_id}/roll")
    expect(page.get_by_text("160.50")).to_be_visible()
