"""Staff's API of the gate: the street and the community read it, two of the street change what it is measured by."""

from typing import Any

from kernel import clock
from kernel.database import reading
from kernel.web import Api, acting, identity, require_grant
from payments.gates import schemas
from payments.gates.services import bases, measuring
from payments.rules.disclosure import SEE
from payments.two_people_schemas import Agreement

_ABOUT = "How far an estate's collection has come against what is asked for, and the dated base of it."
readers = Api("gates_readers", __name__, guard=require_grant(SEE), url_prefix="/api/v1", description=_ABOUT)
street = Api("gates_street", __name__, guard=require_grant(bases.MANAGE), url_prefix="/api/v1", description=_ABOUT)


@readers.route("/estates/<string:estate>/gate", methods=["GET"])
@readers.response(200, schemas.CollectionGateOut)
def gate(estate: str) -> measuring.Gate:
    """The gate of an estate's collection and of each of its buildings, exact to the fen."""
    _, _, found = measuring.gate_for(reading(), estate, person_id=identity().person_id, now=clock.now())
    return found


@street.route("/estates/<string:estate>/gate-bases", methods=["POST"])
@street.arguments(schemas.GateBaseProposal)
@street.response(201, schemas.GateBaseThing)
def propose(body: dict[str, Any], estate: str) -> dict[str, str]:
    """Propose a dated base, with the reason."""
    return {"id": bases.propose(estate, **body, **acting())}


@street.route("/gate-bases/<string:base>/decision", methods=["POST"])
@street.arguments(Agreement)
@street.response(200, schemas.GateBaseThing)
def decide(body: dict[str, Any], base: str) -> dict[str, str]:
    """Adopt what another proposed, or withdraw it."""
    return {"id": bases.decide(base, agree=body["agree"], **acting())}
