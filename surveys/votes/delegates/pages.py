"""Pages of residents' representatives: the street's list and entry, and what the estate is told."""

from flask import request
from werkzeug.wrappers import Response

from kernel import audit, clock, evidence, grants
from kernel.database import reading
from kernel.errors import NotFound
from kernel.masks import mask_name, mask_phone
from kernel.people.models import Person, PersonKind
from kernel.people.queries import holdings_of
from kernel.people.services import name_of, phone_of
from kernel.places.models import Dwelling, Place, PlaceKind
from kernel.places.queries import dwelling_by_public_id, place_by_id, place_by_public_id, places_below
from kernel.places.rules import is_within
from kernel.web import Pages, identity, open_to_all, page, require_grant
from surveys.votes.delegates import queries as delegates
from surveys.votes.delegates import services
from surveys.votes.rolls import queries as rolls
from surveys.votes.rules import delegates as rules

desk = Pages(
    "vote_delegates_desk",
    __name__,
    guard=require_grant(services.MANAGE),
    url_prefix="/work/delegates",
    template_folder="../templates",
)
public = Pages(
    "vote_delegates_public", __name__, guard=open_to_all, url_prefix="/delegates", template_folder="../templates"
)
FOUND_DOORS = 20


def _mine(estate: str) -> Place:
    session = reading()
    found = place_by_public_id(session, estate)
    places = grants.places_for(session, identity().person_id, services.MANAGE, clock.now())
    if found.kind != PlaceKind.ESTATE or not any(is_within(found.path, each.path) for each in places):
        raise NotFound("no-such-estate", "没有找到这个小区，或者它不归您负责。")
    return found


@desk.route("")
def overview() -> Response:
    """The estates in my charge with how many representatives each has, those that have any first."""
    session, now = reading(), clock.now()
    mine = grants.places_for(session, identity().person_id, services.MANAGE, now)
    estates = places_below(session, mine, PlaceKind.ESTATE)
    many = delegates.counts(session, [each.id for each in estates])
    rows = sorted(((each, many.get(each.id, 0)) for each in estates), key=lambda row: row[1] == 0)
    return page("votes/delegates/estates.html", rows=rows)


@desk.route("/<estate>")
def of_estate(estate: str) -> Response:
    """An estate's list by residents' group, with names (the look is on record); ``?door=`` finds a home."""
    found, who, now = _mine(estate), identity(), clock.now()
    subject = f"place:{found.public_id}"
    audit.look(actor=who.actor, what="names", subject=subject, now=now, payload={"why": "delegates"})
    session = reading()
    found = _mine(estate)
    asked = request.args.get("door", "").strip()[:60]
    rows = delegates.list_of(session, found, ended=True)
    return page(
        "votes/delegates/list.html",
        estate=found,
        rows=[(each, name_of(person), dwelling.label) for each, person, dwelling in rows],
        counts=delegates.by_group(session, found.id),
        asked=asked,
        doors=rolls.doors_like(session, found, asked, FOUND_DOORS) if asked else [],
        chosen=rules.CHOSEN_WORDS,
        left=rules.LEFT_WORDS,
        fewest=rules.FEWEST,
        today=clock.china_day(now),
    )


@desk.route("/<estate>/new")
def new(estate: str) -> Response:
    """The form for somebody of a home (?dwelling=)."""
    found, session = _mine(estate), reading()
    dwelling = dwelling_by_public_id(session, request.args.get("dwelling", ""))
    if dwelling.estate_id != found.id:
        raise NotFound("no-such-dwelling", "这一户不在这个小区。")
    here = [(person.public_id, mask_name(name_of(person))) for person in _people(dwelling)]
    return page(
        "votes/delegates/new.html",
        estate=found,
        dwelling=dwelling,
        building=place_by_id(session, dwelling.building_id),
        here=here,
        chosen=rules.CHOSEN_WORDS,
        today=clock.china_day(clock.now()),
        years=rules.LONGEST_YEARS,
    )


def _people(dwelling: Dwelling) -> list[Person]:
    return [person for _, person in holdings_of(reading(), dwelling.id) if person.kind == PersonKind.NATURAL]


@desk.route("/<estate>/<delegate>")
def one(estate: str, delegate: str) -> Response:
    """One entry beside the photos of its record: to confirm, or to end. The look is on record."""
    found, who, now = _mine(estate), identity(), clock.now()
    each = delegates.delegate_by_public_id(reading(), delegate)
    if each.estate_id != found.id:
        raise NotFound("no-such-delegate", "没有找到这条居民代表登记。")
    audit.look(actor=who.actor, what="names", subject=f"delegate:{delegate}", now=now, payload={"why": "delegates"})
    session = reading()
    each = delegates.delegate_by_public_id(session, delegate)
    person = session.get_one(Person, each.person_id)
    phone = phone_of(person) if each.joined_register and each.confirmed_at is None else None
    return page(
        "votes/delegates/one.html",
        estate=_mine(estate),
        delegate=each,
        name=name_of(person),
        phone=mask_phone(phone) if phone else "",
        home=session.get_one(Dwelling, each.dwelling_id).label,
        proofs=evidence.of(session, f"delegate:{each.public_id}"),
        chosen=rules.CHOSEN_WORDS,
        left=rules.LEFT_WORDS,
        actor=who.actor,
    )


@public.route("/<estate>")
def shown(estate: str) -> Response:
    """Who represents the residents of an estate: group, home and term, the name masked."""
    session, today = reading(), clock.china_day(clock.now())
    found = place_by_public_id(session, estate)
    if found.kind != PlaceKind.ESTATE:
        raise NotFound("no-such-estate", "没有找到这个小区。")
    rows = [
        (each, mask_name(name_of(person)), dwelling.label)
        for each, person, dwelling in delegates.on_day(session, Dwelling.estate_id == found.id, today)
    ]
    return page("votes/delegates/public.html", estate=found, rows=rows, chosen=rules.CHOSEN_WORDS)
