"""The payer's page: does the deposit stay for the next plan?"""

from werkzeug.wrappers import Response

from kernel.database import reading
from kernel.errors import NotFound
from kernel.money import yuan_text
from kernel.places.queries import dwelling_by_id, place_by_id
from kernel.web import Pages, identity, page, require_resident
from payments import queries as payments
from payments.rollover import queries
from payments.rules.rollover import CHOICE_WORDS
from payments.services.deposits import must_have_spoken_for

blp = Pages("rollover", __name__, guard=require_resident, template_folder="../templates")


@blp.route("/rollover/<deposit_id>")
def rollover(deposit_id: str) -> Response:
    """Keep or give back; neither is chosen before the payer chooses."""
    session, who = reading(), identity()
    deposit = payments.deposit_of_payer(session, deposit_id, who.account_id)
    dwelling = dwelling_by_id(session, deposit.dwelling_id)
    must_have_spoken_for(session, who.account_id, dwelling)
    question = queries.open_question(session, deposit.collection_id)
    if question is None:
        raise NotFound("no-question", "现在没有在问留还是退。想退随时可以在收据页面申请。")
    said = queries.answer_of(session, question.id, deposit.id)
    return page(
        "payments/rollover.html",
        deposit=deposit,
        dwelling=dwelling,
        estate=place_by_id(session, dwelling.estate_id),
        question=question,
        said=said.choice if said else "",
        words=CHOICE_WORDS,
        yuan=yuan_text,
    )
