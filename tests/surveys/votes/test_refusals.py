"""The bad input of a vote, one by one: each is refused with its reason and the next step, and leaves a line in the log
that does not say what was chosen.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry, AuditPayload
from kernel.database import reading, transaction
from surveys.votes import queries, verify
from surveys.votes.elections.models import CandidateWithdrawal
from surveys.votes.services import bundles, counting
from tests.factories import Factory
from tests.surveys.votes.stories import (
    CLOSES,
    GROUP,
    HOUR,
    NOW,
    STREET,
    Estate,
    cast,
    filled,
    line_of,
    opened,
    vote_row,
)

DOOR, OTHER = "1栋1单元101", "1栋1单元401"
DURING = NOW + HOUR


def step_back(vote_id: str, name: str) -> None:
    """Somebody steps back after the ballot was printed."""
    with transaction() as session:
        vote = queries.vote_by_public_id(session, vote_id)
        names = {each.name: each for listed in queries.candidates_of(session, vote.id).values() for each in listed}
        session.add(CandidateWithdrawal(candidate_id=names[name].id, at=NOW, by="account:test"))


step_back.__use_case__ = True  # type: ignore[attr-defined]


def log_of(action: str) -> list[dict[str, Any]]:
    """What the log holds of an action, as it was said."""
    rows = reading().execute(
        sa.select(AuditPayload.document)
        .join(AuditEntry, AuditEntry.id == AuditPayload.entry_id)
        .where(AuditEntry.action == action)
    )
    return [row.document for row in rows]


@pytest.mark.parametrize(
    ("wrong", "status", "code", "why", "next_step"),
    [
        ("not on the roll", 404, "no-such-line", "no-such-line", "从自家门上的二维码"),
        ("already voted", 409, "already-cast", "already-cast", "查看回执"),
        ("another text", 409, "text-changed", "text-changed", "请刷新页面"),
        ("candidate withdrawn", 422, "candidate-withdrawn", "not-filled-in", "请改好再投"),
        ("more names than seats allow", 422, "ballot-not-complete", "not-filled-in", "改好再投"),
    ],
)
def test_a_bad_ballot_is_refused_with_reason_and_next_step_and_leaves_a_line_without_the_choice(
    estate: Estate, make: Factory, wrong: str, status: int, code: str, why: str, next_step: str
) -> None:
    vote_id = opened(estate, GROUP)
    names = ["陈建国", "李桂兰"]
    if wrong == "already voted":
        cast(vote_id, estate.voter("chen"), DOOR, names)
    elif wrong == "candidate withdrawn":
        step_back(vote_id, "陈建国")
    elif wrong == "more names than seats allow":
        names = ["陈建国", "李桂兰", "吴志强", "赵敏"]
    choices = filled(vote_id, names)
    sent = {
        "line_id": line_of(vote_id, OTHER if wrong == "not on the roll" else DOOR),
        "text_hash": "0" * 64 if wrong == "another text" else vote_row(vote_id).text_hash,
        "choices": choices,
    }
    with clock.at(DURING):
        answer = make.signed_in(estate.accounts["chen"]).post(f"/api/v1/votes/{vote_id}/ballots", json=sent)
    said = answer.json or {}
    assert (answer.status_code, said["code"]) == (status, code), said
    assert next_step in said["detail"]
    (line,) = log_of("ballot.refused")
    assert line["why"] == why
    written = json.dumps(line, ensure_ascii=False)
    ticked = [name for chosen in choices.values() if isinstance(chosen, list) for name in chosen]
    assert ticked
    assert not any(name in written for name in ticked)


def test_past_the_closing_instant_the_page_is_shut_and_what_still_arrives_is_kept_and_not_counted(
    estate: Estate, make: Factory
) -> None:
    vote_id = opened(estate, GROUP)
    chen, line = make.signed_in(estate.accounts["chen"]), line_of(vote_id, DOOR)
    sent = {"line_id": line, "text_hash": vote_row(vote_id).text_hash, "choices": filled(vote_id, ["陈建国"])}
    with clock.at(CLOSES):
        shut = chen.get(f"/v/{vote_id}/ballot?line={line}")
        assert shut.status_code == 409
        assert "请回到公告看开始和截止的时间" in shut.text
        late = chen.post(f"/api/v1/votes/{vote_id}/ballots", json=sent)
        assert (late.status_code, (late.json or {})["standing"]) == (201, "late")
        assert "只留存，不计票" in chen.get(f"/v/{vote_id}").text
    assert queries.turnout_of(reading(), vote_row(vote_id).id).lines == 0


def test_a_forged_receipt_is_refused_and_logged_on_the_page_and_in_the_api(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate, GROUP)
    zhao = make.signed_in(estate.accounts["zhao"])
    with clock.at(DURING):
        page = zhao.get(f"/v/{vote_id}/receipt/7K3M9QXT2B")
        assert page.status_code == 404
        assert "请核对编号" in page.text
        assert [each["why"] for each in log_of("receipt.refused")] == ["no-such-receipt"]
        answer = zhao.get(f"/api/v1/votes/{vote_id}/receipts/7K3M9QXT2B")
        assert (answer.json or {})["code"] == "no-such-receipt"
        assert len(log_of("receipt.refused")) == 2
        board = zhao.get(f"/v/{vote_id}/board?no=7K3M9QXT2B").text
        assert "没有这个编号" in board
        assert "告诉审计人员" in board


def test_an_altered_bundle_is_named_with_what_does_not_fit_and_what_to_do(
    estate: Estate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vote_id = opened(estate, GROUP)
    cast(vote_id, estate.voter("chen"), DOOR, ["陈建国"])
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)
    bundle = bundles.public_bundle(vote_id)
    altered = copy.deepcopy(bundle)
    altered["result"]["motions"][0]["candidates"][0]["votes"] += 1
    for content, code in ((bundle, 0), (altered, 1)):
        file = tmp_path / "bundle.json"
        file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        assert verify.main([str(file)]) == code
    told = capsys.readouterr().out
    assert "不符：" in told
    assert "重新下载再核验" in told
