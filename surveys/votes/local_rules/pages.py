"""Pages of local rules: the public list with its history, and the desk of city and districts."""

from flask import request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.places.queries import places_below
from kernel.web import Pages, identity, open_to_all, page, require_grant
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.local_rules.services import filing
from surveys.votes.rules.local_rules import KEYS, Kind

public = Pages(
    "vote_local_rules_public",
    __name__,
    guard=open_to_all,
    url_prefix="/local-rules",
    template_folder="../templates",
)
desk = Pages(
    "vote_local_rules_desk",
    __name__,
    guard=require_grant(filing.KEEP),
    url_prefix="/work/local-rules",
    template_folder="../templates",
)


@public.route("")
def listed() -> Response:
    """Every confirmed entry, what holds and what held, with its document."""
    rows = local_rules.rules_at(reading(), confirmed=True)
    return page("votes/local_rules/public.html", rows=rows, keys=KEYS, today=clock.china_day(clock.now()))


@desk.route("")
def overview() -> Response:
    """The entries of my city or district: those that wait for a second officer first."""
    session, now = reading(), clock.now()
    mine = grants.places_for(session, identity().person_id, filing.KEEP, now)
    rows = sorted(
        local_rules.rules_at(session, mine),
        key=lambda row: row.LocalRule.ended_at is not None or _settled(row.LocalRule),
    )
    return page("votes/local_rules/list.html", rows=rows, keys=KEYS, today=clock.china_day(now))


def _settled(rule: local_rules.LocalRule) -> bool:
    return rule.confirmed_at is not None and rule.ending_by is None


@desk.route("/new")
def new() -> Response:
    """The form to enter what a document lays down; ``?key=`` for which thing."""
    session, now = reading(), clock.now()
    mine = grants.places_for(session, identity().person_id, filing.KEEP, now)
    places = [each for kind in local_rules.LEVELS for each in places_below(session, mine, kind)]
    return page(
        "votes/local_rules/new.html",
        places=places,
        keys=KEYS,
        chosen=KEYS.get(request.args.get("key", "")),
        kinds=Kind,
        today=clock.china_day(now),
    )


@desk.route("/<rule>")
def one(rule: str) -> Response:
    """One entry, for the second officer or to take it off."""
    session, who = reading(), identity()
    found, place = local_rules.rule_by_public_id(session, rule)
    if not grants.may(session, who.person_id, filing.KEEP, place, clock.now()):
        raise NotFound("no-such-local-rule", "没有找到这条地方规定，或者它不归您管。")
    return page("votes/local_rules/one.html", rule=found, place=place, key=KEYS.get(found.key), actor=who.actor)
