"""Staff's API of clusters: draft and announce several assemblies' votes together."""

from typing import Any

from kernel import clock
from kernel.clusters import queries as estates
from kernel.database import reading
from kernel.web import Api, idempotency_key, require_grant
from surveys.votes.api_staff import new_motions
from surveys.votes.callers import staff
from surveys.votes.clusters import queries as clusters
from surveys.votes.clusters import services
from surveys.votes.clusters.queries import ClusterView
from surveys.votes.clusters.schemas import ClusterIn, ClusterOrderIn, ClusterOut
from surveys.votes.services import preparing
from surveys.votes.services.preparing import NewVote

blp = Api(
    "vote_clusters",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/api/v1/vote-clusters",
    description="One thing decided by several assemblies, each by itself.",
)


def _shown(cluster_id: str) -> ClusterView:
    session = reading()
    return clusters.view(session, clusters.cluster_by_public_id(session, cluster_id))


def _estates_of(cluster: str) -> list[str]:
    session = reading()
    joined = estates.cluster_by_public_id(session, cluster)
    return [estate.code for estate in estates.estates_of(session, joined.id)]


@blp.route("", methods=["POST"])
@blp.arguments(ClusterIn)
@blp.response(201, ClusterOut)
def create(body: dict[str, Any]) -> ClusterView:
    """Draft the same vote at several places (or the estates of a cluster), with a roll each."""
    places, cluster = body.pop("places"), body.pop("cluster")
    codes = tuple(places or _estates_of(cluster))
    draft = NewVote(place_code=codes[0], motions=new_motions(body.pop("motions")), **body)
    return _shown(services.create(draft, codes, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:cluster>/publication", methods=["POST"])
@blp.arguments(ClusterOrderIn)
@blp.response(200, ClusterOut)
def publish(_body: dict[str, Any], cluster: str) -> ClusterView:
    """Put all notices out at one instant."""
    return _shown(services.publish(cluster, by=staff(), now=clock.now(), key=idempotency_key()))
