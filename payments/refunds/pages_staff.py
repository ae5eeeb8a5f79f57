"""The pages of giving deposits back: estates, an estate's requests, and the transfers a cashier makes."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import reading
from kernel.money import yuan_text
from kernel.web import Pages, identity, page, require_grant
from payments.refunds.services import asking, showing, transferring
from payments.rollover import showing as rollover
from payments.rules.giving_back import REASON_WORDS, Road

blp = Pages(
    "refunds_work",
    __name__,
    guard=require_grant(asking.MANAGE),
    url_prefix="/work/refunds",
    template_folder="../templates",
)
cashiers = Pages(
    "refunds_transfers",
    __name__,
    guard=require_grant(transferring.CASH),
    url_prefix="/work/transfers",
    template_folder="../templates",
)


@blp.route("")
def estates() -> Response:
    """The estates whose collections one manages, and what waits in each."""
    return page(
        "payments/refunds_estates.html",
        rows=showing.overview(reading(), identity().person_id, now=clock.now()),
    )


@blp.route("/<estate_id>")
def estate(estate_id: str) -> Response:
    """An estate's requests to work on."""
    view = showing.estate_view(reading(), estate_id, person_id=identity().person_id, now=clock.now())
    return page(
        "payments/refunds_estate.html",
        view=view,
        rollover=rollover.staff_view(reading(), view.estate.id),
        by_wechat=view.by_road(Road.WECHAT),
        by_bank=view.by_road(Road.BANK),
        reasons=[(one.value, word) for one, word in REASON_WORDS.items()],
        yuan=yuan_text,
        china_text=china_text,
    )


@cashiers.route("")
def transfers() -> Response:
    """The refunds to transfer, with their payees; each look is logged."""
    who = identity()
    due = transferring.due_transfers(person_id=who.person_id, actor=who.actor, now=clock.now())
    return page("payments/transfers.html", due=due, yuan=yuan_text)
