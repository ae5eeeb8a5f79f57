"""The menu of works, what became of each wish, last year on this year's form, and what households say of the works."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.clock import china_day
from kernel.database import reading, transaction, translating, use_case
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.people.queries import tie_of
from kernel.places.models import Dwelling, Place, PlaceKind
from kernel.places.queries import dwelling_by_public_id, place_by_code
from kernel.places.rules import is_within
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.needs import queries
from surveys.questionnaires.needs.models import EffectMark, WishStep, WorkCatalogue
from surveys.questionnaires.publicly import queries as publicly
from surveys.questionnaires.results.audience import knows_homes
from surveys.questionnaires.results.queries import counters
from surveys.questionnaires.rules import needs, release, tally
from surveys.questionnaires.rules.needs import BEST, RATED, Became, Catalogue, Wish
from surveys.questionnaires.rules.tally import Figure
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.services.results import released_figures

RESULTS, MANAGE = "survey.results", "survey.manage"


@use_case
def load_catalogue(document: Any, *, year: int, actor: str, now: datetime) -> tuple[WorkCatalogue, bool]:
    """Keep a catalogue of works for a year; (the catalogue, whether it is new); audited. Raises Invalid."""
    needs.read_catalogue(document)
    hashed = needs.content_hash(document)
    with transaction() as session:
        found = queries.catalogue_with_hash(session, year, hashed)
        if found is not None:
            return found, False
        made = WorkCatalogue(year=year, content_hash=hashed, document=document, loaded_at=now)
        session.add(made)
        session.flush()
        audit.record(
            session,
            actor=actor,
            action="catalogue.loaded",
            subject=f"work_catalogue:{made.public_id}",
            now=now,
            payload={"year": year, "content_hash": hashed},
        )
        return made, True


def catalogue(session: Session, campaign: Campaign) -> Catalogue:
    """The catalogue of a campaign's year: the one loaded for it, or the one its questionnaire was frozen with."""
    kept = queries.catalogue_for(session, campaign.year)
    if kept is not None:
        return needs.read_catalogue(kept.document)
    return needs.catalogue_of(form_of(session, campaign.version_id))


@dataclass(frozen=True)
class Stand:
    """What became of an item in an estate: the step that counts, in words for residents."""

    became: Became
    reason: str = ""
    at: datetime | None = None

    @property
    def word(self) -> str:
        """For people."""
        return needs.WORDS[self.became]

    @property
    def tone(self) -> str:
        """How the word is tinted."""
        return needs.TONES[self.became]


@dataclass(frozen=True)
class Menu:
    """The ranked menu of some estates. ``stands``: estate code → item → what became of it; ``marks``: item →
    (households that gave a mark, sum of the marks)."""

    campaign: Campaign
    estates: Sequence[Place]
    catalogue: Catalogue
    wishes: list[Wish]
    stands: Mapping[str, Mapping[str, Stand]]
    marks: Mapping[str, tuple[int, int]]


def stands_of(session: Session, campaign_id: int, estates: Sequence[Place]) -> dict[str, dict[str, Stand]]:
    """What became of the items of some estates, by estate code; items nothing was said of are left out."""
    codes = {estate.id: estate.code for estate in estates}
    found: dict[str, dict[str, Stand]] = {code: {} for code in codes.values()}
    for step in queries.steps(session, campaign_id, list(codes)):
        found[codes[step.estate_id]][step.item] = Stand(Became(step.became), step.reason, step.at)
    return found


def staff_menu(campaign: str, codes: Sequence[str], *, person_id: int | None, now: datetime) -> Menu:
    """The menu of the person's estates, or of some of them (a cluster). Raises NotFound, NotAllowed."""
    session = reading()
    found = campaigns.campaign_by_public_id(session, campaign)
    mine = grants.places_for(session, person_id, RESULTS, now)
    estates = [
        estate
        for estate in campaigns.estates_of(session, found.id)
        if any(is_within(estate.path, place.path) for place in mine) and (not codes or estate.code in codes)
    ]
    if not estates or (codes and {estate.code for estate in estates} != set(codes)):
        raise NotAllowed("not-your-place", "这次问卷没有您管辖的小区。")
    form = form_of(session, found.version_id)
    ids = [estate.id for estate in estates]
    exact = knows_homes(session, estates, person_id, now)
    figures = (
        tally.figures(form, counters(session, found.id, ids), public=False)
        if exact
        else released_figures(session, found, ids)
    )
    known = catalogue(session, found)
    fewest = 1 if exact else tally.FEWEST
    told = {row[0]: (int(row[1]), int(row[2])) for row in queries.marks(session, found.id, ids) if row[1] >= fewest}
    stands = stands_of(session, found.id, estates)
    return Menu(found, estates, known, needs.menu(form, figures, known), stands, told)


