"""What one had filled in, to read, when it can no longer be submitted."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.web import Pages, identity, page, require_resident
from surveys.questionnaires.drafts import services

blp = Pages("survey_drafts_pages", __name__, guard=require_resident, url_prefix="/q", template_folder="../templates")


@blp.route("/<campaign>/<dwelling>/draft")
def draft(campaign: str, dwelling: str) -> Response:
    """One's own draft in plain words."""
    who = identity()
    found = services.lines(campaign, dwelling, account_id=who.account_id, person_id=who.person_id, now=clock.now())
    return page("questionnaires/draft.html", lines=found, back=f"/q/{campaign}/{dwelling}")
