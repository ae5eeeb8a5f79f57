"""Control of people: personas, sign-in, and the official account's messages and quotas."""

import hashlib
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, request

from sandbox import personas as people
from sandbox.control.gate import asked, guarded
from sandbox.oauth import AS, SCOPES

if TYPE_CHECKING:
    from sandbox.world import World


def blueprint(world: "World") -> Blueprint:
    """Personas, sign-in, messages."""
    blp = guarded("control_people")

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

    @blp.post("/jssdk/check")
    def jssdk() -> Any:
        """Whether wx.config would take it: ``url`` of the page, ``noncestr``, ``timestamp``, ``signature``."""
        raw = asked()
        given = {name: str(raw.get(name, "")) for name in ("noncestr", "timestamp", "url", "signature")}
        with world.lock:
            ticket = world.account.ticket().value
        text = "jsapi_ticket={}&noncestr={}&timestamp={}&url={}".format(
            ticket, given["noncestr"], given["timestamp"], given["url"].partition("#")[0]
        )
        # The published algorithm is SHA-1; nothing here depends on its strength.
        expected = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return jsonify(ok=given["signature"] == expected)

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

    return blp
