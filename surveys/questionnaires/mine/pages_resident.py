"""One's own data in questionnaires, to read and print, to correct, to take along, to take back."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.web import Pages, identity, page, require_resident
from surveys.questionnaires import settings
from surveys.questionnaires.mine import services

blp = Pages("my_survey_data_pages", __name__, guard=require_resident, url_prefix="/me", template_folder="../templates")


@blp.route("/surveys")
def mine() -> Response:
    """What I have said in questionnaires."""
    found = services.said_by(identity().account_id, now=clock.now())
    years = settings.current().named_days // 365
    return page("questionnaires/mine.html", found=found, years=years, china_text=china_text)
