"""One's own notices."""

from typing import Any

from kernel import clock
from kernel.web.blueprints import Api
from kernel.web.guards import identity, require_resident
from portal.notices import services
from portal.notices.schemas import NoticesAnswer, ReadIt

blp = Api("notices", __name__, guard=require_resident, url_prefix="/api/v1/notices", description="News for an account")


@blp.route("", methods=["GET"])
@blp.response(200, NoticesAnswer)
def notices() -> dict[str, Any]:
    """One's own notices, newest first."""
    return {"notices": services.my_notices(identity())}


@blp.route("/<notice_id>/read", methods=["POST"], keyed=False)
@blp.arguments(ReadIt)
@blp.response(204)
def read(_body: dict[str, Any], notice_id: str) -> None:
    """Note that a notice was read; reading twice is reading once."""
    services.mark_read(identity(), notice_id, now=clock.now())
