"""The ranked menu of works: of an estate, of several, of a cluster; for staff and for everybody."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.clusters import queries as clusters
from kernel.clusters.models import Cluster
from kernel.database import reading
from kernel.errors import NotAllowed, NotFound
from kernel.places.models import Place, PlaceKind
from kernel.places.queries import place_by_code
from kernel.places.rules import is_within
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.needs import queries
from surveys.questionnaires.needs.services import RESULTS, Stand, catalogue, stands_of
from surveys.questionnaires.publicly import queries as publicly
from surveys.questionnaires.publicly.figures import released
from surveys.questionnaires.results.audience import knows_homes
from surveys.questionnaires.results.queries import counters
from surveys.questionnaires.rules import needs, release, tally
from surveys.questionnaires.rules.needs import Became, Catalogue, Wish
from surveys.questionnaires.rules.tally import Figure
from surveys.questionnaires.services.forms import form_of

MOST_YEARS = 2
"""Of a place so many campaigns are told, newest first."""
MOST_ESTATES = 60
"""Of all of mine, if there are more, no estate's own menu is made."""


@dataclass(frozen=True)
class Menu:
    """The ranked menu of some estates. ``stands``: estate code → item → what became of it; ``marks``: item →
    (households that gave a mark, sum of the marks); ``by_estate``: estate code → item → its line in that estate's own
    menu (of several estates, if not too many).
    ``cluster``: the cluster they are of, and ``unasked``: its estates this campaign does not ask in."""

    campaign: Campaign
    estates: Sequence[Place]
    catalogue: Catalogue
    wishes: list[Wish]
    stands: Mapping[str, Mapping[str, Stand]]
    marks: Mapping[str, tuple[int, int]]
    by_estate: Mapping[str, Mapping[str, Wish]]
    cluster: Cluster | None = None
    unasked: Sequence[Place] = ()

    @property
    def title(self) -> str:
        """Of what it is, in words."""
        if self.cluster is not None:
            return self.cluster.name
        return self.estates[0].name if len(self.estates) == 1 else f"合计 {len(self.estates)} 个小区"

    def is_told_of(self, item: str) -> bool:
        """Whether anything can be said of an item: somebody wants it, or it was decided."""
        wanted = any(wish.item == item and wish.wanted for wish in self.wishes)
        return wanted or any(item in stands for stands in self.stands.values())

    def stand(self, item: str) -> tuple[int, Stand] | None:
        """What became of an item, where it is the same in every estate it was set for: (in how many, what)."""
        said = [stands[item] for stands in self.stands.values() if item in stands]
        return (len(said), said[0]) if said and len({each.became for each in said}) == 1 else None


def staff_menu(campaign: str, codes: Sequence[str], *, cluster: str = "", person_id: int | None, now: datetime) -> Menu:
    """The menu of the person's estates, of some of them, or of a cluster's. Raises NotFound, NotAllowed."""
    session = reading()
    found = campaigns.campaign_by_public_id(session, campaign)
    mine = grants.places_for(session, person_id, RESULTS, now)
    asked = estates_asked(session, found, mine)
    joined = clusters.cluster_by_public_id(session, cluster) if cluster else None
    members = clusters.estates_of(session, joined.id) if joined is not None else []
    if joined is not None:
        codes = [estate.code for estate in members if estate.id in {each.id for each in asked}]
        if not all(any(is_within(estate.path, place.path) for place in mine) for estate in members):
            raise clusters.NO_CLUSTER
    estates = [estate for estate in asked if estate.code in codes] if codes or joined else asked
    if not estates or (codes and {estate.code for estate in estates} != set(codes)):
        raise NotAllowed("not-your-place", "这次问卷没有您管辖的小区。")
    form, known = form_of(session, found.version_id), catalogue(session, found)
    exact = knows_homes(session, estates, person_id, now)
    whole = figures_of(session, found, estates, exact=exact)
    each_too = 1 < len(estates) <= MOST_ESTATES or codes
    alone = {each.code: figures_of(session, found, [each], exact=exact) for each in estates} if each_too else {}
    marks = queries.marks if exact else queries.marks_in_fives
    rows = marks(session, found.id, [estate.id for estate in estates])
    told = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    return Menu(
        found,
        estates,
        known,
        needs.menu(form, whole, known),
        stands_of(session, found.id, estates),
        told,
        {code: {wish.item: wish for wish in needs.menu(form, figures, known)} for code, figures in alone.items()},
        joined,
        [estate for estate in members if estate not in estates],
    )


