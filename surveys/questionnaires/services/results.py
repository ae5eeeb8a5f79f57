"""What came of a campaign: figures for the public and for staff, from the counters."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.database import reading
from kernel.errors import NotAllowed, NotFound
from kernel.places import queries as places
from kernel.places.models import Place
from kernel.places.rules import is_within
from surveys.questionnaires import queries
from surveys.questionnaires.coverage.queries import coverage_groups
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.rules import coverage, tally
from surveys.questionnaires.rules.coverage import Share
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.tally import FEWEST, Figure
from surveys.questionnaires.services.forms import form_of


@dataclass(frozen=True)
class EstateShare:
    """``answered`` of ``dwellings`` homes of an estate; None: too few to say in public."""

    estate: str
    name: str
    answered: int | None
    dwellings: int


@dataclass(frozen=True)
class Results:
    """``figures`` is empty where they may not be shown (yet)."""

    campaign: Campaign
    estates: list[EstateShare]
    estate: EstateShare | None
    figures: list[Figure]
    waiting: int = 0
    floors: list[Share | None] = field(default_factory=list)
    tenure: list[Share | None] = field(default_factory=list)
    """Who is missing, by floor and by registered tenancy; None: too few to say in public."""

    @property
    def state(self) -> str:
        """The campaign's state."""
        return self.campaign.state


def public_results(campaign: str, estate_code: str = "") -> Results:
    """What everybody may see: while answers come in, only how many have answered; after closing, one estate's figures.

    Two limits keep single households out of sight: figures are given for one estate only, never for all together (a
    small estate could be found by subtraction), and never while they still move (two looks would differ by one).
    Raises NotFound.
    """
    session = reading()
    found = queries.campaign_by_public_id(session, campaign)
    if found.state == State.DRAFT:
        raise queries.NO_CAMPAIGN
    estates = queries.estates_of(session, found.id)
    answered = queries.answered_by_estate(session, found.id)
    shares = [_share(session, estate, answered.get(estate.id, 0), public=True) for estate in estates]
    chosen = next((estate for estate in estates if estate.code == estate_code), None)
    if estate_code and chosen is None:
        raise NotFound("not-asked-here", "这次问卷不在这个小区进行。")
    figures: list[Figure] = []
    floors: list[Share | None] = []
    tenure: list[Share | None] = []
    share = next((share for share in shares if share.estate == estate_code), None)
    if chosen is not None and found.state == State.CLOSED and answered.get(chosen.id, 0) >= FEWEST:
        counts = queries.counters(session, found.id, [chosen.id])
        figures = tally.figures(form_of(session, found.version_id), counts, public=True)
        groups = coverage_groups(session, found.id, [chosen.id])
        floors = coverage.in_public(coverage.by_floor(groups))
        tenure = coverage.in_public(coverage.by_tenure(groups))
    return Results(found, shares, share, figures, floors=floors, tenure=tenure)


def _share(session: Session, estate: Place, answered: int, *, public: bool) -> EstateShare:
    shown = None if public and 0 < answered < FEWEST else answered
    return EstateShare(estate.code, estate.name, shown, places.households(session, estate.id))


def staff_results(campaign: str, estate_code: str = "", *, person_id: int | None, now: datetime) -> Results:
    """Live figures of the estates the person may see results of (or of one of them). Raises NotFound, NotAllowed."""
    session = reading()
    found = queries.campaign_by_public_id(session, campaign)
    mine = grants.places_for(session, person_id, "survey.results", now)
    estates = [
        estate
        for estate in queries.estates_of(session, found.id)
        if any(is_within(estate.path, place.path) for place in mine) and (not estate_code or estate.code == estate_code)
    ]
    if not estates:
        raise NotAllowed("not-your-place", "这次问卷没有您管辖的小区。")
    answered = queries.answered_by_estate(session, found.id)
    counts = queries.counters(session, found.id, [estate.id for estate in estates])
    groups = coverage_groups(session, found.id, [estate.id for estate in estates])
    return Results(
        found,
        [_share(session, estate, answered.get(estate.id, 0), public=False) for estate in estates],
        None,
        tally.figures(form_of(session, found.version_id), counts, public=False),
        queries.waiting_to_be_counted(session),
        floors=list(coverage.by_floor(groups)),
        tenure=list(coverage.by_tenure(groups)),
    )
