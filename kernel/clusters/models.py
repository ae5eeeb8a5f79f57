"""The tables of clusters of estates."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, public_id


class Cluster(Model):
    """Several estates under one name. Which estates is fixed: another set is another cluster, and this one ends, so
    that what was planned for a cluster stays what it was planned for."""

    __tablename__ = "cluster"
    __table_args__ = (sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="cluster_ended_by_somebody"),)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    name: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[str] = mapped_column(sa.String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by: Mapped[str | None] = mapped_column(sa.String(80))


class ClusterEstate(Model):
    """An estate of a cluster."""

    __tablename__ = "cluster_estate"
    __table_args__ = (sa.Index("cluster_estate_estate_id_idx", "estate_id"),)

    cluster_id: Mapped[int] = mapped_column(fk("cluster.id"), primary_key=True, autoincrement=False)
    estate_id: Mapped[int] = mapped_column(fk("place.id"), primary_key=True, autoincrement=False)
