"""The page of the street's desk."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import reading
from kernel.money import yuan_text
from kernel.web import Pages, identity, page, require_grant
from payments.street_desk import services

blp = Pages(
    "street_desk",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/work/street-desk",
    template_folder="../templates",
)


@blp.route("")
def desk() -> Response:
    """What waits, with counts; and each account's three sides."""
    now = clock.now()
    view = services.desk_view(reading(), identity().person_id, now=now)
    return page("payments/street_desk.html", view=view, yuan=yuan_text, today=clock.china_day(now))
