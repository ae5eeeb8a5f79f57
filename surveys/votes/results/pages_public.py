"""The page of objections: where the result stands, how to object, every answer."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import reading
from kernel.web import Pages, maybe_identity, open_to_all, page
from surveys.votes import queries, words
from surveys.votes.results import services
from surveys.votes.results.rules import RULING_WORDS, STAGE_WORDS
from surveys.votes.services import reading as shown

blp = Pages("vote_results_pages", __name__, guard=open_to_all, url_prefix="/v", template_folder="../templates")


@blp.route("/<vote>/objections")
def objections(vote: str) -> Response:
    """Who stands on the roll objects here; everybody reads the answers."""
    session, who, now = reading(), maybe_identity(), clock.now()
    found = queries.announced_vote(session, vote)
    account_id = who.account_id if who else None
    standing = services.standing(session, found, now, account_id=account_id)
    mine = shown.my_lines(session, found, account_id) if account_id is not None else []
    return page(
        "votes/results/objections.html",
        vote=found,
        place=queries.place_of(session, found),
        standing=standing,
        signed_in=who is not None,
        may_object=any(each.refusal is None for each in mine)
        and not any(each.mine and each.answered_at is None for each in standing.objections),
        on_the_roll=bool(mine),
        stages=STAGE_WORDS,
        rulings=RULING_WORDS,
        words=words,
    )
