"""The people who may stand at the other end: WeChat users with an openid, a name and a line about themselves."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Persona:
    """A WeChat user. ``says`` is one line that helps a person choose; ``phone`` may be empty."""

    openid: str
    name: str
    says: str = ""
    phone: str = ""
    follows: bool = True

    @classmethod
    def read(cls, raw: Any) -> "Persona":
        """From a JSON object; raises ValueError when openid or name is missing or too long."""
        if not isinstance(raw, dict):
            raise ValueError("a persona is a JSON object")
        openid, name = raw.get("openid"), raw.get("name")
        if not isinstance(openid, str) or not 1 <= len(openid) <= 64:
            raise ValueError("a persona needs an openid of 1 to 64 characters")
        if not isinstance(name, str) or not name:
            raise ValueError(f"persona {openid} needs a name")
        follows = raw.get("follows", True)
        return cls(openid, name, str(raw.get("says") or ""), str(raw.get("phone") or ""), bool(follows))


DEFAULT = (
    Persona("sandbox-user-1", "张小明", "关注了公众号的用户", "13800000001"),
    Persona("sandbox-user-2", "李大芳", "关注了公众号的用户", "13800000002"),
    Persona("sandbox-user-3", "王新来", "没有关注公众号", "13800000003", follows=False),
)


class Personas:
    """Those of the file (read again whenever it changes), and those a test added."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._from_file: tuple[Persona, ...] = ()
        self._added: dict[str, Persona] = {}
        self.trouble = ""

    def all(self) -> list[Persona]:
        """Everybody, in the file's order; without a file and without additions, three strangers."""
        self._reread()
        people = {persona.openid: persona for persona in self._from_file}
        people.update(self._added)
        return list(people.values()) or list(DEFAULT)

    def find(self, openid: str) -> Persona:
        """The persona of this openid; an unknown openid is a stranger who follows the account."""
        return next((p for p in self.all() if p.openid == openid), Persona(openid, openid, "未登记的用户"))

    def add(self, persona: Persona) -> None:
        """Let somebody in for as long as this sandbox runs; the same openid is replaced."""
        self._added[persona.openid] = persona

    def reset(self) -> None:
        """Forget who was added."""
        self._added.clear()

    def _reread(self) -> None:
        if self._file is None:
            return
        try:
            found = self._file.stat()
            mark = (found.st_mtime_ns, found.st_size)
            if mark == self._seen:
                return
            raw = json.loads(self._file.read_text("utf-8"))
            if not isinstance(raw, list):
                raise ValueError("the file holds no JSON list")
            self._from_file = tuple(Persona.read(one) for one in raw)
            self._seen, self.trouble = mark, ""
        except FileNotFoundError:
            self._from_file, self._seen = (), None
        except (OSError, ValueError) as trouble:
            # Somebody may be writing it right now: keep the people we know and say so on the front page.
            self.trouble = f"{self._file}: {trouble}"


def as_json(persona: Persona) -> dict[str, Any]:
    """The persona as the control API shows it."""
    return asdict(persona)
