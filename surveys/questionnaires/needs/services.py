"""What became of each wish, last year on this year's form, and what households say of the works."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.clock import china_day
from kernel.database import transaction, translating, use_case
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.people.queries import tie_of
from kernel.places.models import Place
from kernel.places.queries import dwelling_by_public_id, place_by_code
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.corrections.reading import AsAsked
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.needs import queries
from surveys.questionnaires.needs.models import EffectMark, WishStep, WorkCatalogue
from surveys.questionnaires.queries import MetCampaign, MetHome, MetPlace
from surveys.questionnaires.rules import mapping, needs
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.needs import BEST, RATED, Became, Catalogue
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.yearly_mappings import services as yearly_mappings

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
class Step:
    """What was said of an item, and when."""

    became: Became
    at: datetime

    @property
    def text(self) -> str:
        """For people: 2026年8月已列入方案."""
        day = china_day(self.at)
        return f"{day.year}年{day.month}月{needs.WORDS[self.became]}"


@dataclass(frozen=True)
class Stand:
    """What became of an item in an estate: the step that counts, in words for residents, and all steps so far."""

    became: Became
    reason: str = ""
    at: datetime | None = None
    trail: tuple["Step", ...] = ()

    @property
    def word(self) -> str:
        """For people."""
        return needs.WORDS[self.became]

    @property
    def tone(self) -> str:
        """How the word is tinted."""
        return needs.TONES[self.became]


def stands_of(session: Session, campaign_id: int, estates: Sequence[Place | MetPlace]) -> dict[str, dict[str, Stand]]:
    """What became of the items of some estates, by estate code; items nothing was said of are left out."""
    codes = {estate.id: estate.code for estate in estates}
    found: dict[str, dict[str, Stand]] = {code: {} for code in codes.values()}
    for step in queries.steps(session, campaign_id, list(codes)):
        of, became = found[codes[step.estate_id]], Became(step.became)
        before = of[step.item].trail if step.item in of else ()
        of[step.item] = Stand(became, step.reason, step.at, (*before, Step(became, step.at)))
    return found


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
    """Say what became of an item of an estate: ``set_steps`` of one."""
    said = set_steps(campaign, [estate_code], item, became, reason, person_id=person_id, actor=actor, key=key, now=now)
    return said[estate_code]


@use_case
def set_steps(
    campaign: str,
    codes: Sequence[str],
    item: str,
    became: Became,
    reason: str,
    *,
    person_id: int | None,
    actor: str,
    key: Key | None,
    now: datetime,
) -> dict[str, Stand]:
    """Say what became of an item of some estates (a cluster), in all of them or in none; estate code → what holds now.
    Of several, those where it is so already stay as they are. Audited. ``person_id`` None: the operator.

    Raises NotFound, NotAllowed (survey.manage at each estate), Invalid (no reason where one is needed, no such item,
    nothing to change), Conflict (somebody else has just said something).
    """
    with transaction() as session:
        found = campaigns.campaign_by_public_id(session, campaign)
        estates = [place_by_code(session, code) for code in sorted(set(codes))]
        asked = {each.id for each in campaigns.estates_of(session, found.id)}
        for estate in estates:
            if person_id is not None:
                grants.require(session, person_id, MANAGE, estate, now)
            if estate.id not in asked:
                raise NotFound("not-asked-here", "这次问卷不在这个小区进行。")
        if not recall(session, key):
            form = form_of(session, found.version_id)
            known = {option.code for code in needs.wish_questions(form) for option in form.by_code[code].options}
            if item not in known:
                raise Invalid("no-such-item", "问卷里没有这一项。", {"item": ["没有这一项"]})
            last = {estate.id: queries.last_step(session, found.id, estate.id, item) for estate in estates}
            changing = [each for each in estates if not _is_so(last[each.id], became)] or estates
            for estate in changing:
                _take_step(session, found, estate, item, last[estate.id], became, reason, actor=actor, now=now)
            with translating({"wish_step_pkey": Conflict("just-changed", "别人刚改过这一项，请刷新后再看。")}):
                session.flush()
            remember(session, key, f"{campaign}/{item}"[:64], now=now)
        stands = stands_of(session, found.id, estates)
        return {estate.code: stands[estate.code][item] for estate in estates}


def _is_so(last: WishStep | None, became: Became) -> bool:
    return last is not None and last.became == became


def _take_step(
    session: Session,
    campaign: Campaign,
    estate: Place,
    item: str,
    last: WishStep | None,
    became: Became,
    reason: str,
    *,
    actor: str,
    now: datetime,
) -> None:
    needs.must_follow(Became(last.became) if last else Became.ASKED, became, reason)
    step = WishStep(
        campaign_id=campaign.id,
        estate_id=estate.id,
        item=item,
        number=last.number + 1 if last else 1,
        became=became,
        reason=reason.strip(),
        set_by=actor,
        at=now,
    )
    session.add(step)
    audit.record(
        session,
        actor=actor,
        action="wish.set",
        subject=f"campaign:{campaign.public_id}",
        now=now,
        payload={"estate": estate.code, "item": item, "became": became, "reason": step.reason},
    )


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
    session: Session,
    campaign: MetCampaign,
    dwelling: MetHome,
    estate: MetPlace,
    *,
    may_read: Callable[[Response], bool],
) -> LastYear | None:
    """The campaign before this one at a dwelling, or this one itself when it is over; None where there was none.
    ``may_read``: of its sheet."""
    opened = campaign.opened_at or campaign.created_at
    over = campaign.state == State.CLOSED
    before = (
        campaigns.campaign_by_id(session, campaign.id) if over else queries.campaign_before(session, estate.id, opened)
    )
    if before is None:
        return None
    form = form_of(session, before.version_id)
    known = catalogue(session, before)
    stands = stands_of(session, before.id, [estate])[estate.code]
    answer = campaigns.valid_response(session, before.id, dwelling.id)
    readable = answer is not None and may_read(answer)
    wishes = []
    if answer is not None and readable:
        # What was wished for and what became of it meet in the codes the campaign asked with last.
        form, answers = AsAsked(session).read(before.id, answer.version_id, answer.answers)
        wishes = needs.wished(form, answers)
    asked = Stand(Became.ASKED)

    def label(code: str) -> str:
        return needs.item_of(form, known, code).label

    given = queries.marked(session, before.id, dwelling.id)
    return LastYear(
        before,
        [(label(code), stands.get(code, asked)) for code in wishes],
        [(label(code), stand) for code, stand in stands.items() if code not in wishes],
        [(code, label(code), given.get(code)) for code, stand in stands.items() if stand.became in RATED],
        readable,
    )


def waiting_for_marks(session: Session, estate: Place, dwelling_id: int) -> tuple[Campaign, list[str]] | None:
    """What a household may still be asked about (问效): the estate's last campaign and the words of what is being done
    or done of what it asked for; None where nothing is, or it has said so before."""
    last = queries.last_closed(session, estate.id)
    if last is None:
        return None
    stands = stands_of(session, last.id, [estate])[estate.code]
    seen = [code for code, stand in stands.items() if stand.became in RATED]
    if not seen or queries.marked(session, last.id, dwelling_id):
        return None
    form, known = form_of(session, last.version_id), catalogue(session, last)
    return last, [needs.item_of(form, known, code).label for code in seen]


def answers_to_copy(
    session: Session,
    campaign: MetCampaign,
    dwelling: MetHome,
    estate: MetPlace,
    *,
    may_read: Callable[[Response], bool],
    now: datetime,
) -> dict[str, Any]:
    """Last time's answers that this questionnaire would take too: same code and kind, still valid, nothing personal,
    nothing that has to be given anew (consent, signature, date, photos). Raises NotFound without any."""
    last = last_year(session, campaign, dwelling, estate, may_read=may_read)
    answer = (
        campaigns.valid_response(session, last.campaign.id, dwelling.id) if last is not None and last.may_copy else None
    )
    if answer is None:
        raise NotFound("no-answer-before", "没有找到您家去年的答卷，请从头填。")
    before, form = form_of(session, answer.version_id), form_of(session, campaign.version_id)
    answers = dict(answer.answers)
    if steps := yearly_mappings.steps(session, answer.version_id, campaign.version_id):
        # Somebody has said which question is which: then words may differ and codes may have moved.
        before, answers = form, mapping.along(steps)(answers)
    return needs.still_fitting(before, form, answers, today=china_day(now))


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
