"""The household's API: what it bears, paying of it, asking back what is too much."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.queries import dwelling_by_public_id
from kernel.web import Api, idempotency_key, identity, require_resident
from payments import queries as payments
from payments.contributions.schemas import ContributionPledge, DueOut, SurplusDeed, SurplusOut
from payments.contributions.services import contributing, surplus
from payments.contributions.services.showing import HomeView, home_view
from payments.schemas import DepositPledgedOut
from payments.services.deposits import must_speak_for

blp = Api(
    "contributions_resident",
    __name__,
    guard=require_resident,
    url_prefix="/api/v1",
    description="What a dwelling bears of the works (改造出资), and paying it.",
)


@blp.route("/dwellings/<string:dwelling>/contribution", methods=["GET"])
@blp.response(200, DueOut)
def due(dwelling: str) -> HomeView:
    """What the dwelling bears, by which formula, and what is open."""
    session, who = reading(), identity()
    home = dwelling_by_public_id(session, dwelling)
    must_speak_for(session, who.account_id, home)
    collection = payments.collection_of(session, home.estate_id)
    view = home_view(session, collection, home, who.account_id) if collection else None
    if view is None:
        raise NotFound("nothing-due", "本小区还没有公布分摊方案，现在不用缴出资。")
    return view


@blp.route("/dwellings/<string:dwelling>/contributions", methods=["POST"])
@blp.arguments(ContributionPledge)
@blp.response(201, DepositPledgedOut)
def contribute(body: dict[str, Any], dwelling: str) -> dict[str, str]:
    """Promise a payment of what is open; it is then begun and asked about as any deposit is."""
    who = identity()
    made = contributing.contribute(
        dwelling,
        account_id=who.account_id,
        actor=who.actor,
        amount_fen=body["amount_fen"],
        version=body["terms_version"],
        now=clock.now(),
        key=idempotency_key(),
    )
    return {"id": made}


@blp.route("/dwellings/<string:dwelling>/surplus-requests", methods=["POST"])
@blp.arguments(SurplusDeed)
@blp.response(201, SurplusOut)
def ask_back(_body: dict[str, Any], dwelling: str) -> dict[str, int]:
    """Ask back what is too much of what one paid oneself."""
    who = identity()
    made = surplus.ask(dwelling, account_id=who.account_id, actor=who.actor, now=clock.now(), key=idempotency_key())
    return {"requests": made}
