"""The residents' pages. Anyone may open the home page and a door; a dwelling opens for whom it belongs to."""

from flask import g, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.people.models import Tie
from kernel.people.queries import tie_of
from kernel.places.models import Dwelling
from kernel.places.queries import dwelling_by_door_code, dwelling_by_public_id
from kernel.places.rules import grouped, read_door_code
from kernel.web import Pages, identity, maybe_identity, open_to_all, page, require_resident
from portal.auth.services import my_sessions
from portal.claims import services as claims
from portal.claims.queries import my_claim
from portal.home import cards, queries, words
from portal.home.duties import duties_of
from portal.notices.queries import unread

public = Pages("home", __name__, guard=open_to_all, template_folder="templates")
resident = Pages("home_resident", __name__, guard=require_resident, template_folder="templates")


@public.route("/")
def home() -> Response:
    """My dwellings and my duties; a visitor reads how to begin."""
    who, now, session = maybe_identity(), clock.now(), reading()
    if who is None:
        return page("home/welcome.html")
    return page(
        "home/home.html",
        homes=queries.homes_of(session, who.account_id),
        unread=unread(session, who.account_id),
        duties=duties_of(session, who.person_id, now),
        words=words,
    )


@public.route("/h/<code>")
def door(code: str) -> Response:
    """The page behind a label. Before sign-in it names estate and building only (a label is a locator, not a key)."""
    read = read_door_code(code)
    if read is None:
        raise NotFound("unknown-door-code", "这不是门牌码。门牌码是 10 个数字和字母，请对着门上的码重新扫。")
    if read != code:
        return redirect(f"/h/{read}")
    session, who = reading(), maybe_identity()
    dwelling = dwelling_by_door_code(session, read)
    estate, building = queries.where_is(session, dwelling)
    if who is None:
        return page("home/door.html", estate=estate, building=building, code=read)
    if tie_of(session, who.account_id, dwelling.id) is not None:
        return redirect(f"/d/{dwelling.public_id}")
    return _claim_page(session, dwelling, tie=None, code=read)


def _claim_page(session: Session, dwelling: Dwelling, *, tie: Tie | None, code: str) -> Response:
    who, now = identity(), clock.now()
    estate, building = queries.where_is(session, dwelling)
    claim = my_claim(session, who.account_id, dwelling.id)
    return page(
        "home/claim.html",
        estate=estate,
        dwelling=dwelling,
        tie=tie,
        claim=claims.view(session, claim) if claim else None,
        code=code,
        printed_code=grouped(code) if code else "",
        assists=grants.may(session, who.person_id, "response.assist", building, now),
    )


@resident.route("/d/<dwelling_id>/verify")
def verify(dwelling_id: str) -> Response:
    """The step from "may answer the questionnaire" to "may vote and pay"."""
    session = reading()
    found = dwelling_by_public_id(session, dwelling_id)
    tie = tie_of(session, identity().account_id, found.id)
    if tie is None:
        raise NotFound("no-such-dwelling", "没有找到这一户。请重新扫门口的二维码。")
    return _claim_page(session, found, tie=tie, code="")


@resident.route("/d/<dwelling_id>")
def dwelling(dwelling_id: str) -> Response:
    """A dwelling with a card for each thing that is open or done on it. Another household's is not found."""
    session, now = reading(), clock.now()
    found = dwelling_by_public_id(session, dwelling_id)
    tie = tie_of(session, identity().account_id, found.id)
    if tie is None:
        raise NotFound("no-such-dwelling", "没有找到这一户。请重新扫门口的二维码。")
    estate, building = queries.where_is(session, found)
    return page(
        "home/dwelling.html",
        dwelling=found,
        estate=estate,
        building=building,
        tie=tie,
        behalf=words.on_behalf(tie.relation),
        sections=cards.sections(cards.collect(session, dwelling=found, tie=tie, now=now)),
    )


@resident.route("/me")
def me() -> Response:
    """Who I am here, what is kept about me, and the way out."""
    session, now, who = reading(), clock.now(), identity()
    return page(
        "home/me.html",
        homes=queries.homes_of(session, who.account_id),
        roles=[
            (grants.ROLES[grant.role].title, place.name, words.last_day(grant.ends_at))
            for grant, place in grants.grants_of(session, who.person_id, now)
        ],
        sessions=my_sessions(who, now=now),
        current=g.get("session_public_id"),
        china_text=clock.china_text,
        words=words,
    )
