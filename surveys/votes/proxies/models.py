"""The tables of written proxies and of people who may not be agents. Names and phones are sealed."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, one_of, public_id
from surveys.votes.rules.proxies import Powers, ProxyState

_LIVE = sa.text("state IN ('registered', 'confirmed', 'used')")


class WrittenProxy(Model):
    """A line's proxy in a vote. That two people stand behind it, the database says as well."""

    __tablename__ = "written_proxy"
    __table_args__ = (
        one_of("state", ProxyState, "written_proxy"),
        one_of("powers", Powers, "written_proxy"),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> registered_by", name="written_proxy_two_people"),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'used') OR confirmed_by IS NOT NULL", name="written_proxy_confirmed_by_somebody"
        ),
        sa.CheckConstraint(
            "(state IN ('used', 'struck')) = (ballot_id IS NOT NULL)", name="written_proxy_used_is_a_ballot"
        ),
        sa.UniqueConstraint("ballot_id", name="written_proxy_ballot_id_key"),
        sa.Index(
            "written_proxy_one_live_a_line", "roll_line_id", unique=True, postgresql_where=_LIVE, sqlite_where=_LIVE
        ),
        sa.Index("written_proxy_agent_idx", "agent_phone_index", "vote_id"),
        sa.Index("written_proxy_vote_id_idx", "vote_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    vote_id: Mapped[int] = mapped_column(fk("vote.id"))
    roll_line_id: Mapped[int] = mapped_column(fk("roll_line.id"))
    principal_id: Mapped[int] = mapped_column(fk("person.id"))
    agent_name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    agent_phone_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    agent_phone_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    matter: Mapped[str] = mapped_column(sa.String(200))
    powers: Mapped[str] = mapped_column(sa.String(24))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    valid_until: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(sa.String(24))
    registered_by: Mapped[int] = mapped_column(fk("person.id"))
    registered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(fk("person.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by: Mapped[str | None] = mapped_column(sa.String(80))
    ended_why: Mapped[str] = mapped_column(sa.String(200), default="")
    ballot_id: Mapped[int | None] = mapped_column(fk("ballot.id"))


class BarredAgent(Model):
    """Somebody who may not be an agent at a place (and below), such as staff of its property company."""

    __tablename__ = "barred_agent"
    __table_args__ = (sa.Index("barred_agent_phone_index_idx", "phone_index"),)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    place_id: Mapped[int] = mapped_column(fk("place.id"))
    name_sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    phone_index: Mapped[bytes] = mapped_column(sa.LargeBinary)
    why: Mapped[str] = mapped_column(sa.String(80))
    added_by: Mapped[str] = mapped_column(sa.String(80))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