def estates_asked(session: Session, campaign: Campaign, places: Sequence[Place]) -> list[Place]:
    """The estates under some places that a campaign asks in."""
    return [
        estate
        for estate in campaigns.estates_of(session, campaign.id)
        if any(is_within(estate.path, place.path) for place in places)
    ]


def figures_of(session: Session, campaign: Campaign, estates: Sequence[Place], *, exact: bool) -> list[Figure]:
    """The figures of some estates together: live ones, or what is public."""
    ids = [estate.id for estate in estates]
    if not exact:
        return released(session, campaign, ids).figures
    return tally.figures(form_of(session, campaign.version_id), counters(session, campaign.id, ids), public=False)


@dataclass(frozen=True)
class PublicEstate:
    """An estate's public page: its campaigns, newest first, and of those with anything to tell what most want, what
    became of it, and what households think of what was done: item → (households, sum of their marks)."""

    estate: Place
    campaigns: Sequence[Campaign]
    menus: Sequence[tuple[Campaign, list[tuple[Wish, Stand | None]], Mapping[str, tuple[int, int]]]]


def public_estate(code: str) -> PublicEstate:
    """What anybody may know of an estate's surveys. Raises NotFound."""
    session = reading()
    estate = place_by_code(session, code)
    if estate.kind != PlaceKind.ESTATE:
        raise NotFound("no-such-place", "没有找到这个小区。")
    found = queries.campaigns_in(session, estate.id)
    menus = []
    for campaign in found:
        figures = public_figures(session, campaign, estate)
        form, known = form_of(session, campaign.version_id), catalogue(session, campaign)
        stands = stands_of(session, campaign.id, [estate])[estate.code]
        wishes = needs.menu(form, figures, known)
        told = {wish.item for wish in wishes}
        # What was decided is no secret where few have answered.
        wishes += [needs.untold(form, known, item) for item in stands if item not in told]
        lines = [(wish, stands.get(wish.item)) for wish in wishes if wish.wanted or wish.item in stands]
        if lines:
            given = queries.marks_in_fives(session, campaign.id, [estate.id])
            menus.append((campaign, lines, {row[0]: (int(row[1]), int(row[2])) for row in given}))
    return PublicEstate(estate, found, menus)


def public_figures(session: Session, campaign: Campaign, estate: Place) -> list[Figure]:
    """The public figures of an estate in a campaign; [] where nothing may be shown yet."""
    kept = publicly.releases(session, campaign.id, [estate.id])
    shown = release.read(kept[0].document).shown if kept else None
    if not shown or not shown[tally.RESPONSES]:
        return []
    return tally.figures(form_of(session, campaign.version_id), shown, public=True)


@dataclass(frozen=True)
class PlaceYear:
    """A campaign at a place: what its ``estates`` with public figures want together, best first, and of each item that
    was decided its words and in how many estates what became of it."""

    campaign: Campaign
    estates: int
    wanted: list[Wish]
    done: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class PublicPlace:
    """What anybody may know of what the estates under a place want."""

    place: Place
    years: list[PlaceYear]


def public_place(code: str) -> PublicPlace:
    """The newest campaigns of a place, from its estates' public figures alone. Raises NotFound."""
    session = reading()
    place = place_by_code(session, code)
    years = []
    for campaign in queries.campaigns_under(session, place, MOST_YEARS):
        estates = estates_asked(session, campaign, [place])
        ids = [estate.id for estate in estates]
        figures = released(session, campaign, ids).figures
        form, known = form_of(session, campaign.version_id), catalogue(session, campaign)
        wanted = [wish for wish in needs.menu(form, figures, known) if wish.wanted]
        counts: dict[str, Counter[Became]] = {}
        for stands in stands_of(session, campaign.id, estates).values():
            for item, stand in stands.items():
                counts.setdefault(item, Counter())[stand.became] += 1
        done = [
            (
                needs.item_of(form, known, item).label,
                [f"{needs.WORDS[each]} {became[each]} 个小区" for each in Became if became[each]],
            )
            for item, became in sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))
        ]
        if wanted or done:
            shown = publicly.releases(session, campaign.id, ids)
            years.append(PlaceYear(campaign, len(shown), wanted, done))
    return PublicPlace(place, years)
