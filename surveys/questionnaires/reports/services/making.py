"""Making the reports that were asked for: a timer's work."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy.orm import Session

from kernel import clock
from kernel.database import end_reading, reading, transaction, use_case
from kernel.encryption import vault
from kernel.errors import DomainError
from kernel.people.services import name_of
from kernel.places.models import Place
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.corrections.reading import AsAsked
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.reports import queries
from surveys.questionnaires.reports.models import Stage, SurveyReport
from surveys.questionnaires.rules import ages, blurring
from surveys.questionnaires.rules.crosstab import Crosstab, Filters, Of, axis, questions_of, redacted, written_words
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.services import sealing
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.standing.queries import owners_sheets_by_dwelling
from surveys.questionnaires.standing.reading import whole

MOST_TRIES = 3
MOST_WORDS = 200
LEASE = timedelta(minutes=10)
PART = 200


def make_waiting(*, now: datetime) -> int:
    """Make the reports that wait; how many. A timer's work: a killed one is taken up again when its lease ends."""
    made = 0
    while (report := _take(now=clock.now())) is not None:
        if report.state != Stage.MAKING:
            continue
        try:
            document = _make(report)
        except DomainError:
            _settle(report, Stage.FAILED, {}, now=clock.now())
        else:
            _settle(report, Stage.READY, document, now=clock.now())
            made += 1
    return made


@use_case
def _take(*, now: datetime) -> SurveyReport | None:
    with transaction() as session:
        report = queries.next_to_make(session, now)
        if report is None:
            return None
        if report.turn >= MOST_TRIES:
            report.state = Stage.FAILED
            return report
        report.state, report.turn, report.leased_until = Stage.MAKING, report.turn + 1, now + LEASE
        return report


@use_case
def _settle(report: SurveyReport, state: Stage, document: dict[str, Any], *, now: datetime) -> None:
    with transaction() as session:
        found = queries.in_turn(session, report.id, report.turn)
        if found is not None:
            found.state, found.document, found.made_at = state, document, now


@dataclass(frozen=True)
class Wave:
    """The newest wave of an estate (its code): its number, its sheets as ``models.ReportWave`` holds them, and the
    questions that are counted otherwise since it was taken."""

    estate: str
    number: int
    sheets: Sequence[Sequence[int]]
    reworded: frozenset[str]


@dataclass(frozen=True)
class Sheet:
    """What a report reads of a dwelling: the row of its response, its questionnaire, what counts of its answers in that
    questionnaire's codes, and what is known beside."""

    row: Any
    form: Form
    answers: Mapping[str, Any]
    of: Of


def _make(report: SurveyReport) -> dict[str, Any]:
    campaign = reading().get_one(Campaign, report.campaign_id)
    places = [each for each in campaigns.estates_of(reading(), campaign.id) if each.code in report.estate_codes]
    blurred = bool(report.spec.get("blurred"))
    waves = [next_wave(campaign.id, place, now=clock.now()) for place in places] if blurred else []
    end_reading()
    session = reading()
    campaign = session.get_one(Campaign, report.campaign_id)
    form = form_of(session, campaign.version_id)
    if report.spec["kind"] == "words":
        names = {name_of(person) for person in queries.persons_of(session, [place.id for place in places])}
        sheets = _of_waves(session, campaign, waves) if blurred else _as_they_stand(session, campaign, places)
        return _words(_chosen(sheets, report), names, report.spec, in_order=not blurred)
    if not blurred:
        return _table(form, report, _as_they_stand(session, campaign, places))
    asked = questions_of(form, report.spec)
    counted = [wave for wave in waves if not asked & wave.reworded]
    exact = _table(form, report, _of_waves(session, campaign, counted))
    which = sorted(f"{wave.estate}:{wave.number}" for wave in counted)
    told = blurring.table(exact, report.spec["rows"], report.spec["columns"], _seed([campaign.public_id, *which]))
    # Of no estate at all there is nothing to count, and noise alone is no table.
    return {**told, "left_out": len(waves) - len(counted)} | ({} if counted else {"sheets": 0, "lines": []})


def _chosen(sheets: Iterable[Sheet], report: SurveyReport) -> Iterator[Sheet]:
    filters = Filters(**report.spec["filters"])
    return (sheet for sheet in sheets if filters.takes(sheet.of))


