"""The pages of a call for nominations and of a petition, for anyone; what one may do stands on them."""

from flask import request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.web import Pages, maybe_identity, open_to_all, page
from surveys.votes import queries, words
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import reading as shown
from surveys.votes.elections.services import recalls
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.rules.nominations import CALL_WORDS, PETITION_WORDS, WAY_WORDS

blp = Pages("elections_pages", __name__, guard=open_to_all, template_folder="../templates")


def _account() -> int | None:
    who = maybe_identity()
    return who.account_id if who else None


@blp.route("/n/<call>")
def call(call: str) -> Response:
    """Who stands, how to stand, whom to support."""
    session = reading()
    found = elections.call_by_public_id(session, call)
    return page(
        "votes/elections/call.html",
        view=shown.view(session, found, clock.now(), account_id=_account()),
        signed_in=_account() is not None,
        here=request.path,
        states=CALL_WORDS,
        ways=WAY_WORDS,
        words=words,
    )


@blp.route("/recall/<petition>")
def petition(petition: str) -> Response:
    """A petition: whom, why, how many signed of how many needed."""
    session = reading()
    found = elections.signed_petition(session, petition)
    return page(
        "votes/elections/petition.html",
        view=shown.petition(session, found, clock.now(), account_id=_account()),
        signed_in=_account() is not None,
        here=request.path,
        states=PETITION_WORDS,
        words=words,
    )


@blp.route("/v/<vote>/recall")
def recall(vote: str) -> Response:
    """The petitions against those a vote elected, and the form of a new one."""
    session = reading()
    found = queries.announced_vote(session, vote)
    now, who, kind = clock.now(), maybe_identity(), recalls.kind_of(session, found)
    local = local_rules.in_force(session, queries.place_of(session, found), clock.china_day(now))
    petitions = [shown.petition(session, each, now, account_id=None) for each in shown.shown_petitions(session, found)]
    return page(
        "votes/elections/recall.html",
        vote=found,
        members=shown.who_may_be_recalled(session, found),
        share=local.share("recall_share"),
        electorate=recalls.electorate_of(kind),
        petitions=petitions,
        running=recalls.is_running(session, found.id, now),
        checking=recalls.is_running(session, found.id, now, unseen=True),
        keys_papers=who is not None
        and grants.may(session, who.person_id, "paper.enter", queries.place_of(session, found), now),
        signed_in=who is not None,
        here=request.path,
        states=PETITION_WORDS,
        words=words,
    )
