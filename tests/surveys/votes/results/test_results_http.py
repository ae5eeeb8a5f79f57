"""Results over HTTP: object, answer, count again, final; and who may not."""

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from tests.factories import Factory, Visitor
from tests.surveys.votes.results.test_results import ENDS, published
from tests.surveys.votes.stories import CLOSES, HOUR, NOW, Estate, drafted

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def officer(make: Factory, estate: Estate) -> Visitor:
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    account = make.account()
    make.grant(account, "street_officer", street)
    return make.signed_in(account)


def text_of(page: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def test_an_objection_from_the_page_to_the_final_word(
    estate: Estate, officer: Visitor, make: Factory, client: FlaskClient
) -> None:
    vote_id = published(estate)
    owner = make.signed_in(estate.accounts["chen"])
    api = f"/api/v1/votes/{vote_id}"
    with clock.at(CLOSES + HOUR):
        sheet = client.get(f"/v/{vote_id}/result")
        assert "初步结果，公示到" in text_of(sheet)
        assert sheet.headers["ETag"], "the same bytes for everybody, kept a second"
        assert "ETag" not in client.get(f"/v/{vote_id}").headers, "the notice says what this visitor can do"
        assert "登录后提异议" in text_of(client.get(f"/v/{vote_id}/objections"))
        assert "我要提异议" in text_of(owner.get(f"/v/{vote_id}/objections"))
        assert client.post(f"{api}/objections", json={"text": "没有登录"}).status_code == 403
        assert owner.post(f"{api}/objections", json={"text": "短"}).status_code == 422
        made = owner.post(f"{api}/objections", json={"text": "名册第三行的面积不对"})
        assert made.status_code == 201
        (objection,) = made.json["objections"]
        assert (objection["text"], objection["mine"]) == ("名册第三行的面积不对", True)
        public = client.get(f"{api}/result/standing").json
        assert (public["open_objections"], public["objections"][0]["text"]) == (1, "")
        assert "面积不对" not in text_of(client.get(f"/v/{vote_id}/objections"))
        assert "面积不对" in text_of(officer.get(f"/work/votes/{vote_id}/result"))
        assert owner.get(f"/work/votes/{vote_id}/result").status_code == 403
        url = f"{api}/objections/{objection['id']}/answer"
        body = {"ruling": "rejected", "reasons": "与不动产登记一致。"}
        assert owner.post(url, json=body).status_code == 403
        assert officer.post(url, json=body | {"ruling": "maybe"}).status_code == 422
        assert officer.post(url, json=body).json["open_objections"] == 0
        assert officer.post(f"{api}/recounts", json={"reason": "复核"}).json["recounts"][0]["changed"] is False
        assert officer.post(f"{api}/finality", json={}).status_code == 409
    with clock.at(ENDS):
        assert officer.post(f"{api}/finality", json={}).json["stage"] == "final"
        result = text_of(client.get(f"/v/{vote_id}/result"))
        for words in ("最终结果，", "第 1 次重新计票", "收到异议 1 条，已答复 1 条", "东河街道、启明社区", "一年内"):
            assert words in result
        assert "与不动产登记一致" in text_of(client.get(f"/v/{vote_id}/objections"))
        assert client.get(f"/v/{vote_id}/result.pdf").data.startswith(b"%PDF")


def test_the_days_of_publicity_are_on_the_organisers_page_and_on_the_notice(
    estate: Estate, officer: Visitor, client: FlaskClient
) -> None:
    draft = drafted(estate)
    with clock.at(NOW):
        assert officer.post(f"/api/v1/votes/{draft}/result-plan", json={"days": 9}).json == {"days": 9}
        assert 'value="9"' in officer.get(f"/work/votes/{draft}").get_data(as_text=True)
        officer.post(f"/api/v1/votes/{draft}/publication", json={})
        assert "公示 9 天" in text_of(client.get(f"/v/{draft}"))
        assert officer.post(f"/api/v1/votes/{draft}/result-plan", json={"days": 1}).status_code == 409


def test_no_standing_before_the_result(estate: Estate, officer: Visitor, client: FlaskClient) -> None:
    draft = drafted(estate)
    assert client.get(f"/api/v1/votes/{draft}/result/standing").status_code == 404
    assert officer.get(f"/work/votes/{draft}/result").status_code == 409