@dataclass(frozen=True)
class PublicEstate:
    """An estate's public page: its campaigns, newest first, and of the newest with figures what most want and what
    became of it."""

    estate: Place
    campaigns: Sequence[Campaign]
    menus: Sequence[tuple[Campaign, list[tuple[Wish, Stand | None]]]]


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
        if not figures:
            continue
        form = form_of(session, campaign.version_id)
        stands = stands_of(session, campaign.id, [estate])[estate.code]
        wishes = needs.menu(form, figures, catalogue(session, campaign))
        lines = [(wish, stands.get(wish.item)) for wish in wishes if wish.wanted or wish.item in stands]
        menus.append((campaign, lines))
    return PublicEstate(estate, found, menus)


def public_figures(session: Session, campaign: Campaign, estate: Place) -> list[Figure]:
    """The public figures of an estate in a campaign; [] where nothing may be shown yet."""
    kept = publicly.releases(session, campaign.id, [estate.id])
    shown = release.read(kept[0].document).shown if kept else None
    if not shown or not shown[tally.RESPONSES]:
        return []
    return tally.figures(form_of(session, campaign.version_id), shown, public=True)


@use_case
def set_step(
    campaign: str,
    estate_code: str,
    item: str,
    became: Became,
    reason: str,
    *,
    person_id: int | None,
    actor: str,
    key: Key | None,
    now: datetime,
) -> Stand:
    """Say what became of an item of an estate; audited. ``person_id`` None: the operator.

    Raises NotFound, NotAllowed (survey.manage at the estate), Invalid (no reason where one is needed, no such item),
    Conflict (somebody else has just said something).
    """
    with transaction() as session:
        found = campaigns.campaign_by_public_id(session, campaign)
        estate = place_by_code(session, estate_code)
        if person_id is not None:
            grants.require(session, person_id, MANAGE, estate, now)
        if estate.id not in {each.id for each in campaigns.estates_of(session, found.id)}:
            raise NotFound("not-asked-here", "这次问卷不在这个小区进行。")
        last = queries.last_step(session, found.id, estate.id, item)
        if last is not None and recall(session, key):
            return Stand(Became(last.became), last.reason, last.at)
        form = form_of(session, found.version_id)
        known = {option.code for code in needs.wish_questions(form) for option in form.by_code[code].options}
        if item not in known:
            raise Invalid("no-such-item", "问卷里没有这一项。", {"item": ["没有这一项"]})
        needs.must_follow(Became(last.became) if last else Became.ASKED, became, reason)
        step = WishStep(
            campaign_id=found.id,
            estate_id=estate.id,
            item=item,
            number=last.number + 1 if last else 1,
            became=became,
            reason=reason.strip(),
            set_by=actor,
            at=now,
        )
        session.add(step)
        with translating({"wish_step_pkey": Conflict("just-changed", "别人刚改过这一项，请刷新后再看。")}):
            session.flush()
        remember(session, key, f"{estate_code}/{item}"[:64], now=now)
        audit.record(
            session,
            actor=actor,
            action="wish.set",
            subject=f"campaign:{campaign}",
            now=now,
            payload={"estate": estate_code, "item": item, "became": became, "reason": step.reason},
        )
        return Stand(became, step.reason, now)


@dataclass(frozen=True)
class LastYear:
    """What a household asked for last time, and what became of it. ``mine`` is empty for whoever may not read the
    household's answers; ``estate``: what became of the estate's other items; ``to_mark``: items asked about (问效)."""

    campaign: Campaign
    mine: list[tuple[str, Stand]]
    estate: list[tuple[str, Stand]]
    to_mark: list[tuple[str, str, int | None]]
    may_copy: bool


