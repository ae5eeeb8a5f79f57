"""Control of the whole: state, reset, calls seen, the clock, faults."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify

from sandbox.clock import china_text, parse
from sandbox.control.gate import asked, guarded
from sandbox.faults import WAYS

if TYPE_CHECKING:
    from sandbox.world import World


def blueprint(world: "World") -> Blueprint:
    """State, clock and faults."""
    blp = guarded("control_whole")

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

    @blp.post("/keys")
    def keys() -> Any:
        """Which keys sign: ``mode`` public_key, certificate or both; ``public_key_percent`` of callbacks with both;
        ``certificates``: how many are valid at once."""
        raw = asked()
        with world.lock:
            platform = world.platform
            platform.use(
                str(raw.get("mode", platform.mode)),
                float(raw.get("public_key_percent", platform.public_key_percent)),
                int(raw.get("certificates", 1)),
            )
            return jsonify(
                mode=platform.mode,
                public_key_percent=platform.public_key_percent,
                certificates=[certificate.signer.serial for certificate in platform.certificates],
            )

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
