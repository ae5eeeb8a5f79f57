"""Control of callbacks: how the next one goes, forgeries, what was answered."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, request

from sandbox.control.gate import NoSuch, asked, guarded
from sandbox.letters import KINDS
from sandbox.notices import HOWS, Notice, Plan

if TYPE_CHECKING:
    from sandbox.world import World


def blueprint(world: "World") -> Blueprint:
    """Callbacks and forgeries."""
    blp = guarded("control_callbacks")

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

        ``of``: payment, refund, any; ``how``: lost, twice, concurrent, late (``seconds``), overtaken (sent after later
        news of the order), unheard (the answer is not read), probe_first, forge_first (``kind``), or "" with ``kind``:
        every try is of that kind.
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

    @blp.post("/callbacks/probes")
    def probes() -> Any:
        """``percent`` of all tries are preceded by a wrongly signed probe (SIGNTEST)."""
        percent = asked().get("percent")
        if not isinstance(percent, int) or not 0 <= percent <= 100:
            raise ValueError("percent is a whole number from 0 to 100")
        with world.lock:
            world.callbacks.probe_percent = percent
        return jsonify(percent=percent)

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

    return blp
