"""Control of money: orders, payments, refunds, and how they behave."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify

from sandbox.clock import china_text
from sandbox.control.gate import NoSuch, asked, guarded
from sandbox.ledger import Ledger, Order, Refund
from sandbox.payer import settle_payment

if TYPE_CHECKING:
    from sandbox.world import World


def order_json(order: Order) -> dict[str, Any]:
    """An order as the control API shows it: the trade, and what the merchant does not see."""
    return order.trade() | {
        "description": order.asked["description"],
        "ordered_for": order.payer,
        "ordered_as": order.trade_type,
        "total_fen": order.total_fen,
        "refunded_fen": order.refunded_fen,
        "notify_url": order.notify_url,
        "created": china_text(order.created_at),
        "expires": china_text(order.expires_at),
        "refunds": [refund.answer() for refund in order.refunds],
    }


def _must_be_outcome(outcome: Any) -> None:
    if outcome not in ("SUCCESS", "ABNORMAL", "CLOSED"):
        raise ValueError("a refund's outcome is SUCCESS, ABNORMAL or CLOSED")


def _rate(asked_for: Any) -> int:
    if type(asked_for) is not int or not 0 <= asked_for <= 10_000:
        raise ValueError("fee_per_10000 is a whole number from 0 to 10000 (60: 0.60 %)")
    return asked_for


def _move(ledger: Ledger, raw: dict[str, Any]) -> str:
    """Move the account as asked; the number of the movement, or "" when nothing was asked."""
    if "withdraw_fen" in raw:
        return ledger.withdraw(int(raw["withdraw_fen"]))
    if "bounce_withdrawal" in raw:
        return ledger.bounce(str(raw["bounce_withdrawal"]))
    if "move" in raw:
        asked_for = raw["move"]
        if not isinstance(asked_for, dict) or type(asked_for.get("fen")) is not int:
            raise ValueError("move is an object: fen (a whole number, below 0 to take) and word")
        return ledger.move(asked_for["fen"], str(asked_for.get("word", "")))
    return ""


def blueprint(world: "World") -> Blueprint:
    """Orders and refunds."""
    blp = guarded("control_money")

    def an_order(number: str) -> Order:
        if number not in world.ledger.orders:
            raise NoSuch(f"no order {number}")
        return world.ledger.orders[number]

    def a_refund(number: str) -> Refund:
        if number not in world.ledger.refunds:
            raise NoSuch(f"no refund {number}")
        return world.ledger.refunds[number]

    @blp.get("/orders")
    def orders() -> Any:
        """Every order, newest first."""
        with world.lock:
            return jsonify([order_json(order) for order in reversed(world.ledger.orders.values())])

    @blp.get("/orders/<number>")
    def order(number: str) -> Any:
        """One order."""
        with world.lock:
            world.settle()
            return jsonify(order_json(an_order(number)))

    @blp.post("/orders/<number>/pay")
    def pay(number: str) -> Any:
        """Pay it without the page: by ``openid``, else by whom it was ordered for."""
        raw = asked()
        with world.lock:
            found = an_order(number)
            payer = str(raw.get("openid") or found.payer or world.personas.all()[0].openid)
            settle_payment(world, found, payer)
            return jsonify(order_json(found))

    @blp.post("/refunds/<number>/settle")
    def settle(number: str) -> Any:
        """Settle a refund now as ``outcome``: SUCCESS, ABNORMAL or CLOSED."""
        outcome = str(asked().get("outcome", "SUCCESS"))
        _must_be_outcome(outcome)
        with world.lock:
            refund = a_refund(number)
            if refund.status == "PROCESSING":
                refund.outcome, refund.settles_at = outcome, world.clock.now()
                world.settle()
                world.callbacks.wake()
            return jsonify(refund.answer())

    @blp.post("/money")
    def money() -> Any:
        """Money: ``refund_settles_s``, ``refund_outcome``, ``balance_fen`` (null: endless), ``older_codes``,
        ``fee_per_10000``, ``fees_within``; ``withdraw_fen`` takes so much to the bank now, ``bounce_withdrawal`` is the
        number of one the bank did not take, ``move`` {fen, word} is anything else that moves the account.
        """
        raw = asked()
        with world.lock:
            ledger = world.ledger
            number = _move(ledger, raw)
            if "fee_per_10000" in raw:
                ledger.fee_per_10000 = _rate(raw["fee_per_10000"])
            if "fees_within" in raw:
                ledger.fees_within = raw["fees_within"] is True
            if "refund_settles_s" in raw:
                ledger.refund_settles_s = float(raw["refund_settles_s"])
            if "refund_outcome" in raw:
                _must_be_outcome(raw["refund_outcome"])
                ledger.refund_outcome = raw["refund_outcome"]
            if "balance_fen" in raw:
                ledger.balance_fen = None if raw["balance_fen"] is None else int(raw["balance_fen"])
            if "older_codes" in raw:
                ledger.older_codes = raw["older_codes"] is True
            return jsonify(
                refund_settles_s=ledger.refund_settles_s,
                refund_outcome=ledger.refund_outcome,
                balance_fen=ledger.balance_fen,
                older_codes=ledger.older_codes,
                fee_per_10000=ledger.fee_per_10000,
                fees_within=ledger.fees_within,
                withdrawal=number,
            )

    return blp
