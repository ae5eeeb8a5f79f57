"""Proposing a mapping for next year's sheets, and another person's word on it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import reading, transaction, translating, use_case
from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.idempotency import Key, recall, remember
from kernel.people.queries import known_as
from surveys.questionnaires import queries as versions
from surveys.questionnaires.corrections.queries import mapping_between
from surveys.questionnaires.corrections.reading import steps_between
from surveys.questionnaires.rules import mapping as rules
from surveys.questionnaires.rules.mapping import Correspondence
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.yearly_mappings import queries
from surveys.questionnaires.yearly_mappings.models import YearlyMapping
from surveys.questionnaires.yearly_mappings.rules import Decision

WAITS = Conflict("mapping-waits", "这两版之间已经有一份新旧对照在等人同意，请先办完那一份。")


@use_case
def propose(
    version: str, other: str, *, mapping: Any, reason: str, person_id: int, actor: str, key: Key | None, now: datetime
) -> YearlyMapping:
    """Propose which question of ``version`` is which of ``other`` (next year's). Audited; it counts once another
    person agrees (``decide``).

    Raises Invalid (mapping-invalid, by question; another questionnaire), Conflict (the same version; one waits
    already; nothing would change), NotFound.
    """
    with transaction() as session:
        if done := recall(session, key):
            return queries.for_decision(session, done)
        old, new = (versions.version_by_public_id(session, each) for each in (version, other))
        if old.questionnaire_id != new.questionnaire_id:
            raise Invalid("another-questionnaire", "这是两份不同的问卷，不是同一份的两版。")
        if old.id == new.id:
            raise Conflict("same-version", "请选两个不同的版本。")
        step = rules.read(form_of(session, old.id), form_of(session, new.id), mapping)
        counts = queries.agreed(session, old.id, new.id)
        if counts is not None and counts.document == step.document:
            raise Conflict("same-mapping", "新的对照和现在用的一样，没有改动。")
        made = YearlyMapping(
            from_version_id=old.id,
            to_version_id=new.id,
            document=step.document,
            reason=reason,
            proposed_by=person_id,
            proposed_at=now,
        )
        session.add(made)
        with translating({"yearly_mapping_one_waits": WAITS}):
            session.flush()
        remember(session, key, made.public_id, now=now)
        _record(session, made, "version.mapping_proposed", actor, now, {"reason": reason})
        return made


@use_case
def decide(
    mapping: str, *, decision: Decision, person_id: int, actor: str, key: Key | None, now: datetime
) -> YearlyMapping:
    """Agree to a proposal, refuse it, or (who made it) withdraw it. Audited.

    Whoever proposed it, himself or under another name, agrees to nothing and refuses nothing. Raises NotAllowed
    (same-person, not-your-proposal), Conflict (decided otherwise before), NotFound.
    """
    with transaction() as session:
        found = queries.for_decision(session, mapping)
        if recall(session, key):
            return found
        who = known_as(session, person_id, [found.proposed_by])
        if (decision == Decision.WITHDRAWN) is not (who == found.proposed_by):
            if decision == Decision.WITHDRAWN:
                raise NotAllowed("not-your-proposal", "这份对照是别人提的，您可以同意或不同意，不能替他撤回。")
            raise NotAllowed("same-person", "这份对照是您自己提的，要由另一个人来同意。")
        if found.decision is not None:
            raise Conflict("mapping-decided", "这份对照已经有人办过了，请刷新页面。")
        found.decision, found.decided_by, found.decided_at = decision, who, now
        remember(session, key, found.public_id, now=now)
        _record(session, found, f"version.mapping_{decision}", actor, now, {})
        return found


def _record(session: Session, row: YearlyMapping, action: str, actor: str, now: datetime, more: dict[str, str]) -> None:
    hashes = {
        "from": versions.content_hash(session, row.from_version_id),
        "to": versions.content_hash(session, row.to_version_id),
    }
    audit.record(
        session, actor=actor, action=action, subject=f"yearly_mapping:{row.public_id}", now=now, payload=hashes | more
    )


def steps(session: Session, from_id: int, to_id: int) -> tuple[Correspondence, ...] | None:
    """The mappings by which last year's answers begin this year's sheet: what two people agreed on, else the way that
    corrections of campaigns lead; () for the same version, None when none leads."""
    said = queries.agreed(session, from_id, to_id)
    if said is None:
        return steps_between(session, from_id, to_id)
    return (rules.read(form_of(session, from_id), form_of(session, to_id), said.document),)


def suggested(version: str, other: str) -> dict[str, Any]:
    """The mapping to begin a proposal with: what counts already, else what equal codes suggest. Raises NotFound."""
    session = reading()
    old, new = (versions.version_by_public_id(session, each).id for each in (version, other))
    kept = queries.agreed(session, old, new) or mapping_between(session, old, new)
    return kept.document if kept is not None else rules.proposed(form_of(session, old), form_of(session, new))
