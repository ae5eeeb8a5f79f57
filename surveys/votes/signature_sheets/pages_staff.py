"""The workers' pages of signatures on paper: what takes them, one cause with its sheets, one sheet to check."""

from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.web import Pages, identity, page, require_grant
from surveys.votes import queries, words
from surveys.votes.callers import staff
from surveys.votes.elections.services import reading as elections
from surveys.votes.elections.services import recalls
from surveys.votes.signature_sheets import services
from surveys.votes.signature_sheets.services import causes

blp = Pages(
    "signature_sheets_pages",
    __name__,
    guard=require_grant(causes.ENTER),
    url_prefix="/work/signatures",
    template_folder="../templates",
)
PATHS = {causes.PETITION: "recalls", causes.NOMINEE: "nominees"}


@blp.route("")
def overview() -> Response:
    """The petitions and joint nominations at my places that take signatures now."""
    views = services.list_causes(by=staff(), now=clock.now())
    return page("votes/signatures/list.html", views=views, words=words)


@blp.route("/new/<vote>")
def new(vote: str) -> Response:
    """The form of a recall that begins on paper."""
    session = reading()
    found = queries.announced_vote(session, vote)
    if not grants.may(session, identity().person_id, causes.ENTER, queries.place_of(session, found), clock.now()):
        raise NotFound("no-such-vote", "没有找到这次表决，或者它不归您负责。")
    return page(
        "votes/signatures/new.html",
        vote=found,
        kind=recalls.kind_of(session, found),
        place=queries.place_of(session, found),
        members=elections.who_may_be_recalled(session, found),
    )


@blp.route("/sheets/<sheet>")
def sheet(sheet: str) -> Response:
    """A keyed sheet beside its photo, to be checked by another; the look is on record."""
    cause, view = services.one_sheet(sheet, by=staff(), now=clock.now())
    return page("votes/signatures/sheet.html", cause=cause, view=view, words=words)


@blp.route("/<kind>/<cause>")
def one(kind: str, cause: str) -> Response:
    """One cause: numbers, its sheets, a new one, a signature taken back."""
    view = services.one_cause(kind, cause, by=staff(), now=clock.now())
    path = f"/api/v1/{PATHS[view.cause.key[0]]}/{cause}"
    return page("votes/signatures/cause.html", view=view, words=words, path=path)