def _table(form: Form, report: SurveyReport, sheets: Iterable[Sheet]) -> dict[str, Any]:
    rows, columns = report.spec["rows"], report.spec["columns"]
    table = Crosstab(axis(form, rows), axis(form, columns) if columns else None)
    for sheet in _chosen(sheets, report):
        table.add(sheet.answers, sheet.of)
    return table.written()


def _seed(of: Sequence[str]) -> blurring.Seed:
    """The secret bytes of cells, bound to a campaign and to waves of estates."""
    return lambda name: vault().blind_index("report-cell", "|".join([*of, name]))


def _as_they_stand(session: Session, campaign: Campaign, places: Iterable[Place]) -> Iterator[Sheet]:
    asked = AsAsked(session)
    for place in places:
        owners = owners_sheets_by_dwelling(session, campaign.id, place.id)
        for row in queries.sheets(session, campaign.id, place.id):
            form, answers = whole(asked, campaign.id, row, owners.get(row.dwelling_id))
            yield _sheet(row, form, answers, int(row.level), bool(row.let), row.building)


def _of_waves(session: Session, campaign: Campaign, waves: Iterable[Wave]) -> Iterator[Sheet]:
    asked = AsAsked(session)
    for wave in waves:
        for start in range(0, len(wave.sheets), PART):
            part = wave.sheets[start : start + PART]
            rows = queries.sheets_by_id(session, [each for line in part for each in line[1:3] if each])
            for _, response, owners, let, level in part:
                form, answers = whole(asked, campaign.id, rows[response], rows.get(owners))
                yield _sheet(rows[response], form, answers, level, bool(let), "")


def _sheet(row: Any, form: Form, answers: Mapping[str, Any], level: int, let: bool, building: str) -> Sheet:
    old = ages.has(form, answers, ages.ELDERS)
    return Sheet(row, form, answers, Of(row.channel, level, let, old, building))


@use_case
def next_wave(campaign_id: int, place: Place, *, now: datetime) -> Wave:
    """The newest wave of an estate; the next one, where five dwellings or more have answered that no wave held, or
    where the newest is to be read anew in the final words (``rules.blurring``)."""
    with transaction() as session:
        campaign = campaigns.campaign_for_share(session, campaign_id)
        wave = queries.wave_for_change(session, campaign_id, place.id, now)
        held = wave.document.get("held", [])
        standing = queries.standing_sheets(session, campaign_id, place.id)
        answered = [line[0] for line in standing]
        if blurring.is_next_wave(held, answered):
            wave.number, wave.taken_at = wave.number + 1, now
            wave.document = {"sheets": standing, "held": sorted({*held, *answered})}
        elif blurring.is_read_anew(wave.document.get("reworded", ()), closed=campaign.state == State.CLOSED):
            wave.number, wave.taken_at = wave.number + 1, now
            wave.document = {name: held for name, held in wave.document.items() if name != "reworded"}
        document = wave.document
        return Wave(place.code, wave.number, document.get("sheets", []), frozenset(document.get("reworded", ())))


def _words(sheets: Iterable[Sheet], names: set[str], spec: Mapping[str, Any], *, in_order: bool) -> dict[str, Any]:
    """What people wrote, with the word that was looked for, without who they are: the newest two hundred, or, where
    their order could tell whose they are, two hundred by chance."""
    found: list[tuple[Any, str, str]] = []
    matches = 0
    chance = random.SystemRandom()
    for sheet in sheets:
        said = [
            (title, text)
            for title, text in written_words(sheet.form, sheet.answers, spec["question"])
            if spec["find"] in text
        ]
        if not said:
            continue
        # Who filled it in may have signed his words with the name he gave, which need not be the roster's.
        opened = sealing.open_sealed(cast(Response, sheet.row)).values()
        own = {str(each) for each in opened if isinstance(each, str)}
        matches += len(said)
        place = sheet.row.submitted_at if in_order else chance.random()
        found += [(place, title, redacted(text, names | own)) for title, text in said]
        if len(found) > 4 * MOST_WORDS:
            found = sorted(found, key=lambda each: each[0], reverse=True)[:MOST_WORDS]
    newest = sorted(found, key=lambda each: each[0], reverse=True)[:MOST_WORDS]
    return {"matches": matches, "shown": [{"title": title, "text": text} for _, title, text in newest]}
