"""Calls for nominations and petitions as anyone may see them."""

from kernel import clock
from kernel.database import reading
from kernel.web import Api, maybe_identity, open_to_all
from surveys.votes.elections import queries as elections
from surveys.votes.elections.schemas import NominationCallOut, RecallPetitionOut
from surveys.votes.elections.services import reading as shown

blp = Api(
    "elections_public",
    __name__,
    guard=open_to_all,
    url_prefix="/api/v1",
    description="Nominations with consent, and recall petitions: names of who agreed, signatures as numbers.",
)


def _account() -> int | None:
    who = maybe_identity()
    return who.account_id if who else None


@blp.route("/nominations/<string:call>", methods=["GET"])
@blp.response(200, NominationCallOut)
def call(call: str) -> shown.CallView:
    """A call with its nominees; names of those who agreed to stand."""
    session = reading()
    found = elections.call_by_public_id(session, call)
    return shown.view(session, found, clock.now(), account_id=_account())


@blp.route("/recalls/<string:petition>", methods=["GET"])
@blp.response(200, RecallPetitionOut)
def petition(petition: str) -> shown.PetitionView:
    """A petition: how many signed of how many needed, never who."""
    session = reading()
    found = elections.signed_petition(session, petition)
    return shown.petition(session, found, clock.now(), account_id=_account())