def last_year(
    session: Session, campaign: Campaign, dwelling: Dwelling, estate: Place, *, may_read: Callable[[Response], bool]
) -> LastYear | None:
    """The campaign before this one at a dwelling; None where there was none. ``may_read``: of its sheet."""
    opened = campaign.opened_at or campaign.created_at
    before = queries.campaign_before(session, estate.id, opened)
    if before is None:
        return None
    form = form_of(session, before.version_id)
    known = catalogue(session, before)
    stands = stands_of(session, before.id, [estate])[estate.code]
    answer = queries.answer_of(session, before.id, dwelling.id)
    readable = answer is not None and may_read(answer)
    wishes = needs.wished(form, answer.answers) if answer is not None and readable else []
    asked = Stand(Became.ASKED)

    def label(code: str) -> str:
        item = known.items.get(code) or needs.catalogue_of(form).items.get(code)
        return item.label if item else code

    given = queries.marked(session, before.id, dwelling.id)
    return LastYear(
        before,
        [(label(code), stands.get(code, asked)) for code in wishes],
        [(label(code), stand) for code, stand in stands.items() if code not in wishes],
        [(code, label(code), given.get(code)) for code, stand in stands.items() if stand.became in RATED],
        readable,
    )


def answers_to_copy(
    session: Session,
    campaign: Campaign,
    dwelling: Dwelling,
    estate: Place,
    *,
    may_read: Callable[[Response], bool],
    now: datetime,
) -> dict[str, Any]:
    """Last time's answers that this questionnaire would take too: same code and kind, still valid, nothing personal,
    nothing that has to be given anew (consent, signature, date, photos). Raises NotFound without any."""
    last = last_year(session, campaign, dwelling, estate, may_read=may_read)
    answer = queries.answer_of(session, last.campaign.id, dwelling.id) if last is not None and last.may_copy else None
    if answer is None:
        raise NotFound("no-answer-before", "没有找到您家去年的答卷，请从头填。")
    return needs.still_fitting(
        form_of(session, answer.version_id), form_of(session, campaign.version_id), answer.answers, today=china_day(now)
    )


@use_case
def mark(
    campaign: str,
    dwelling: str,
    marks: Mapping[str, int],
    *,
    account_id: int,
    actor: str,
    key: Key,
    now: datetime,
) -> dict[str, int]:
    """A household says what it thinks of items that were done, 1 to 5 each; what counts afterwards. Audited: that it
    was said of which items, not the marks.

    Exactly the items of its estate that are being done or done. Raises NotFound (another household's), Invalid,
    Conflict (the household has said so before).
    """
    with transaction() as session:
        found = campaigns.campaign_by_public_id(session, campaign)
        home = dwelling_by_public_id(session, dwelling)
        if tie_of(session, account_id, home.id) is None:
            raise campaigns.NO_DWELLING
        if recall(session, key):
            return queries.marked(session, found.id, home.id)
        estate = session.get_one(Place, home.estate_id)
        stands = stands_of(session, found.id, [estate])[estate.code]
        asked = {item for item, stand in stands.items() if stand.became in RATED}
        if not marks or not marks.keys() <= asked or not all(1 <= value <= BEST for value in marks.values()):
            raise Invalid("not-asked", "请只给正在做或做好了的项目打 1 到 5 分。", {"marks": ["有不能打分的项目"]})
        for item, value in marks.items():
            session.add(
                EffectMark(
                    campaign_id=found.id,
                    dwelling_id=home.id,
                    item=item,
                    estate_id=home.estate_id,
                    mark=value,
                    account_id=account_id,
                    at=now,
                )
            )
        already = Conflict("already-marked", "您家已经给这些项目打过分了，谢谢。")
        with translating({"effect_mark_pkey": already}):
            session.flush()
        remember(session, key, home.public_id, now=now)
        audit.record(
            session,
            actor=actor,
            action="works.marked",
            subject=f"dwelling:{home.public_id}",
            now=now,
            payload={"campaign": campaign, "items": sorted(marks)},
        )
        return queries.marked(session, found.id, home.id)
