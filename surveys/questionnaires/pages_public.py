"""What everybody may see of a campaign: how many answered, and the figures of an estate or of a place's estates."""

from flask import render_template, request

from kernel.clock import china_text
from kernel.ratio import percent_text
from kernel.web import Pages, open_to_all
from kernel.web.kept import kept_a_second
from surveys.questionnaires.charts import FEW, drawn
from surveys.questionnaires.services import results

blp = Pages("questionnaires_public_pages", __name__, guard=open_to_all, url_prefix="/q", template_folder="templates")


@blp.route("/<campaign>/results")
@kept_a_second("estate", "place")
def show_results(campaign: str) -> str:
    """The public results: any number of readers cost one."""
    estate, place = (request.args.get(name, "")[:64] for name in ("estate", "place"))
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
