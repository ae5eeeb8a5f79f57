"""What happens to a household's questionnaire is told to it, and to workers what colleagues say of their visits."""

from datetime import datetime
from typing import Any

from kernel.database import transaction, use_case
from kernel.people import queries as people
from kernel.places.queries import place_by_public_id
from portal.notices.models import NoticeKind
from portal.notices.services import write
from surveys.questionnaires import queries as surveys
from surveys.questionnaires.drafts import queries as drafts
from surveys.questionnaires.paper import queries as survey_papers
from surveys.questionnaires.rules.lifecycle import State, takes_answers
from surveys.questionnaires.rules.second_visitors import due
from surveys.questionnaires.running import queries as unanswered
from surveys.questionnaires.second_visitors import queries as visitors
from surveys.questionnaires.settings import current


@use_case
def on_response_told(payload: dict[str, Any], *, now: datetime) -> None:
    """Something happened to a dwelling's questionnaire: tell its accounts, but for the one whose doing it was."""
    kind = NoticeKind(payload["kind"])
    with transaction() as session:
        response = surveys.response_by_public_id(session, payload["response"])
        settled = kind == NoticeKind.RESPONSE_SETTLED
        at = datetime.fromisoformat(payload["at"]) if settled else response.submitted_at
        source = f"response:{response.public_id}" + (f":{at:%m%d%H%M%S}" if settled else "")
        for tie in people.ties_to(session, response.dwelling_id):
            if settled or tie.account_id != response.account_id:
                write(session, tie.account_id, response.dwelling_id, kind, source, at=at)


@use_case
def on_paper_void(payload: dict[str, Any], *, now: datetime) -> None:
    """A paper questionnaire was made void: tell its household, which thinks that it has answered."""
    with transaction() as session:
        paper = survey_papers.paper_by_public_id(session, payload["paper"])
        for tie in people.ties_to(session, paper.dwelling_id):
            source = f"survey_paper:{paper.public_id}"
            write(session, tie.account_id, paper.dwelling_id, NoticeKind.SURVEY_PAPER_VOID, source, at=now)


@use_case
def on_remind(payload: dict[str, Any], *, now: datetime) -> None:
    """The street reminds an estate: tell those whose home has not answered by now."""
    with transaction() as session:
        campaign = surveys.campaign_by_public_id(session, payload["campaign"])
        estate = place_by_public_id(session, payload["estate"])
        if not takes_answers(State(campaign.state), campaign.closes_at, now):
            return
        for account_id, dwelling_id, dwelling in unanswered.to_remind(session, campaign.id, estate.id):
            source = f"{campaign.public_id}:{dwelling}:{payload['number']}"
            write(session, account_id, dwelling_id, NoticeKind.SURVEY_REMINDER, source, at=now)


@use_case
def on_end_moved(payload: dict[str, Any], *, now: datetime) -> None:
    """The end of a campaign was moved: tell the households that have begun a sheet and not handed it in."""
    with transaction() as session:
        campaign = surveys.campaign_by_public_id(session, payload["campaign"])
        if not takes_answers(State(campaign.state), campaign.closes_at, now):
            return
        for account_id, dwelling_id, dwelling in drafts.begun_by_households(session, campaign.id):
            source = f"{campaign.public_id}:{datetime.fromisoformat(payload['closes_at']):%y%m%d%H%M%S}:{dwelling[:12]}"
            facts = {"until": payload["closes_at"], "page": f"/q/{campaign.public_id}/{dwelling}"}
            write(session, account_id, dwelling_id, NoticeKind.SURVEY_END_MOVED, source, at=now, facts=facts)


@use_case
def on_visit_named(payload: dict[str, Any], *, now: datetime) -> None:
    """Somebody was named as second visitor: ask him, unless he has answered or another was named since."""
    with transaction() as session:
        asked, response, home = visitors.for_look(session, payload["visitor"])
        until = due(response.submitted_at, current().second_visitor_days)
        if asked.word is not None or asked.person_id is None or now >= until:
            return
        facts = {"until": until.isoformat(), "page": "/work/visits"}
        for account_id in people.accounts_of(session, asked.person_id):
            source = f"visit:{asked.public_id}"
            write(session, account_id, home.id, NoticeKind.VISIT_NAMED, source, at=response.submitted_at, facts=facts)


@use_case
def on_visit_declined(payload: dict[str, Any], *, now: datetime) -> None:
    """The second visitor says that he was not there: tell the first, who may have chosen the wrong colleague."""
    with transaction() as session:
        asked, response, home = visitors.for_look(session, payload["visitor"])
        campaign = surveys.campaign_by_id(session, response.campaign_id)
        if asked.asked_by is None or asked.answered_at is None:
            return
        facts = {"page": f"/q/{campaign.public_id}/{home.public_id}/done?v={response.public_id}"}
        for account_id in people.accounts_of(session, asked.asked_by):
            source = f"visit:{asked.public_id}"
            write(session, account_id, home.id, NoticeKind.VISIT_DECLINED, source, at=asked.answered_at, facts=facts)
