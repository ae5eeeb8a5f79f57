"""The page on which a household objects to the roll."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import reading
from kernel.errors import DomainError
from kernel.web import Pages, identity, page, require_resident
from surveys.votes import queries, words
from surveys.votes.rolls.services import objecting
from surveys.votes.rules import roll_changes as rules
from surveys.votes.rules.lifecycle import State
from surveys.votes.services import reading as shown

blp = Pages("rolls_resident_pages", __name__, guard=require_resident, url_prefix="/v", template_folder="../templates")


@blp.route("/<vote>/roll/objection")
def objection(vote: str) -> Response:
    """What I may object for, what I objected and how it was answered."""
    session, now, account_id = reading(), clock.now(), identity().account_id
    found = queries.announced_vote(session, vote)
    refusal: DomainError | None = None
    try:
        rules.may_object(state=State(found.state), opens_at=found.opens_at, now=now)
    except DomainError as error:
        refusal = error
    mine = objecting.mine(session, found, account_id)
    waiting = {each.dwelling for each in mine if each.state is rules.ObjectionState.OPEN}
    return page(
        "votes/roll_objection.html",
        view=shown.notice(session, found),
        doors=[each for each in objecting.my_doors(session, found, account_id) if each.public_id not in waiting],
        mine=mine,
        refusal=refusal,
        kinds=rules.OBJECTION_WORDS,
        states=rules.OBJECTION_STATE_WORDS,
        words=words,
    )
