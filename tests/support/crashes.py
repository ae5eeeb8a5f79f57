"""Dying at a chosen statement or COMMIT, as a process dies when the power goes: no ``finally``, no rollback.

A sweep prepares a city, lets a forked process do a deed in a copy of it and die before its k-th step, does the deed
again as a client who never heard an answer would, and compares what stands there with a life without a crash.
"""

import os
import random
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

DIED = 87
TOLD = ("state", "kind", "amount_fen", "action", "topic", "outcome", "reason", "standing", "channel", "state_word")
"""Columns that say what happened; ids, instants, hashes and numbers made at random differ from life to life."""
PASSING = {"idempotency", "audit_seal", "audit_payload", "outbox", "alembic_version", "audit_checkpoint"}


class Steps:
    """Counts the statements and COMMITs this process sends; ``deadly``: the one before which it dies (0: none)."""

    def __init__(self, deadly: int = 0) -> None:
        self.deadly, self.count = deadly, 0

    def __enter__(self) -> "Steps":
        sa.event.listen(sa.Engine, "before_cursor_execute", self._step)
        sa.event.listen(sa.Engine, "commit", self._step)
        return self

    def __exit__(self, *_: object) -> None:
        sa.event.remove(sa.Engine, "before_cursor_execute", self._step)
        sa.event.remove(sa.Engine, "commit", self._step)

    def _step(self, *_: Any) -> None:
        self.count += 1
        if self.count == self.deadly:
            os._exit(DIED)


def dies(deed: Callable[[], object], *, before: int) -> bool:
    """Do a deed in a process of its own that dies before that step; False when it came to its end first.

    The caller has closed its connections: a child must not inherit them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the sandbox's threads stay in the parent
        child = os.fork()
    if child == 0:
        try:
            with Steps(before):
                deed()
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, DIED), f"the deed failed before it could die (exit {code})"
    return code == DIED


NEVER = 1_000_000
"""A step nobody reaches: the deed is done, and nobody heard of it."""


def chosen(steps: int, *, every: bool, seed: str, most: int = 4) -> Sequence[int]:
    """Before which steps to die: each of them, or a few drawn by seed (the last COMMIT always); and NEVER."""
    if every or steps <= most:
        return [*range(1, steps + 1), NEVER]
    return [*sorted(random.Random(seed).sample(range(1, steps), most - 2)), steps, NEVER]


def what_stands(session: Session, tables: Sequence[sa.Table]) -> dict[str, Counter[tuple[Any, ...]]]:
    """Per table, what its rows say (``TOLD``), counted; the same for two lives that came to the same end."""
    found = {}
    for table in tables:
        if table.name in PASSING:
            continue
        columns = [column for column in table.columns if column.name in TOLD]
        rows = session.execute(sa.select(*(columns or [sa.literal(1)])).select_from(table))
        found[table.name] = Counter(tuple(row) for row in rows)
    return {name: counted for name, counted in found.items() if counted}
