"""The tables of votes that belong together."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, Model, UTCDateTime, big_id, fk, public_id


class VoteCluster(Model):
    """Several assemblies' votes on the same motions; fixed when they are drafted."""

    __tablename__ = "vote_cluster"
    __table_args__ = (APPEND_ONLY,)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    title: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[str] = mapped_column(sa.String(80))


class VoteClusterMember(Model):
    """One assembly's vote in a cluster; a vote is in one cluster at most."""

    __tablename__ = "vote_cluster_member"
    __table_args__ = (sa.Index("vote_cluster_member_cluster_id_idx", "cluster_id"), APPEND_ONLY)

    vote_id: Mapped[int] = mapped_column(fk("vote.id"), primary_key=True, autoincrement=False)
    cluster_id: Mapped[int] = mapped_column(fk("vote_cluster.id"))
