"""Asking for a report, making it in the background, looking at it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy.orm import Session, make_transient

from kernel import audit, clock, grants
from kernel.database import end_reading, reading, transaction, use_case
from kernel.errors import DomainError, Invalid, NotAllowed, TooMany
from kernel.idempotency import Key, recall, remember
from kernel.people.services import name_of
from kernel.places.models import Place
from kernel.places.rules import is_within
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.reports import queries
from surveys.questionnaires.reports.models import Stage, SurveyReport
from surveys.questionnaires.results.queries import counted_by_estate
from surveys.questionnaires.rules.crosstab import Crosstab, Filters, Of, axis, redacted, without_small, written_words
from surveys.questionnaires.rules.form import canonical
from surveys.questionnaires.rules.sheet import Answered, has_elders
from surveys.questionnaires.services import sealing
from surveys.questionnaires.services.forms import form_of

RESULTS = "survey.results"
CONTACT = "dwelling.contact"
FEWEST_NEW = 5
ONE_IN = 20
MOST_WAITING = 3
MOST_TRIES = 3
MOST_WORDS = 200
LEASE = timedelta(minutes=10)
KEPT = timedelta(days=30)


def _estates(session: Session, campaign: Campaign, person_id: int | None, estate: str, now: datetime) -> list[Place]:
    mine = grants.places_for(session, person_id, RESULTS, now)
    found = [
        place
        for place in campaigns.estates_of(session, campaign.id)
        if any(is_within(place.path, at.path) for at in mine) and (not estate or place.code == estate)
    ]
    if not found:
        raise NotAllowed("not-your-place", "这次问卷没有您管辖的小区。")
    return found


@use_case
def ask(
    campaign: str,
    spec: Mapping[str, Any],
    *,
    estate: str,
    person_id: int,
    actor: str,
    key: Key,
    now: datetime,
) -> SurveyReport:
    """Ask for a report; the one that was made for the same asking when hardly anybody has answered since. Audited.

    ``spec``: {"kind": "crosstab", "rows", "columns", "filters"} or {"kind": "words", "question", "find", "filters"}.
    Raises NotFound, NotAllowed, Invalid, TooMany.
    """
    with transaction() as session:
        if done := recall(session, key):
            return queries.report_by_public_id(session, done)
        found = campaigns.campaign_by_public_id(session, campaign)
        estates = _estates(session, found, person_id, estate, now)
        _must_be_askable(session, found, spec)
        codes = sorted(place.code for place in estates)
        hashed = hashlib.sha256(canonical([spec, codes])).hexdigest()
        counted = counted_by_estate(session, found.id)
        responses = sum(sum(counted.get(place.id, {}).values()) for place in estates)
        report = queries.newest_of(session, found.id, hashed)
        if report is None or _is_stale(report, responses):
            if queries.waiting(session, person_id) >= MOST_WAITING:
                raise TooMany("too-many-reports", "前面的报表还没有做好，请等它们做完再要。", retry_after_s=60)
            report = SurveyReport(
                campaign_id=found.id,
                person_id=person_id,
                estate_codes=codes,
                spec=dict(spec),
                spec_hash=hashed,
                state=Stage.WAITING,
                turn=0,
                asked_at=now,
                responses=responses,
                document={},
            )
            session.add(report)
            session.flush()
        remember(session, key, report.public_id, now=now)
        audit.record(
            session,
            actor=actor,
            action="report.asked",
            subject=f"survey_report:{report.public_id}",
            now=now,
            payload={"campaign": campaign, "estates": codes, "kind": spec["kind"]},
        )
        return report


def _is_stale(report: SurveyReport, responses: int) -> bool:
    if report.state != Stage.READY:
        return False
    return abs(responses - report.responses) >= max(FEWEST_NEW, report.responses // ONE_IN)


def _must_be_askable(session: Session, campaign: Campaign, spec: Mapping[str, Any]) -> None:
    form = form_of(session, campaign.version_id)
    if spec["kind"] == "crosstab":
        axis(form, spec["rows"])
        if spec["columns"]:
            axis(form, spec["columns"])
    elif spec["question"]:
        question = form.by_code.get(spec["question"])
        if question is None or question.kind != "text" or question.private:
            raise Invalid("no-such-question", "没有这道文字题。", {"question": ["没有这道文字题"]})


def mine(campaign: str, *, person_id: int, now: datetime) -> Sequence[SurveyReport]:
    """What a person asked for of a campaign. Raises NotFound, NotAllowed."""
    session = reading()
    found = campaigns.campaign_by_public_id(session, campaign)
    _estates(session, found, person_id, "", now)
    return queries.reports_of(session, found.id, person_id)


def look(report: str, *, person_id: int | None, actor: str, now: datetime) -> tuple[SurveyReport, Campaign]:
    """A report, for whoever may see the results of every estate in it; each look at a finished one is written down.

    Cells of few households are for those alone who work with these households: a district or the city could find a door
    by asking for one building's old people in let homes. Raises NotFound.
    """
    session = reading()
    found = queries.report_by_public_id(session, report)
    campaign = session.get_one(Campaign, found.campaign_id)
    try:
        may = {place.code for place in _estates(session, campaign, person_id, "", now)}
    except NotAllowed:
        raise queries.NO_REPORT from None
    if not may.issuperset(found.estate_codes):
        raise queries.NO_REPORT
    if found.state == Stage.READY:
        whole = found.spec["kind"] != "crosstab" or _knows_homes(session, campaign, found, person_id, now)
        audit.look(
            actor=actor,
            what="report",
            subject=f"survey_report:{report}",
            now=now,
            payload={"kind": found.spec["kind"]},
        )
        if not whole:
            make_transient(found)  # what is kept stays as it is
            found.document = without_small(found.document)
    return found, campaign


def _knows_homes(
    session: Session, campaign: Campaign, report: SurveyReport, person_id: int | None, now: datetime
) -> bool:
    """Whether a person works with the households of every estate in a report."""
    return all(
        grants.may(session, person_id, CONTACT, place, now)
        for place in campaigns.estates_of(session, campaign.id)
        if place.code in report.estate_codes
    )


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


def _make(report: SurveyReport) -> dict[str, Any]:
    end_reading()
    session = reading()
    campaign = session.get_one(Campaign, report.campaign_id)
    places = [each for each in campaigns.estates_of(session, campaign.id) if each.code in report.estate_codes]
    ids = [place.id for place in places]
    filters = Filters(**report.spec["filters"])
    if report.spec["kind"] == "words":
        return _words(session, campaign, ids, filters, report.spec)
    form = form_of(session, campaign.version_id)
    table = Crosstab(
        axis(form, report.spec["rows"]), axis(form, report.spec["columns"]) if report.spec["columns"] else None
    )
    for row in queries.sheets(session, campaign.id, ids):
        if filters.takes(_of(session, row)):
            table.add(row.answers)
    return table.written()


def _of(session: Session, row: Any) -> Of:
    old = has_elders(Answered(form_of(session, row.version_id), row.channel, "", row.answers))
    return Of(row.channel, int(row.level), bool(row.let), old, row.building)


def _words(
    session: Session, campaign: Campaign, estate_ids: Sequence[int], filters: Filters, spec: Mapping[str, Any]
) -> dict[str, Any]:
    """What people wrote, with the word that was looked for, without who they are; the newest two hundred."""
    names = {name_of(person) for person in queries.persons_of(session, estate_ids)}
    found: list[tuple[datetime, str, str]] = []
    matches = 0
    for row in queries.sheets(session, campaign.id, estate_ids):
        if not filters.takes(_of(session, row)):
            continue
        said = [
            (title, text)
            for title, text in written_words(form_of(session, row.version_id), row.answers, spec["question"])
            if spec["find"] in text
        ]
        if not said:
            continue
        # Who filled it in may have signed his words with the name he gave, which need not be the roster's.
        own = {str(each) for each in sealing.open_sealed(cast(Response, row)).values() if isinstance(each, str)}
        matches += len(said)
        found += [(row.submitted_at, title, redacted(text, names | own)) for title, text in said]
        if len(found) > 4 * MOST_WORDS:
            found = sorted(found, key=lambda each: each[0], reverse=True)[:MOST_WORDS]
    newest = sorted(found, key=lambda each: each[0], reverse=True)[:MOST_WORDS]
    return {"matches": matches, "shown": [{"title": title, "text": text} for _, title, text in newest]}


@use_case
def forget_old(*, now: datetime) -> int:
    """Delete reports asked for a month ago or more; how many. Nightly."""
    with transaction() as session:
        return queries.drop_before(session, now - KEPT)
