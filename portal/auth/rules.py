"""Where a sign-in may lead, how long a session lasts, and what a device is called."""

import hashlib
import re
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

SIGN_IN_TERM = timedelta(minutes=10)
"""How long a person may take on WeChat's page."""

MOST_RESTARTS = 2

RESIDENT_IDLE = timedelta(days=7)
RESIDENT_TERM = timedelta(days=30)
STAFF_IDLE = timedelta(minutes=30)
"""等保: an unattended desk is signed out after half an hour."""

STAFF_TERM = timedelta(hours=12)

_PATH = re.compile(r"/[A-Za-z0-9_\-./~%]*")


def own_path(text: str | None) -> str:
    """Give ``text`` if it is a path of this site, else ``/``. Its route is checked by the caller.

    Refused: another site in any spelling (``//x``, ``/\\x``, ``https:``, ``/%2f/x``, ``@``), control characters,
    white space, steps upward, and more than 500 characters.
    """
    if not text or len(text) > 500 or not text.isascii():
        return "/"
    text = text.split("#", 1)[0]
    for form in (text, unquote(text), unquote(unquote(text))):
        path = form.split("?", 1)[0]
        if not form.startswith("/") or form.startswith("//") or "\\" in form or "@" in path or "/../" in path + "/":
            return "/"
        if "//" in path or any(ord(letter) < 0x21 or ord(letter) == 0x7F for letter in form):
            return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or not _PATH.fullmatch(parts.path):
        return "/"
    return text


def ends_at(*, staff: bool, made_at: datetime, seen_at: datetime) -> datetime:
    """When a session ends by itself: after its idle time, at the latest after its whole term."""
    idle, term = (STAFF_IDLE, STAFF_TERM) if staff else (RESIDENT_IDLE, RESIDENT_TERM)
    return min(seen_at + idle, made_at + term)


def worth_noting(*, staff: bool, seen_at: datetime, now: datetime) -> bool:
    """Whether to write down that a session was seen: not at every request, that would make every look a write."""
    return now - seen_at >= (timedelta(minutes=1) if staff else timedelta(hours=1))


def hashed(secret: str) -> str:
    """SHA-256 in hex: what is stored of a random secret of 128 bits or more."""
    return hashlib.sha256(secret.encode()).hexdigest()


def device(user_agent: str) -> str:
    """A few words for the list of sessions: ``微信 · iPhone``. The whole string would be a fingerprint."""
    where = next(
        (word for mark, word in _SYSTEMS if mark in user_agent),
        "其他设备",
    )
    return f"{'微信' if 'MicroMessenger' in user_agent else '浏览器'} · {where}"


_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "鸿蒙手机"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)
