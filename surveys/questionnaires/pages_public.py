"""What everybody may see of a campaign: how many answered, and after closing an estate's figures."""

from flask import render_template, request
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import current_city
from kernel.ratio import percent_text, quotient_text
from kernel.web import Pages, open_to_all
from kernel.web.assets import versioned_bytes
from kernel.web.svg import Bar, bars
from surveys.questionnaires.rules.tally import Figure, Row
from surveys.questionnaires.services import results

blp = Pages("questionnaires_public_pages", __name__, guard=open_to_all, url_prefix="/q", template_folder="templates")

FEW = "少于5户"
SCORED = ("rating", "matrix")


@blp.route("/<campaign>/results")
def show_results(campaign: str) -> Response:
    """The public results; kept a second per process, so that any number of readers cost one."""
    estate = request.args.get("estate", "")[:64]
    second = int(clock.now().timestamp())
    return versioned_bytes(f"results:{current_city()}:{campaign}:{estate}:{second}", lambda: _page(campaign, estate))


def _page(campaign: str, estate: str) -> str:
    found = results.public_results(campaign, estate)
    return render_template(
        "questionnaires/results.html",
        found=found,
        campaign=found.campaign,
        closed=found.state == "closed",
        closes=china_text(found.campaign.closes_at) if found.campaign.closes_at else "",
        percent_text=percent_text,
        drawn=[
            (figure, [(row, _bars(figure, row), _average(figure, row)) for row in figure.rows])
            for figure in found.figures
        ],
        few=FEW,
    )


def _bars(figure: Figure, row: Row) -> str:
    """A row's cells as bars; shares are of those who answered the question."""
    if not row.cells or not row.respondents:
        return ""
    most = max((cell.n or 0 for cell in row.cells), default=0)
    return bars(
        f"{figure.title}{row.label and '：' + row.label}",
        [
            Bar(
                cell.label,
                (cell.n or 0) / row.respondents,
                FEW if cell.n is None else f"{percent_text(cell.n, row.respondents)}（{cell.n}户）",
                highlight=False,
            )
            for cell in row.cells
            if cell.n is None or cell.n > 0 or most == 0
        ],
    )


def _average(figure: Figure, row: Row) -> str:
    """A row's average in words, or nothing."""
    if row.mean_of is None:
        return ""
    total, people = row.mean_of
    unit = "分" if figure.kind in SCORED else figure.unit
    return f"平均 {quotient_text(total, people * 10**figure.decimals, 1)}{unit}"
