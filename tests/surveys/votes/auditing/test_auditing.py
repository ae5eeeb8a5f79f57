"""The auditor's page: finished votes of his places, files with a reason on record, nothing before the result."""

import json

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from surveys.votes import verify
from surveys.votes.services import counting
from tests.factories import Factory
from tests.surveys.votes.proofs import logged
from tests.surveys.votes.stories import CLOSES, STREET, Estate, cast, opened


def test_an_auditor_downloads_bundle_and_weights_with_a_reason_that_stays(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    account = make.account("o-auditor")
    make.grant(account, "auditor", next(p for p in ancestors(reading(), estate.place) if p.kind == "street"))
    auditor, chen = make.signed_in(account), make.signed_in(estate.accounts["chen"])
    files = f"/api/v1/votes/{vote_id}/audit"
    assert 'href="/audit/votes"' in auditor.get("/").text
    assert f"/audit/votes/{vote_id}" in auditor.get("/audit/votes").text
    assert "任何人都不能查看选票内容" in auditor.get(f"/audit/votes/{vote_id}").text
    early = auditor.post(f"{files}/bundle", json={"reason": "抽查"})
    assert early.status_code == 409
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    with clock.at(CLOSES):
        page = auditor.get(f"/audit/votes/{vote_id}").text
        assert "下载审计包" in page
        assert f"/api/v1/votes/{vote_id}/bundle" in page
        assert auditor.post(f"{files}/bundle", json={"reason": ""}).status_code == 422
        bundle = auditor.post(f"{files}/bundle", json={"reason": "年度审计抽查"}).json or {}
        assert bundle["name"].endswith("-auditor.json")
        assert verify.verify(json.loads(bundle["content"])).faults == []
        assert logged("look.ballots")["reason"] == "年度审计抽查"
        table = auditor.post(f"{files}/weights", json={"reason": "复核计票"}).json or {}
        assert table["content"].startswith("\ufeffreceipt_no,line,weight_heads")
        assert logged("look.ballots")["reason"] == "复核计票"
        for path in ("bundle", "weights"):
            assert chen.post(f"{files}/{path}", json={"reason": "看看"}).status_code == 403
        assert chen.get("/audit/votes").status_code == 403
    elsewhere = make.account("o-elsewhere")
    other = next(p for p in ancestors(reading(), make.estate("别处")) if p.kind == "street")
    make.grant(elsewhere, "auditor", other)
    assert make.signed_in(elsewhere).get(f"/audit/votes/{vote_id}").status_code == 404
    assert make.signed_in(elsewhere).post(f"{files}/bundle", json={"reason": "看看"}).status_code == 403
