"""Staff's API of the gate: the street and the community read it, two of the street change what it is measured by."""

from typing import Any

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.queries import place_by_public_id
from kernel.web import Api, acting, identity, require_grant
from payments import queries as payments
from payments.contributions.services.showing import SEE
from payments.gates import schemas, services

_ABOUT = "How far an estate's collection has come against what is asked for, and the dated base of it."
readers = Api("gates_readers", __name__, guard=require_grant(SEE), url_prefix="/api/v1", description=_ABOUT)
street = Api("gates_street", __name__, guard=require_grant(services.MANAGE), url_prefix="/api/v1", description=_ABOUT)


@readers.route("/estates/<string:estate>/gate", methods=["GET"])
@readers.response(200, schemas.CollectionGateOut)
def gate(estate: str) -> services.Gate:
    """The gate of an estate's collection and of each of its buildings, exact to the fen."""
    session, now = reading(), clock.now()
    place = place_by_public_id(session, estate)
    grants.require(session, identity().person_id, SEE, place, now)
    collection = payments.collection_of(session, place.id)
    if collection is None:
        raise NotFound("no-collection", "本小区还没有开始收款。")
    return services.gate_of(session, collection)


@street.route("/estates/<string:estate>/gate-bases", methods=["POST"])
@street.arguments(schemas.GateBaseProposal)
@street.response(201, schemas.GateBaseThing)
def propose(body: dict[str, Any], estate: str) -> dict[str, str]:
    """Propose a dated base, with the reason."""
    return {"id": services.propose(estate, **body, **acting())}


@street.route("/gate-bases/<string:base>/decision", methods=["POST"])
@street.arguments(schemas.GateBaseDecision)
@street.response(200, schemas.GateBaseThing)
def decide(body: dict[str, Any], base: str) -> dict[str, str]:
    """Adopt what another proposed, or withdraw it."""
    return {"id": services.decide(base, agree=body["agree"], **acting())}
