"""Control of message push: where it goes, sending a message or event now, what the server said."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify

from sandbox.clock import china_text
from sandbox.control.gate import asked, guarded
from sandbox.push import KINDS, Push, message_xml

if TYPE_CHECKING:
    from sandbox.world import World

_OWN = {"openid", "kind"}


def blueprint(world: "World") -> Blueprint:
    """Message push."""
    blp = guarded("control_push")

    @blp.get("/push")
    def pushes() -> Any:
        """The server and what was pushed to it, newest first."""
        with world.lock:
            server = world.pushes.server
            return jsonify(
                account=world.pushes.account,
                url=server.url,
                mode=server.mode,
                verified=server.verified,
                sent=[push.as_json() for push in reversed(world.pushes.sent)],
            )

    @blp.get("/push/kinds")
    def kinds() -> Any:
        """Every way a push can be written; all but the genuine one are to be refused."""
        return jsonify([{"kind": name, "says": says} for name, says in KINDS.items()])

    @blp.post("/push/server")
    def server() -> Any:
        """Set and prove where messages go: url, token, aes_key, mode (plain, aes)."""
        raw = asked()
        url = str(raw.get("url", ""))
        if not world.may_go(url):
            raise ValueError("url must lie on loopback or a host named in SANDBOX_HOSTS")
        proved = world.pushes.configure(
            url, str(raw.get("token", "")), str(raw.get("aes_key", "")), str(raw.get("mode", "aes"))
        )
        return jsonify(verified=proved.verified)

    @blp.post("/push/send")
    def send() -> Any:
        """Push one now and wait for it: openid, kind, and the message's own fields (MsgType, Content, Event …)."""
        raw = asked()
        kind = str(raw.get("kind", "genuine"))
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        if not world.pushes.server.url:
            raise ValueError("name a server first (push/server)")
        fields = {name: value for name, value in raw.items() if name not in _OWN}
        with world.lock:
            at, stamp = china_text(world.clock.now()), world.clock.stamp()
        openid = str(raw.get("openid", ""))
        xml = message_xml(world.pushes.account, openid, stamp, {"MsgType": "text", **fields})
        return jsonify(world.pushes.send(Push(openid, kind, xml, at)).as_json())

    return blp
