"""问效: a household gives marks to exactly what was done of what its estate had asked for."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.web import Pages, identity, page, require_resident
from surveys.questionnaires.needs import opening
from surveys.questionnaires.services import responses

blp = Pages("survey_effects_pages", __name__, guard=require_resident, url_prefix="/q", template_folder="../templates")


@blp.route("/<campaign>/<dwelling>/effects")
def effects(campaign: str, dwelling: str) -> Response:
    """What became of last time's wishes, and marks for what can be seen. ``campaign``: the one that runs now."""
    who = identity()
    standing = responses.standing(
        campaign, dwelling, account_id=who.account_id, person_id=who.person_id, now=clock.now()
    )
    return page(
        "questionnaires/effects.html",
        standing=standing,
        last=opening.shown(standing, account_id=who.account_id),
        back=f"/q/{campaign}/{dwelling}",
    )
