"""A board for a program: the same doors and words, the same look on record."""

from kernel import clock
from kernel.web import Api, identity, require_grant
from portal.dashboards.schemas import BoardOut
from portal.dashboards.services import board as boards

blp = Api("api_board", __name__, guard=require_grant(boards.ACTION), url_prefix="/api/v1/boards", description="进度表")


@blp.route("/<string:code>", methods=["GET"])
@blp.response(200, BoardOut)
def board(code: str) -> boards.Board:
    """The board of an estate, as far as the caller's grants reach; the look is recorded."""
    who = identity()
    return boards.see_board(code, person_id=who.person_id, actor=who.actor, now=clock.now())
