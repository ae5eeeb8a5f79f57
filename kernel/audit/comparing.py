"""Comparing the tables with the chain: what the log tells of is there and says the same, and nothing else is there.

``verify`` proves that nobody rewrote the log. Who writes to the tables by hand leaves the log as it is, and shows here:
a role nobody gave, a ballot that is gone, an amount that was never confirmed. A package that writes facts which must
not change unnoticed describes them as a ``Fact``; the application lists them.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.audit.models import AuditEntry, AuditPayload
from kernel.encryption import SealBroken


@dataclass(frozen=True)
class Told:
    """What an entry says of a row. ``payload``: empty once it was erased from the log."""

    action: str
    at: datetime
    actor: str
    row_hash: str
    payload: Mapping[str, Any]


class Fact:
    """A kind of row that the log tells of.

    ``prefix``: what stands before a row's public id in the subject of its entries; "" for rows that are bound to one
    entry by its hash. ``begins``: actions that bring such a row into being; ``then``: those that tell of it later.
    """

    title: ClassVar[str]
    prefix: ClassVar[str]
    begins: ClassVar[tuple[str, ...]]
    then: ClassVar[tuple[str, ...]] = ()

    def rows(self) -> sa.SelectBase:
        """All rows. The column ``key`` is the public id (or the entry's hash); ``differs`` is given all."""
        raise NotImplementedError

    def differs(self, session: Session, row: Any, told: Sequence[Told]) -> Iterator[str]:
        """What of a row is otherwise than the log tells, in words. ``told``: not empty, oldest first."""
        raise NotImplementedError


@dataclass(frozen=True)
class Fault:
    """A row and the log apart: of which fact, which row, and how."""

    title: str
    key: str
    says: str


@dataclass(frozen=True)
class Comparison:
    """What was compared: rows of each kind by title, and where they and the log are apart."""

    rows: dict[str, int]
    faults: list[Fault]

    @property
    def ok(self) -> bool:
        """Is nothing apart?"""
        return not self.faults


def compare(session: Session, facts: Sequence[Fact]) -> Comparison:
    """Compare every row of the facts with the log, in one snapshot; streamed, so that a city of any size can be."""
    rows: dict[str, int] = {}
    faults: list[Fault] = []
    for fact in facts:
        rows[fact.title] = 0
        for key, row, told in _with_entries(session, fact):
            rows[fact.title] += 1
            faults += [Fault(fact.title, key, says) for says in _faults(session, fact, row, told)]
        faults += [Fault(fact.title, key, "审计链里有，表里没有这一条") for key in _gone(session, fact)]
    return Comparison(rows, faults)


def _faults(session: Session, fact: Fact, row: Any, told: list[Told]) -> Iterator[str]:
    if not any(one.action in fact.begins for one in told):
        yield "表里有，审计链里没有"
    elif any(one.action in fact.begins and not one.payload for one in told):
        yield "审计链里说的内容被抹去了，无法核对"
    else:
        try:
            yield from list(fact.differs(session, row, told))
        except (KeyError, TypeError, ValueError):  # an entry somebody added by hand has what it should not, or less
            yield "审计链里的这一条不是本系统写的样子"
        except SealBroken:
            yield "封存的内容打不开"


def _with_entries(session: Session, fact: Fact) -> Iterator[tuple[str, Any, list[Told]]]:
    rows = fact.rows().subquery()
    entries = AuditEntry.row_hash if not fact.prefix else AuditEntry.subject
    statement = (
        sa.select(rows, AuditEntry.action, AuditEntry.at, AuditEntry.actor, AuditEntry.row_hash, AuditPayload.document)
        .select_from(rows)
        .outerjoin(AuditEntry, sa.and_(entries == _subject(fact, rows), AuditEntry.action.in_(fact.begins + fact.then)))
        .outerjoin(AuditPayload, AuditPayload.entry_id == AuditEntry.id)
        .order_by(rows.c.key, AuditEntry.at, AuditEntry.id)
        .execution_options(yield_per=1000)
    )
    for key, found in itertools.groupby(session.execute(statement), lambda row: str(row.key)):
        held = list(found)
        told = [Told(one.action, one.at, one.actor, one.row_hash, one.document or {}) for one in held if one.action]
        yield key, held[0], told


def _gone(session: Session, fact: Fact) -> Iterator[str]:
    rows = fact.rows().subquery()
    entries = AuditEntry.row_hash if not fact.prefix else AuditEntry.subject
    statement = (
        sa.select(AuditEntry.subject)
        .outerjoin(rows, _subject(fact, rows) == entries)
        .where(AuditEntry.action.in_(fact.begins), rows.c.key.is_(None))
        .distinct()
        .execution_options(yield_per=1000)
    )
    return (subject.removeprefix(fact.prefix) for subject in session.scalars(statement))


def _subject(fact: Fact, rows: sa.Subquery) -> "sa.ColumnElement[str]":
    return sa.literal(fact.prefix, sa.String) + rows.c.key if fact.prefix else rows.c.key
