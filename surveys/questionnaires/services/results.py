"""What came of a campaign: figures for the public and for staff, from the counters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kernel import grants
from kernel.database import reading
from kernel.errors import NotAllowed, NotFound
from kernel.places import queries as places
from kernel.places.models import Place
from kernel.places.rules import is_within
from surveys.questionnaires import queries
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.publicly import queries as publicly
from surveys.questionnaires.publicly.figures import released
from surveys.questionnaires.results import queries as counts_of
from surveys.questionnaires.results.audience import RESULTS, knows_homes
from surveys.questionnaires.rules import ages, coverage, tally
from surveys.questionnaires.rules.coverage import Share
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.release import read
from surveys.questionnaires.rules.sheet import Sheet, added, strata
from surveys.questionnaires.rules.tally import Figure
from surveys.questionnaires.rules.weights import Weighing, weighed
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.sheets import services as sheets
from surveys.questionnaires.sheets.queries import homes_by_estate
from surveys.questionnaires.sheets.services import Reported, reports_of


@dataclass(frozen=True)
class EstateShare:
    """``answered`` of ``dwellings`` homes of an estate; None: too few to say in public."""

    estate: str
    name: str
    answered: int | None
    dwellings: int


@dataclass(frozen=True)
class Agreement:
    """Of the ``homes`` of those estates whose public figures tell it, so many agree; ``untold``: the other estates."""

    agreeing: int
    homes: int
    untold: int


@dataclass(frozen=True)
class Results:
    """``figures`` is empty where they may not be shown (yet). ``place``: what they are of, where it is one place;
    ``taken_at``: when a public figure last moved, for staff when the sheets were made."""

    campaign: Campaign
    estates: list[EstateShare]
    estate: EstateShare | None
    figures: list[Figure]
    waiting: int = 0
    floors: list[Share] = field(default_factory=list)
    tenure: list[Share] = field(default_factory=list)
    """Who is missing, by floor and by registered tenancy, without what is too few to say in public."""
    ages: list[Share] = field(default_factory=list)
    reported: Mapping[str, Reported] = field(default_factory=dict)
    """For whoever ``knows_homes``: coverage by age, and what communities report of it (``rules.ages``)."""
    channels: Mapping[str, int | None] = field(default_factory=dict)
    doors: Mapping[str, int | None] = field(default_factory=dict)
    """How sheets came in, and the last word of each door that was knocked at; None: too few to say."""
    sheet: Sheet | None = None
    """For staff: rates and groups, as they were at ``taken_at``; counts by group for whoever ``knows_homes``."""
    taken_at: datetime | None = None
    place: Place | None = None
    top: str = ""
    """Code of the place above all estates, for their total."""
    knows_homes: bool = False
    """For staff: whether the figures are exact (``results.audience``)."""
    agreement: Agreement | None = None
    """For staff who do not know the homes; None where none of their estates tells it."""

    @property
    def state(self) -> str:
        """The campaign's state."""
        return self.campaign.state


def public_results(campaign: str, estate_code: str = "", place_code: str = "") -> Results:
    """What everybody may see, while answers come in and after: figures of one estate, or of the estates under a place.

    Figures are those of the estates' releases, which move by five newcomers or more; a place's are made of its estates'
    public figures alone (``rules.release`` says why that reveals nobody). Raises NotFound.
    """
    session = reading()
    found = queries.campaign_by_public_id(session, campaign)
    if found.state == State.DRAFT:
        raise queries.NO_CAMPAIGN
    estates = queries.estates_of(session, found.id)
    chosen = next((estate for estate in estates if estate.code == estate_code), None)
    if estate_code and chosen is None:
        raise NotFound("not-asked-here", "这次问卷不在这个小区进行。")
    releases = {each.estate_id: each for each in publicly.releases(session, found.id, [each.id for each in estates])}
    shown: dict[int, Counter[tally.Key]] = {
        estate_id: read(each.document).shown for estate_id, each in releases.items()
    }
    homes = homes_by_estate(session, found.id)
    shares = [
        EstateShare(each.code, each.name, shown.get(each.id, Counter())[tally.RESPONSES] or None, homes.get(each.id, 0))
        for each in estates
    ]
    form = form_of(session, found.version_id)
    if chosen is not None:
        share = next(share for share in shares if share.estate == estate_code)
        if chosen.id not in shown or share.answered is None:
            return Results(found, shares, share, [], place=chosen)
        figures = tally.figures(form, shown[chosen.id], public=True)
        floors: list[Share] = []
        tenure: list[Share] = []
        if found.state == State.CLOSED:
            told, _ = sheets.told(session, found.id, [chosen.id])
            floors, tenure = _missing_in_public(told)
        moved = releases[chosen.id].taken_at
        return Results(found, shares, share, figures, floors=floors, tenure=tenure, taken_at=moved, place=chosen)
    if not place_code:
        return Results(found, shares, None, [], top=estates[0].path.split("/")[1] if estates else "")
    place = places.place_by_code(session, place_code)
    if not any(is_within(each.path, place.path) for each in estates):
        raise NotFound("not-asked-here", "这次问卷没有在这里进行。")
    within = [each for each in estates if is_within(each.path, place.path) and each.id in shown]
    figures = released(session, found, [each.id for each in within]).figures
    moved_at = max((releases[each.id].taken_at for each in within), default=None)
    mine = [share for each, share in zip(estates, shares, strict=True) if is_within(each.path, place.path)]
    return Results(found, mine, None, figures, taken_at=moved_at, place=place)


