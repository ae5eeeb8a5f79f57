"""Rows that one person proposes something about and another decides: their columns, their checks, the two moves.

``ByTwo``: something that is there anyhow, about which a decision is proposed. ``Drawn``: something one person draws up
whole (a budget, a base), which another puts in force or anybody withdraws.
"""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from kernel.database import UTCDateTime, fk
from kernel.people.queries import known_as
from payments.rules.two_people import (
    DECIDED,
    PROPOSED,
    WITHDRAWN,
    must_be_another,
    must_be_as_seen,
    must_be_proposed,
    must_wait,
)


class ByTwo:
    """Columns of a model something is proposed about and decided by another. The model has a ``state`` of its own with
    the words ``proposed`` and ``decided`` among its states.
    """

    state: Mapped[str]
    decision: Mapped[str | None] = mapped_column(sa.String(24))
    why: Mapped[str | None] = mapped_column(sa.String(200))
    proposed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @declared_attr
    def proposed_by(cls) -> Mapped[int | None]:
        """Who proposed: a person."""
        return mapped_column(fk("person.id"))

    @declared_attr
    def decided_by(cls) -> Mapped[int | None]:
        """Who agreed: another person."""
        return mapped_column(fk("person.id"))


def checks_of_two(table: str) -> tuple[sa.CheckConstraint, ...]:
    """The CHECKs that make the database itself refuse one person for both."""
    return (
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=f"{table}_two_people"),
        sa.CheckConstraint(f"(state = '{DECIDED}') = (decided_by IS NOT NULL)", name=f"{table}_decided_by_somebody"),
        sa.CheckConstraint(
            f"state NOT IN ('{PROPOSED}', '{DECIDED}') OR (decision IS NOT NULL AND proposed_by IS NOT NULL)",
            name=f"{table}_proposed_by_somebody",
        ),
    )


def put_forward(
    row: ByTwo,
    *,
    decision: str,
    why: str,
    by: int,
    now: datetime,
    waiting: Collection[str],
    code: str,
    what: str,
) -> None:
    """Propose ``decision`` about a row locked by the caller. Conflict (``code``) when it does not wait any more."""
    must_wait(row.state, waiting, code=code, what=what)
    row.state, row.decision, row.why = PROPOSED, decision, why
    row.proposed_by, row.proposed_at = by, now


def mark(row: ByTwo) -> str:
    """What a proposal is known again by, on a page that shows it and in the answer that comes back: who, what, when."""
    when = row.proposed_at.isoformat() if row.proposed_at else ""
    told = "\x1f".join((str(row.proposed_by), when, row.decision or "", row.why or ""))
    return sha256(told.encode()).hexdigest()[:16]


def judge(
    session: Session,
    row: ByTwo,
    *,
    agree: bool,
    by: int,
    now: datetime,
    back_to: str,
    what: str,
    seen: str | None = None,
) -> None:
    """Decide as proposed, or send it back to the state ``back_to``. The row is locked by the caller. ``seen``: the mark
    of the proposal that was read, wherever one row takes several proposals in turn.

    Raises Conflict without a proposal or with another than was read, NotAllowed for the one who proposed, whatever name
    he goes by.
    """
    must_be_proposed(row.state, what=what)
    must_be_as_seen(seen, mark(row), what=what)
    must_be_checked_by_another(session, by=by, maker=row.proposed_by)
    if agree:
        row.state, row.decided_by, row.decided_at = DECIDED, by, now
    else:
        row.state = back_to


def must_be_checked_by_another(session: Session, *, by: int, maker: int | None) -> None:
    """Raises NotAllowed for whoever made it himself, whatever name he goes by."""
    must_be_another(known_as(session, by, [maker]), maker)


class Drawn:
    """Columns of a model drawn up by one person and put in force by another. Its ``state`` begins as ``proposed`` and
    has a word for what is withdrawn.
    """

    state: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @declared_attr
    def made_by(cls) -> Mapped[int]:
        """Who drew it up: a person."""
        return mapped_column(fk("person.id"))

    @declared_attr
    def decided_by(cls) -> Mapped[int | None]:
        """Who put it in force (another person) or withdrew it (anybody)."""
        return mapped_column(fk("person.id"))


def checks_of_drawn(table: str) -> tuple[sa.CheckConstraint, ...]:
    """The CHECKs that make the database itself refuse one person for both."""
    return (
        sa.CheckConstraint("decided_by IS NULL OR state = 'withdrawn' OR decided_by <> made_by", name=f"{table}_two"),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=f"{table}_decided_by_somebody",
        ),
    )


def settle(session: Session, row: Drawn, *, to: str | None, by: int, now: datetime, code: str, what: str) -> None:
    """Put a drawn-up row in force (``to``: its state then), or withdraw it (None). The row is locked by the caller.

    Raises Conflict (``code``) when it is decided already, NotAllowed when its maker would put it in force.
    """
    must_wait(row.state, {PROPOSED}, code=code, what=what)
    if to is not None:
        must_be_checked_by_another(session, by=by, maker=row.made_by)
    row.state = WITHDRAWN if to is None else to
    row.decided_by, row.decided_at = by, now


def said(row: ByTwo) -> dict[str, Any]:
    """What of it goes into the audit trail."""
    return {"decision": row.decision, "why": row.why}
