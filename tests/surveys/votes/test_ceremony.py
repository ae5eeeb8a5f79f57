"""The trustees' ceremony: keys made, split, joined; envelopes opened, shuffled, and nothing else told."""

import base64
import itertools
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kernel.errors import Invalid
from surveys.votes import ceremony
from surveys.votes.rules import envelope
from surveys.votes.rules.ballot import Paper
from surveys.votes.rules.catalogue import Form

ONE = Paper(
    "m" * 22,
    Form.ELECTION,
    "选举自管小组成员",
    "",
    (("a" * 22, "陈建国"), ("b" * 22, "李桂兰"), ("c" * 22, "吴志强")),
    2,
)
TEXT = "f" * 64


def exported(point: bytes, sealed: list[bytes]) -> dict[str, object]:
    """The file the server hands to the trustees."""
    return {
        "format": ceremony.ENVELOPES_FORMAT,
        "vote": "v",
        "text_hash": TEXT,
        "fingerprint": envelope.fingerprint(point),
        "papers": [ceremony.paper_to_json(ONE)],
        "envelopes": [base64.b64encode(each).decode() for each in sealed],
    }


def sealed(point: bytes, *names: str, number: str = "") -> bytes:
    return envelope.seal(point, "v", TEXT, [ONE], {ONE.motion: frozenset(names)}, number or envelope.new_number())


def test_any_two_of_three_shares_join_the_key_and_one_does_not() -> None:
    public, parts = ceremony.make(3, 2)
    for two in itertools.combinations(parts, 2):
        joined = ceremony.join(two)
        assert envelope.point_of(joined.public_key()).hex() == public["public_key"]
    for few in ([parts[0]], [parts[0], parts[0]]):
        with pytest.raises(ceremony.Refused, match="需要 2 份"):
            ceremony.join(few)


def test_shares_of_another_election_or_copied_wrongly_are_refused() -> None:
    _, parts = ceremony.make(3, 2)
    _, others = ceremony.make(3, 2)
    with pytest.raises(ceremony.Refused, match="同一次"):
        ceremony.join([parts[0], others[1]])
    with pytest.raises(ceremony.Refused, match="抄错"):
        ceremony.join([parts[0], {**parts[1], "secret": others[1]["secret"]}])


@pytest.mark.parametrize(("shares", "threshold"), [(3, 1), (2, 3), (10, 2), (0, 0)])
def test_a_threshold_that_protects_nothing_is_refused(shares: int, threshold: int) -> None:
    with pytest.raises(ceremony.Refused):
        ceremony.make(shares, threshold)


def test_opening_gives_numbers_with_choices_and_counts_what_is_unlawful() -> None:
    public, parts = ceremony.make(3, 2)
    point = bytes.fromhex(public["public_key"])
    length = envelope.plain_length([ONE])

    def lies(text: object) -> bytes:
        return envelope.seal_text(point, "v", TEXT, json.dumps(text).encode().ljust(length))

    good = [sealed(point, "a" * 22, "b" * 22, number="900000000000"), sealed(point, number="100000000000")]
    bad = [
        lies({"choices": {ONE.motion: ["x"]}, "number": "1" * 12}),
        lies({"choices": {ONE.motion: []}, "number": "12"}),
        lies([]),
        envelope.seal_text(point, "v", "0" * 64, b" " * length),
        envelope.seal_text(point, "v", TEXT, b"\xff" * length),
        good[0][:-1] + bytes([good[0][-1] ^ 1]),
    ]
    opened = ceremony.open_all(exported(point, good + bad), parts[1:])
    assert opened["ballots"] == [
        {"number": "100000000000", "choices": {ONE.motion: []}},
        {"number": "900000000000", "choices": {ONE.motion: ["a" * 22, "b" * 22]}},
    ]
    assert (opened["envelopes"], opened["invalid"]) == (8, 6)


def test_all_envelopes_of_a_paper_have_one_length_and_none_repeats() -> None:
    point = envelope.point_of(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = [sealed(point), sealed(point, "a" * 22), sealed(point, "a" * 22, "c" * 22), sealed(point, "a" * 22)]
    assert {len(each) for each in made} == {envelope.sealed_length([ONE])}
    assert len({each[-40:] for each in made}) == len(made)
    for each in made:
        envelope.check_outside(each, [ONE])
    for wrong in (made[0] + b" ", made[0][1:], b"\x02" + made[0][1:], b""):
        with pytest.raises(Invalid):
            envelope.check_outside(wrong, [ONE])


@pytest.mark.parametrize("text", ["", "04" * 65, "zz", "04" + "00" * 64, "02" + "11" * 32, "04" + "11" * 63])
def test_what_is_not_a_point_of_the_curve_is_no_election_key(text: str) -> None:
    with pytest.raises(Invalid):
        envelope.read_public_key(text)


def test_the_commands_work_alone_without_database_or_web_framework(tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "surveys.votes.ceremony", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    made = run("make", "--shares", "3", "--threshold", "2", "--out", str(tmp_path / "keys"))
    assert made.returncode == 0, made.stderr
    shares = sorted(tmp_path.glob("keys/share-*.json"))
    assert len(shares) == 3
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in shares)
    point = bytes.fromhex(json.loads((tmp_path / "keys/public.json").read_text())["public_key"])
    (tmp_path / "envelopes.json").write_text(json.dumps(exported(point, [sealed(point, "a" * 22)])))
    words = [
        "open",
        str(tmp_path / "envelopes.json"),
        "--share",
        str(shares[0]),
        "--out",
        str(tmp_path / "opened.json"),
    ]
    alone = run(*words)
    assert (alone.returncode, "需要 2 份" in alone.stderr) == (1, True)
    two = run(*words, "--share", str(shares[2]))
    assert two.returncode == 0, two.stderr
    assert json.loads((tmp_path / "opened.json").read_text())["invalid"] == 0
    assert run(*words, "--share", str(shares[2])).returncode == 1, "nothing is overwritten"
    probe = "import sys, surveys.votes.ceremony; sys.exit(bool({'flask', 'sqlalchemy', 'requests'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
