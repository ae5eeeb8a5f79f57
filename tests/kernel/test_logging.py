"""Logs without people and secrets in them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from kernel import logging as gongjian_logging
from kernel.logging import redact


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    gongjian_logging.configure(stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "gone", "kept"),
    [
        ("call 13812341234 now", "13812341234", "call"),
        ("call +86 138 1234 1234", "1234", "call"),
        ("id 44020319520801201X.", "44020319520801201X", "id"),
        ("openid oABCDEFGHIJKLMNOPQRSTUVWXYZ1 came", "oABCDEFGHIJKLMNOPQRSTUVWXYZ1", "came"),
        ("GET /cgi-bin/token?appid=wx1&secret=s3cr3t&x=1", "s3cr3t", "appid=wx1"),
        ("GET /sns?access_token=abc_DEF-1&x=1", "abc_DEF-1", "x=1"),
        ("GET /oauth/return?code=0815&state=4711", "0815", "/oauth/return"),
        ("GET /oauth/return?code=0815&state=4711", "4711", "/oauth/return"),
        ("{'Authorization': 'WECHATPAY2-SHA256-RSA2048 mchid=\"1\",signature=\"xyz==\"'}", "xyz", "Authorization"),
        ("Cookie: s=opaque; other=1", "opaque", "Cookie"),
        ('{"apiv3_key": "0123456789abcdef"}', "0123456789abcdef", "apiv3_key"),
        ("X-Sms-Key: hush", "hush", "Key"),
        ('refused\nDETAIL:  Failing row contains (1, {"q1": "漏水\n很久"}).\n[SQL: INSERT', "漏水", "[SQL: INSERT"),
        ("refused\nDETAIL:  Key (name)=(a\nb) already exists.", "b) already", "refused"),
        ("code=already-answered", "nothing", "already-answered"),
        ("transaction 4200001234202611221234567890 paid", "nothing", "4200001234202611221234567890"),
        ("amount_fen=50000 at 2026-11-22", "nothing", "amount_fen=50000 at 2026-11-22"),
    ],
)
def test_a_log_line_loses_what_must_not_be_in_it_and_keeps_the_rest(text: str, gone: str, kept: str) -> None:
    assert gone not in redact(text)
    assert kept in redact(text)


def test_arguments_extras_and_tracebacks_are_cleaned_alike(lines: io.StringIO) -> None:
    log = gongjian_logging.logger("payments.test")
    try:
        raise ValueError("no answer for 13812341234 at https://x/?secret=s3cr3t")
    except ValueError:
        log.exception(
            "order of %s failed",
            "13812341234",
            extra={"who": {"phone": "13812341234", "cookie": "opaque"}, "numbers": [13812341234], "tries": 3},
        )
    line = json.loads(lines.getvalue())
    assert line["level"] == "error"
    assert line["logger"] == "payments.test"
    assert line["tries"] == 3
    assert "Traceback" in line["error"]
    for secret in ("13812341234", "s3cr3t", "opaque"):
        assert secret not in lines.getvalue()


def test_ours_speak_at_info_and_libraries_only_to_warn(lines: io.StringIO) -> None:
    gongjian_logging.logger("surveys.votes").info("opened")
    logging.getLogger("wechatpayv3").info("the key is 0123")
    logging.getLogger("urllib3.connectionpool").debug("GET /?secret=1")
    logging.getLogger("some.library").warning("attention")
    assert [json.loads(line)["message"] for line in lines.getvalue().splitlines()] == ["opened", "attention"]


def test_a_broken_format_string_does_not_stop_the_program(lines: io.StringIO) -> None:
    gongjian_logging.logger("portal").info("%d households", "many")
    assert "households" in lines.getvalue()


def test_a_second_app_in_the_process_does_not_double_the_lines(lines: io.StringIO) -> None:
    gongjian_logging.configure(stream=lines)
    gongjian_logging.logger("portal").info("once")
    assert lines.getvalue().count("once") == 1
