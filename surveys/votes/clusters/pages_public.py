"""The public page of a cluster, once its notices are out."""

from werkzeug.wrappers import Response

from kernel.database import reading
from kernel.errors import NotFound
from kernel.web import Pages, open_to_all, page
from surveys.votes.clusters import queries as clusters
from surveys.votes.rules.clusters import VERDICT_WORDS
from surveys.votes.rules.lifecycle import STATE_WORDS, State

blp = Pages("vote_cluster_pages", __name__, guard=open_to_all, url_prefix="/v/cluster", template_folder="../templates")


@blp.route("/<cluster>")
def cluster(cluster: str) -> Response:
    """Every assembly by itself, and what all of them together have decided."""
    session = reading()
    view = clusters.view(session, clusters.cluster_by_public_id(session, cluster))
    if any(each.vote.state == State.DRAFT for each in view.assemblies):
        raise NotFound("no-such-cluster", "没有找到这次合并表决。")
    return page("votes/cluster.html", view=view, verdicts=VERDICT_WORDS, states=STATE_WORDS)
