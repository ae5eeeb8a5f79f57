"""What a correction of the questionnaire does to reports: those in older words say so, waves remember the questions.

``rules.blurring`` says why a wave is not read again in other words. Called by whatever changes a campaign's wording, in
its transaction, while it holds the campaign.
"""

from collections.abc import Set
from datetime import datetime

from sqlalchemy.orm import Session

from surveys.questionnaires.reports import queries
from surveys.questionnaires.reports.models import Stage
from surveys.questionnaires.rules.crosstab import questions_of
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.mapping import Correspondence, reworded


def corrected(session: Session, campaign_id: int, step: Correspondence, now: datetime) -> None:
    """A campaign goes on in the new wording of ``step``."""
    old, new = reworded(step)
    _outdate(session, campaign_id, step.old, old, now)
    for wave in queries.waves_of(session, campaign_id):
        still = {step.questions.get(code) for code in wave.document.get("reworded", ())}
        wave.document = {**wave.document, "reworded": sorted({code for code in still if code} | new)}


def remapped(session: Session, campaign_id: int, form: Form, questions: Set[str], now: datetime) -> None:
    """A campaign counts some ``questions`` of its ``form`` from older answers in another way than before."""
    _outdate(session, campaign_id, form, questions, now)
    for wave in queries.waves_of(session, campaign_id):
        wave.document = {**wave.document, "reworded": sorted({*wave.document.get("reworded", ()), *questions})}


def _outdate(session: Session, campaign_id: int, form: Form, questions: Set[str], now: datetime) -> None:
    """Finished reports of some questions are of older words from now on; those in the making are given up."""
    for report in queries.in_todays_words(session, campaign_id):
        if questions_of(form, report.spec) & questions:
            if report.state == Stage.READY:
                report.reworded_at = now
            else:
                report.state = Stage.FAILED
