"""The commands the READMEs show are run, and what they name exists."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.architecture.code import ROOT, tracked_files
from tests.support.live import Live

READMES = ["README.md", "README.zh-CN.md"]


def _commands(readme: str) -> list[str]:
    text = (ROOT / readme).read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip() and not line.startswith("#")]


def _finite() -> list[str]:
    """Those to run here. ``dev run`` has a test of its own, ``dev check`` and ``dev test`` are how one gets here."""
    return [command for command in _commands("README.md") if command.startswith("sh dev flask ")]


def test_both_readmes_show_the_same_commands() -> None:
    assert _commands("README.md") == _commands("README.zh-CN.md")


def test_every_verb_shown_is_one_that_help_lists(root: Path) -> None:
    done = subprocess.run(["sh", str(root / "dev"), "help"], capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^  (\w+)  ", done.stdout, re.MULTILINE))
    for command in _commands("README.md"):
        words = shlex.split(command)
        assert words[:2] == ["sh", "dev"], command
        assert words[2] in listed, command


def test_help_lists_exactly_the_verbs_that_work(root: Path) -> None:
    text = (root / "dev").read_text(encoding="utf-8")
    listed = set(re.findall(r"^  (\w+)  ", text, re.MULTILINE))
    assert listed == set(re.findall(r"^verb_(\w+)\(\)", text, re.MULTILINE))


@pytest.mark.parametrize("command", _finite())
def test_a_command_of_the_readme_works(command: str, live: Live, root: Path) -> None:
    done = subprocess.run(
        shlex.split(command.replace("var/labels", str(live.folder / "labels"))),
        cwd=root,
        env=live.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]


@pytest.mark.parametrize("name", [name for name in tracked_files() if name.endswith(".md")])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (ROOT / name).parent.joinpath(target).exists(), f"{name}: {target}"


@pytest.mark.parametrize("readme", READMES)
def test_folders_and_settings_named_exist(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    for folder in re.findall(r"`([a-z/]+/)`", text):
        assert (ROOT / folder).is_dir() or folder in {"var/", "web/"} or (ROOT / "tests" / folder).is_dir(), folder
    known = "".join(
        (ROOT / file).read_text(encoding="utf-8")
        for file in ("config.py", "gunicorn.conf.py", "dev", "tests/conftest.py")
    )
    for setting in re.findall(r"^\| ((?:`[A-Z_]+`[,、 ]*)+)\|", text, re.MULTILINE):
        for name in re.findall(r"`([A-Z_]+)`", setting):
            assert name in known, f"{readme} explains {name}, which nothing reads"
