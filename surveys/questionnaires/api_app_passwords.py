"""A worker's own app passwords for ODK Collect: make one for a phone, see them, take one back."""

import base64
import json
import zlib
from typing import Any

from flask import request

from kernel import clock
from kernel.web import Api, idempotency_key, identity, require_grant
from kernel.web.qr import qr_path
from kernel.web.rate_limits import limiter
from surveys.questionnaires.openrosa.schemas import AppPasswordInfo, AppPasswordMade, MakeAppPassword
from surveys.questionnaires.openrosa.services import passwords
from surveys.questionnaires.services.responses import ASSIST

blp = Api(
    "app_passwords",
    __name__,
    guard=require_grant(ASSIST),
    url_prefix="/api/v1/work/app-passwords",
    description="App passwords for ODK Collect",
)


@blp.route("")
@blp.response(200, AppPasswordInfo(many=True))
def mine() -> Any:
    """The passwords that work now, without the passwords themselves."""
    return passwords.listing(account_id=identity().account_id, now=clock.now())


@blp.route("", methods=["POST"])
@limiter.limit("30 per hour")
@blp.arguments(MakeAppPassword)
@blp.response(201, AppPasswordMade)
def make(body: dict[str, Any]) -> Any:
    """Make a password for one phone. It is shown here and nowhere else; ``settings_qr`` sets ODK Collect up."""
    who = identity()
    made = passwords.make(
        label=body["label"], account_id=who.account_id, actor=who.actor, key=idempotency_key(), now=clock.now()
    )
    server = request.host_url.rstrip("/") + "/openrosa"
    general = {"protocol": "odk_default", "server_url": server, "username": made.username, "password": made.password}
    settings = json.dumps({"general": general, "admin": {}, "project": {"name": "共建"}}, ensure_ascii=False)
    # What ODK Collect reads from a settings code: JSON, deflated, in base 64.
    path, side = qr_path(base64.b64encode(zlib.compress(settings.encode(), 9)).decode())
    return {**vars(made), "server": server, "settings_qr": {"path": path, "side": side}}


@blp.route("/<password>", methods=["DELETE"])
@blp.response(204)
def revoke(password: str) -> None:
    """Take a password back. Its phone is refused from now on."""
    who = identity()
    passwords.revoke(password, account_id=who.account_id, actor=who.actor, key=idempotency_key(), now=clock.now())
