"""Saving a draft question by question, reading it on another phone, forgetting it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from kernel import grants
from kernel.database import reading, transaction, translating, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.places.queries import place_by_id
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.corrections import old_words
from surveys.questionnaires.corrections.old_words import Carried, begun_in_old_words
from surveys.questionnaires.drafts import queries
from surveys.questionnaires.drafts.models import Draft
from surveys.questionnaires.queries import Asked
from surveys.questionnaires.rules import lifecycle
from surveys.questionnaires.rules.lifecycle import Channel, State
from surveys.questionnaires.rules.parts import parts
from surveys.questionnaires.rules.plan import Line, in_words
from surveys.questionnaires.services.forms import plan_of
from surveys.questionnaires.services.responses import ASSIST, facts_of

MOST_BYTES = 64 * 1024
KEPT_AFTER_CLOSING = timedelta(days=90)
KEPT_UNTOUCHED = timedelta(days=365)
ELSEWHERE = Conflict("draft-elsewhere", "您在另一部手机上也填了这份问卷。两边填的都在，正在合到一起。")


@dataclass(frozen=True)
class Kept:
    """A draft as it stands; ``number`` 0: nothing was saved yet. ``at``: the question one was at."""

    number: int = 0
    answers: dict[str, Any] = field(default_factory=dict)
    channel: str = ""
    at: str = ""
    saved_at: datetime | None = None


@use_case
def save(
    campaign: str,
    dwelling: str,
    *,
    number: int,
    changes: Mapping[str, Any],
    channel: str,
    at: str,
    account_id: int,
    person_id: int | None,
    key: Key,
    content_hash: str = "",
    now: datetime,
) -> int:
    """Put changed answers ({question: value, None takes it away}) into the account's draft; its new number.

    ``number``: of the draft the changes were made to; ``content_hash``: of the wording they were made in, where the
    page says it: what was begun in words that were corrected since goes on in the new ones. Answers are checked when
    they are submitted, not here. Raises Conflict (draft-elsewhere: another phone saved meanwhile), Gone (closed),
    NotFound, Invalid.
    """
    with transaction() as session:
        if done := recall(session, key):
            return int(done)
        asked = _asked(session, campaign, dwelling, account_id, person_id, now)
        lifecycle.must_take_answers(State(asked.campaign_state), asked.closes_at, now)
        known = plan_of(session, asked.version_id, asked.content_hash).form.by_code
        if content_hash and content_hash != asked.content_hash:
            changes = begun_in_old_words(session, asked.campaign_id, content_hash, changes, asked.version_id)
        # Taking an answer away is always right: a corrected questionnaire may not have the question any more.
        if strange := {code for code, value in changes.items() if value is not None} - known.keys():
            raise Invalid("answers-invalid", "有题目不在这份问卷里。", {code: ["没有这一题。"] for code in strange})
        draft = queries.draft_for_change(session, asked.campaign_id, asked.dwelling_id, account_id)
        if number != (draft.number if draft else 0):
            raise ELSEWHERE
        begun = _open(session, draft, asked).answers if draft and not queries.is_submitted(session, draft) else {}
        answers = {**begun, **changes}
        answers = {code: value for code, value in answers.items() if value is not None}
        said = {"answers": answers, "channel": channel, "at": at, "words": asked.content_hash}
        text = json.dumps(said, ensure_ascii=False)
        if len(text.encode()) > MOST_BYTES:
            raise Invalid("draft-too-large", "填的内容太多，存不下了。请先提交问卷。")
        sealed = vault().seal(text, context=_context(asked.campaign_id, asked.dwelling_id, account_id))
        remember(session, key, str(number + 1), now=now)
        if draft is None:
            draft = Draft(campaign_id=asked.campaign_id, dwelling_id=asked.dwelling_id, account_id=account_id)
            session.add(draft)
        draft.number, draft.sealed, draft.saved_at = number + 1, sealed, now
        draft.sheets = queries.sheets_of(session, asked.campaign_id, asked.dwelling_id, account_id)
        with translating({"draft_pkey": ELSEWHERE}):
            session.flush()
        return number + 1


def read(campaign: str, dwelling: str, *, account_id: int, person_id: int | None, now: datetime) -> Kept:
    """The account's own draft, also of a closed campaign; empty once it was submitted (a correction begins from what
    was submitted). Raises NotFound for another household's dwelling."""
    session = reading()
    asked = _asked(session, campaign, dwelling, account_id, person_id, now)
    draft = queries.draft_of(session, asked.campaign_id, asked.dwelling_id, account_id)
    if draft is None:
        return Kept()
    return Kept(draft.number) if queries.is_submitted(session, draft) else _open(session, draft, asked)


