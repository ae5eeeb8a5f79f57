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
from surveys.votes import queries, verify, verify_basics
from surveys.votes.results import services as results
from surveys.votes.rules import catalogue, tally
from surveys.votes.rules.bylaws import Silence
from surveys.votes.rules.decision import Choice
from surveys.votes.rules.deemed import Silent
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
    "a least number lowered": lambda b: b["result"]["motions"][0]["measures"][0].__setitem__("approval_needed", 1),
    "the first count taken out": lambda b: b["counts"].clear(),
    "the first count altered": lambda b: b["counts"][0].__setitem__("tally_hash", "0" * 64),
    "final without a word": lambda b: b["standing"].__setitem__("stage", "final"),
    "silence slipped in": lambda b: b["result"]["motions"][0].__setitem__("deemed", {"lines": 1}),
    "those deemed without a trace": lambda b: b.__setitem__("deemed", {"mode": "took_part", "lines": [1]}),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_every_change_of_a_public_bundle_is_noticed(finished: str, what: str) -> None:
    bundle = copy.deepcopy(bundles.public_bundle(finished))
    TAMPERINGS[what](bundle)
    assert refused(bundle)


def refused(bundle: dict) -> bool:
    """A bundle that does not hold, or cannot be read at all."""
    try:
        return bool(verify.verify(bundle).faults)
    except (KeyError, TypeError, IndexError):
        return True


def rehashed(bundle: dict) -> dict:
    """A forger who makes the hashes good again."""
    bundle["tally_hash"] = verify_basics.sha256(verify_basics.plain(bundle["result"]))
    bundle["counts"][-1] |= {"document": bundle["result"], "tally_hash": bundle["tally_hash"]}
    return bundle


ELECTION_TAMPERINGS = {
    "a vote more": lambda m: m["candidates"][0].__setitem__("votes", 1),
    "another rank": lambda m: m["candidates"][0].__setitem__("rank", 2),
    "a majority denied": lambda m: m["candidates"][0].__setitem__("majority", False),
    "a seat given": lambda m: m["candidates"][-1].__setitem__("standing", "elected"),
    "called invalid": lambda m: m.__setitem__("valid", False),
    "a lot that was never drawn": lambda m: m.__setitem__("lots", [[each["candidate"] for each in m["candidates"]]]),
    "a seat hidden": lambda m: m.__setitem__("open_seats", 1),
}


@pytest.mark.parametrize("what", ELECTION_TAMPERINGS)
def test_every_change_of_an_elections_outcome_is_noticed_though_its_hash_is_made_good(election: str, what: str) -> None:
    bundle = copy.deepcopy(bundles.public_bundle(election))
    ELECTION_TAMPERINGS[what](bundle["result"]["motions"][0])
    assert refused(rehashed(bundle))


MOTION_TAMPERINGS = {
    "alternates": 0,
    "withdrawn": lambda m: [m["candidates"][0]["id"]],
    "seats": 1,
    "ranked_by": ["area"],
}


@pytest.mark.parametrize("what", MOTION_TAMPERINGS)
def test_a_changed_rule_of_an_election_does_not_fit_its_outcome(election: str, what: str) -> None:
    bundle = copy.deepcopy(bundles.public_bundle(election))
    motion, to = bundle["motions"][0], MOTION_TAMPERINGS[what]
    motion[what] = to(motion) if callable(to) else to
    assert refused(bundle)


def test_a_restated_result_shows_every_count_and_final_when_it_is(finished: str) -> None:
    results.recount(finished, "复核", by=STREET, now=CLOSES)
    results.finalise(finished, by=STREET, now=CLOSES)
    bundle = copy.deepcopy(bundles.public_bundle(finished))
    assert [each.get("changed") for each in bundle["counts"]] == [None, False]
    assert bundle["standing"]["stage"] == "final"
    assert verify.verify(bundle).faults == []
    bundle["counts"][1]["changed"] = True
    assert refused(bundle)
    del bundle["counts"][1]
    bundle["counts"][0]["document"] = {}
    assert refused(bundle)


def on_paper_and_deemed(bundle: dict) -> dict:
    """What an auditor's bundle looks like when one ballot came on paper and the silent are deemed to take part."""
    lines = {row[0]: row for row in bundle["roll"]["lines"]}
    silent = sorted(set(lines) - set(bundle["took_part"]))
    bundle["deemed"] = {"mode": "took_part", "lines": silent}
    bundle["opened"][0]["marks"] = ["paper"]
    rules = {motion["id"]: catalogue.of_version(motion["rule"]["version"]) for motion in bundle["motions"]}
    casts = [
        tally.Cast(
            {motion: Choice(choice) for motion, choice in each["choices"].items()},
            lines[each["line"]][2],
            lines[each["line"]][3],
            frozenset(tally.Mark(mark) for mark in each["marks"]),
        )
        for each in bundle["opened"]
    ]
    heads, area = (sum(lines[number][column] for number in silent) for column in (2, 3))
    silence = Silent(Silence.TOOK_PART, len(silent), heads, area)
    body = tally.Body(bundle["result"]["roll"]["heads"], bundle["result"]["roll"]["area_dm2"])
    sections = [tally.Section(motion, rule) for motion, rule in rules.items()]
    bundle["result"] |= {
        "motions": [tally.judge(section, casts, body, silence) for section in sections],
        "counterfactual": [row for section in sections for row in tally.counterfactual(section, casts, body, silence)],
    }
    return rehashed(bundle)


