"""``flask vote secret``, ``envelopes``, ``open-envelopes`` and the bundle of a secret election, with files on disk."""

from pathlib import Path

import pytest
from flask import Flask

from kernel import clock
from surveys.votes import ceremony, verify_secret
from surveys.votes.services import preparing
from tests.factories import Factory
from tests.surveys.votes.secret_stories import Secret, cast_secretly
from tests.surveys.votes.stories import CLOSES, GROUP, NOW, PUMP, STREET, Estate, an_estate, drafted

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def estate(make: Factory) -> Estate:
    return an_estate(make)


def run(app: Flask, *words: str) -> tuple[int, str]:
    """Exit code and everything that was said."""
    result = app.test_cli_runner().invoke(args=["vote", *words])
    return result.exit_code, result.output


def test_the_whole_way_from_key_file_to_checked_bundle(app: Flask, estate: Estate, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    assert ceremony.main(["make", "--out", str(keys)]) == 0
    vote_id = drafted(estate, GROUP)
    with clock.at(NOW):
        code, said = run(app, "secret", vote_id, "--key", str(keys / "public.json"))
    public = ceremony.read(keys / "public.json", ceremony.PUBLIC_FORMAT)
    assert (code, public["fingerprint"] in said) == (0, True)
    preparing.publish(vote_id, by=STREET, now=NOW)
    preparing.open_voting(vote_id, by=STREET, now=NOW)
    election = Secret(vote_id, public, [])
    cast_secretly(election, estate, "chen", "1栋1单元101", ["陈建国"], "111111111111")
    cast_secretly(election, estate, "li", "1栋1单元201", ["赵敏"], "222222222222")

    sealed, opened, bundle = (str(tmp_path / name) for name in ("sealed.json", "opened.json", "bundle.json"))
    with clock.at(CLOSES):
        assert run(app, "envelopes", vote_id, "--out", sealed)[0] == 1, "not before it is closed"
        assert run(app, "close", vote_id)[0] == 0
        assert run(app, "envelopes", vote_id, "--out", sealed)[1].startswith("已写出 2 个信封")
        assert run(app, "bundle", vote_id, "--out", bundle)[0] == 1, "not before it is opened"
        shares = [str(keys / f"share-{number}.json") for number in (1, 3)]
        assert ceremony.main(["open", sealed, "--share", shares[0], "--share", shares[1], "--out", opened]) == 0
        code, said = run(app, "open-envelopes", vote_id, str(keys / "public.json"))
        assert (code, said) == (1, "这不是开箱结果文件。\n")
        assert run(app, "open-envelopes", vote_id, opened) == (0, "已计票并公布结果。\n")
        assert "无记名，按号码逐张公布" in run(app, "result", vote_id)[1]
    code, said = run(app, "bundle", vote_id, "--out", bundle)
    assert (code, "surveys.votes.verify_secret" in said) == (0, True)
    assert verify_secret.main([bundle, "--number", "1111 1111 1111"]) == 0


def test_a_named_vote_and_a_wrong_key_file_are_refused_in_words(app: Flask, estate: Estate, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("[]")
    code, said = run(app, "secret", drafted(estate, GROUP), "--key", str(tmp_path / "odd.json"))
    assert (code, "这不是选举公钥" in said) == (1, True)
    code, said = run(app, "envelopes", drafted(estate, PUMP), "--out", str(tmp_path / "x.json"))
    assert (code, said) == (1, "这次表决是记名的，没有信封。\n")
