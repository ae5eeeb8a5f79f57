"""Moving a campaign to a corrected wording, and what was corrected."""

from collections import Counter
from collections.abc import Sequence, Set
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Invalid, NotFound, Unavailable
from kernel.idempotency import Key, recall, remember
from surveys.questionnaires import queries as versions
from surveys.questionnaires.corrections import queries
from surveys.questionnaires.corrections.models import CampaignCorrection, CampaignMapping, VersionMapping
from surveys.questionnaires.corrections.reading import AsAsked, steps_of
from surveys.questionnaires.models import Campaign, TallyCounter
from surveys.questionnaires.reports.services import rewording
from surveys.questionnaires.rules import mapping as rules
from surveys.questionnaires.rules import release, tally
from surveys.questionnaires.rules.lifecycle import State
from surveys.questionnaires.rules.mapping import Correspondence
from surveys.questionnaires.rules.subjects import Part
from surveys.questionnaires.services import counting
from surveys.questionnaires.services.campaigns import must_manage
from surveys.questionnaires.services.forms import form_of

ROWS_A_STATEMENT = 500
TURNS = 5


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
    Where another mapping between the two versions was agreed on before, this one is the campaign's alone. Raises
    Invalid (mapping-invalid, by question; another questionnaire), Conflict (closed), NotAllowed, NotFound.
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
        kept = _keep(session, found, before.id, after.id, step, reason, now)
        _rename(session, found, step)
        rewording.corrected(session, found.id, step, now)
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