DEEMED_TAMPERINGS = {
    "who is deemed": lambda b: b["deemed"]["lines"].append(b["took_part"][0]),
    "nobody is deemed": lambda b: b["deemed"]["lines"].clear(),
    "the mode": lambda b: b["deemed"].__setitem__("mode", "majority"),
    "what it joins": lambda b: b["result"]["motions"][0]["deemed"].__setitem__("joins", "approve"),
    "its area": lambda b: b["result"]["motions"][0]["deemed"].__setitem__("area_dm2", 1),
    "its sums": lambda b: b["result"]["motions"][0]["deemed"]["measures"][0].__setitem__("abstain", 0),
    "its verdict": lambda b: b["result"]["motions"][0].__setitem__("carried", not b["result"]["motions"][0]["carried"]),
    "the verdict of what was cast": lambda b: b["result"]["motions"][0].__setitem__("carried_cast", None),
    "a mark": lambda b: b["opened"][1].__setitem__("marks", ["proxy"]),
    "a scenario left out": lambda b: b["result"]["counterfactual"].pop(0),
    "ballots struck": lambda b: b["result"]["counterfactual"][0].__setitem__("ballots", 3),
    "a flag": lambda b: b["result"]["counterfactual"][0].__setitem__(
        "flips", not b["result"]["counterfactual"][0]["flips"]
    ),
    "a scenario's verdict": lambda b: b["result"]["counterfactual"][0].update(
        carried=not b["result"]["counterfactual"][0]["carried"],
        flips=not b["result"]["counterfactual"][0]["flips"],
    ),
}


def test_silence_and_marks_are_checked_too(finished: str) -> None:
    assert verify.verify(on_paper_and_deemed(copy.deepcopy(auditors(finished)))).faults == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", DEEMED_TAMPERINGS)
def test_every_change_of_what_is_deemed_or_struck_is_noticed(finished: str, what: str) -> None:
    bundle = on_paper_and_deemed(copy.deepcopy(auditors(finished)))
    DEEMED_TAMPERINGS[what](bundle)
    assert refused(rehashed(bundle))


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
    bundle["tally_hash"] = verify_basics.sha256(verify_basics.plain(bundle["result"]))
    assert any("当选名单" in fault for fault in verify.verify(bundle).faults)


def test_a_voter_holds_his_own_ballot_against_the_bundle_and_nobody_elses(finished: str, estate: Estate) -> None:
    vote = queries.vote_by_public_id(reading(), finished)
    mine = next(b for b, line, _ in queries.counted_ballots(reading(), vote.id) if line.number == 1)
    own = bundles.own_opening(finished, mine.receipt_no, account_id=mine.account_id)
    public = {b["receipt_no"]: b for b in bundles.public_bundle(finished)["ballots"]}
    made = verify_basics.commitment(own["receipt_no"], own["line"], own["choices"], own["salt"])
    assert made == public[mine.receipt_no]["commitment"]
    with pytest.raises(NotFound):
        bundles.own_opening(finished, mine.receipt_no, account_id=mine.account_id + 1)


def test_nothing_is_handed_out_before_the_result(estate: Estate) -> None:
    vote_id = opened(estate, PUMP)
    with pytest.raises(Conflict, match="no-result-yet"):
        bundles.public_bundle(vote_id)


def test_the_verifier_runs_alone_without_anything_of_ours(finished: str, tmp_path: Path) -> None:
    """As a stranger runs it: its three files, the standard library, no site packages."""
    bundle = tmp_path / "bundle.json"
    made = bundles.public_bundle(finished)
    bundle.write_text(json.dumps(made), encoding="utf-8")
    folder = tmp_path / "surveys" / "votes"
    folder.mkdir(parents=True)
    for name in ("verify.py", "verify_basics.py", "verify_recount.py"):
        text = Path(verify.__file__).with_name(name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-E", "-s", "-S", "-m", "surveys.votes.verify", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=tmp_path, env={"LC_ALL": "C.UTF-8"}
        )

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
    assert verify_basics.enough(as_data, part, whole) == share.met(part, whole)
    assert verify_basics.least(as_data, whole) == share.smallest(whole)


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
    made = verify_basics.commitment(own["receipt_no"], own["line"], own["choices"], own["salt"])
    assert made in {ballot["commitment"] for ballot in answer.json["ballots"]}
    assert zhao.get(url).status_code == 404
    assert client.get(url).status_code == 401
    assert "打开我的票" in chen.get(f"/v/{finished}/receipt/{receipt}").get_data(as_text=True)
