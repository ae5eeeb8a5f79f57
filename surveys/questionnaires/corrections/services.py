"""Moving a campaign to a corrected wording, and what was corrected."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key, recall, remember
from surveys.questionnaires import queries as versions
from surveys.questionnaires.corrections import queries
from surveys.questionnaires.corrections.models import CampaignCorrection, VersionMapping
from surveys.questionnaires.corrections.reading import steps_between
from surveys.questionnaires.models import Campaign, TallyCounter
from surveys.questionnaires.rules import mapping as rules
from surveys.questionnaires.rules import release
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.mapping import Correspondence
from surveys.questionnaires.services.campaigns import must_manage
from surveys.questionnaires.services.forms import form_of

ROWS_A_STATEMENT = 500


def proposed(campaign: str, version: str) -> dict[str, Any]:
    """The mapping that equal codes suggest for moving a campaign to a version, to be looked over. Raises NotFound."""
    session = reading()
    found = versions.campaign_by_public_id(session, campaign)
    old, new = form_of(session, found.version_id), form_of(session, versions.version_by_public_id(session, version).id)
    return rules.proposed(old, new)


@use_case
def correct(
    campaign: str,
    *,
    version: str,
    mapping: Any,
    reason: str,
    person_id: int | None,
    actor: str,
    key: Key | None = None,
    now: datetime,
) -> str:
    """Let a campaign go on with another version of its questionnaire; its public id. Audited.

    The counters, and what is public of them, are renamed in the same transaction, so that no figure is ever in two
    wordings; answers that are counted later are read in the new words. ``person_id`` None: the command line.
    Raises Invalid (mapping-invalid, by question; another questionnaire), Conflict (closed; another mapping was agreed
    on before), NotAllowed, NotFound.
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = versions.campaign_for_change(session, campaign)
        if person_id is not None:
            must_manage(session, person_id, versions.estates_of(session, found.id), now)
        if found.state == State.CLOSED:
            raise Conflict("campaign-closed", "这次问卷已经截止，答卷和结果不再改动。请在下一次问卷里用新的一版。")
        before, after = (
            versions.version_by_id(session, found.version_id),
            versions.version_by_public_id(session, version),
        )
        if before.questionnaire_id != after.questionnaire_id:
            raise Invalid(
                "another-questionnaire", "这是另一份问卷，不是这次问卷的新版。", {"version": ["请选同一份问卷的一版"]}
            )
        if before.id == after.id:
            raise Conflict("same-version", "这次问卷用的已经是这一版。")
        step = rules.read(form_of(session, before.id), form_of(session, after.id), mapping)
        kept = _keep(session, before.id, after.id, step, now)
        _rename(session, found, step)
        found.version_id = after.id
        session.add(
            CampaignCorrection(
                campaign_id=found.id,
                from_version_id=before.id,
                to_version_id=after.id,
                mapping_id=kept.id,
                reason=reason,
                corrected_at=now,
            )
        )
        remember(session, key, found.public_id, now=now)
        audit.record(
            session,
            actor=actor,
            action="campaign.corrected",
            subject=f"campaign:{found.public_id}",
            now=now,
            payload={
                "from": before.content_hash,
                "to": after.content_hash,
                "reason": reason,
                "dropped": sorted(code for code, target in step.questions.items() if target is None),
                "added": list(step.added),
            },
        )
        return found.public_id


def _keep(session: Session, from_id: int, to_id: int, step: Correspondence, now: datetime) -> VersionMapping:
    """The mapping's row, made unless the very same one is there."""
    kept = queries.mapping_between(session, from_id, to_id)
    if kept is None:
        kept = VersionMapping(from_version_id=from_id, to_version_id=to_id, document=step.document, made_at=now)
        session.add(kept)
        session.flush()
    elif kept.document != step.document:
        raise Conflict(
            "mapping-differs", "这两版之间已经定过另一种新旧对照，统计都照那一种。请照原来的对照，或者另做一版。"
        )
    return kept


def _rename(session: Session, campaign: Campaign, step: Correspondence) -> None:
    """Counters and public releases under the new codes. The jobs that write them lock the campaign first."""
    counts: Counter[tuple[int, str, str, str, str]] = Counter()
    groups: dict[tuple[int, str], dict[tuple[str, str, str], int]] = {}
    for row in queries.counters_of(session, campaign.id):
        groups.setdefault((row.estate_id, row.channel), {})[row.question, row.row, row.cell] = row.n
    for (estate_id, channel), held in groups.items():
        for key, n in rules.mapped_counts(held, step).items():
            counts[(estate_id, channel, *key)] += n
    queries.forget_counters(session, campaign.id)
    rows = [
        {"campaign_id": campaign.id, "estate_id": key[0], "channel": key[1]}
        | {"question": key[2], "row": key[3], "cell": key[4], "n": n}
        for key, n in sorted(counts.items())
        if n
    ]
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        session.execute(sa.insert(TallyCounter), rows[start : start + ROWS_A_STATEMENT])
    for public in queries.releases_of(session, campaign.id):
        public.document = release.written(_renamed(release.read(public.document), step))
    queries.forget_sheets(session, campaign.id)


def _renamed(public: release.Release, step: Correspondence) -> release.Release:
    held: dict[str, dict[int, release.Held]] = {}
    for waiting in public.held.values():
        for dwelling, one in waiting.items():
            for key, n in rules.mapped_counts(one.change, step).items():
                place = held.setdefault(key[0], {}).setdefault(dwelling, release.Held(one.new))
                place.change[key] += n
    return release.Release(rules.mapped_counts(public.shown, step), held)


def history(campaign: str) -> dict[str, Any]:
    """What was corrected in a campaign, for its page. Raises NotFound."""
    session = reading()
    found = versions.campaign_by_public_id(session, campaign)
    rows: Sequence[CampaignCorrection] = queries.corrections_of(session, found.id)

    def name(version_id: int) -> str:
        return versions.version_by_id(session, version_id).public_id

    return {
        "campaign": found.public_id,
        "version": name(found.version_id),
        "corrections": [
            {
                "from_version": name(row.from_version_id),
                "to_version": name(row.to_version_id),
                "reason": row.reason,
                "corrected_at": row.corrected_at,
            }
            for row in rows
        ],
    }


def figures_in(
    session: Session, counts: Mapping[tuple[str, str, str], int], from_version_id: int, to_version_id: int
) -> Counter[tuple[str, str, str]] | None:
    """Counters of one version as another has them (last year's beside this year's); None when no mapping leads on."""
    steps = steps_between(session, from_version_id, to_version_id)
    if steps is None:
        return None
    made = Counter(counts)
    for step in steps:
        made = rules.mapped_counts(made, step)
    return made
