"""Nomination with consent, election, an objection answered, the final result, the group: one story in a browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import calls, nominating, supporting
from surveys.votes.elections.services import reading as shown
from surveys.votes.results import services as results
from surveys.votes.services import counting, preparing
from tests.factories import Factory
from tests.support.browser import Phone, assert_usable
from tests.surveys.votes.stories import STREET, an_estate, cast

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[..., Phone]
DOORS = {"chen": "101", "li": "201", "factory": "202", "zhao": "401", "qian": "402"}


def test_a_nominee_agrees_is_elected_the_result_is_objected_to_and_a_group_is_formed(
    make: Factory, visit: Visit
) -> None:
    estate = an_estate(make)
    now = clock.now()
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    account = make.account("o-street")
    make.grant(account, "street_officer", street)

    # The street opens the call: seats, usual shares, no numbers to think up.
    desk = visit(account)
    page = desk.go("/work/elections/new")
    expect(page.locator("[name=title]")).to_have_value("桃园北巷自管小组选举")
    page.get_by_label("全小区应选人数").fill("4")
    expect(page.get_by_text("应是 3 到 7 之间的单数")).to_be_visible()
    page.get_by_label("全小区应选人数").fill("3")
    page.get_by_label("选举方式").select_option("equal")
    page.get_by_label("候补最多几名", exact=True).select_option("own")
    page.get_by_label("候补最多几名：分成几份").fill("4")
    page.get_by_label("候补最多几名：其中几份").fill("1")
    for name, value in (("signatures", "2"), ("list_days", "0"), ("notice_days", "0")):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=until]").fill(clock.china_stamp(now + timedelta(days=1)).replace(" ", "T"))
    assert_usable(desk)
    page.get_by_role("button", name="开始提名").click()
    expect(page.get_by_text("还没有人被提名。")).to_be_visible()
    call_id = page.url.rsplit("/", 1)[-1]
    call = elections.call_by_public_id(reading(), call_id)
    assert (call.contest, call.alternates_num, call.alternates_den, call.signatures) == ("equal", 1, 4, 2)

    # A neighbour recommends zhao, who finds it at home and agrees.
    phone = visit(estate.accounts["qian"])
    page = phone.go(f"/n/{call_id}")
    form = page.locator("form", has_text="推荐邻居")
    form.get_by_label("邻居的姓名").fill("zhao")
    form.get_by_label("房号").fill("1栋1单元401")
    assert_usable(phone)
    form.get_by_role("button", name="推荐", exact=True).click()
    expect(page.get_by_text("已有 1 户联名")).to_be_visible()
    phone = visit(estate.accounts["zhao"], size="large", look="dark")
    page = phone.go(f"/d/{estate.dwellings[6].public_id}")
    page.get_by_text("有人推荐您参选").click()
    assert_usable(phone)
    page.get_by_role("button", name="同意参选").click()
    expect(page.get_by_text("已同意参选").first).to_be_visible()

    section = page_section(call_id)
    for who in ("chen", "li"):
        nominating.nominate_self(call_id, section, who, "", by=estate.voter(who), now=now)
    for who in ("chen", "li"):
        supporting.sign(call_id, nominee_of(call_id, "zhao"), by=estate.voter(who), now=now)

    # The street checks the three; list, ballot and voting are told by the services.
    page = desk.go(f"/work/elections/{call_id}")
    assert_usable(desk)
    for checked in (1, 2, 3):
        card = page.locator("form", has=page.get_by_text("符合候选人条件")).first
        card.get_by_text("符合候选人条件").click()
        card.get_by_role("button", name="保存审核").click()
        expect(page.get_by_text("可列入")).to_have_count(checked)
    later = now + timedelta(days=2)
    calls.list_candidates(call_id, by=STREET, now=later)
    vote_id = calls.print_ballot(call_id, by=STREET, now=later)
    results.plan(vote_id, 7, by=STREET, now=later)
    preparing.publish(vote_id, by=STREET, now=later)
    preparing.open_voting(vote_id, by=STREET, now=later)
    for who, door in DOORS.items():
        cast(vote_id, estate.voter(who), f"1栋1单元{door}", ["chen", "li", "zhao"], now=later + timedelta(hours=1))
    closes = queries.vote_by_public_id(reading(), vote_id).closes_at
    assert closes is not None
    counting.close(vote_id, by=STREET, now=closes)
    counting.publish_result(vote_id, by=STREET, now=closes)

    # An objection, its answer, the final word, the group.
    phone = visit(estate.accounts["qian"], size="large")
    page = phone.go(f"/v/{vote_id}/result")
    expect(page.get_by_text("初步结果，公示到")).to_be_visible()
    assert_usable(phone)
    page.get_by_role("link", name="提异议、看答复").click()
    page.get_by_label("哪里不对").fill("二楼有一户不住人，不该在名册上。")
    page.get_by_role("button", name="提交异议").click()
    expect(page.get_by_text("等待答复")).to_be_visible()
    assert_usable(phone)
    page = desk.go(f"/work/votes/{vote_id}")
    page.get_by_role("link", name="结果办理（异议、最终结果）").click()
    expect(page.get_by_text("二楼有一户不住人")).to_be_visible()
    page.get_by_text("异议不成立").click()
    page.get_by_label("答复和理由").fill("名册按登记，空置的也在册，已核对。")
    assert_usable(desk)
    page.get_by_role("button", name="答复", exact=True).click()
    expect(page.get_by_text("0 条待答复")).to_be_visible()
    standing = results.standing(reading(), queries.vote_by_public_id(reading(), vote_id), closes)
    results.finalise(vote_id, by=STREET, now=standing.ends_at)
    page = desk.go(f"/work/bodies/new/{vote_id}")
    page.get_by_role("group", name="组长", exact=True).locator(".choice", has_text="zhao").click()
    page.get_by_role("button", name="成立自管小组").click()
    expect(page.get_by_role("heading", name="zhao 组长")).to_be_visible()
    assert_usable(desk)


def page_section(call_id: str) -> str:
    """The one section of a call."""
    session = reading()
    (section,) = elections.sections_of(session, elections.call_by_public_id(session, call_id).id)
    return section.public_id


def nominee_of(call_id: str, name: str) -> str:
    """A nominee by name."""
    session = reading()
    view = shown.view(session, elections.call_by_public_id(session, call_id), clock.now(), staff=True)
    return next(each.id for each in view.nominees if each.name == name)
