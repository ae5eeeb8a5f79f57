"""The control API: JSON under ``/_sandbox/``, for tests and the curious, from loopback only."""

import ipaddress
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, redirect, request

from sandbox import personas as people
from sandbox.callbacks import HOWS, Notice, Plan
from sandbox.clock import china_text, parse
from sandbox.faults import WAYS
from sandbox.ledger import Order, Refund, Refusal
from sandbox.letters import KINDS
from sandbox.oauth import AS, COOKIE, LAST_COOKIE, SCOPES
from sandbox.payer import settle_payment

if TYPE_CHECKING:
    from sandbox.world import World


class NoSuch(LookupError):
    """What was named is not here."""


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


def blueprint(world: "World") -> Blueprint:
    """Every control call; a wrong one answers 400 or 404 with ``{"error": …}``."""
    blp = Blueprint("control", __name__, url_prefix="/_sandbox")

    @blp.before_request
    def from_here_only() -> Any:
        """A page on the internet must not steer the sandbox: loopback only, and writes only as JSON."""
        try:
            here = ipaddress.ip_address(request.remote_addr or "127.0.0.1").is_loopback
        except ValueError:
            here = False
        if not here:
            return _error(403, "the control API answers to this machine only")
        if request.method == "POST" and request.mimetype != "application/json":
            return _error(415, "send Content-Type: application/json")
        return None

    @blp.errorhandler(ValueError)
    def wrong(error: ValueError) -> Response:
        return _error(400, str(error))

    @blp.errorhandler(NoSuch)
    def missing(error: NoSuch) -> Response:
        return _error(404, str(error))

    @blp.errorhandler(Refusal)
    def refused(error: Refusal) -> Response:
        return _error(409, f"{error.code}: {error.message}")

    def asked() -> dict[str, Any]:
        raw = request.get_json(silent=True) if request.get_data() else {}
        if not isinstance(raw, dict):
            raise ValueError("the body must be a JSON object")
        return raw

    def an_order(number: str) -> Order:
        if number not in world.ledger.orders:
            raise NoSuch(f"no order {number}")
        return world.ledger.orders[number]

    def a_refund(number: str) -> Refund:
        if number not in world.ledger.refunds:
            raise NoSuch(f"no refund {number}")
        return world.ledger.refunds[number]

    # The whole -------------------------------------------------------------------------------------------------------

    @blp.get("/state")
    def state() -> Any:
        """The settings a test wants to know, and the counters."""
        with world.lock:
            return jsonify(
                app_id=world.settings.app_id,
                mchid=world.settings.mchid,
                public_key_id=world.keys.public_key_id,
                now=china_text(world.clock.now()),
                clock_ahead_s=world.clock.ahead_s,
                stamps=world.clock.stamps,
                orders=len(world.ledger.orders),
                refunds=len(world.ledger.refunds),
                callbacks=len(world.callbacks.notices),
                calls=dict(world.account.calls),
                quotas=world.account.quotas,
                personas_trouble=world.personas.trouble,
            )

    @blp.post("/reset")
    def reset() -> Any:
        """Forget everything but keys and settings."""
        with world.lock:
            world.reset()
        return jsonify(ok=True)

    @blp.get("/calls")
    def calls() -> Any:
        """The last calls, newest first."""
        with world.lock:
            return jsonify(world.journal.as_json())

    # Clock -----------------------------------------------------------------------------------------------------------

    @blp.post("/clock")
    def clock() -> Any:
        """Move the clock.

        ``advance_s``: move on and make every callback try on the way, before answering. ``at``: an RFC 3339 moment
        to put the clock at. ``stamps``: "real" or "story", which clock signatures follow.
        """
        raw = asked()
        tried = 0
        with world.lock:
            if "stamps" in raw:
                if raw["stamps"] not in ("real", "story"):
                    raise ValueError('stamps is "real" or "story"')
                world.clock.stamps = raw["stamps"]
            if "at" in raw:
                world.clock.put_at(parse(str(raw["at"])))
                world.callbacks.wake()
        if "advance_s" in raw:
            seconds = float(raw["advance_s"])
            if seconds < 0:
                raise ValueError("the clock only runs forward")
            tried = world.callbacks.advance(seconds)
        with world.lock:
            return jsonify(now=china_text(world.clock.now()), tried=tried)

    # People ----------------------------------------------------------------------------------------------------------

    @blp.get("/personas")
    def personas() -> Any:
        """Who may sign in."""
        with world.lock:
            return jsonify([people.as_json(p) for p in world.personas.all()])

    @blp.post("/personas")
    def add_persona() -> Any:
        """Add or replace one: openid, name, says, phone, follows."""
        with world.lock:
            persona = people.Persona.read(asked())
            world.personas.add(persona)
        return jsonify(people.as_json(persona))

    @blp.post("/oauth/auto")
    def auto() -> Any:
        """Answer every authorise page at once as ``openid`` (``as``: user, snapshot, refuse); "" asks again."""
        raw = asked()
        manner = str(raw.get("as", "user"))
        if manner not in AS:
            raise ValueError(f"as is one of {', '.join(AS)}")
        with world.lock:
            world.grants.auto_openid, world.grants.auto_as = str(raw.get("openid") or ""), manner
        return jsonify(ok=True)

    @blp.post("/oauth/code")
    def code() -> Any:
        """A code for ``openid`` as the redirect would carry it (``scope``, ``as``: user or snapshot)."""
        raw = asked()
        openid, scope = str(raw.get("openid") or ""), str(raw.get("scope", "snsapi_base"))
        if not openid or scope not in SCOPES:
            raise ValueError("needs an openid, and a scope of " + " or ".join(SCOPES))
        with world.lock:
            return jsonify(code=world.grants.code(openid, scope, raw.get("as") == "snapshot"))

    @blp.get("/become")
    def become() -> Any:
        """Make this browser's silent sign-ins be ``openid``; without one, ask again. Goes on to ``next`` or home."""
        openid, onward = request.args.get("openid", ""), request.args.get("next", "/")
        if onward != "/" and not world.may_go(onward):
            raise ValueError("next must lead to this machine")
        answer = redirect(onward)
        for name in (COOKIE, LAST_COOKIE):
            if openid:
                answer.set_cookie(name, openid, max_age=30 * 86400, httponly=True, samesite="Lax")
            else:
                answer.delete_cookie(name)
        return answer

    # Official account ------------------------------------------------------------------------------------------------

    @blp.post("/tokens/spoil")
    def spoil() -> Any:
        """Every API token given out so far answers 40001 from now on."""
        with world.lock:
            world.account.spoil_tokens()
        return jsonify(ok=True)

    @blp.post("/quotas")
    def quotas() -> Any:
        """Set quotas: ``{"token": 3}``; counters are in /_sandbox/state."""
        raw = asked()
        with world.lock:
            unknown = set(raw) - set(world.account.quotas)
            if unknown:
                raise ValueError(f"no quota named {', '.join(sorted(unknown))}")
            world.account.quotas.update({name: int(value) for name, value in raw.items()})
            return jsonify(world.account.quotas)

    @blp.post("/consents")
    def consents() -> Any:
        """The user agrees to ``times`` subscription messages: openid, template_id."""
        raw = asked()
        if not raw.get("openid") or not raw.get("template_id"):
            raise ValueError("needs openid and template_id")
        with world.lock:
            key = (str(raw["openid"]), str(raw["template_id"]))
            world.account.consents[key] += int(raw.get("times", 1))
            return jsonify(times=world.account.consents[key])

    @blp.get("/messages.json")
    def messages() -> Any:
        """Template and subscription messages, newest first; ``openid`` narrows."""
        openid = request.args.get("openid", "")
        with world.lock:
            return jsonify([vars(m) for m in reversed(world.account.messages) if openid in ("", m.openid)])

    @blp.get("/phones.json")
    def phones() -> Any:
        """Text messages, newest first; ``to`` narrows."""
        with world.lock:
            return jsonify(world.phones.as_json(request.args.get("to", "")))

    # Money -----------------------------------------------------------------------------------------------------------

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
        """Money: ``refund_settles_s``, ``refund_outcome``, ``balance_fen`` (null: endless), ``older_codes``."""
        raw = asked()
        with world.lock:
            ledger = world.ledger
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
            )

    # Callbacks -------------------------------------------------------------------------------------------------------

    def a_notice(raw: dict[str, Any]) -> Notice:
        """By ``id``, or the newest about ``number`` (an order's or a refund's)."""
        number = raw.get("number")
        found = (
            world.callbacks.find(str(raw.get("id")))
            if "id" in raw
            else next((n for n in reversed(world.callbacks.notices) if n.number == number), None)
        )
        if found is None and number in world.ledger.orders:
            # Nobody paid yet, but a forger may claim so.
            found = world.callbacks.sketch(world.ledger.orders[number])
            if KINDS[a_kind(raw)].must != "refuse":
                raise ValueError("this order is not paid: only a forgery can say so")
        if found is None:
            raise NoSuch("no callback of this id or number")
        return found

    def a_kind(raw: dict[str, Any]) -> str:
        kind = str(raw.get("kind", "genuine"))
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        return kind

    @blp.get("/callbacks")
    def callbacks() -> Any:
        """Every callback and its tries, newest first; ``number`` narrows."""
        number = request.args.get("number", "")
        with world.lock:
            return jsonify([n.as_json() for n in reversed(world.callbacks.notices) if number in ("", n.number)])

    @blp.get("/callbacks/kinds")
    def kinds() -> Any:
        """Every way a callback can be written, and what a careful receiver does with it."""
        return jsonify([{"kind": k.name, "must": k.must, "says": k.says} for k in KINDS.values()])

    @blp.post("/callbacks/automatic")
    def automatic() -> Any:
        """``on``: false keeps callbacks back until /callbacks/deliver or a clock advance."""
        with world.lock:
            world.callbacks.automatic = asked().get("on", True) is True
            world.callbacks.wake()
        return jsonify(on=world.callbacks.automatic)

    @blp.post("/callbacks/next")
    def plan() -> Any:
        """How the next callback goes.

        ``of``: payment, refund, any; ``how``: lost, twice, concurrent, late (``seconds``), probe_first,
        forge_first (``kind``), or "" with ``kind``: every try is of that kind.
        """
        raw = asked()
        how, of = str(raw.get("how", "")), str(raw.get("of", "any"))
        if how and how not in HOWS:
            raise ValueError(f"how is one of {', '.join(HOWS)}")
        if of not in ("payment", "refund", "any"):
            raise ValueError("of is payment, refund or any")
        with world.lock:
            world.callbacks.plans.append(Plan(of, how, float(raw.get("seconds", 0)), a_kind(raw)))
        return jsonify(ok=True)

    @blp.post("/callbacks/deliver")
    def deliver() -> Any:
        """Make every try that is due now, and wait for it."""
        return jsonify(tried=world.callbacks.deliver_due())

    @blp.post("/callbacks/again")
    def again() -> Any:
        """Send one callback once more from the start: ``id`` or ``number``."""
        with world.lock:
            notice = a_notice(asked())
            world.callbacks.again(notice)
            return jsonify(notice.as_json())

    @blp.post("/callbacks/send")
    def send() -> Any:
        """Send one letter of ``kind`` now (``id`` or ``number``) and tell what the receiver said."""
        raw = asked()
        with world.lock:
            notice, kind = a_notice(raw), a_kind(raw)
        attempt = world.callbacks.send(notice, kind)
        return jsonify(vars(attempt) | {"accepted": attempt.accepted, "must": KINDS[kind].must})

    @blp.post("/callbacks/write")
    def write() -> Any:
        """The letter of ``kind`` (``id`` or ``number``) without sending it: url, headers, body. For a test that posts
        it to its own application itself."""
        raw = asked()
        with world.lock:
            notice, kind = a_notice(raw), a_kind(raw)
            post = KINDS[kind].write(world.callbacks.letter(notice))
        return jsonify(url=notice.url, headers=post.headers, body=post.body.decode("utf-8", "surrogateescape"))

    # Faults ----------------------------------------------------------------------------------------------------------

    @blp.get("/faults")
    def faults() -> Any:
        """What is ordered to go wrong, and what could be."""
        with world.lock:
            return jsonify(
                waiting=[vars(f) for f in world.faults.waiting],
                ways={name: {"accept": accept, "says": says} for name, (accept, says) in WAYS.items()},
            )

    @blp.post("/faults")
    def order_fault() -> Any:
        """Order one: ``on`` (pay.jsapi, pay.*, official.template, oauth.access_token, sms.send, *), ``do``, ``times``,
        ``seconds``, ``accept``, and for do=answer ``status`` and ``answer``."""
        with world.lock:
            return jsonify(vars(world.faults.order(asked())))

    @blp.post("/faults/clear")
    def clear_faults() -> Any:
        """Nothing goes wrong any more."""
        with world.lock:
            world.faults.reset()
        return jsonify(ok=True)

    return blp


def _must_be_outcome(outcome: Any) -> None:
    if outcome not in ("SUCCESS", "ABNORMAL", "CLOSED"):
        raise ValueError("a refund's outcome is SUCCESS, ABNORMAL or CLOSED")


def _error(status: int, text: str) -> Response:
    response = jsonify(error=text)
    response.status_code = status
    return response
