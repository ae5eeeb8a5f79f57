"""What everybody may see of a campaign: how many answered, and the figures of an estate or of a place's estates."""

from flask import render_template, request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import current_city
from kernel.ratio import percent_text
from kernel.web import Pages, open_to_all
from kernel.web.assets import versioned_bytes
from surveys.questionnaires.charts import FEW, drawn
from surveys.questionnaires.services import results

blp = Pages("questionnaires_public_pages", __name__, guard=open_to_all, url_prefix="/q", template_folder="templates")


@blp.route("/<campaign>/results")
def show_results(campaign: str) -> Response:
    """The public results; kept a second per process, so that any number of readers cost one."""
    estate, place = (request.args.get(name, "")[:64] for name in ("estate", "place"))
    second = int(clock.now().timestamp())
    return versioned_bytes(
        f"results:{current_city()}:{campaign}:{estate}:{place}:{second}", lambda: _page(campaign, estate, place)
    )


def _page(campaign: str, estate: str, place: str) -> str:
    found = results.public_results(campaign, estate, place)
    return render_template(
        "questionnaires/results.html",
        found=found,
        campaign=found.campaign,
        closed=found.state == "closed",
        closes=china_text(found.campaign.closes_at) if found.campaign.closes_at else "",
        moved=china_text(found.taken_at) if found.taken_at else "",
        percent_text=percent_text,
        drawn=drawn(found.figures),
        few=FEW,
    )
