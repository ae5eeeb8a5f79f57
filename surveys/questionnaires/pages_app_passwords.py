"""The worker's page of app passwords, with how to set ODK Collect up."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_day, day_text
from kernel.web import Pages, identity, page, require_grant
from surveys.questionnaires.openrosa.rules import MOST
from surveys.questionnaires.openrosa.services import passwords
from surveys.questionnaires.services.responses import ASSIST

blp = Pages(
    "app_password_pages", __name__, guard=require_grant(ASSIST), url_prefix="/work", template_folder="templates"
)


@blp.route("/app-passwords")
def app_passwords() -> Response:
    """What there is, making one, taking one back."""
    found = [
        (one, day_text(china_day(one.made_at)), day_text(china_day(one.ends_at)))
        for one in passwords.listing(account_id=identity().account_id, now=clock.now())
    ]
    return page("questionnaires/app_passwords.html", found=found, most=MOST)