def staff_results(
    campaign: str, estate_code: str = "", *, channel: str = "", person_id: int | None, now: datetime
) -> Results:
    """Live figures of the estates the person may see results of (or of one of them), by one channel or by all.

    Exact for whoever works with the households of all of them; others get the public figures, never of one channel
    alone, what ``rules.telling`` tells of participation, and no weights. Raises NotFound, NotAllowed.
    """
    session = reading()
    found = queries.campaign_by_public_id(session, campaign)
    mine = grants.places_for(session, person_id, RESULTS, now)
    estates = [
        estate
        for estate in queries.estates_of(session, found.id)
        if any(is_within(estate.path, place.path) for place in mine) and (not estate_code or estate.code == estate_code)
    ]
    if not estates:
        raise NotAllowed("not-your-place", "这次问卷没有您管辖的小区。")
    counted = counts_of.counted_by_estate(session, found.id)
    knows = knows_homes(session, estates, person_id, now)
    if channel and not knows:
        raise NotAllowed("exact-figures", "按填法分开的准确数字，只给负责入户的社区和街道看。")
    ids = [estate.id for estate in estates]
    form = form_of(session, found.version_id)
    channels: Mapping[str, int | None]
    doors: Mapping[str, int | None]
    floors: list[Share]
    tenure: list[Share]
    agreeing: Mapping[int, int] = {}
    if knows:
        figures = tally.figures(form, counts_of.counters(session, found.id, ids, channel), public=False)
        sheet, sheet_at = sheets.kept(session, found.id, ids)
        floors, tenure = coverage.by_floor(sheet.groups), coverage.by_tenure(sheet.groups)
        channels, doors = sum((Counter(counted.get(each, {})) for each in ids), Counter()), sheet.outcomes
    else:
        public = released(session, found, ids)
        figures, agreeing = public.figures, public.agreeing
        told, sheet_at = sheets.told(session, found.id, ids)
        sheet = added(told)
        floors, tenure = _missing_in_public(told)
        channels = coverage.counts_in_public_together(each.channels for each in told)
        doors = coverage.counts_in_public_together(each.outcomes for each in told)
    reported = reports_of(session, ids) if knows else {}
    homes = homes_by_estate(session, found.id)
    return Results(
        found,
        [
            EstateShare(each.code, each.name, sum(counted.get(each.id, {}).values()), homes.get(each.id, 0))
            for each in estates
        ],
        None,
        figures,
        queries.waiting_to_be_counted(session),
        floors=floors,
        tenure=tenure,
        ages=ages.shares(sheet.ages, {age: each.households for age, each in reported.items()}, sheet.rates.total.homes),
        reported=reported,
        channels=channels,
        doors=doors,
        sheet=sheet,
        taken_at=sheet_at,
        place=estates[0] if estate_code else None,
        knows_homes=knows,
        agreement=Agreement(sum(agreeing.values()), sum(homes[each] for each in agreeing), len(ids) - len(agreeing))
        if agreeing
        else None,
    )


def _missing_in_public(told: Sequence[Sheet]) -> tuple[list[Share], list[Share]]:
    """Who is missing of some estates, by floor and by registered tenancy, for whoever does not know the homes."""
    floors = coverage.in_public_together(coverage.by_floor(each.groups) for each in told)
    tenure = coverage.in_public_together(coverage.by_tenure(each.groups) for each in told)
    return sorted(floors, key=lambda share: coverage.FLOOR_ORDER.index(share.group)), tenure


@dataclass(frozen=True)
class Weighted:
    """Figures of weighted counts (their shares and averages say something, their numbers nothing), and by what."""

    weighing: Weighing
    figures: list[Figure]


def weighted(found: Results) -> Weighted | None:
    """The re-weighted figures beside those of ``staff_results``; None for whoever does not know the homes, and where
    nobody has answered yet."""
    weighing = weighed(strata(found.sheet)) if found.knows_homes and found.sheet else None
    if weighing is None:
        return None
    form = form_of(reading(), found.campaign.version_id)
    return Weighted(weighing, tally.figures(form, weighing.counts, public=False))
