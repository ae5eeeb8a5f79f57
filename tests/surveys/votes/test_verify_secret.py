"""Anyone counts a secret election again; whatever is altered is noticed."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kernel.database import reading
from kernel.errors import Conflict
from surveys.votes import verify_secret
from surveys.votes.secret.services import opening
from tests.surveys.votes.secret_stories import cast_secretly, opened_by_trustees, secret_election
from tests.surveys.votes.stories import Estate, vote_row

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def bundle(estate: Estate) -> dict[str, Any]:
    election = secret_election(estate)
    with pytest.raises(Conflict):
        opening.bundle(election.vote_id)
    cast_secretly(election, estate, "chen", "1栋1单元101", ["陈建国", "赵敏"], "111111111111")
    cast_secretly(election, estate, "li", "1栋1单元201", ["陈建国"], "222222222222")
    cast_secretly(election, estate, "zhao", "1栋1单元401", [], "333333333333")
    broken = cast_secretly(election, estate, "qian", "1栋1单元402", ["赵敏"], "not twelve d")
    assert broken.standing == "valid"
    opened_by_trustees(election)
    reading()
    assert vote_row(election.vote_id).state == "result"
    return json.loads(json.dumps(opening.bundle(election.vote_id)))  # type: ignore[no-any-return]


def test_the_bundle_holds(bundle: dict[str, Any]) -> None:
    checks = verify_secret.verify(bundle)
    assert checks.faults == []
    assert len(checks.done) > 20
    assert bundle["invalid"] == 1


def _other_choice(bundle: dict[str, Any]) -> None:
    motion = bundle["motions"][0]
    bundle["opened"][1]["choices"][motion["id"]] = [motion["candidates"][2]["id"]]


def _one_more(bundle: dict[str, Any]) -> None:
    bundle["opened"].append({**bundle["opened"][0], "number": "999999999999"})


def _one_less(bundle: dict[str, Any]) -> None:
    bundle["opened"].pop()


def _other_votes(bundle: dict[str, Any]) -> None:
    bundle["result"]["motions"][0]["candidates"][0]["votes"] += 1


def _other_standing(bundle: dict[str, Any]) -> None:
    bundle["result"]["motions"][0]["candidates"][-1]["standing"] = "elected"


def _other_roll(bundle: dict[str, Any]) -> None:
    bundle["roll"]["lines"][0][2] = 2


def _nobody_voted(bundle: dict[str, Any]) -> None:
    bundle["took_part"].pop()


def _too_many_names(bundle: dict[str, Any]) -> None:
    motion = bundle["motions"][0]
    bundle["opened"][0]["choices"][motion["id"]] = [each["id"] for each in motion["candidates"]]


def _less_invalid(bundle: dict[str, Any]) -> None:
    bundle["invalid"] = 0


def _an_envelope_twice(bundle: dict[str, Any]) -> None:
    bundle["envelope_hashes"][0] = bundle["envelope_hashes"][1]


@pytest.mark.parametrize(
    "alter",
    [
        _other_choice,
        _one_more,
        _one_less,
        _other_votes,
        _other_standing,
        _other_roll,
        _nobody_voted,
        _too_many_names,
        _less_invalid,
        _an_envelope_twice,
    ],
)
def test_whatever_is_altered_is_noticed(bundle: dict[str, Any], alter: Callable[[dict[str, Any]], None]) -> None:
    altered = copy.deepcopy(bundle)
    alter(altered)
    assert verify_secret.verify(altered).faults


def test_the_command_needs_no_product_and_finds_a_number(bundle: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle))

    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "surveys.votes.verify_secret", str(path), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    code, said = run("--number", "1111 1111 1111", "--envelope", bundle["envelope_hashes"][0])
    assert code == 0, said
    assert "号码 111111111111：" in said
    assert "陈建国" in said
    assert run("--number", "999999999999")[0] == 1
    path.write_text("[]")
    assert run()[0] == 2
    heavy = "{'flask', 'sqlalchemy', 'cryptography'}"
    probe = f"import sys, surveys.votes.verify_secret; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
