"""Loading questionnaires, and the compiled form of each version kept at hand."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import transaction, translating, use_case
from kernel.errors import Conflict
from surveys.questionnaires import queries
from surveys.questionnaires.models import Questionnaire, QuestionnaireVersion
from surveys.questionnaires.rules import form
from surveys.questionnaires.rules.plan import Plan

KEPT = 64
MEANWHILE = Conflict(
    "published-meanwhile", "有人刚刚也发布了这份问卷的一版，您这边的还没有发布。请先看看那一版，再决定要不要发布。"
)
SAME_MEANWHILE = Conflict("nothing-new", "有人刚刚发布了一字不差的一版，不用再发布。")
_plans: OrderedDict[str, Plan] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Loaded:
    """A version as it is stored; ``new`` is False when exactly this text was loaded before."""

    code: str
    version: QuestionnaireVersion
    new: bool


@use_case
def load(document: Any, *, actor: str, now: datetime) -> Loaded:
    """Read a document, and freeze it as a version unless exactly this text is one already; audited.

    Raises Invalid("questionnaire-invalid") with every fault by question.
    """
    read = form.read(document)
    with transaction() as session:
        return keep(session, read, actor=actor, now=now)


def keep(session: Session, read: form.Form, *, actor: str, now: datetime) -> Loaded:
    """The same inside somebody else's transaction. Raises Conflict when another publishes it at the same moment: two
    first versions, or two equal ones; the constraints decide which was first."""
    questionnaire = queries.questionnaire_by_code(session, read.code)
    if questionnaire is None:
        questionnaire = Questionnaire(code=read.code, title=read.title)
        session.add(questionnaire)
        with translating({"questionnaire_code_key": MEANWHILE}):
            session.flush()
    version = queries.version_with_hash(session, questionnaire.id, read.content_hash)
    if version is not None:
        return Loaded(read.code, version, new=False)
    version = QuestionnaireVersion(
        questionnaire_id=questionnaire.id,
        edition=read.edition,
        content_hash=read.content_hash,
        document=dict(read.document),
        loaded_at=now,
    )
    session.add(version)
    with translating({"questionnaire_version_content_key": SAME_MEANWHILE}):
        session.flush()
    audit.record(
        session,
        actor=actor,
        action="questionnaire.loaded",
        subject=f"questionnaire_version:{version.public_id}",
        now=now,
        payload={"code": read.code, "edition": read.edition, "content_hash": read.content_hash},
    )
    return Loaded(read.code, version, new=True)


def plan_of(session: Session, version_id: int, content_hash: str) -> Plan:
    """The compiled check of a version, made once a process: equal hashes are equal texts, in whatever city."""
    with _lock:
        plan = _plans.get(content_hash)
        if plan is not None:
            _plans.move_to_end(content_hash)
            return plan
    plan = Plan(form.read(queries.version_by_id(session, version_id).document, stored=True))
    with _lock:
        _plans[content_hash] = plan
        while len(_plans) > KEPT:
            _plans.popitem(last=False)
    return plan


def form_of(session: Session, version_id: int) -> form.Form:
    """The questions of a version, read and at hand."""
    content_hash = queries.content_hash(session, version_id)
    return plan_of(session, version_id, content_hash).form
