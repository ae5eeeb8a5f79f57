"""Beside the own phone: two lines in large type, a paper keyed by two workers, a neighbour helped on a worker's phone;
the group's leader sees turnout and nothing else.
"""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Page, expect

from kernel import clock
from kernel.database import reading, transaction
from surveys.votes import queries
from surveys.votes.assisted import services as codes
from surveys.votes.assisted.models import AssistedCode
from surveys.votes.paper import queries as papers
from surveys.votes.rules.roll import HeadcountMode
from surveys.votes.services import counting, preparing
from surveys.votes.services.preparing import NewVote
from tests.factories import Factory
from tests.support.browser import Phone, assert_usable
from tests.surveys.votes.paper.stories import a_worker
from tests.surveys.votes.stories import PUMP, SCHEME, STREET, Estate, an_estate, line_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Visit = Callable[..., Phone]
HOUR = timedelta(hours=1)


def an_open_vote(estate: Estate) -> str:
    """Two motions, one line a flat, open since an hour."""
    now = clock.now() - HOUR
    draft = NewVote(
        estate.place.code,
        "小区共同事项表决",
        (PUMP, SCHEME),
        notice_days=0,
        voting_days=0,
        closes_at=now + timedelta(days=7),
        headcount=HeadcountMode.BY_DWELLING,
    )
    vote_id = preparing.create(draft, by=STREET, now=now)
    preparing.publish(vote_id, by=STREET, now=now)
    return preparing.open_voting(vote_id, by=STREET, now=now)


def choose(page: Page, legend: str, word: str) -> None:
    page.get_by_role("group", name=legend).locator(".choice", has_text=word).click()


def vote_on_both(page: Page) -> None:
    choose(page, "第 1 项", "同意")
    choose(page, "第 2 项", "反对")
    page.get_by_role("button", name="填好了，看一遍").click()


def counted(vote_id: str) -> list[str]:
    """How the ballots that count came in."""
    with transaction() as session:
        rows = queries.counted_ballots(session, queries.vote_by_public_id(session, vote_id).id)
        return sorted(f"{row.Ballot.channel}:{row.Ballot.confirmed}" for row in rows)


def serial_of(vote_id: str) -> str:
    with transaction() as session:
        (paper,) = papers.papers_of_vote(session, queries.vote_by_public_id(session, vote_id).id)
        return paper.serial


def code_of(vote_id: str) -> str:
    """The code in the message that waits to be sent."""
    with transaction() as session:
        vote = queries.vote_by_public_id(session, vote_id)
        asked = session.scalars(sa.select(AssistedCode).where(AssistedCode.vote_id == vote.id)).one().public_id
    message = codes.message_of(asked, now=clock.now())
    assert message is not None
    return re.findall(r"[0-9]{6}", message.text)[0]


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 800), (240, 240, 240)).save(out, "JPEG")
    return out.getvalue()


