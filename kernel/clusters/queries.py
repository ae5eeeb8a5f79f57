"""Every select over clusters of estates."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.clusters.models import Cluster, ClusterEstate
from kernel.errors import NotFound
from kernel.places.models import Place
from kernel.places.rules import is_within

NO_CLUSTER = NotFound("no-such-cluster", "没有找到这个片区，可能已经撤销。")


def cluster_by_public_id(session: Session, public_id: str) -> Cluster:
    """A cluster that has not ended. Raises NotFound."""
    found = session.scalar(sa.select(Cluster).where(Cluster.public_id == public_id, Cluster.ended_at.is_(None)))
    if found is None:
        raise NO_CLUSTER
    return found


def estates_of(session: Session, cluster_id: int) -> Sequence[Place]:
    """The estates of a cluster, in the order of their paths."""
    return session.scalars(
        sa.select(Place)
        .join(ClusterEstate, ClusterEstate.estate_id == Place.id)
        .where(ClusterEstate.cluster_id == cluster_id)
        .order_by(Place.path)
    ).all()


def clusters_within(session: Session, places: Iterable[Place]) -> list[tuple[Cluster, list[Place]]]:
    """The clusters, newest first, all of whose estates lie in some places, with their estates."""
    tops = [place.path for place in places]
    rows = session.execute(
        sa.select(Cluster, Place)
        .join(ClusterEstate, ClusterEstate.cluster_id == Cluster.id)
        .join(Place, Place.id == ClusterEstate.estate_id)
        .where(Cluster.ended_at.is_(None))
        .order_by(Cluster.created_at.desc(), Cluster.id.desc(), Place.path)
    ).all()
    found: dict[int, tuple[Cluster, list[Place]]] = {}
    for cluster, estate in rows:
        found.setdefault(cluster.id, (cluster, []))[1].append(estate)
    return [
        (cluster, estates)
        for cluster, estates in found.values()
        if all(any(is_within(estate.path, top) for top in tops) for estate in estates)
    ]
