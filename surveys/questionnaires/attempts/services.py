"""Writing down a try at a door."""

from datetime import datetime

from kernel import audit, grants
from kernel.database import transaction, use_case
from kernel.errors import NotFound
from kernel.idempotency import Key, recall, remember
from kernel.places.queries import dwelling_by_public_id, place_by_id
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.attempts import queries
from surveys.questionnaires.attempts.models import VisitAttempt
from surveys.questionnaires.rules import lifecycle
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.rates import Outcome
from surveys.questionnaires.services.responses import ASSIST


@use_case
def record(
    campaign: str,
    dwelling: str,
    outcome: Outcome,
    *,
    account_id: int,
    person_id: int | None,
    actor: str,
    key: Key,
    now: datetime,
) -> VisitAttempt:
    """A worker in charge of a door says what he found there; audited. Kept beside earlier ones, never instead.

    Raises NotFound (no such door or campaign, or it does not ask here), NotAllowed, Conflict or Gone (it is not open).
    """
    with transaction() as session:
        if done := recall(session, key):
            return queries.attempt_by_public_id(session, done)
        found = campaigns.campaign_by_public_id(session, campaign)
        home = dwelling_by_public_id(session, dwelling)
        grants.require(session, person_id, ASSIST, place_by_id(session, home.building_id), now)
        if home.estate_id not in {estate.id for estate in campaigns.estates_of(session, found.id)}:
            raise NotFound("not-asked-here", "这次问卷不在这个小区进行。")
        lifecycle.must_take_answers(State(found.state), found.closes_at, now)
        attempt = VisitAttempt(
            campaign_id=found.id, dwelling_id=home.id, outcome=outcome, account_id=account_id, at=now
        )
        session.add(attempt)
        session.flush()
        remember(session, key, attempt.public_id, now=now)
        audit.record(
            session,
            actor=actor,
            action="visit.recorded",
            subject=f"dwelling:{dwelling}",
            now=now,
            payload={"campaign": campaign, "outcome": outcome},
        )
        return attempt
