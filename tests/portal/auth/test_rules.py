"""Where a sign-in may lead, and when a session ends."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.auth import rules

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "path", ["/", "/d/Ab_-9", "/h/7K3M9QXT2B", "/v/x?d=Ab_-9", "/work", "/q/a/b?step=3&large=1", "/receipt/abc"]
)
def test_a_path_of_our_own_is_kept(path):
    assert rules.own_path(path) == path


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%2f/evil.example",
        "/%2Fevil.example",
        "%2f%2fevil.example",
        "/%5cevil.example",
        "/%255cevil.example",
        "/d//evil.example",
        "/@evil.example",
        "/user@evil.example/",
        "javascript:alert(1)",
        "/\tevil",
        "/d/x\r\nSet-Cookie: a=b",
        "/d/x%0d%0aSet-Cookie: a=b",
        "/../../etc",
        "/d/../../../x",
        "/d/%2e%2e/x",
        "d/x",
        "",
        None,
        "/" + "x" * 600,
        "/小区",
        "http:/evil.example",
        " /d/x",
    ],
)
def test_anything_that_could_lead_elsewhere_leads_home(evil):
    assert rules.own_path(evil) == "/"


@given(st.text(max_size=80))
def test_whatever_comes_in_a_path_of_one_slash_comes_out(text):
    found = rules.own_path(text)
    assert found.startswith("/")
    assert not found.startswith("//")
    assert "\\" not in found
    assert all(0x21 <= ord(letter) < 0x7F for letter in found)


def test_a_fragment_is_left_behind():
    assert rules.own_path("/d/x#//evil.example") == "/d/x"


def test_a_session_ends_when_idle_and_in_any_case_after_its_term():
    made = NOW - timedelta(days=20)
    assert rules.ends_at(staff=False, made_at=made, seen_at=NOW) == NOW + timedelta(days=7)
    assert rules.ends_at(staff=False, made_at=NOW - timedelta(days=29), seen_at=NOW) == NOW + timedelta(days=1)
    assert rules.ends_at(staff=True, made_at=NOW, seen_at=NOW) == NOW + timedelta(minutes=30)
    assert rules.ends_at(staff=True, made_at=NOW - timedelta(hours=11, minutes=50), seen_at=NOW) == NOW + timedelta(
        minutes=10
    )


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.50", "微信 · iPhone"),
        ("Mozilla/5.0 (Linux; Android 12) MicroMessenger/8.0.50", "微信 · 安卓手机"),
        ("Mozilla/5.0 (Windows NT 10.0)", "浏览器 · Windows 电脑"),
        ("", "浏览器 · 其他设备"),
    ],
)
def test_a_device_is_named_in_a_few_words(user_agent, words):
    assert rules.device(user_agent) == words
