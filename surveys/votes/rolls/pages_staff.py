"""The street's pages of a roll: objections and changes, finding a door, changing it."""

from flask import request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.masks import mask_name
from kernel.people.queries import owners_of
from kernel.people.services import name_of
from kernel.places.queries import dwelling_by_public_id
from kernel.web import Pages, identity, page, require_grant
from surveys.votes import queries, words
from surveys.votes.callers import staff
from surveys.votes.representatives import queries as representatives
from surveys.votes.rolls import queries as rolls
from surveys.votes.rolls.services import objecting
from surveys.votes.rolls.services import reading as changes
from surveys.votes.rules import roll_changes as rules
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.representation import GROUND_WORDS
from surveys.votes.rules.roll_changes import ChangeKind
from surveys.votes.services import reading as shown

blp = Pages(
    "rolls_staff_pages",
    __name__,
    guard=require_grant(objecting.MANAGE),
    url_prefix="/work/votes",
    template_folder="../templates",
)

FOUND_DOORS = 20


def _view(vote: str) -> shown.Notice:
    session = reading()
    view = shown.notice(session, queries.vote_by_public_id(session, vote))
    if not grants.may(session, identity().person_id, objecting.MANAGE, view.place, clock.now()):
        raise NotFound("no-such-vote", "没有找到这次表决，或者它不归您负责。")
    return view


@blp.route("/<vote>/roll")
def overview(vote: str) -> Response:
    """The objections, the log of changes, and a door found by its number (?door=)."""
    view, session = _view(vote), reading()
    asked = request.args.get("door", "").strip()[:60]
    return page(
        "votes/staff/roll.html",
        view=view,
        objections=objecting.all_of(vote, by=staff(), now=clock.now()),
        changes=changes.changes(session, view.vote),
        asked=asked,
        doors=rolls.doors_like(session, view.place, asked, FOUND_DOORS) if asked else [],
        objection_kinds=rules.OBJECTION_WORDS,
        states=rules.OBJECTION_STATE_WORDS,
        kinds=rules.CHANGE_WORDS,
        effects=rules.EFFECT_WORDS,
        frozen=view.state not in (State.DRAFT, State.PUBLISHED),
        words=words,
    )


@blp.route("/<vote>/roll/change")
def change(vote: str) -> Response:
    """The form of a change for one dwelling (?dwelling=, and ?objection= for the one it answers)."""
    view, session = _view(vote), reading()
    dwelling = dwelling_by_public_id(session, request.args.get("dwelling", ""))
    if not rolls.is_of(session, dwelling, view.place):
        raise NotFound("not-of-this-vote", "这套房屋不在这次表决的范围里。")
    frozen = view.state not in (State.DRAFT, State.PUBLISHED)
    owners = owners_of(session, dwelling.id)
    over = rolls.overrides_of(session, view.vote.id).get(dwelling.public_id)
    return page(
        "votes/staff/roll_change.html",
        view=view,
        dwelling=dwelling,
        area_dm2=over.area_dm2 if over and over.area_dm2 is not None else dwelling.area_dm2,
        left_out=over.left_out if over else False,
        owners=[mask_name(name_of(person)) for person in owners],
        owner_ids={person.id: (person.public_id, mask_name(name_of(person))) for person in owners},
        representatives=representatives.of_owners(session, [person.id for person in owners]),
        grounds=GROUND_WORDS,
        actor=identity().actor,
        objection=next(
            (
                each
                for each in objecting.all_of(vote, by=staff(), now=clock.now())
                if each.id == request.args.get("objection") and each.dwelling == dwelling.public_id
            ),
            None,
        ),
        kinds={
            kind: word
            for kind, word in rules.kinds_for(
                view.electorate, frozen=frozen, left_out=bool(over and over.left_out)
            ).items()
            if view.state is not State.RESULT or kind is ChangeKind.AREA
        },
        transfers=rules.TRANSFERS,
        area=ChangeKind.AREA,
        objection_kinds=rules.OBJECTION_WORDS,
        words=words,
    )
