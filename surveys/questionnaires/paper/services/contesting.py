"""A household looks at a paper that is said to be its own, while it is on its way, and says that it handed in none."""

from dataclasses import dataclass
from datetime import datetime

from kernel import audit
from kernel.database import reading, transaction, translating, use_case
from kernel.errors import Conflict
from kernel.idempotency import Key, recall, remember
from surveys.questionnaires import queries as surveys
from surveys.questionnaires.paper import queries
from surveys.questionnaires.paper.models import PaperObjection
from surveys.questionnaires.paper.services.keying import subject_of
from surveys.questionnaires.queries import Asked
from surveys.questionnaires.rules import paper as rules
from surveys.questionnaires.rules.paper import PaperState


@dataclass(frozen=True)
class OnItsWay:
    """A paper of a dwelling that is not a response yet, as one account of the household meets it. ``contested``:
    somebody of the household says it is not theirs, and nobody has looked yet; ``kept``: somebody has looked, and it
    goes on; ``may_contest``: this account has said nothing of it."""

    paper: str
    received_at: datetime
    word: str
    contested: bool
    kept: bool
    may_contest: bool


def on_its_way(asked: Asked, *, account_id: int) -> OnItsWay | None:
    """The paper of a dwelling that is being keyed, for its household; None when there is none, or for anybody else."""
    if asked.relation is None:
        return None
    session = reading()
    found = queries.open_paper(session, asked.campaign_id, asked.dwelling_id)
    if found is None:
        return None
    said = queries.objections(session, found.id)
    return OnItsWay(
        found.public_id,
        found.received_at,
        rules.WORDS[PaperState(found.state)],
        contested=any(each.answered_at is None for each in said),
        kept=any(each.answered_at is not None for each in said),
        may_contest=all(each.account_id != account_id for each in said),
    )


def of_the_household(campaign: str, dwelling: str, *, account_id: int) -> OnItsWay | None:
    """The same by public ids. Raises NotFound, also for who does not speak for the dwelling."""
    asked = surveys.asked(reading(), campaign, dwelling, account_id)
    if asked.relation is None:
        raise queries.NO_PAPER_HERE
    return on_its_way(asked, account_id=account_id)


@use_case
def contest(
    campaign: str, dwelling: str, paper: str, *, account_id: int, actor: str, key: Key | None = None, now: datetime
) -> str:
    """Say that the household handed in no such paper. It stands still until somebody who had no hand in it has looked
    (``voiding.decide``); the paper's public id.

    A tap, without words: there is nothing to seal. Raises NotFound (another household's), Conflict (said already; the
    paper is a response by now, which is contested like every other; void).
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        asked = surveys.asked(session, campaign, dwelling, account_id)
        found = queries.paper_by_public_id(session, paper, change=True)
        ours = (found.campaign_id, found.dwelling_id) == (asked.campaign_id, asked.dwelling_id)
        if asked.relation is None or not ours:
            raise queries.NO_PAPER_HERE
        rules.must_be_contestable(PaperState(found.state))
        session.add(PaperObjection(paper_id=found.id, account_id=account_id, raised_at=now))
        with translating({"survey_paper_objection_once_key": Conflict("said-already", "您已经说过了，社区会核实。")}):
            session.flush()
        remember(session, key, found.public_id, now=now)
        audit.record(session, actor=actor, action="survey_paper.contested", subject=subject_of(found), now=now)
        return found.public_id
