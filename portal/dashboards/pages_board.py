"""The pages of building leaders, group leaders, community workers and streets."""

from flask import redirect
from werkzeug.wrappers import Response

from kernel import clock
from kernel.web import Pages, identity, page, require_grant
from kernel.web.svg import Bar, bars
from portal.dashboards.rules.board import WORDS
from portal.dashboards.services import board as boards

blp = Pages("board", __name__, guard=require_grant(boards.ACTION), template_folder="templates")


@blp.route("/board")
def my_boards() -> Response:
    """My estates; with one only, straight to it."""
    lines = boards.my_boards(identity().person_id, now=clock.now())
    if len(lines) == 1:
        return redirect(f"/board/{lines[0].code}")
    return page("dashboards/boards.html", lines=lines)


@blp.route("/board/<code>")
def board(code: str) -> Response:
    """Doors and status words of one estate."""
    who = identity()
    found = boards.see_board(code, person_id=who.person_id, actor=who.actor, now=clock.now())
    rows = [Bar(each.name, each.share, each.text, highlight=each.mine) for each in found.neighbours]
    chart = bars(f"{found.district}各小区已缴户数的比例", rows) if rows else None
    return page("dashboards/board.html", board=found, words=WORDS, chart=chart)
