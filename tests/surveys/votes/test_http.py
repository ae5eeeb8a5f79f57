"""The votes' API and pages over HTTP, on both databases."""

import html
import re
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from flask.testing import FlaskClient

from kernel import audit, clock
from kernel.database import reading
from kernel.people import services as people
from kernel.places.queries import ancestors
from surveys.votes import queries
from surveys.votes.services import counting
from tests.factories import Factory, Visitor
from tests.surveys.votes.stories import CLOSES, GROUP, NOW, PUMP, STREET, Estate, filled, line_of, opened

DURING = NOW + timedelta(hours=2)


@pytest.fixture
def vote_id(estate: Estate) -> str:
    return opened(estate)


def as_(make: Factory, estate: Estate, who: str) -> Visitor:
    return make.signed_in(estate.accounts[who])


def body(vote_id: str, label: str, *given: object) -> dict[str, Any]:
    text_hash = queries.vote_by_public_id(reading(), vote_id).text_hash
    return {"line_id": line_of(vote_id, label), "text_hash": text_hash, "choices": filled(vote_id, *given)}


def text_of(page: Any) -> str:
    """What a person reads on a page."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def test_a_ballot_is_cast_with_a_receipt_and_the_same_key_gives_the_same_receipt(
    estate: Estate, make: Factory, vote_id: str
) -> None:
    chen = as_(make, estate, "chen")
    with clock.at(DURING):
        sent = body(vote_id, "1栋1单元101", "approve")
        first = chen.post(f"/api/v1/votes/{vote_id}/ballots", json=sent, key="one-key-of-chen")
        again = chen.post(f"/api/v1/votes/{vote_id}/ballots", json=sent, key="one-key-of-chen")
        other_key = chen.post(f"/api/v1/votes/{vote_id}/ballots", json=sent)
    assert first.status_code == again.status_code == 201, first.json
    assert first.json == again.json
    assert first.json["standing"] == "valid"
    assert "approve" not in first.get_data(as_text=True)
    assert (other_key.status_code, other_key.json["code"]) == (409, "already-cast")
    audit.seal_new_entries(now=DURING)
    receipt = chen.get(f"/api/v1/votes/{vote_id}/receipts/{first.json['receipt_no']}")
    assert receipt.json["chain_position"] > 0
    board = chen.get(f"/api/v1/votes/{vote_id}/board").json
    assert board["receipts"] == [
        {"receipt_no": first.json["receipt_no"], "audit_hash": first.json["audit_hash"], "standing": "valid"}
    ]


def test_what_is_wrong_with_a_ballot_is_told_by_motion(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate, GROUP)
    chen = as_(make, estate, "chen")
    with clock.at(DURING):
        sent = body(vote_id, "1栋1单元101", ["陈建国", "李桂兰", "吴志强", "赵敏"])
        refused = chen.post(f"/api/v1/votes/{vote_id}/ballots", json=sent)
        (motion,) = sent["choices"]
        assert refused.status_code == 422
        assert refused.json["fields"] == {motion: ["最多选 3 人，您选了 4 人"]}
        for broken in (
            {**sent, "role": "auditor"},
            {**sent, "choices": {motion: 3}},
            {**sent, "choices": {motion: [{"a": 1}]}},
            {**sent, "choices": []},
            {**sent, "line_id": None},
            {**sent, "text_hash": "x"},
            {},
        ):
            assert chen.post(f"/api/v1/votes/{vote_id}/ballots", json=broken).status_code == 422, broken


def test_strangers_cast_nothing(estate: Estate, make: Factory, vote_id: str, client: FlaskClient) -> None:
    sent = body(vote_id, "1栋1单元101", "approve")
    headers = {"X-Requested-By": "gongjian", "Idempotency-Key": "a-key-of-nobody"}
    with clock.at(DURING):
        assert client.post(f"/api/v1/votes/{vote_id}/ballots", json=sent, headers=headers).status_code == 401
        zhao = as_(make, estate, "zhao")
        assert zhao.post(f"/api/v1/votes/{vote_id}/ballots", json=sent).status_code == 404
        account = make.account()
        make.tie(account, estate.dwellings[0], level=1)
        unverified = make.signed_in(account).post(f"/api/v1/votes/{vote_id}/ballots", json=sent)
    assert (unverified.status_code, unverified.json["code"]) == (403, "verify-first")


def test_late_ballots_are_answered_as_kept_and_not_counted(estate: Estate, make: Factory, vote_id: str) -> None:
    with clock.at(CLOSES):
        late = as_(make, estate, "chen").post(
            f"/api/v1/votes/{vote_id}/ballots", json=body(vote_id, "1栋1单元101", "approve")
        )
    assert (late.status_code, late.json["standing"]) == (201, "late")


def test_the_notice_is_public_and_names_rule_clause_and_smallest_numbers(client: FlaskClient, vote_id: str) -> None:
    shown = client.get(f"/api/v1/votes/{vote_id}").json
    (motion,) = shown["motions"]
    assert motion["clause"].endswith("第一款第五项")
    assert motion["needed"][0] == {"measure": "heads", "roll": 5, "turnout": 4, "approval": 3, "approval_of_all": 3}
    assert shown["voted_heads"] == 0
    with clock.at(DURING):
        page = text_of(client.get(f"/v/{vote_id}"))
    for words in ("第二百七十八条", "4 人", "426.67 ㎡", "三分之二以上", "登录后投票"):
        assert words in page


def test_the_roll_shows_doors_and_areas_but_nobody(client: FlaskClient, estate: Estate, vote_id: str) -> None:
    roll = client.get(f"/api/v1/votes/{vote_id}/roll").json
    first = roll["lines"][0]
    assert (first["doors"], first["area_dm2"]) == (["1栋1单元101", "1栋1单元102"], 16_000)
    raw = client.get(f"/v/{vote_id}/roll").get_data(as_text=True)
    assert "1栋1单元201" in raw
    for person in estate.people.values():
        assert person.public_id not in raw
        assert people.name_of(person) not in text_of(client.get(f"/v/{vote_id}/roll"))


def test_nobody_sees_a_result_or_a_choice_while_voting_runs(
    client: FlaskClient, estate: Estate, make: Factory, vote_id: str
) -> None:
    with clock.at(DURING):
        as_(make, estate, "chen").post(f"/api/v1/votes/{vote_id}/ballots", json=body(vote_id, "1栋1单元101", "against"))
        assert client.get(f"/api/v1/votes/{vote_id}/result").status_code == 409
        assert "还没有公布" in text_of(client.get(f"/v/{vote_id}/result"))
        page = text_of(client.get(f"/v/{vote_id}"))
    assert "1 / 5 人" in page
    assert client.get(f"/api/v1/votes/{vote_id}").json["voted_heads"] == 1


def test_the_result_sheet_prints_both_denominators(
    client: FlaskClient, estate: Estate, make: Factory, vote_id: str
) -> None:
    with clock.at(DURING):
        for who, door, choice in (
            ("chen", "1栋1单元101", "approve"),
            ("factory", "1栋1单元202", "approve"),
            ("li", "1栋1单元201", "against"),
            ("zhao", "1栋1单元401", "approve"),
        ):
            sent = as_(make, estate, who).post(f"/api/v1/votes/{vote_id}/ballots", json=body(vote_id, door, choice))
            assert sent.status_code == 201
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    page = text_of(client.get(f"/v/{vote_id}/result"))
    for words in ("通过", "5 人", "640.00 ㎡", "4 人（80.0%）", "3 人（75.0%）", "480.00 ㎡（85.7%）"):
        assert words in page
    on_paper = pypdfium2.PdfDocument(client.get(f"/v/{vote_id}/result.pdf").data)
    printed = on_paper[0].get_textpage().get_text_range()
    for words in ("表决结果公示", "3 人（75.0%）", "第二百七十八条第一款第五项", "监票人"):
        assert words in printed
    result = client.get(f"/api/v1/votes/{vote_id}/result").json
    assert result["document"]["motions"][0]["carried"] is True
    assert counting.tally_hash(result["document"]) == result["tally_hash"]


def test_the_result_of_an_election_lists_names_with_their_standing(
    client: FlaskClient, estate: Estate, make: Factory
) -> None:
    vote_id = opened(estate, GROUP)
    with clock.at(DURING):
        for who, door, names in (
            ("chen", "1栋1单元101", ["陈建国", "李桂兰"]),
            ("li", "1栋1单元201", ["陈建国", "吴志强"]),
            ("zhao", "1栋1单元401", ["陈建国"]),
            ("qian", "1栋1单元402", ["陈建国", "李桂兰"]),
            ("factory", "1栋1单元202", ["陈建国"]),
        ):
            as_(make, estate, who).post(f"/api/v1/votes/{vote_id}/ballots", json=body(vote_id, door, names))
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    page = " ".join(text_of(client.get(f"/v/{vote_id}/result")).split())
    assert "选举有效，还缺 1 人" in page
    assert "1 陈建国 5 票（100.0%） 当选" in page
    assert "2 李桂兰 2 票（40.0%） 未当选" in page


def test_a_voters_way_over_the_pages(estate: Estate, make: Factory, vote_id: str) -> None:
    li, wu, zhao = (as_(make, estate, who) for who in ("li", "wu", "zhao"))
    door = estate.dwellings[2].public_id
    with clock.at(DURING):
        page = li.get(f"/v/{vote_id}?d={door}")
        assert "谁先投就算谁的" in text_of(page)
        (ballot_url,) = re.findall(r'href="(/v/[^"]+/ballot\?line=[^"]+)"', page.get_data(as_text=True))
        ballot = text_of(li.get(ballot_url))
        for words in ("同意", "反对", "弃权", "人少，结果公布后别人可能猜到您怎么投的"):
            assert words in ballot
        assert zhao.get(ballot_url).status_code == 404
        sent = li.post(f"/api/v1/votes/{vote_id}/ballots", json=body(vote_id, "1栋1单元201", "against"))
        receipt_url = f"/v/{vote_id}/receipt/{sent.json['receipt_no']}"
        assert li.get(ballot_url).headers["Location"] == receipt_url
        assert "票已投出" in text_of(li.get(receipt_url))
        assert "反对" not in text_of(li.get(receipt_url))
        assert "已由共有人投出" in text_of(wu.get(receipt_url))
        assert zhao.get(receipt_url).status_code == 404
        assert "已投票" in text_of(wu.get(f"/v/{vote_id}"))


def test_who_is_not_verified_reads_how_to_verify(estate: Estate, make: Factory, vote_id: str) -> None:
    account = make.account()
    make.tie(account, estate.dwellings[0], level=1)
    visitor = make.signed_in(account)
    with clock.at(DURING):
        page = text_of(visitor.get(f"/v/{vote_id}"))
        assert "要先核实身份" in page
        assert "去核实身份" in page
        assert visitor.get(f"/v/{vote_id}/ballot?line={line_of(vote_id, '1栋1单元101')}").status_code == 403


def test_a_ballot_page_asks_to_sign_in_and_comes_back(client: FlaskClient, vote_id: str) -> None:
    asked = client.get(f"/v/{vote_id}/ballot?line=x")
    assert asked.status_code == 302
    assert asked.headers["Location"].startswith("/signin?next=/v/")


def test_staff_take_a_vote_from_draft_to_result_over_the_api(estate: Estate, make: Factory) -> None:
    street = make.account("o-street")
    make.grant(street, "street_officer", street_of(estate))
    officer = make.signed_in(street)
    draft = {
        "place": estate.place.code,
        "title": "更换水泵",
        "notice_days": 0,
        "voting_days": 0,
        "closes_at": "2026-11-09T09:00:00+08:00",
        "motions": [{"matter": PUMP.matter, "title": PUMP.title}],
    }
    with clock.at(NOW):
        made = officer.post("/api/v1/votes", json=draft, key="draft-the-vote")
        assert made.status_code == 201, made.json
        assert officer.post("/api/v1/votes", json=draft, key="draft-the-vote").json["id"] == made.json["id"]
        url = f"/api/v1/votes/{made.json['id']}"
        assert officer.post(f"{url}/opening", json={}).status_code == 409
        assert officer.post(f"{url}/roll", json={}).status_code == 200
        assert officer.post(f"{url}/publication", json={}).json["state"] == "published"
        assert officer.post(f"{url}/opening", json={}).json["state"] == "open"
        assert officer.post(f"{url}/closing", json={}).json["code"] == "still-open"
    with clock.at(CLOSES):
        assert officer.post(f"{url}/closing", json={}).json["state"] == "closed"
        assert officer.post(f"{url}/result", json={}).json["state"] == "result"


def test_staff_of_elsewhere_and_residents_manage_nothing_here(estate: Estate, make: Factory, vote_id: str) -> None:
    elsewhere = make.account("o-elsewhere")
    make.grant(elsewhere, "street_officer", make.place("street", make.place("district")))
    officer = make.signed_in(elsewhere)
    for order in ("roll", "publication", "opening", "closing", "result"):
        assert officer.post(f"/api/v1/votes/{vote_id}/{order}", json={}).status_code == 403
        assert as_(make, estate, "chen").post(f"/api/v1/votes/{vote_id}/{order}", json={}).status_code == 403


def test_an_auditor_opens_ballots_after_closing_with_a_reason(estate: Estate, make: Factory, vote_id: str) -> None:
    account = make.account("o-auditor")
    make.grant(account, "auditor", street_of(estate))
    auditor = make.signed_in(account)
    with clock.at(DURING):
        as_(make, estate, "chen").post(f"/api/v1/votes/{vote_id}/ballots", json=body(vote_id, "1栋1单元101", "against"))
        assert auditor.post(f"/api/v1/votes/{vote_id}/audit", json={"reason": "案号 2026-1"}).status_code == 409
    counting.close(vote_id, by=STREET, now=CLOSES)
    assert auditor.post(f"/api/v1/votes/{vote_id}/audit", json={"reason": "案号 2026-1"}).status_code == 409
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    assert auditor.post(f"/api/v1/votes/{vote_id}/audit", json={}).status_code == 422
    opened_ballots = auditor.post(f"/api/v1/votes/{vote_id}/audit", json={"reason": "案号 2026-1"}).json["ballots"]
    assert [list(each["choices"].values()) for each in opened_ballots] == [["against"]]
    assert (
        as_(make, estate, "chen").post(f"/api/v1/votes/{vote_id}/audit", json={"reason": "我想看"}).status_code == 403
    )


def street_of(estate: Estate) -> Any:
    """The street the estate lies in."""
    return next(place for place in ancestors(reading(), estate.place) if place.kind == "street")


def test_an_organiser_sees_the_votes_of_his_places_and_the_next_step(
    estate: Estate, make: Factory, vote_id: str
) -> None:
    street, elsewhere = make.account("o-street"), make.account("o-elsewhere")
    make.grant(street, "street_officer", street_of(estate))
    make.grant(elsewhere, "street_officer", make.place("street", make.place("district")))
    officer, other = make.signed_in(street), make.signed_in(elsewhere)
    with clock.at(DURING):
        assert "小区共同事项表决" in text_of(officer.get("/work/votes"))
        assert "还没有表决" in text_of(other.get("/work/votes"))
        assert "到时间会自动截止" in text_of(officer.get(f"/work/votes/{vote_id}"))
        assert other.get(f"/work/votes/{vote_id}").status_code == 404
        assert as_(make, estate, "chen").get("/work/votes").status_code == 403
        form = text_of(officer.get("/work/votes/new"))
    assert "桃园北巷" in form
    assert "选举小区自管小组成员" in form
    with clock.at(CLOSES):
        assert "截止投票" in text_of(officer.get(f"/work/votes/{vote_id}"))
