"""Taking a paper off the way, which throws a household's word away: one asks with a reason, another agrees."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import outbox
from kernel.database import transaction, use_case
from kernel.idempotency import Key, recall, remember
from surveys.questionnaires.paper import queries
from surveys.questionnaires.paper.models import SurveyPaper
from surveys.questionnaires.paper.services.keying import Staff, may_enter, must_be_another, note
from surveys.questionnaires.rules import paper as rules
from surveys.questionnaires.rules.paper import PaperState
from surveys.questionnaires.rules.standing import must_have_reason

VOIDED_TOPIC = "survey_paper.voided"
"""News for the household, which thinks that it has answered: {paper}."""


def _open(session: Session, paper: str, by: Staff, now: datetime) -> SurveyPaper:
    found = queries.paper_by_public_id(session, paper, change=True)
    may_enter(session, queries.dwelling_of(session, found), by, now)
    rules.must_be_in(PaperState(found.state), *rules.OPEN)
    return found


@use_case
def ask(paper: str, reason: str, *, by: Staff, key: Key | None = None, now: datetime) -> str:
    """Ask that a paper be void (keyed wrongly twice, another dwelling's); its state, which stays until another agrees.

    Raises NotFound, Conflict (done; asked already), Invalid (no reason).
    """
    said = must_have_reason(reason)
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = _open(session, paper, by, now)
        rules.must_not_be_asked_void(found.void_asked_by)
        found.void_reason, found.void_asked_by, found.void_asked_at = said, by.person_id, now
        remember(session, key, found.state, now=now)
        note(session, found, "void_asked", by, now, reason=said)
        return found.state


@use_case
def decide(paper: str, *, agree: bool, by: Staff, key: Key | None = None, now: datetime) -> str:
    """Agree that a paper is void, so that it can be registered anew; or let it go on. Its state.

    Who agrees neither asked for it nor received nor keyed the paper; who asked may take it back. Where the household
    says that it handed in no such paper, who lets it go on had no hand in it either. Raises NotFound, NotAllowed,
    Conflict.
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = _open(session, paper, by, now)
        contested = [each for each in queries.objections(session, found.id) if each.answered_at is None]
        if not contested:
            rules.must_be_asked_void(found.void_asked_by)
        hands = [found.registered_by, *(each.person_id for each in queries.keyings(session, found.id))]
        if agree or contested:
            must_be_another(session, by, [found.void_asked_by, *hands] if agree else hands)
        for objection in contested:
            objection.answered_by, objection.answered_at = by.person_id, now
        if agree:
            found.void_reason = found.void_reason or rules.CONTESTED
            found.state, found.voided_by = PaperState.VOID, by.person_id
            note(session, found, "voided", by, now, reason=found.void_reason)
            outbox.stage(session, VOIDED_TOPIC, {"paper": found.public_id}, now=now)
        else:
            found.void_reason = found.void_asked_by = found.void_asked_at = None
            note(session, found, "void_refused", by, now)
        remember(session, key, found.state, now=now)
        return found.state