def test_phone_paper_and_a_workers_phone_in_one_vote(make: Factory, visit: Visit) -> None:
    estate = an_estate(make)
    vote_id = an_open_vote(estate)

    # An old owner of two flats, in the largest type: two lines, each cast by itself.
    phone = visit(estate.accounts["chen"], size="xlarge")
    for door in ("101", "102"):
        page = phone.go(f"/v/{vote_id}?d={estate.dwellings[0].public_id}")
        assert_usable(phone)
        card = page.locator(".card", has_text=f"我的一票：1栋1单元{door}")
        card.get_by_role("link", name="去投票").click()
        vote_on_both(page)
        assert_usable(phone)
        page.get_by_role("button", name="确认投票").click()
        expect(page.get_by_role("heading", name="票已投出")).to_be_visible()
    assert counted(vote_id) == ["phone:own_phone"] * 2

    # Paper: numbered for the door that asks, taken back with a photo, keyed by one worker and by another.
    first, second = a_worker(make, estate, "一"), a_worker(make, estate, "二")
    desk = visit(first.account)
    page = desk.go("/")
    page.get_by_role("link", name="纸质表决票").click()
    assert_usable(desk)
    page.get_by_role("link", name="小区共同事项表决").click()
    page.fill("#f-door", "1栋1单元401")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name="给这一票生成编号").click()
    page.get_by_role("link", name="No. 00001").click()
    assert_usable(desk)
    page.set_input_files(
        "[data-evidence] input[type=file]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
    )
    expect(page.get_by_alt_text("照片1")).to_be_visible()
    page.get_by_role("button", name="登记收回").click()
    expect(page.get_by_text("已收回，待录入")).to_be_visible()
    assert_usable(desk)
    serial = serial_of(vote_id)
    for worker in (first, second):
        other = visit(worker.account)
        sheet = other.go(f"/work/papers/{serial}")
        choose(sheet, "第 1 项", "同意")
        choose(sheet, "第 2 项", "弃权")
        sheet.get_by_role("radio", name="有签名", exact=True).check()
        sheet.get_by_role("button", name="录好了").click()
        expect(sheet.get_by_text("您已经录过这一张" if worker is first else "录入完成")).to_be_visible()
    assert counted(vote_id) == ["paper:paper", "phone:own_phone", "phone:own_phone"]
    other.go(f"/work/votes/{vote_id}/papers")
    expect(other.page.get_by_text("打印 1 = 收回 1 + 作废 0 + 未收回 0")).to_be_visible()
    assert_usable(other)

    # On a worker's phone: the owner chooses, reads it back and signs; the worker keeps nothing but the number.
    page = desk.go("/work/help-vote")
    page.get_by_role("link", name="小区共同事项表决").click()
    page.fill("#f-door", "1栋1单元402")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="本人投").click()
    vote_on_both(page)
    assert_usable(desk)
    page.get_by_role("button", name="确认投票").click()
    expect(page.get_by_text("请先发验证码")).to_be_visible()
    page.get_by_text("手机不在身边？改为本人签名").click()
    assert_usable(desk)
    page.get_by_role("button", name="确认投票").click()
    expect(page.get_by_text("请投票人本人在方框里签名。")).to_be_visible()
    page.locator("canvas").evaluate("canvas => canvas.scrollIntoView({ block: 'center' })")
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 40)
    page.mouse.up()
    page.get_by_role("button", name="确认投票").click()
    expect(page.get_by_role("heading", name="票已投出")).to_be_visible()
    assert_usable(desk)
    assert page.evaluate("Object.keys(sessionStorage).length") == 0
    assert counted(vote_id) == ["paper:paper", "phone:own_phone", "phone:own_phone", "phone:signature"]

    # With the own phone at hand: the code that came there confirms, whoever held the worker's phone.
    page = desk.go(
        f"/work/help-vote/{vote_id}/ballot?line={line_of(vote_id, '1栋1单元201')}&voter={estate.people['li'].public_id}"
    )
    vote_on_both(page)
    page.get_by_role("button", name="发验证码").click()
    expect(page.get_by_text("已发到 138****")).to_be_visible()
    assert_usable(desk)
    page.fill("#f-code", code_of(vote_id))
    page.get_by_role("button", name="确认投票").click()
    expect(page.get_by_role("heading", name="票已投出")).to_be_visible()
    assert counted(vote_id)[1] == "phone:code"

    # The group's leader: how many have voted, never how or who.
    leader = make.account("o-leader")
    make.grant(leader, "group_leader", estate.place)
    page = visit(leader).go(f"/v/{vote_id}")
    expect(page.get_by_text("5 / 8 人")).to_be_visible()
    body = page.locator("body").inner_text()
    assert "去投票" not in body
    for path in (f"/work/votes/{vote_id}", f"/work/votes/{vote_id}/papers", f"/work/papers/{serial}"):
        answer = page.request.get(page.url.split("/v/")[0] + path)
        assert answer.status == 403, path

    closes_at = queries.vote_by_public_id(reading(), vote_id).closes_at
    assert closes_at is not None
    counting.close(vote_id, by=STREET, now=closes_at)
    counting.publish_result(vote_id, by=STREET, now=closes_at)
    told = counting.open_for_audit(vote_id, by=STREET, reason="测试", now=closes_at)
    pump, scheme = (motion.public_id for motion in queries.motions_of(reading(), told_vote(vote_id)))
    assert sorted((each.choices[pump], each.choices[scheme]) for each in told) == [
        ("approve", "abstain"),
        ("approve", "against"),
        ("approve", "against"),
        ("approve", "against"),
        ("approve", "against"),
    ]
    assert line_of(vote_id, "1栋1单元102") != line_of(vote_id, "1栋1单元101")


def told_vote(vote_id: str) -> int:
    return queries.vote_by_public_id(reading(), vote_id).id
