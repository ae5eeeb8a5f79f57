"""The payer's page about getting his deposit back: ask, take it back, see where it stands."""

from werkzeug.wrappers import Response

from kernel.clock import china_text
from kernel.database import reading
from kernel.money import yuan_text
from kernel.places.queries import dwelling_by_id, place_by_id
from kernel.web import Pages, identity, page, require_resident
from payments import queries as payments
from payments.handovers import queries as handovers
from payments.refunds import queries
from payments.refunds.services.showing import payer_view
from payments.rules.giving_back import REASON_WORDS
from payments.services.deposits import must_have_spoken_for

blp = Pages("refunds", __name__, guard=require_resident, template_folder="../templates")


@blp.route("/refund/<deposit_id>")
def refund(deposit_id: str) -> Response:
    """Ask a deposit back, or see where the request stands. His own money a payer may always see."""
    session, who = reading(), identity()
    deposit = payments.deposit_of_payer(session, deposit_id, who.account_id)
    dwelling = dwelling_by_id(session, deposit.dwelling_id)
    view = payer_view(session, deposit)
    if view.may_ask:
        must_have_spoken_for(session, who.account_id, dwelling)
    return page(
        "payments/refund.html",
        deposit=deposit,
        dwelling=dwelling,
        estate=place_by_id(session, dwelling.estate_id),
        view=view,
        sold=handovers.waits(session, deposit.id),
        left=handovers.word_of(session, deposit.id) is not None,
        converted_fen=queries.converted_fen(session, deposit.id),
        reasons=[(one.value, word) for one, word in REASON_WORDS.items()],
        yuan=yuan_text,
        china_text=china_text,
    )
