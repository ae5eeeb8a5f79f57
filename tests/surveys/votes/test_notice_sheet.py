"""The notice: rule, clause, smallest numbers, how to vote and to object; on the page and on paper."""

from datetime import timedelta

import pypdfium2
import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading
from surveys.votes import notice_pdf, notice_sheet
from surveys.votes.bylaws import services as filing
from surveys.votes.services import preparing
from surveys.votes.services.preparing import NewVote, Staff
from tests.surveys.votes.bylaws.test_bylaws import WARNING, filed
from tests.surveys.votes.stories import GROUP, HOUR, NOW, PUMP, SCHEME, STREET, Estate, vote_row


def printed(pdf: bytes) -> str:
    """The text of all pages."""
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", "").replace("\n", "")


def announced(estate: Estate, *motions: preparing.NewMotion, now=NOW, notice_days: int = 15) -> str:
    draft = NewVote(estate.place.code, "改造方案表决", motions, notice_days=notice_days, voting_days=10)
    vote_id = preparing.create(draft, by=STREET, now=now)
    return preparing.publish(vote_id, by=STREET, now=now)


def sheet(vote_id: str) -> notice_sheet.NoticeSheet:
    return notice_sheet.sheet(reading(), vote_row(vote_id))


def test_the_smallest_numbers_are_printed_for_turnout_and_for_everybody(estate: Estate) -> None:
    made = sheet(announced(estate, PUMP, SCHEME))
    pump, scheme = made.motions
    # 5 heads and 640.00 ㎡: two thirds take part, more than half (three quarters) of those agree
    assert pump.rows == (
        ("人数", "5 人", "4 人", "3 人", "3 人"),
        ("面积", "640.00 ㎡", "426.67 ㎡", "213.34 ㎡", "320.01 ㎡"),
    )
    assert scheme.rows[0] == ("人数", "5 人", "4 人", "3 人", "4 人")
    assert scheme.heading == "第 2 项：是否同意小区改造方案"
    assert "第一款第七项" in scheme.clause


def test_the_paper_says_what_the_page_says(estate: Estate, client: FlaskClient) -> None:
    vote_id = announced(estate, PUMP)
    with clock.at(NOW + HOUR):
        answer = client.get(f"/v/{vote_id}/notice.pdf")
        page = client.get(f"/v/{vote_id}").get_data(as_text=True)
    assert answer.mimetype == "application/pdf"
    told = printed(answer.data)
    for words in ("第一款第五项", "426.67", "213.34", "提异议", "三分之二以上", "纸质", "委托", "头一天不算"):
        assert words in told, words
    for line in sheet(vote_id).how:
        assert line in page
    assert "不到 20 套" in page, "a small body is warned"


def test_the_same_notice_gives_the_same_bytes(estate: Estate) -> None:
    made = sheet(announced(estate, PUMP))
    assert notice_pdf.pdf.__wrapped__(made, "") == notice_pdf.pdf.__wrapped__(made, "")


def test_a_deadline_in_a_year_without_published_holidays_is_marked(estate: Estate) -> None:
    far = NOW + timedelta(days=365 * 3)
    facts = dict(sheet(announced(estate, PUMP, now=far)).facts)
    assert "暂定" in facts["截止投票"]
    assert "暂定" not in dict(sheet(announced(estate, PUMP, notice_days=3)).facts)["截止投票"]


def test_an_election_prints_its_names_and_takes_no_proxies(estate: Estate) -> None:
    made = sheet(announced(estate, GROUP))
    assert made.motions[0].names[0] == "陈建国（1栋）"
    assert not any("委托：" in line for line in made.how)
    assert "得票" in made.motions[0].heads[3]


@pytest.mark.parametrize("counts", [True, False])
def test_the_warning_about_silence_stands_on_the_notice_only_when_silence_counts(
    estate: Estate, worker: Staff, counts: bool
) -> None:
    made = filed(estate, worker)
    filing.confirm(made, by=STREET, now=NOW)
    draft = NewVote(estate.place.code, "表决", (PUMP,), notice_days=15, voting_days=10)
    vote_id = preparing.create(draft, by=STREET, now=NOW)
    if counts:
        filing.count_silence(vote_id, made, by=STREET, now=NOW)
    preparing.publish(vote_id, by=STREET, now=NOW)
    warnings = "".join(sheet(vote_id).warnings)
    assert (WARNING in warnings) is counts
