"""Asking for a report, and looking at it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import reading, transaction, use_case
from kernel.errors import Invalid, NotAllowed, TooMany
from kernel.idempotency import Key, recall, remember
from kernel.places.models import Place
from kernel.places.rules import is_within
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.reports import queries
from surveys.questionnaires.reports.models import Stage, SurveyReport
from surveys.questionnaires.results.audience import RESULTS, knows_homes
from surveys.questionnaires.results.queries import counted_by_estate
from surveys.questionnaires.rules import blurring
from surveys.questionnaires.rules.crosstab import axis
from surveys.questionnaires.rules.form import canonical
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.services.forms import form_of

FEWEST_NEW = 5
ONE_IN = 20
MOST_WAITING = 3
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
    Who does not work with the households of all its estates gets a blurred one.

    ``spec``: {"kind": "crosstab", "rows", "columns", "filters"} or {"kind": "words", "question", "find", "filters"}.
    Raises NotFound, NotAllowed, Invalid, TooMany.
    """
    with transaction() as session:
        if done := recall(session, key):
            return queries.report_by_public_id(session, done)
        found = campaigns.campaign_by_public_id(session, campaign)
        estates = _estates(session, found, person_id, estate, now)
        # Held until the report stands: what a correction makes old must be there to be marked.
        found = campaigns.campaign_for_share(session, found.id)
        _must_be_askable(session, found, spec)
        if not knows_homes(session, estates, person_id, now):
            spec = as_blurred(spec)
        codes = sorted(place.code for place in estates)
        hashed = hashlib.sha256(canonical([spec, codes])).hexdigest()
        counted = counted_by_estate(session, found.id)
        responses = sum(sum(counted.get(place.id, {}).values()) for place in estates)
        report = queries.newest_of(session, found.id, hashed)
        if report is None or _is_stale(report, found, responses):
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


def as_blurred(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The asking that is made for whoever does not know the households. Raises Invalid for one too fine for him."""
    plain = {**spec, "filters": {}, "blurred": True}
    if spec["kind"] == "crosstab":
        plain["rows"], plain["columns"] = blurring.two_sides(spec["rows"], spec["columns"], spec["filters"])
    elif any(value not in (None, "") for value in spec["filters"].values()):
        raise blurring.TOO_FINE
    return plain


def _is_stale(report: SurveyReport, campaign: Campaign, responses: int) -> bool:
    if report.state != Stage.READY:
        return False
    if report.document.get("left_out") and campaign.state == State.CLOSED:
        return True
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
    """A report, for whoever may see the results of every estate in it, and an exact one for those alone who work with
    their households; each look at a finished one is written down. Raises NotFound, NotAllowed.
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
    if not found.spec.get("blurred"):
        estates = [place for place in campaigns.estates_of(session, campaign.id) if place.code in found.estate_codes]
        if not knows_homes(session, estates, person_id, now):
            raise NotAllowed("ask-anew", "这份表有户数很少的格子，只给负责入户的社区和街道看。请重新要一份。")
    if found.state == Stage.READY:
        audit.look(
            actor=actor,
            what="report",
            subject=f"survey_report:{report}",
            now=now,
            payload={"kind": found.spec["kind"]},
        )
    return found, campaign


@use_case
def forget_old(*, now: datetime) -> int:
    """Delete reports asked for a month ago or more; how many. Nightly."""
    with transaction() as session:
        return queries.drop_before(session, now - KEPT)
