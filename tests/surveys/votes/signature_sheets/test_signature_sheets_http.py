"""Signatures on paper over HTTP: a worker keys, another checks, a resident takes back; and who may not."""

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading
from surveys.votes import queries as votes
from surveys.votes.elections.services import recalls
from surveys.votes.services.preparing import Staff
from tests.factories import Factory, Visitor
from tests.portal.bodies.test_forming import AFTER, elected_in
from tests.surveys.votes.paper.stories import Worker, a_worker
from tests.surveys.votes.proofs import photographed
from tests.surveys.votes.stories import HOUR, Estate

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def text_of(page: Any) -> str:
    assert page.status_code == 200, page.get_data(as_text=True)
    return html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


def photo(estate: Estate, worker: Worker) -> str:
    who = Staff(worker.staff.actor, worker.staff.person_id, account_id=worker.account.id)
    return photographed(estate, who, "petition")


def test_a_recall_from_paper_to_the_public_page(estate: Estate, make: Factory, client: FlaskClient) -> None:
    first, second = (a_worker(make, estate, name) for name in ("one", "two"))
    keys, checks = (make.signed_in(each.account) for each in (first, second))
    election = elected_in(estate)
    session = reading()
    li = recalls.seated(session, votes.vote_by_public_id(session, election))[1].public_id
    qian: Visitor = make.signed_in(estate.accounts["qian"])
    with clock.at(AFTER):
        assert "登记纸质联名" in text_of(keys.get(f"/v/{election}/recall"))
        assert "登记纸质联名" not in text_of(qian.get(f"/v/{election}/recall"))
        assert "照居民交来的联名书登记" in text_of(keys.get(f"/work/signatures/new/{election}"))
        stranger = make.account()
        make.grant(stranger, "community_worker", make.estate("别处"))
        elsewhere = make.signed_in(stranger)
        assert elsewhere.get(f"/work/signatures/new/{election}").status_code == 404
        body = {
            "candidates": [li],
            "reason": "半年没有公布收支",
            "lines": [{"door": "1栋1单元101", "name": "chen"}],
            "evidence": [photo(estate, first)],
        }
        assert qian.post(f"/api/v1/votes/{election}/paper-recalls", json=body).status_code == 403
        made = keys.post(f"/api/v1/votes/{election}/paper-recalls", json=body)
        assert (made.status_code, made.json["state"]) == (201, "entered"), made.json
        sheet = made.json["id"]
        assert "1 份待核对" not in text_of(elsewhere.get("/work/signatures"))
        waiting = text_of(qian.get(f"/v/{election}/recall"))
        assert "社区正在核对一份纸质联名" in waiting
        assert "发起联名" in waiting, "what waits at the desk keeps nobody from starting on the phone"
        assert "您录入的" in text_of(keys.get(f"/work/signatures/sheets/{sheet}"))
        assert "1 份待核对" in text_of(checks.get("/work/signatures"))
        assert "核对完" in text_of(checks.get(f"/work/signatures/sheets/{sheet}"))
        assert keys.post(f"/api/v1/signature-sheets/{sheet}/check", json={}).status_code == 403
        done = checks.post(f"/api/v1/signature-sheets/{sheet}/check", json={})
        assert done.json["counts"] == {"计入": 1}
        shown = qian.get(f"/v/{election}/recall").get_data(as_text=True)
        petition = re.findall(r"/recall/([\w-]{22})", shown)[0]
        page = text_of(qian.get(f"/recall/{petition}"))
        assert "1 / 2 户" in page
        assert "chen" not in page
        assert "录入一份签名表" in text_of(keys.get(f"/work/signatures/petition/{petition}"))
        again = {"lines": body["lines"], "evidence": [photo(estate, first)]}
        also = keys.post(f"/api/v1/recalls/{petition}/sheets", json=again)
        assert also.json["counts"] == {"重复，不计": 1}
        back = {"door": "1栋1单元101", "evidence": [photo(estate, first)]}
        taken = keys.post(f"/api/v1/recalls/{petition}/paper-withdrawals", json=back)
        assert (taken.json["signatures"], taken.json["open"]) == (0, True), taken.json
        assert keys.post(f"/api/v1/recalls/{petition}/paper-withdrawals", json=back).status_code == 404
    with clock.at(AFTER + HOUR):
        assert qian.post(f"/api/v1/recalls/{petition}/signature", json={}).json["signed"]
        assert "撤回我的联名" in text_of(qian.get(f"/recall/{petition}"))
        assert not qian.post(f"/api/v1/recalls/{petition}/signature/withdrawal", json={}).json["signed"]
        assert qian.post(f"/api/v1/recalls/{petition}/signature/withdrawal", json={}).status_code == 404
    assert client.get(f"/work/signatures/sheets/{sheet}").status_code in (302, 401)
