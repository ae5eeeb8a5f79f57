"""Where a result stands, for everybody."""

from kernel import clock
from kernel.database import reading
from kernel.web import Api, maybe_identity, open_to_all
from surveys.votes import queries
from surveys.votes.results import services
from surveys.votes.results.schemas import ResultStandingOut

blp = Api(
    "vote_results_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1/votes",
    description="Preliminary or final, objections with their answers, recounts.",
)


@blp.route("/<string:vote>/result/standing", methods=["GET"])
@blp.response(200, ResultStandingOut)
def standing(vote: str) -> services.Standing:
    """Preliminary or final; answers of objections for everybody, their words for their maker alone. 409 before."""
    session, who = reading(), maybe_identity()
    found = queries.announced_vote(session, vote)
    return services.standing(session, found, clock.now(), account_id=who.account_id if who else None)
