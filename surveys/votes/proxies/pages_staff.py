"""The workers' page of a vote's written proxies."""

from flask import request
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.masks import mask_name
from kernel.people.services import name_of
from kernel.web import Pages, identity, page, require_grant
from surveys.votes import queries, words
from surveys.votes.proxies import queries as proxies
from surveys.votes.proxies import services
from surveys.votes.rules import proxies as rules
from surveys.votes.services import preparing
from surveys.votes.services import reading as shown
from surveys.votes.terms.queries import terms_of

blp = Pages(
    "votes_proxies_pages",
    __name__,
    guard=require_grant(services.ENTER),
    url_prefix="/work/votes",
    template_folder="../templates",
)
TONES = {"registered": "todo", "confirmed": "ok", "used": "ok"}


@blp.route("/<vote>/proxies")
def list_of(vote: str) -> Response:
    """A vote's proxies, the form for a new one (?door= finds its line), and who may not be an agent."""
    session, now, who = reading(), clock.now(), identity()
    found = queries.announced_vote(session, vote)
    place = queries.place_of(session, found)
    if not grants.may(session, who.person_id, services.ENTER, place, now):
        raise NotFound("no-such-vote", "没有找到这次表决，或者它不归您负责。")
    door = request.args.get("door", "").strip()
    roll = {line.id: line for line in queries.roll_of(session, found.id)}
    near = [line for line in roll.values() if door and any(door in label for label in line.value.labels)][:10]
    return page(
        "votes/proxies/list.html",
        view=shown.notice(session, found),
        place=place,
        terms=terms_of(session, found),
        rows=[
            (each, roll[each.roll_line_id], mask_name(services.agent_name(each)))
            for each in proxies.proxies_of_vote(session, found.id)
        ],
        near=[
            (line, [(person.public_id, mask_name(name_of(person))) for person in proxies.holders_of(session, line.id)])
            for line in near
        ],
        door=door,
        me=who.person_id,
        states=rules.STATE_WORDS,
        powers=rules.POWERS_WORDS,
        tones=TONES,
        barred=[(each, mask_name(services.barred_name(each))) for each in proxies.barred_at(session, place)],
        may_bar=grants.may(session, who.person_id, preparing.MANAGE, place, now),
        words=words,
        today=clock.china_day(now),
    )
