"""Killing a use case at a chosen point: before its nth statement, or after COMMIT and before the answer."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import sqlalchemy as sa
from sqlalchemy import event

from kernel.database import core, end_reading, transaction
from kernel.errors import DomainError
from kernel.idempotency import Key

AFTER_COMMIT = -1


class Killed(BaseException):
    """What the process dies of. No handler of the product catches it."""


def write_engine() -> sa.Engine:
    """The engine that writes the city of the test."""
    with transaction() as session:
        return core(session).engine


@contextmanager
def killed(engine: sa.Engine, at: int) -> Iterator[None]:
    """Die before the ``at``-th statement of this engine (counted from 1), or after COMMIT; 0: live."""
    left = [at]

    def before(*_args: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    def committed(unit: sa.RootTransaction) -> None:
        commit(unit)
        if unit.connection.engine is engine:  # and not a reading that ends
            raise Killed

    commit = sa.RootTransaction.commit
    if at == AFTER_COMMIT:
        with mock.patch.object(sa.RootTransaction, "commit", committed):
            yield
        return
    if at > 0:
        event.listen(engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        if at > 0:
            event.remove(engine, "before_cursor_execute", before)


def sent(engine: sa.Engine, at: int, deed: Callable[[Key], str]) -> str | DomainError:
    """Do a deed that may be killed, as a phone does: sent again with the same key until there is an answer."""
    key = Key("machine", str(uuid.uuid4()), "a" * 64)
    try:
        with killed(engine, at):
            return deed(key)
    except Killed:
        end_reading()  # a dead process holds no snapshot
    except DomainError as refusal:
        return refusal
    try:
        return deed(key)
    except DomainError as refusal:
        return refusal
