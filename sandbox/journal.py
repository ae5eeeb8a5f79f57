"""What the sandbox saw lately: one line a call, secrets left out."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

_SECRET = {"secret", "access_token", "refresh_token", "code"}


@dataclass
class Line:
    """One call: when (China), what, the answer's status, how long, and what was odd about it."""

    at: str
    call: str
    method: str
    target: str
    status: int
    took_ms: int
    fault: str = ""
    note: str = ""


class Journal:
    """The last 400 calls, newest last."""

    def __init__(self) -> None:
        self.lines: deque[Line] = deque(maxlen=400)

    def add(self, line: Line) -> None:
        """Note one call."""
        self.lines.append(line)

    def as_json(self) -> list[dict[str, Any]]:
        """All lines, newest first."""
        return [asdict(line) for line in reversed(self.lines)]

    def reset(self) -> None:
        """Forget everything."""
        self.lines.clear()


def masked(path: str, query: bytes) -> str:
    """Path and query with the values of secrets shortened to four characters."""
    if not query:
        return path
    pairs = parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True)
    return path + "?" + urlencode([(k, v[:4] + "…" if k in _SECRET else v) for k, v in pairs], safe="/:…")
