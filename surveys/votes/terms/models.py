"""The table of a vote's terms; a vote without a row has the usual ones."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, fk, one_of
from surveys.votes.rules.terms import Clash


class CastingTerms(Model):
    """How a vote is cast, as its notice says."""

    __tablename__ = "casting_terms"
    __table_args__ = (
        one_of("clash", Clash, "casting_terms"),
        sa.CheckConstraint("agent_limit >= 0", name="casting_terms_limit_not_negative"),
    )

    vote_id: Mapped[int] = mapped_column(fk("vote.id"), primary_key=True, autoincrement=False)
    clash: Mapped[str] = mapped_column(sa.String(24))
    paper: Mapped[bool] = mapped_column(sa.Boolean)
    agent_limit: Mapped[int] = mapped_column(sa.Integer)
    bar_staff: Mapped[bool] = mapped_column(sa.Boolean)
