"""The household's page: our contribution, by which formula, what is paid and open."""

from flask import current_app, redirect, request
from werkzeug.wrappers import Response

from kernel.clock import china_text
from kernel.database import reading
from kernel.errors import NotFound
from kernel.money import yuan_text
from kernel.people.queries import tie_of
from kernel.places.queries import dwelling_by_public_id, place_by_id
from kernel.web import Pages, identity, names_its_site, page, require_resident
from payments import queries as payments
from payments.contributions.services.showing import home_view
from payments.pages_resident import confirm_first
from payments.rules.deposit import RECEIVED, DepositState

blp = Pages("contributions", __name__, guard=require_resident, template_folder="../templates")


@blp.route("/contribution/<dwelling_id>")
def contribution(dwelling_id: str) -> Response:
    """What the dwelling bears, line by line, what was paid by whom of the household, and paying what is open.

    ``?deposit=ID``: the payer comes back from WeChat for this payment, whose notice may have been here before him:
    then its receipt is shown.
    """
    session, who = reading(), identity()
    dwelling = dwelling_by_public_id(session, dwelling_id)
    tie = tie_of(session, who.account_id, dwelling.id)
    if tie is None:
        raise NotFound("no-such-dwelling", "没有找到这一户。请重新扫门口的二维码。")
    if tie.level < 2:
        return confirm_first(dwelling)
    coming_back = request.args.get("deposit")
    if coming_back:
        paid = payments.deposit_of_payer(session, coming_back, who.account_id)
        if DepositState(paid.state) in RECEIVED:
            return redirect(f"/receipt/{paid.public_id}")
    collection = payments.collection_of(session, dwelling.estate_id)
    view = home_view(session, collection, dwelling, who.account_id) if collection else None
    if collection is None or view is None:
        return page(
            "message.html",
            heading="还没有分摊方案",
            text="分摊方案由两位工作人员编制、复核后公布。公布后，这里会写明您家应出多少、怎么算的。现在不用缴。",
            tone="wait",
            actions=[("回到我家", f"/d/{dwelling.public_id}", "main")],
        )
    waiting = None
    if view.waiting_deposit:
        deposit = payments.deposit_of_payer(session, view.waiting_deposit, who.account_id)
        waiting = payments.open_attempt(session, deposit.id)
    shown = page(
        "payments/contribution.html",
        dwelling=dwelling,
        estate=place_by_id(session, dwelling.estate_id),
        collection=collection,
        view=view,
        waiting=waiting,
        may_pay=bool(view.standing.open_fen) and collection.closed_at is None,
        sandbox_url=current_app.extensions["gongjian.config"].sandbox_url or "",
        yuan=yuan_text,
        china_text=china_text,
    )
    return names_its_site(shown)  # for WeChat's own page, as the deposit's
