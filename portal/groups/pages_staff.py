"""The organiser's pages of groups: match the elected to persons, form; tick the hand-over, end."""

from werkzeug.wrappers import Response

from kernel import clock
from kernel.database import reading
from kernel.errors import Conflict
from kernel.web import Pages, identity, page, require_grant
from portal.groups import queries, rules, services, words
from surveys.votes import queries as votes
from surveys.votes.services.preparing import MANAGE, Staff

blp = Pages(
    "groups_staff_pages",
    __name__,
    guard=require_grant(MANAGE),
    url_prefix="/work/groups",
    template_folder="templates",
)


def _staff() -> Staff:
    who = identity()
    return Staff(who.actor, who.person_id)


@blp.route("/new/<vote>")
def new(vote: str) -> Response:
    """Who was elected, and who in the register that is. A vote that has formed its group leads to it by a refusal."""
    elected = services.matches(vote, by=_staff(), now=clock.now())
    session = reading()
    found = votes.vote_by_public_id(session, vote)
    if queries.group_of_vote(session, found.id) is not None:
        raise Conflict("formed-already", "这次选举的自管小组已经成立。")
    return page(
        "groups/new.html",
        vote=found,
        place=votes.place_of(session, found),
        elected=elected,
        complete=all(each.matches for each in elected),
        longest=rules.LONGEST_YEARS,
    )


@blp.route("/<group>")
def manage(group: str) -> Response:
    """One group: members, term, hand-over list, and ending it early."""
    view = services.managed_view(reading(), group, by=_staff(), now=clock.now())
    alternates = services.waiting_alternates(group, by=_staff(), now=clock.now())
    return page("groups/manage.html", view=view, alternates=alternates, words=words)
