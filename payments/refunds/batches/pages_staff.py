"""The page of an estate's batches: compute and propose one, agree, follow its progress."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.clock import china_text
from kernel.database import reading
from kernel.money import yuan_text
from kernel.web import Pages, identity, page, require_grant
from payments.refunds.batches.services import showing
from payments.refunds.services.asking import MANAGE
from payments.rules.batch import KIND_WORDS

blp = Pages(
    "refund_batches_pages",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/work/refunds",
    template_folder="../../templates",
)


@blp.route("/<estate_id>/batches")
def batches(estate_id: str) -> Response:
    """An estate's batches."""
    view = showing.estate_batches(reading(), estate_id, person_id=identity().person_id, now=clock.now())
    return page(
        "payments/refund_batches.html",
        view=view,
        kinds=[(one.value, word) for one, word in KIND_WORDS.items()],
        yuan=yuan_text,
        china_text=china_text,
    )
