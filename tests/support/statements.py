"""What a deed asks of the database, in order: one short word a statement, the same on both databases."""

import re
from typing import Any

import sqlalchemy as sa

_VERB_AND_TABLE = re.compile(r"(SELECT|DELETE)\b.*?\bFROM\s+(\w+)|(INSERT) INTO (\w+)|(UPDATE) (\w+)", re.DOTALL)


class Asked:
    """Notes while it is entered: ``words`` as "BEGIN", "SELECT deposit", "INSERT outbox", "COMMIT"."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __enter__(self) -> "Asked":
        sa.event.listen(sa.Engine, "begin", self._begin)
        sa.event.listen(sa.Engine, "before_cursor_execute", self._statement)
        sa.event.listen(sa.Engine, "commit", self._commit)
        return self

    def __exit__(self, *_: object) -> None:
        sa.event.remove(sa.Engine, "begin", self._begin)
        sa.event.remove(sa.Engine, "before_cursor_execute", self._statement)
        sa.event.remove(sa.Engine, "commit", self._commit)

    def _begin(self, _connection: Any) -> None:
        self.words.append("BEGIN")

    def _statement(self, _connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if text.startswith("BEGIN"):  # as one database says it and the other does not
            return
        found = _VERB_AND_TABLE.match(text)
        self.words.append(" ".join(filter(None, found.groups())) if found else text.split()[0])

    def _commit(self, _connection: Any) -> None:
        self.words.append("COMMIT")
