"""The public bundle: a separate program recomputes everything it can, and notices every change."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.database import reading
from kernel.errors import Conflict, NotFound
from kernel.people import services as people
from surveys.votes import queries, verify
from surveys.votes.rules import catalogue
from surveys.votes.services import bundles, counting
from tests.factories import Factory
from tests.surveys.votes.stories import CLOSES, GROUP, PUMP, SCHEME, STREET, Estate, an_estate, cast, opened

VOTERS = {"chen": "1栋1单元101", "li": "1栋1单元201", "factory": "1栋1单元202", "zhao": "1栋1单元401"}


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


@pytest.fixture
def finished(estate: Estate) -> str:
    """Two motions and an election would mix electorates: two motions, four of five lines, one of them late."""
    vote_id = opened(estate, PUMP, SCHEME)
    for who, answers in (
        ("chen", ("approve", "approve")),
        ("li", ("approve", "against")),
        ("factory", ("abstain", "approve")),
        ("zhao", ("against", "approve")),
    ):
        cast(vote_id, estate.voter(who), VOTERS[who], *answers)
    cast(vote_id, estate.voter("qian"), "1栋1单元402", "approve", "approve", now=CLOSES)
    counting.close(vote_id, by=STREET, now=CLOSES)
    return counting.publish_result(vote_id, by=STREET, now=CLOSES)


@pytest.fixture
def election(estate: Estate) -> str:
    vote_id = opened(estate, GROUP)
    cast(vote_id, estate.voter("chen"), VOTERS["chen"], ["陈建国", "李桂兰"])
    for who in ("li", "zhao", "factory"):
        cast(vote_id, estate.voter(who), VOTERS[who], ["陈建国", "吴志强"])
    cast(vote_id, estate.voter("qian"), "1栋1单元402", [])
    counting.close(vote_id, by=STREET, now=CLOSES)
    return counting.publish_result(vote_id, by=STREET, now=CLOSES)


def auditors(vote_id: str) -> dict:
    return bundles.auditor_bundle(vote_id, by=STREET, reason="抽查", now=CLOSES)


def test_everything_in_a_public_bundle_holds(finished: str, election: str) -> None:
    for vote_id in (finished, election):
        checks = verify.verify(bundles.public_bundle(vote_id))
        assert checks.faults == []
        assert len(checks.done) > 10


def test_the_auditors_bundle_recounts_every_choice(finished: str, election: str) -> None:
    for vote_id in (finished, election):
        checks = verify.verify(auditors(vote_id))
        assert checks.faults == []
        assert any("重新计票" in done for done in checks.done)


def test_a_public_bundle_tells_no_choice_no_name_and_not_whose_receipt_is_whose(finished: str, estate: Estate) -> None:
    bundle = bundles.public_bundle(finished)
    text = json.dumps(bundle, ensure_ascii=False)
    assert "opened" not in bundle
    assert all(set(ballot) == {"receipt_no", "standing", "counted", "commitment"} for ballot in bundle["ballots"])
    assert [ballot["receipt_no"] for ballot in bundle["ballots"]] == sorted(
        ballot["receipt_no"] for ballot in bundle["ballots"]
    )
    assert len({ballot["commitment"] for ballot in bundle["ballots"] if ballot["counted"]}) == 4
    for person in estate.people.values():
        assert person.public_id not in text
        assert f'"{people.name_of(person)}"' not in text


def one_less(rows: list) -> None:
    rows.pop()


TAMPERINGS = {
    "a roll line's area": lambda b: b["roll"]["lines"][0].__setitem__(3, 1),
    "a line struck off": lambda b: one_less(b["roll"]["lines"]),
    "somebody took part twice": lambda b: b["took_part"].append(b["took_part"][0]),
    "somebody not on the roll": lambda b: b["took_part"].__setitem__(0, 99),
    "a ballot dropped": lambda b: one_less(b["ballots"]),
    "a ballot doubled": lambda b: b["ballots"].append(b["ballots"][0]),
    "a sum moved": lambda b: b["result"]["motions"][0]["measures"][0].__setitem__("approve", 5),
    "the verdict turned": lambda b: b["result"]["motions"][0].__setitem__("carried", None),
    "a softer rule": lambda b: b["motions"][0]["rule"]["approval"].__setitem__("num", 0),
    "another text": lambda b: b["vote"].__setitem__("text_hash", "0" * 64),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_every_change_of_a_public_bundle_is_noticed(finished: str, what: str) -> None:
    bundle = copy.deepcopy(bundles.public_bundle(finished))
    TAMPERINGS[what](bundle)
    assert verify.verify(bundle).faults


def test_a_changed_choice_is_noticed_even_when_the_sums_are_changed_along(finished: str) -> None:
    bundle = copy.deepcopy(auditors(finished))
    motion = bundle["motions"][0]["id"]
    choices = bundle["opened"][0]["choices"]
    choices[motion] = "abstain" if choices[motion] == "against" else "against"
    assert any("承诺值" in fault for fault in verify.verify(bundle).faults)


def test_a_turned_election_is_noticed(election: str) -> None:
    bundle = copy.deepcopy(bundles.public_bundle(election))
    said = bundle["result"]["motions"][0]["candidates"]
    said[0]["standing"], said[-1]["standing"] = said[-1]["standing"], said[0]["standing"]
    bundle["tally_hash"] = verify.sha256(verify.plain(bundle["result"]))
    assert any("当选名单" in fault for fault in verify.verify(bundle).faults)


def test_a_voter_holds_his_own_ballot_against_the_bundle_and_nobody_elses(finished: str, estate: Estate) -> None:
    vote = queries.vote_by_public_id(reading(), finished)
    mine = next(b for b, line, _ in queries.counted_ballots(reading(), vote.id) if line.number == 1)
    own = bundles.own_opening(finished, mine.receipt_no, account_id=mine.account_id)
    public = {b["receipt_no"]: b for b in bundles.public_bundle(finished)["ballots"]}
    made = verify.commitment(own["receipt_no"], own["line"], own["choices"], own["salt"])
    assert made == public[mine.receipt_no]["commitment"]
    with pytest.raises(NotFound):
        bundles.own_opening(finished, mine.receipt_no, account_id=mine.account_id + 1)


def test_nothing_is_handed_out_before_the_result(estate: Estate) -> None:
    vote_id = opened(estate, PUMP)
    with pytest.raises(Conflict, match="no-result-yet"):
        bundles.public_bundle(vote_id)


def test_the_verifier_runs_alone_without_anything_of_ours(finished: str, tmp_path: Path) -> None:
    """As a stranger runs it: one file, the standard library, no site packages."""
    bundle = tmp_path / "bundle.json"
    made = bundles.public_bundle(finished)
    bundle.write_text(json.dumps(made), encoding="utf-8")
    alone = tmp_path / "verify.py"
    alone.write_text(Path(verify.__file__).read_text(encoding="utf-8"), encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(alone), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"})

    receipt = made["ballots"][0]["receipt_no"]
    good = run(str(bundle), "--receipt", receipt)
    assert (good.returncode, good.stderr) == (0, "")
    assert "全部相符" in good.stdout
    assert run(str(bundle), "--receipt", "0000000000").returncode == 1
    bundle.write_text("{}", encoding="utf-8")
    assert run(str(bundle)).returncode == 2


def test_the_command_writes_both_bundles_and_the_auditors_is_not_for_others_eyes(app, finished: str, tmp_path) -> None:
    run = app.test_cli_runner()
    public, opened_file = tmp_path / "public.json", tmp_path / "auditor.json"
    assert run.invoke(args=["vote", "bundle", finished, "--out", str(public)]).exit_code == 0
    given = ["vote", "bundle", finished, "--out", str(opened_file), "--auditor", "抽查一次"]
    assert run.invoke(args=given).exit_code == 0
    assert opened_file.stat().st_mode & 0o077 == 0
    assert verify.main([str(public)]) == verify.main([str(opened_file)]) == 0


@given(
    st.sampled_from([catalogue.TWO_THIRDS, catalogue.THREE_QUARTERS, catalogue.MAJORITY]),
    st.integers(0, 10**7),
    st.integers(1, 10**7),
)
def test_the_verifiers_own_arithmetic_agrees_with_the_rules(share, part, whole):
    """Two hands wrote the same law: they must never differ."""
    as_data = {"num": share.num, "den": share.den, "strict": share.strict}
    assert verify._enough(as_data, part, whole) == share.met(part, whole)
    assert verify._least(as_data, whole) == share.smallest(whole)


def test_anyone_downloads_the_public_bundle_and_the_voter_alone_opens_his_ballot(
    finished: str, estate: Estate, make: Factory, client
) -> None:
    answer = client.get(f"/api/v1/votes/{finished}/bundle")
    assert answer.status_code == 200
    assert verify.verify(answer.json).faults == []
    chen, zhao = make.signed_in(estate.accounts["chen"]), make.signed_in(estate.accounts["zhao"])
    vote = queries.vote_by_public_id(reading(), finished)
    receipt = next(b.receipt_no for b, line, _ in queries.counted_ballots(reading(), vote.id) if line.number == 1)
    url = f"/api/v1/votes/{finished}/receipts/{receipt}/opening"
    own = chen.get(url).json
    made = verify.commitment(own["receipt_no"], own["line"], own["choices"], own["salt"])
    assert made in {ballot["commitment"] for ballot in answer.json["ballots"]}
    assert zhao.get(url).status_code == 404
    assert client.get(url).status_code == 401
    assert "打开我的票" in chen.get(f"/v/{finished}/receipt/{receipt}").get_data(as_text=True)
