"""The public log of a roll's corrections and amendments."""

from werkzeug.wrappers import Response

from kernel.database import reading
from kernel.web import Pages, open_to_all, page
from surveys.votes import queries, words
from surveys.votes.rolls.services import reading as changes
from surveys.votes.rules.roll_changes import CHANGE_WORDS, EFFECT_WORDS
from surveys.votes.services import reading as shown

blp = Pages("rolls_pages", __name__, guard=open_to_all, url_prefix="/v", template_folder="../templates")


@blp.route("/<vote>/roll/changes")
def log(vote: str) -> Response:
    """What was corrected before the opening and amended after it, and why; doors, no names."""
    session = reading()
    found = queries.announced_vote(session, vote)
    return page(
        "votes/roll_changes.html",
        view=shown.notice(session, found),
        changes=changes.changes(session, found),
        kinds=CHANGE_WORDS,
        effects=EFFECT_WORDS,
        words=words,
    )
