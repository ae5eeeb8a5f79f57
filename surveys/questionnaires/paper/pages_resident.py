"""The household's page of a paper that is said to be its own and is being keyed."""

from flask import redirect
from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.web import Pages, identity, page, require_resident
from surveys.questionnaires.paper.services import contesting
from surveys.questionnaires.services import responses

blp = Pages(
    "survey_paper_of_mine_pages",
    __name__,
    guard=require_resident,
    url_prefix="/q",
    template_folder="../templates",
)


@blp.route("/<campaign>/<dwelling>/paper")
def on_its_way(campaign: str, dwelling: str) -> Response:
    """What the community received, and a way to say that it is not ours; the receipt once it is keyed."""
    who, now = identity(), clock.now()
    found = contesting.of_the_household(campaign, dwelling, account_id=who.account_id)
    if found is None:
        return redirect(f"/q/{campaign}/{dwelling}")
    standing = responses.standing(campaign, dwelling, account_id=who.account_id, person_id=who.person_id, now=now)
    return page("questionnaires/paper_of_mine.html", standing=standing, found=found, china_text=china_text)
