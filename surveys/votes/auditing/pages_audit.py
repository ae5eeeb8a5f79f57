"""The auditor's pages: finished votes at his places, and what of each can be taken along."""

from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.rules import is_within
from kernel.web import Pages, identity, page, require_grant
from surveys.votes import queries, words
from surveys.votes.results import queries as results
from surveys.votes.results.rules import STAGE_WORDS, Stage
from surveys.votes.rules.lifecycle import STATE_WORDS, State
from surveys.votes.secret import queries as secret

ACTION = "vote.audit"

blp = Pages(
    "votes_auditing_pages",
    __name__,
    guard=require_grant(ACTION),
    url_prefix="/audit/votes",
    template_folder="../templates",
)


@blp.route("")
def overview() -> Response:
    """The votes at my places, those with a result first to be audited."""
    session = reading()
    mine = grants.places_for(session, identity().person_id, ACTION, clock.now())
    rows = [
        (vote, place, STATE_WORDS[State(vote.state)])
        for vote, place in queries.all_votes(session, (State.RESULT, State.CLOSED, State.OPEN, State.PUBLISHED))
        if any(is_within(place.path, each.path) for each in mine)
    ]
    return page("votes/auditing/list.html", rows=rows)


@blp.route("/<vote>")
def one(vote: str) -> Response:
    """One vote: its hashes, the public bundle, and with a reason the auditor's bundle and the table of weights."""
    session = reading()
    found = queries.announced_vote(session, vote)
    place = queries.place_of(session, found)
    if not grants.may(session, identity().person_id, ACTION, place, clock.now()):
        raise NotFound("no-such-vote", "没有找到这次表决，或者它不归您审计。")
    standing, result = results.standing_of(session, found.id), queries.result_of(session, found.id)
    return page(
        "votes/auditing/one.html",
        vote=found,
        place=place,
        state=STATE_WORDS[State(found.state)],
        stage=STAGE_WORDS[Stage(standing.stage)] if standing else "",
        tally_hash=result.tally_hash if result else "",
        secret=secret.key_of(session, found.id) is not None,
        words=words,
    )
