"""The masked notice of an apportionment: costs and ways in full, sums by building, nobody's door."""

from werkzeug.wrappers import Response

from kernel.clock import china_text
from kernel.database import reading
from kernel.errors import NotFound
from kernel.money import yuan_text
from kernel.places.queries import place_by_public_id
from kernel.web import Pages, open_to_all, page
from payments.contributions.services.public import public_view

blp = Pages("contributions_public", __name__, guard=open_to_all, template_folder="../templates")


@blp.route("/budgets/<estate_id>")
def budget(estate_id: str) -> Response:
    """The version that counts."""
    session = reading()
    estate = place_by_public_id(session, estate_id)
    view = public_view(session, estate)
    if view is None:
        raise NotFound("no-budget", "本小区还没有公布分摊方案。")
    table = [
        [
            one.building,
            one.homes,
            yuan_text(one.due_fen),
            one.average,
        ]
        for one in view.buildings
    ]
    return page("payments/budget_public.html", view=view, table=table, yuan=yuan_text, china_text=china_text)
