"""Logs for machines, without people in them: one JSON line a record, one redaction filter in front of every handler.

Other people's libraries log at WARNING only; one of them prints a payment key at DEBUG, and errors of ``requests``
carry whole URLs. What the filter hides is hidden in messages, in extras and in tracebacks alike.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

OWN_LOGGERS = ("gongjian", "kernel", "surveys", "payments", "portal")
HIDDEN = "***"

# Words before a secret in an URL, a header or a dump. `code` and `state` only in URLs (below): errors have codes too.
_HIDDEN_NAMES = (
    r"secret|app_?secret|access_token|refresh_token|token|js_?code|ticket|password|passwd|api_?v3_?key|"
    r"vault_key|index_key|signing_key|secret_key|(?:x-)?sms-key|api_key|signature|pay_?sign|session|sid|openid"
)
_SECRET_KEY = re.compile(
    rf"(?:{_HIDDEN_NAMES}|authorization|proxy-authorization|cookie|set-cookie|phone|id_number|name)", re.I
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Whole header values first: what follows "Authorization:" may itself look like name=value pairs.
    (re.compile(r"(?i)((?:proxy-)?authorization|set-cookie|cookie)(['\"]?\s*[:=]\s*)[^\r\n]+"), rf"\1\2{HIDDEN}"),
    (re.compile(rf"(?i)(?<![A-Za-z0-9])({_HIDDEN_NAMES})(['\"]?\s*[=:]\s*['\"]?)[^\s&'\",;}}]+"), rf"\1\2{HIDDEN}"),
    (re.compile(r"(?i)([?&](?:code|state)=)[^\s&'\"]+"), rf"\1{HIDDEN}"),
    # PostgreSQL's errors end in the row or the key that was refused, with all that stands in it.
    (
        re.compile(r"(?m)^(DETAIL|CONTEXT):.*(?:\n(?!\[SQL:|\(Background|  File |Traceback|[A-Z]+: ).*)*"),
        rf"\1: {HIDDEN}",
    ),
    # A resident's identity number, then a mobile number, however it is grouped.
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "<id>"),
    (re.compile(r"(?<!\d)(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), "<phone>"),
    # WeChat's openid: 28 characters, the first an o.
    (re.compile(r"(?<![A-Za-z0-9_-])o[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])"), "<openid>"),
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def redact(text: str) -> str:
    """``text`` without phones, identity numbers, openids, secrets, tokens and cookies."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


class RedactionFilter(logging.Filter):
    """Rewrites a record so that no later formatter can print what must not be printed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact message, extras, traceback and stack; always lets the record pass."""
        try:
            record.msg = redact(record.getMessage())
        except (TypeError, ValueError):
            record.msg = redact(str(record.msg))
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        for name in [name for name in vars(record) if name not in _STANDARD]:
            setattr(record, name, _clean(getattr(record, name), name))
        return True


class JsonLines(logging.Formatter):
    """One record, one line of JSON: at (RFC 3339, UTC), level, logger, message, extras, error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line break at the end."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update({name: value for name, value in vars(record).items() if name not in _STANDARD})
        if record.exc_text:
            line["error"] = record.exc_text
        if record.stack_info:
            line["stack"] = record.stack_info
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(*, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send this process's logs to ``stream`` (standard error), redacted; libraries at WARNING, ours at ``level``."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(RedactionFilter())
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old.formatter, JsonLines):  # a second app in one process replaces the first one's handler
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(level)


def logger(name: str = "gongjian") -> logging.Logger:
    """The logger of a module: ``log = logger(__name__)``."""
    return logging.getLogger(name)


def _clean(value: Any, name: str = "") -> Any:
    if name and _SECRET_KEY.fullmatch(name):
        return HIDDEN
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(key): _clean(part, str(key)) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(part) for part in value]
    if isinstance(value, int | float | bool) or value is None:
        return redact(str(value)) if isinstance(value, int) and redact(str(value)) != str(value) else value
    return redact(str(value))
