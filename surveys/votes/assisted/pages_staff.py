"""A worker's pages: find the line, hand the phone over, and give the voter the receipt's number."""

from flask import request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import Conflict, NotFound
from kernel.masks import mask_name, mask_phone
from kernel.people.services import name_of
from kernel.places.rules import is_within
from kernel.web import Pages, identity, page, require_grant
from surveys.votes import queries, words
from surveys.votes.assisted import services as confirming
from surveys.votes.models import Vote
from surveys.votes.queries import StoredLine
from surveys.votes.rules import envelope
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.decision import CHOICE_WORDS
from surveys.votes.rules.lifecycle import State
from surveys.votes.secret import queries as secret
from surveys.votes.services import helping, keeping
from surveys.votes.services import reading as shown
from surveys.votes.services.helping import ASSIST
from surveys.votes.services.papers import papers_of

blp = Pages(
    "votes_assisted_pages",
    __name__,
    guard=require_grant(ASSIST),
    url_prefix="/work/help-vote",
    template_folder="../templates",
)


@blp.route("")
def overview() -> Response:
    """The votes that run at my places."""
    session, now = reading(), clock.now()
    mine = grants.places_for(session, identity().person_id, ASSIST, now)
    rows = [
        (vote, place)
        for vote, place in queries.all_votes(session, (State.OPEN,))
        if shown.accepts_ballots(vote, now) and any(is_within(place.path, each.path) for each in mine)
    ]
    return page("votes/assisted/overview.html", rows=rows)


@blp.route("/<vote>")
def find(vote: str) -> Response:
    """?door= finds the lines of a door and who of the register votes for each."""
    session = reading()
    found = _mine(vote)
    door = request.args.get("door", "").strip()
    near = [
        line
        for line in queries.roll_of(session, found.id)
        if door and any(door in label for label in line.value.labels)
    ][:10]
    named = found.electorate != Electorate.RESIDENTS
    may_recast = secret.key_of(session, found.id) is not None
    return page(
        "votes/assisted/find.html",
        view=shown.notice(session, found),
        door=door,
        named=named,
        near=[
            (
                line,
                not may_recast and keeping.used(session, found, line.id, now=clock.now()),
                [
                    (each.voter.public_id, mask_name(name_of(each.voter)), each.voter is not each.owner)
                    for each in helping.voters_of(session, line.id)
                    if each.refusal is None
                ]
                if named
                else [
                    (person.public_id, mask_name(name_of(person)), False)
                    for person in helping.household_of(session, line)
                ],
            )
            for line in near
        ],
    )


@blp.route("/<vote>/ballot")
def ballot(vote: str) -> Response:
    """The ballot of a line on the worker's phone (?line=, ?voter=): the voter chooses, reads it back, signs."""
    session = reading()
    found = _mine(vote)
    line = queries.line_by_public_id(session, found.id, request.args.get("line", ""))
    if line is None:
        raise NotFound("no-such-line", "名册上没有这一票。请核对房号。")
    if not shown.accepts_ballots(found, clock.now()):
        raise Conflict("not-open", "现在不是投票时间。请回到公告看开始和截止的时间。")
    key = secret.key_of(session, found.id)
    return page(
        "votes/ballot.html",
        view=shown.notice(session, found),
        line=line,
        choices=CHOICE_WORDS,
        election=key,
        length=envelope.plain_length(papers_of(session, found.id)) if key else 0,
        words=words,
        helped={
            "voter": request.args.get("voter", ""),
            "place": queries.place_of(session, found).code,
            "phone": _phone(found, line, request.args.get("voter", "")),
        },
    )


@blp.route("/<vote>/receipt/<receipt_no>")
def receipt(vote: str, receipt_no: str) -> Response:
    """The number the voter takes along; for the worker on whose phone it was cast."""
    session = reading()
    found = _mine(vote)
    cast = queries.ballot_by_receipt(session, found.id, receipt_no)
    if cast is None or cast.helper_id != identity().account_id:
        raise NotFound("no-such-receipt", "没有找到这张回执。请核对编号。")
    return page("votes/assisted/receipt.html", view=shown.notice(session, found), ballot=cast, words=words)


def _phone(vote: Vote, line: StoredLine, voter: str) -> str:
    """The voter's own phone, masked, if a code can go there; else ""."""
    if not voter:
        return ""
    phone = confirming.mobile_of(helping.voter_of(reading(), vote, line, voter))
    return mask_phone(phone) if phone else ""


def _mine(vote: str) -> Vote:
    session = reading()
    found = queries.announced_vote(session, vote)
    if not grants.may(session, identity().person_id, ASSIST, queries.place_of(session, found), clock.now()):
        raise NotFound("no-such-vote", "没有找到这次表决，或者它不归您负责。")
    return found
