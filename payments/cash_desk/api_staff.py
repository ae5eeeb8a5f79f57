"""Staff's API of the counter: collectors take, ask to void and bank; another person counts and agrees."""

from typing import Any

from kernel import clock
from kernel.web import Api, acting, identity, require_grant
from payments.cash_desk import rules, schemas
from payments.cash_desk.services import boxes, printing, scanning, taking, voiding
from payments.two_people_schemas import Agreement, WhySaid

cashiers = Api(
    "cash_desk_collectors",
    __name__,
    guard=require_grant(rules.TAKE),
    url_prefix="/api/v1",
    description="Money taken over the counter or at the door.",
)
checkers = Api(
    "cash_desk_checkers",
    __name__,
    guard=require_grant(rules.CHECK),
    url_prefix="/api/v1",
    description="The second person of the counter: counts boxes, agrees to voids.",
)


@cashiers.route("/dwellings/<string:dwelling>/takings", methods=["POST"])
@cashiers.arguments(schemas.MoneyTaken)
@cashiers.response(201, schemas.CounterThing)
def take(body: dict[str, Any], dwelling: str) -> dict[str, str]:
    """Enter cash or a card payment taken for a dwelling's deposit."""
    card = body["card"]
    slip = (
        taking.Card(card["terminal_no"].strip(), card["voucher_no"].strip(), card["bank"].strip(), card["slip_day"])
        if card
        else None
    )
    tendered = taking.Tendered(body["amount_fen"], body["payer_id"], body["payer_name"], slip)
    return {"id": taking.take(dwelling, tendered, **acting())}


@cashiers.route("/dwellings/<string:dwelling>/codes", methods=["POST"])
@cashiers.arguments(schemas.CodeWanted)
@cashiers.response(201, schemas.CounterThing)
def order_code(body: dict[str, Any], dwelling: str) -> dict[str, str]:
    """Order a code that is scanned and paid by whoever stands at the door."""
    begun = scanning.begin(
        dwelling,
        amount_fen=body["amount_fen"],
        person=body["payer_id"],
        name=body["payer_name"],
        **acting(),
    )
    return {"id": begun.attempt}


@cashiers.route("/codes/<string:code>", methods=["GET"])
@cashiers.response(200, schemas.CodeState)
def code_state(code: str) -> dict[str, str]:
    """What became of a code; WeChat is asked while nothing was heard."""
    view = scanning.see(code, person_id=identity().person_id, now=clock.now(), ask=True)
    return {"id": code, "state": "paid" if view.paid else "over" if view.over else "open"}


@cashiers.route("/takings/<string:taken>/void-proposals", methods=["POST"])
@cashiers.arguments(WhySaid)
@cashiers.response(201, schemas.CounterThing)
def propose_void(body: dict[str, Any], taken: str) -> dict[str, str]:
    """Say that a taking was entered wrongly, and why."""
    return {"id": voiding.propose(taken, why=body["why"].strip(), **acting())}


@cashiers.route("/takings/<string:taken>/prints", methods=["POST"])
@cashiers.response(201, schemas.ReceiptPrinted)
def note_print(taken: str) -> dict[str, int]:
    """Note that a taking's receipt is printed, once more than before."""
    return {"nth": printing.note(taken, **acting())}


@checkers.route("/checked-takings/<string:taken>/prints", methods=["POST"])
@checkers.response(201, schemas.ReceiptPrinted)
def note_checked_print(taken: str) -> dict[str, int]:
    """The same for whoever checks the counter."""
    return {"nth": printing.note(taken, **acting())}


@checkers.route("/checked-takings/<string:taken>/void-proposals", methods=["POST"])
@checkers.arguments(WhySaid)
@checkers.response(201, schemas.CounterThing)
def propose_checked_void(body: dict[str, Any], taken: str) -> dict[str, str]:
    """Whoever checks the counter says that a taking was entered wrongly, and why; another agrees."""
    return {"id": voiding.propose(taken, why=body["why"].strip(), **acting())}


@cashiers.route("/cash-bankings", methods=["POST"])
@cashiers.arguments(schemas.CashBankingIn)
@cashiers.response(201, schemas.CounterThing)
def bank(body: dict[str, Any]) -> dict[str, str]:
    """Hand counted boxes in at the bank, with the bank's slip."""
    made = boxes.bank(
        body["boxes"],
        slip_no=body["slip_no"].strip(),
        photos=body["evidence"],
        account_id=identity().account_id,
        **acting(),
    )
    return {"id": made}


@checkers.route("/taking-voids/<string:void>/decision", methods=["POST"])
@checkers.arguments(Agreement)
@checkers.response(200, schemas.CounterThing)
def decide_void(body: dict[str, Any], void: str) -> dict[str, str]:
    """Agree that a taking is void, or send it back."""
    return {"id": voiding.decide(void, agree=body["agree"], **acting())}


@checkers.route("/cash-boxes/<string:box>/count", methods=["POST"])
@checkers.arguments(schemas.CashCount)
@checkers.response(200, schemas.CounterThing)
def close(body: dict[str, Any], box: str) -> dict[str, str]:
    """Close a collector's box with what was counted in it."""
    why = (body["why"] or "").strip() or None
    return {"id": boxes.close(box, counted_fen=body["counted_fen"], why=why, **acting())}
