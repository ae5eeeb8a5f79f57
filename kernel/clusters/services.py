"""Joining estates to a cluster, and ending one."""

from collections.abc import Sequence
from datetime import datetime

from kernel import audit, grants
from kernel.clusters import queries
from kernel.clusters.models import Cluster, ClusterEstate
from kernel.clusters.rules import MOST_ESTATES
from kernel.database import transaction, use_case
from kernel.errors import Invalid
from kernel.idempotency import Key, recall, remember
from kernel.places.models import PlaceKind
from kernel.places.queries import place_by_code

MANAGE = "survey.manage"
"""Who asks households what they want plans with it: street, district, city."""


@use_case
def create(
    name: str, codes: Sequence[str], *, person_id: int | None, actor: str, key: Key | None, now: datetime
) -> str:
    """Join estates to a cluster; its public id; audited. ``person_id`` None: the operator.

    Raises NotFound, NotAllowed (``survey.manage`` at each estate), Invalid (no name, fewer than two estates).
    """
    chosen = list(dict.fromkeys(codes))
    if not 2 <= len(chosen) <= MOST_ESTATES:
        raise Invalid("too-few-estates", f"一个片区要 2 到 {MOST_ESTATES} 个小区。", {"estates": ["请重新选"]})
    if len(name.strip()) < 2:
        raise Invalid("name-the-cluster", "请给片区起个名字。", {"name": ["请填写"]})
    with transaction() as session:
        if done := recall(session, key):
            return done
        estates = [place_by_code(session, code) for code in chosen]
        for estate in estates:
            if estate.kind != PlaceKind.ESTATE:
                raise Invalid("not-an-estate", "片区由小区组成。", {"estates": ["有不是小区的地方"]})
            if person_id is not None:
                grants.require(session, person_id, MANAGE, estate, now)
        cluster = Cluster(name=name.strip(), created_at=now, created_by=actor)
        session.add(cluster)
        session.flush()
        session.add_all([ClusterEstate(cluster_id=cluster.id, estate_id=estate.id) for estate in estates])
        audit.record(
            session,
            actor=actor,
            action="estates.joined",
            subject=f"cluster:{cluster.public_id}",
            now=now,
            payload={"name": cluster.name, "estates": chosen},
        )
        remember(session, key, cluster.public_id, now=now)
        return cluster.public_id


@use_case
def end(cluster: str, *, person_id: int | None, actor: str, key: Key | None, now: datetime) -> None:
    """End a cluster; what was set for its estates stays. Audited. Raises NotFound, NotAllowed."""
    with transaction() as session:
        if recall(session, key):
            return
        found = queries.cluster_by_public_id(session, cluster)
        if person_id is not None:
            for estate in queries.estates_of(session, found.id):
                grants.require(session, person_id, MANAGE, estate, now)
        found.ended_at, found.ended_by = now, actor
        audit.record(session, actor=actor, action="estates.parted", subject=f"cluster:{cluster}", now=now, payload={})
        remember(session, key, cluster, now=now)
