"""The auditor's table of weights and choices: its sums are the result's; the look is on record."""

import csv
import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.errors import Conflict, NotAllowed
from surveys.votes import queries
from surveys.votes.services import counting, weights
from surveys.votes.services.preparing import Staff
from tests.surveys.votes.stories import CLOSES, GROUP, HOUR, NOW, PUMP, SCHEME, STREET, Estate, cast, opened, vote_row


def table(vote_id: str) -> list[dict[str, str]]:
    text = weights.weighted_csv(vote_id, by=STREET, reason="复核", now=CLOSES + HOUR)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def counted(vote_id: str) -> None:
    counting.close(vote_id, by=STREET, now=CLOSES)
    counting.publish_result(vote_id, by=STREET, now=CLOSES)


def test_the_sums_of_the_table_are_the_results(estate: Estate) -> None:
    vote_id = opened(estate, PUMP, SCHEME)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve", "against")
    cast(vote_id, estate.voter("factory"), "1栋1单元202", "approve", "abstain")
    cast(vote_id, estate.voter("zhao"), "1栋1单元401", "against", "approve")
    counted(vote_id)
    rows = table(vote_id)
    assert [row["receipt_no"] for row in rows] == sorted(row["receipt_no"] for row in rows)
    result = queries.result_of(reading(), vote_row(vote_id).id)
    assert result is not None
    for place, motion in enumerate(result.document["motions"], start=1):
        for measure, column in zip(motion["measures"], ("weight_heads", "weight_area_dm2"), strict=True):
            for word in ("approve", "against", "abstain"):
                assert sum(int(row[column]) for row in rows if row[f"m{place}"] == word) == measure[word]
    looks = reading().scalars(sa.select(AuditEntry).where(AuditEntry.action == "look.ballots")).all()
    assert len(looks) == 1


def test_an_election_has_a_column_a_candidate(estate: Estate) -> None:
    vote_id = opened(estate, GROUP)
    cast(vote_id, estate.voter("chen"), "1栋1单元101", ["陈建国", "赵敏"])
    counted(vote_id)
    (row,) = table(vote_id)
    assert {name: row[f"m1:{name}"] for name in ("陈建国", "李桂兰", "吴志强", "赵敏")} == {
        "陈建国": "1",
        "李桂兰": "0",
        "吴志强": "0",
        "赵敏": "1",
    }
    assert (row["proxy"], row["paper"], row["disputed"]) == ("0", "0", "0")


def test_the_command_writes_the_table_for_the_auditors_eyes_alone(app: Flask, estate: Estate, tmp_path: Path) -> None:
    vote_id, out = opened(estate, PUMP), tmp_path / "weights.csv"
    cast(vote_id, estate.voter("chen"), "1栋1单元101", "approve")
    counted(vote_id)
    run = app.test_cli_runner()
    done = run.invoke(args=["vote", "weights", vote_id, "--out", str(out), "--reason", "复核"])
    assert done.exit_code == 0, done.output
    assert out.stat().st_mode & 0o077 == 0
    assert out.read_text(encoding="utf-8-sig").splitlines()[0].startswith("receipt_no,line,weight_heads")


def test_only_an_auditor_and_only_after_the_result(estate: Estate) -> None:
    vote_id = opened(estate, PUMP)
    with pytest.raises(Conflict):
        weights.weighted_csv(vote_id, by=STREET, reason="复核", now=NOW)
    counted(vote_id)
    with pytest.raises(NotAllowed):
        weights.weighted_csv(vote_id, by=Staff("account:x", None), reason="复核", now=CLOSES)