def lines(campaign: str, dwelling: str, *, account_id: int, person_id: int | None, now: datetime) -> list[Line]:
    """The account's own draft in plain words, in the order of the sheet. Raises NotFound, also without a draft."""
    session = reading()
    asked = _asked(session, campaign, dwelling, account_id, person_id, now)
    draft = queries.draft_of(session, asked.campaign_id, asked.dwelling_id, account_id)
    if draft is None:
        raise NotFound("no-such-draft", "没有找到您填过的内容。")
    answers = _open(session, draft, asked).answers
    found: list[Line] = []
    for question in plan_of(session, asked.version_id, asked.content_hash).form.questions:
        if question.code in answers:
            found.append(Line(question.no, question.title, in_words(question, answers[question.code])))
    return found


@dataclass(frozen=True)
class InCurrentWords:
    """A sheet that was filled in with older words, and the sheet that is asked now: its public id and hash, in how many
    sections, with how many printed numbers."""

    carried: Carried
    version: str
    content_hash: str
    sections: int
    total: int


def in_current_words(
    campaign: str,
    dwelling: str,
    answers: Mapping[str, Any],
    *,
    content_hash: str,
    channel: Channel,
    account_id: int,
    person_id: int | None,
    now: datetime,
) -> InCurrentWords:
    """Answers a phone holds in the words of a hash, in those the campaign asks with now, and which questions to look at
    again; nothing is kept. Raises NotFound for another household's dwelling."""
    session = reading()
    asked = _asked(session, campaign, dwelling, account_id, person_id, now)
    facts = facts_of(asked.floor, asked.building_facts, asked.estate_facts, channel)
    made = old_words.carried(session, asked, content_hash, answers, facts)
    form = plan_of(session, asked.version_id, asked.content_hash).form
    version = campaigns.version_by_id(session, asked.version_id).public_id
    return InCurrentWords(made, version, asked.content_hash, len(parts(form.document)), form.screens)


def has_one(campaign_id: int, dwelling_id: int, account_id: int) -> bool:
    """Whether the account has a draft for a dwelling that it has not submitted."""
    return queries.has_begun(reading(), campaign_id, dwelling_id, account_id)


def _asked(
    session: Session, campaign: str, dwelling: str, account_id: int, person_id: int | None, now: datetime
) -> Asked:
    """The campaign at a dwelling, for whoever may answer there. Raises NotFound."""
    asked = campaigns.asked(session, campaign, dwelling, account_id)
    if not asked.in_scope:
        raise NotFound("not-asked-here", "这次问卷不在您的小区进行。")
    if asked.relation is None:
        building = place_by_id(session, asked.building_id)
        if person_id is None or not grants.may(session, person_id, ASSIST, building, now):
            raise campaigns.NO_DWELLING
    return asked


def _context(campaign_id: int, dwelling_id: int, account_id: int) -> str:
    return f"draft.sealed:{campaign_id}:{dwelling_id}:{account_id}"


def _open(session: Session, draft: Draft, asked: Asked) -> Kept:
    """What a draft holds, in the words its campaign asks with now."""
    opened = json.loads(
        vault().open(draft.sealed, context=_context(draft.campaign_id, draft.dwelling_id, draft.account_id))
    )
    answers, words = opened["answers"], opened.get("words", asked.content_hash)
    if words != asked.content_hash:
        answers = begun_in_old_words(session, asked.campaign_id, words, answers, asked.version_id)
    return Kept(draft.number, answers, opened["channel"], opened["at"], draft.saved_at)


@use_case
def forget_submitted(*, now: datetime) -> int:
    """Delete drafts that have been submitted; how many. A timer's work: submitting itself stays short."""
    with transaction() as session:
        return queries.drop_submitted(session)


@use_case
def forget_old(*, now: datetime) -> int:
    """Delete drafts 90 days after their campaign closed, or a year after the last touch; how many. Nightly."""
    with transaction() as session:
        return queries.drop_old(session, closed_before=now - KEPT_AFTER_CLOSING, saved_before=now - KEPT_UNTOUCHED)
