"""The street's queue of ballots in question: which doors, how each ballot came and when; never what was chosen."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import reading
from kernel.web import Pages, page, require_grant
from surveys.votes import queries, words
from surveys.votes.callers import staff
from surveys.votes.conflicts import services
from surveys.votes.rules import conflicts as rules
from surveys.votes.rules.binding import CHANNEL_WORDS
from surveys.votes.rules.terms import CLASH_WORDS
from surveys.votes.services import preparing
from surveys.votes.services import reading as shown
from surveys.votes.terms.queries import terms_of

blp = Pages(
    "votes_conflicts_pages",
    __name__,
    guard=require_grant(preparing.MANAGE),
    url_prefix="/work/votes",
    template_folder="../templates",
)


@blp.route("/<vote>/conflicts")
def queue(vote: str) -> Response:
    """The questions of a vote, those that wait first."""
    rows = services.queue(vote, by=staff(), now=clock.now())
    session = reading()
    found = queries.announced_vote(session, vote)
    return page(
        "votes/conflicts/queue.html",
        view=shown.notice(session, found),
        rows=rows,
        clash=CLASH_WORDS[terms_of(session, found).clash],
        kinds=rules.KIND_WORDS,
        states=rules.STATE_WORDS,
        decisions=rules.DECISION_WORDS,
        channels=CHANNEL_WORDS,
        counted={ballot.id for ballot, _, _ in queries.counted_ballots(session, found.id)},
        words=words,
    )