@use_case
def remap(
    campaign: str,
    *,
    mapping: Any,
    reason: str,
    person_id: int | None,
    actor: str,
    key: Key | None = None,
    now: datetime,
) -> str:
    """Replace the mapping of a campaign's last correction by another; its public id. Audited.

    For this campaign alone: others that went the same way keep theirs. All that was counted is counted again from the
    documents, and what is public of the questions concerned is made anew (``release.remade``). Raises Invalid
    (mapping-invalid), Conflict (never corrected, closed, or nothing changes), Unavailable (too many sheets come in at
    this moment), NotAllowed, NotFound.
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = versions.campaign_for_change(session, campaign)
        if person_id is not None:
            must_manage(session, person_id, versions.estates_of(session, found.id), now)
        if found.state == State.CLOSED:
            raise Conflict("campaign-closed", "这次问卷已经截止，答卷和结果不再改动。请在下一次问卷里用新的一版。")
        history = queries.corrections_of(session, found.id)
        if not history:
            raise Conflict("never-corrected", "这次问卷没有改正过，没有新旧对照可换。")
        last = history[-1]
        before, after = form_of(session, last.from_version_id), form_of(session, last.to_version_id)
        was = (steps_of(session, found.id, last.from_version_id, last.to_version_id) or (None,))[-1]
        step = rules.read(before, after, mapping)
        if was is None or was.document == step.document:
            raise Conflict("same-mapping", "新的对照和现在用的一样，没有改动。")
        session.add(_own(found, last.from_version_id, last.to_version_id, step, reason, now))
        session.flush()
        _count_anew(session, found, rules.concerned(was, step))
        rewording.remapped(session, found.id, after, rules.concerned(was, step), now)
        remember(session, key, found.public_id, now=now)
        audit.record(
            session,
            actor=actor,
            action="campaign.remapped",
            subject=f"campaign:{found.public_id}",
            now=now,
            payload={
                "from": before.content_hash,
                "to": after.content_hash,
                "reason": reason,
                "questions": sorted(rules.concerned(was, step)),
            },
        )
        return found.public_id


def _count_anew(session: Session, campaign: Campaign, concerned: Set[str]) -> None:
    """Counters and public releases from the documents. Whatever counts locks the campaign first, so only new sheets
    come in meanwhile: when one did, it is looked at again."""
    for _ in range(TURNS):
        waiting = queries.not_counted_yet(session, campaign.id)
        asked = AsAsked(session)
        cells, homes = counting.recounted(session, asked, campaign.id, [row[1:] for row in waiting], concerned)
        if queries.not_counted_yet(session, campaign.id) == waiting:
            break
    else:
        raise Unavailable("database-busy", "这时候交上来的问卷太多，请过一分钟再换对照。")
    queries.forget_counters(session, campaign.id)
    _write_counters(session, campaign.id, Counter({key[1:]: n for key, n in cells.items()}))
    for change in queries.not_released_yet(session, campaign.id):
        row = versions.documents(session, [change.response_id])[0]
        form, answers = asked.read(campaign.id, row.version_id, row.answers)
        home = homes.setdefault(change.estate_id, {}).setdefault(change.dwelling_id, Counter())
        for key, n in tally.count(form, answers, sign=change.sign, part=Part(change.part)).items():
            if key[0] in concerned:
                home[key] -= n
    for public in queries.releases_of(session, campaign.id):
        kept = release.read(public.document)
        public.document = release.written(release.remade(kept, concerned, homes.get(public.estate_id, {})))
        public.number += 1
    queries.forget_sheets(session, campaign.id)


def _keep(
    session: Session, campaign: Campaign, from_id: int, to_id: int, step: Correspondence, reason: str, now: datetime
) -> VersionMapping:
    """The mapping's row between two versions, made unless one is there; where that one says otherwise, what this
    campaign says is kept beside it, for this campaign alone."""
    kept = queries.mapping_between(session, from_id, to_id)
    if kept is None:
        kept = VersionMapping(from_version_id=from_id, to_version_id=to_id, document=step.document, made_at=now)
        session.add(kept)
        session.flush()
    own = steps_of(session, campaign.id, from_id, to_id)
    if own is None or len(own) != 1 or own[0].document != step.document:
        session.add(_own(campaign, from_id, to_id, step, reason, now))
        session.flush()
    return kept


def _own(
    campaign: Campaign, from_id: int, to_id: int, step: Correspondence, reason: str, now: datetime
) -> CampaignMapping:
    return CampaignMapping(
        campaign_id=campaign.id,
        from_version_id=from_id,
        to_version_id=to_id,
        document=step.document,
        reason=reason,
        made_at=now,
    )


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
    _write_counters(session, campaign.id, counts)
    for public in queries.releases_of(session, campaign.id):
        public.document = release.written(_renamed(release.read(public.document), step))
        public.number += 1
    queries.forget_sheets(session, campaign.id)


def _write_counters(session: Session, campaign_id: int, counts: Counter[tuple[int, str, str, str, str]]) -> None:
    rows = [
        {"campaign_id": campaign_id, "estate_id": key[0], "channel": key[1]}
        | {"question": key[2], "row": key[3], "cell": key[4], "n": n}
        for key, n in sorted(counts.items())
        if n
    ]
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        session.execute(sa.insert(TallyCounter), rows[start : start + ROWS_A_STATEMENT])


def _renamed(public: release.Release, step: Correspondence) -> release.Release:
    held: dict[str, dict[int, release.Held]] = {}
    for waiting in public.held.values():
        for dwelling, one in waiting.items():
            for key, n in rules.mapped_counts(one.change, step).items():
                place = held.setdefault(key[0], {}).setdefault(dwelling, release.Held(one.new))
                place.change[key] += n
    return release.Release(rules.mapped_counts(public.shown, step), held)


def last_mapping(campaign: str) -> dict[str, Any]:
    """The mapping of a campaign's last correction as it counts now. Raises NotFound (also: never corrected)."""
    session = reading()
    found = versions.campaign_by_public_id(session, campaign)
    history = queries.corrections_of(session, found.id)
    steps = history and steps_of(session, found.id, history[-1].from_version_id, history[-1].to_version_id)
    if not steps:
        raise NotFound("never-corrected", "这次问卷没有改正过，没有新旧对照。")
    return steps[-1].document


def history(campaign: str) -> dict[str, Any]:
    """What was corrected in a campaign, for its page. Raises NotFound."""
    session = reading()
    found = versions.campaign_by_public_id(session, campaign)
    rows: Sequence[CampaignCorrection] = queries.corrections_of(session, found.id)

    def told(row: CampaignCorrection | CampaignMapping, at: datetime) -> dict[str, Any]:
        old, new = (versions.version_by_id(session, each) for each in (row.from_version_id, row.to_version_id))
        sides = {"from_version": old.public_id, "to_version": new.public_id}
        return sides | {"reason": row.reason, "corrected_at": at}

    return {
        "campaign": found.public_id,
        "version": versions.version_by_id(session, found.version_id).public_id,
        "corrections": [told(row, row.corrected_at) for row in rows],
        "remapped": [told(row, row.made_at) for row in queries.mappings_of_campaign(session, found.id)],
    }
