"""What the sandbox's README promises is there, and what is there is in the README."""

import re
from pathlib import Path

import pytest
from flask import Flask

import sandbox
from sandbox.app import create_app
from sandbox.faults import WAYS
from sandbox.letters import KINDS
from sandbox.notices import HOWS
from sandbox.settings import Settings
from sandbox.testing import Running, common_keys

HERE = Path(sandbox.__file__).parent
TEXT = (HERE / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings(keys_dir=common_keys()))


def _section(start: str, end: str) -> str:
    return TEXT[TEXT.index(start) : TEXT.index(end)]


def _code_words(text: str) -> set[str]:
    return {word for span in re.findall(r"`([^`]+)`", text) for word in span.split()}


def test_every_control_call_is_named_and_every_named_one_exists(app: Flask) -> None:
    table = _section("| call | does |", "**Kinds of callbacks.**")
    rules = [str(rule) for rule in app.url_map.iter_rules() if rule.endpoint.startswith("control")]
    assert len(rules) > 25
    for rule in rules:
        path = rule.removeprefix("/_sandbox/")
        short = re.sub(r"<\w+>", "<no>", path)
        tail = path.rpartition("/")[2]
        assert short in table or tail in table, f"{rule} is not in the README"
    known = {re.sub(r"<\w+>", "<no>", str(rule)).removeprefix("/_sandbox/") for rule in app.url_map.iter_rules()}
    for named in re.findall(r"(?:GET|POST|GET/POST) ([\w./<>]+)", table):
        assert named in known, f"the README names {named}, which does not exist"


def test_every_kind_of_callback_is_named() -> None:
    assert set(KINDS) <= _code_words(_section("**Kinds of callbacks.**", "**Faults.**"))
    assert set(HOWS) <= _code_words(_section("| `POST callbacks/next", "**Kinds of callbacks.**"))


def test_every_fault_and_every_call_it_may_be_ordered_for_is_named() -> None:
    words = _code_words(_section("**Faults.**", "## In your tests"))
    assert set(WAYS) <= words
    source = "".join(path.read_text("utf-8") for path in HERE.glob("*.py"))
    calls = set(re.findall(r'@played\("([\w.]+)"', source)) | {
        f"pay.{c}" for c in re.findall(r'@call\("(\w+)"', source)
    }
    assert calls <= words
    assert {word for word in words if re.fullmatch(r"(pay|oauth|official|sms)\.\w+", word)} == calls


def test_every_setting_is_named() -> None:
    read = re.findall(r'env\.get\("(\w+)"', (HERE / "settings.py").read_text("utf-8"))
    assert set(read) == _code_words(_section("## Settings", "## Not known")) & set(read)


def test_the_helpers_shown_are_there() -> None:
    shown = re.findall(r"wechat\.(\w+)", _section("```python", "`Control(url)`"))
    with Running() as wechat:
        assert [name for name in shown if not hasattr(wechat, name)] == []
