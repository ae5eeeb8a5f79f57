"""One's own sessions: see them, end one, end all."""

from typing import Any

from flask import Response, g, jsonify

from kernel import clock
from kernel.web.blueprints import Api
from kernel.web.guards import identity, require_resident
from portal.auth import cookies, services
from portal.auth.loader import https
from portal.auth.schemas import Ended, EndThis, SessionsAnswer, SignOut

blp = Api("sessions", __name__, guard=require_resident, url_prefix="/api/v1", description="Signing out, sessions")


@blp.route("/sign-out", methods=["POST"], keyed=False)
@blp.arguments(SignOut)
@blp.alt_response(200, schema=Ended)
def sign_out(body: dict[str, Any]) -> Response:
    """Sign out here or everywhere; safe to repeat."""
    token = cookies.session_token(https=https()) or ""
    ended = services.sign_out(identity(), token, everywhere=body["everywhere"], now=clock.now())
    response = jsonify(ended=ended)
    cookies.drop_session(response, https=https())
    return response


@blp.route("/sessions", methods=["GET"])
@blp.response(200, SessionsAnswer)
def sessions() -> dict[str, Any]:
    """Where the account is signed in."""
    current = g.get("session_public_id")
    rows = services.my_sessions(identity(), now=clock.now())
    return {
        "sessions": [
            {
                "id": row.public_id,
                "device": row.device,
                "made_at": row.made_at,
                "seen_at": row.seen_at,
                "ends_at": row.ends_at,
                "current": row.public_id == current,
            }
            for row in rows
        ]
    }


@blp.route("/sessions/<session_id>/end", methods=["POST"], keyed=False)
@blp.arguments(EndThis)
@blp.response(200, Ended)
def end_session(_body: dict[str, Any], session_id: str) -> dict[str, int]:
    """End one session, such as a lost phone's; ending it twice is a 404 and harms nothing."""
    return {"ended": services.end_session(identity(), session_id, now=clock.now())}
