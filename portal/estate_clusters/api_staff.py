"""Clusters of estates: which there are, joining estates, ending one."""

from typing import Any

from kernel import clock, grants
from kernel.clusters import queries, services
from kernel.database import reading
from kernel.web import Api, idempotency_key, identity, require_grant
from portal.estate_clusters.schemas import EndCluster, EstateClusterAnswer, EstateClustersAnswer, JoinEstates

blp = Api(
    "estate_clusters",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/api/v1/clusters",
    description="Estates that are planned as one",
)


def _shown(cluster: Any, estates: Any) -> dict[str, Any]:
    return {"cluster": cluster.public_id, "name": cluster.name, "estates": [estate.code for estate in estates]}


@blp.route("", methods=["GET"])
@blp.response(200, EstateClustersAnswer)
def mine() -> Any:
    """The clusters all of whose estates I am responsible for."""
    session = reading()
    places = grants.places_for(session, identity().person_id, services.MANAGE, clock.now())
    return {"clusters": [_shown(*each) for each in queries.clusters_within(session, places)]}


@blp.route("", methods=["POST"])
@blp.arguments(JoinEstates)
@blp.response(201, EstateClusterAnswer)
def create(body: dict[str, Any]) -> Any:
    """Join estates to a cluster. Which estates is fixed: for another set end this one and make another."""
    who = identity()
    made = services.create(
        body["name"],
        body["estates"],
        person_id=who.person_id or 0,
        actor=who.actor,
        key=idempotency_key(),
        now=clock.now(),
    )
    session = reading()
    cluster = queries.cluster_by_public_id(session, made)
    return _shown(cluster, queries.estates_of(session, cluster.id))


@blp.route("/<cluster>/end", methods=["POST"])
@blp.arguments(EndCluster)
@blp.response(204)
def end(_body: dict[str, Any], cluster: str) -> None:
    """End a cluster. What was said for its estates stays."""
    who = identity()
    services.end(cluster, person_id=who.person_id or 0, actor=who.actor, key=idempotency_key(), now=clock.now())
