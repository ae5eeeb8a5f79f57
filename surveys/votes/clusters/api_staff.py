"""Staff's API of clusters: draft and announce several assemblies' votes together."""

from typing import Any

from kernel import clock
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


@blp.route("", methods=["POST"])
@blp.arguments(ClusterIn)
@blp.response(201, ClusterOut)
def create(body: dict[str, Any]) -> ClusterView:
    """Draft the same vote at several places, with a roll each."""
    codes = tuple(body.pop("places"))
    draft = NewVote(place_code=codes[0], motions=new_motions(body.pop("motions")), **body)
    return _shown(services.create(draft, codes, by=staff(), now=clock.now(), key=idempotency_key()))


@blp.route("/<string:cluster>/publication", methods=["POST"])
@blp.arguments(ClusterOrderIn)
@blp.response(200, ClusterOut)
def publish(_body: dict[str, Any], cluster: str) -> ClusterView:
    """Put all notices out at one instant."""
    return _shown(services.publish(cluster, by=staff(), now=clock.now(), key=idempotency_key()))
