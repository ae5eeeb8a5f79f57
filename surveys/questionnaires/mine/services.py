"""Seeing what one has said, taking it along, and taking back a consent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, outbox
from kernel.database import new_public_id, reading, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.places.models import Dwelling, Place
from surveys.questionnaires import queries as surveys
from surveys.questionnaires.drafts import queries as drafts
from surveys.questionnaires.mine import queries
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import ENTERED, State, takes_answers
from surveys.questionnaires.rules.plan import Line, shown
from surveys.questionnaires.rules.standing import NOTHING, Counting, Verdict
from surveys.questionnaires.second_visitors.services import asking
from surveys.questionnaires.services import sealing
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.services.responses import digest
from surveys.questionnaires.standing.queries import WITHDRAWN, response_by_id
from surveys.questionnaires.standing.services import counting_rows, reviewing, superseding
from surveys.questionnaires.standing.services.settling import objections

WORDS = {"counts": "有效", "waits": "待社区核对", "replaced": "已被后来的一份代替，或已撤回"}


@dataclass(frozen=True)
class Consent:
    """One thing one was asked to agree to. ``must``: without it the sheet itself cannot be kept for use."""

    question: str
    item: str
    label: str
    given: bool
    must: bool


@dataclass(frozen=True)
class Said:
    """One sheet one handed in, or that was filled in for one's household, names and phones in clear: they are its own.

    ``by``: who filled it in, in words; "" for oneself.
    """

    response: Response
    campaign: Campaign
    dwelling: Dwelling
    estate: Place
    standing: str
    standing_word: str
    lines: list[Line]
    private: dict[str, Any]
    consents: list[Consent]
    open: bool
    """it can still be corrected"""
    by: str = ""


def said_by(account_id: int, *, now: datetime) -> list[Said]:
    """All sheets an account handed in for its household, and those filled in for it by others, the latest first."""
    session = reading()
    own = queries.responses_of(session, account_id)
    entered = [
        row for row in queries.entered_for_homes_of(session, account_id) if _is_theirs(session, row[0], account_id)
    ]
    rows = sorted([*own, *entered], key=lambda row: (row[0].submitted_at, row[0].id), reverse=True)
    return [_said(session, *row, now=now) for row in rows]


def _is_theirs(session: Session, response: Response, account_id: int) -> bool:
    """Whether a sheet is an account's own data: it handed it in; or somebody filled it in at the door or from paper for
    the household, of which the account is a proved member, on the side the sheet speaks for, and was one when the
    campaign asked. Never because it entered the sheet as a worker."""
    if response.channel not in ENTERED:
        return response.account_id == account_id
    return reviewing.is_of_its_household(
        session, response, account_id, by=queries.campaign_of(session, response).closed_at
    )


def _said(
    session: Session, response: Response, campaign: Campaign, dwelling: Dwelling, estate: Place, *, now: datetime
) -> Said:
    form = form_of(session, response.version_id)
    private = sealing.open_sealed(response)
    standing = superseding.standing_of(session, response)
    return Said(
        response,
        campaign,
        dwelling,
        estate,
        standing,
        WORDS[standing],
        shown(form, response.answers, private=private),
        private,
        consents_of(form, response),
        takes_answers(State(campaign.state), campaign.closes_at, now),
        reviewing.by_words(session, response, now) if response.channel in ENTERED else "",
    )


def consents_of(form: Form, response: Response) -> list[Consent]:
    """What a sheet agreed to or not, item by item."""
    return [
        Consent(
            question.code,
            item["code"],
            item["label"],
            bool(response.answers[question.code].get(item["code"])),
            bool(item.get("must")),
        )
        for question in form.questions
        if question.kind == "consent" and question.code in response.answers
        for item in question.spec["items"]
    ]


def export(*, account_id: int, actor: str, now: datetime) -> dict[str, Any]:
    """Everything kept of an account in questionnaires, as JSON may hold it; that it was taken is written down."""
    found = said_by(account_id, now=now)
    session = reading()
    told = {
        "made_at": now.isoformat(),
        "responses": [
            {
                "response": one.response.public_id,
                "receipt": one.response.receipt,
                "campaign": one.campaign.title,
                "year": one.campaign.year,
                "home": f"{one.estate.name} {one.dwelling.label}",
                "channel": one.response.channel,
                "relation": one.response.relation,
                "submitted_at": one.response.submitted_at.isoformat(),
                "standing": one.standing,
                "answers": {**one.response.answers, **one.private},
                "in_words": [{"no": line.no, "title": line.title, "answer": line.texts} for line in one.lines],
            }
            for one in found
        ],
        "pictures": [
            {"file": each.public_id, "purpose": each.purpose, "uploaded_at": each.created_at.isoformat()}
            for each in queries.pictures_of(session, account_id)
        ],
        "drafts": [
            {"campaign": row[0], "dwelling": row[1], "saved_at": row[2].isoformat()}
            for row in queries.drafts_of(session, account_id)
        ],
        "cases": [
            {
                "kind": dispute.kind,
                "raised_at": dispute.raised_at.isoformat(),
                "said": {each.public_id: text for each, text in _texts(session, dispute)}.get(dispute.public_id, ""),
                "outcome": dispute.outcome,
                "reason": dispute.reason,
            }
            for dispute in queries.objections_of(session, account_id)
        ],
    }
    audit.look(actor=actor, what="own_survey_data", subject=actor, now=now)
    return told


def _texts(session: Session, dispute: Any) -> list[tuple[Any, str]]:
    return objections(session, dispute.campaign_id, dispute.dwelling_id)


@use_case
def withdraw(
    response: str, question: str, item: str, *, account_id: int, actor: str, key: Key | None = None, now: datetime
) -> str:
    """Take back a consent of one's own sheet, or of one filled in for one's household: "counts" or, when nothing of the
    sheet counts any more, "withdrawn".

    What was said stays as it was said; a new version says so from now on, and every figure, file and public page goes
    by it. Taking back the consent without which answers may not be used takes the whole sheet out. Also after closing,
    and of a sheet that waits to be settled: nobody can choose it any more.
    Raises NotFound (not one's own), Conflict (does not count any more), Invalid (no such consent, or not given).
    """
    with transaction() as session:
        if done := recall(session, key):
            return done
        found = surveys.response_by_public_id(session, response)
        if not _is_theirs(session, found, account_id):
            raise NotFound("no-such-response", "没有找到这份答卷。")
        form = form_of(session, found.version_id)
        consent = next((one for one in consents_of(form, found) if (one.question, one.item) == (question, item)), None)
        if consent is None or not consent.given:
            raise Invalid("no-such-consent", "这一项没有同意过，不用撤回。", {"item": ["没有同意过"]})
        before = counting_rows.counting_for_change(session, found.campaign_id, found.dwelling_id)
        standing = superseding.standing_of(session, found)
        if standing == "replaced":
            raise Conflict("response-replaced", "这份问卷已经不算数了，请刷新页面看最新的一份。")
        remember(session, key, "withdrawn" if consent.must else "counts", now=now)
        new_id = None if consent.must else _without(session, found, form, consent, actor=actor, now=now)
        if standing == Verdict.COUNTS:
            counts = _instead(before, found.id, new_id)
            counting_rows.move(session, found.campaign_id, found.dwelling_id, before, counts)
        elif new_id is not None:
            superseding.wait(session, response_by_id(session, new_id), now=now)
        audit.record(
            session,
            actor=actor,
            action=WITHDRAWN,
            subject=f"response:{found.public_id}",
            now=now,
            payload={"question": question, "item": item, "whole": consent.must},
        )
        return "withdrawn" if consent.must else "counts"


def _instead(before: Counting, old: int, new: int | None) -> Counting:
    """What counts once a sheet gives way to another, or to none (then the other side's sheet counts for all)."""
    needs = new if before.needs == old else before.needs
    owners = new if before.owners == old else before.owners
    if needs is None:
        return NOTHING if owners is None else Counting(owners, owners)
    return Counting(needs, owners)


def _without(session: Session, found: Response, form: Form, consent: Consent, *, actor: str, now: datetime) -> int:
    """The same sheet as a new version in which the consent is not given; its inner id. With the consent to be rung up
    goes the phone number."""
    answers = {**found.answers, consent.question: {**found.answers[consent.question], consent.item: False}}
    private = sealing.open_sealed(found)
    if consent.item == CALL:
        private = {code: value for code, value in private.items() if form.by_code[code].kind != "phone"}
    public_id = new_public_id()
    document = digest(public_id, answers, private)
    entry = audit.record(
        session,
        actor=actor,
        action="response.submitted",
        subject=f"response:{public_id}",
        now=now,
        payload={
            "after": found.public_id,
            "withdrawn": consent.item,
            "document": vault().blind_index("response", document).hex(),
        },
    )
    made = Response(
        public_id=public_id,
        campaign_id=found.campaign_id,
        version_id=found.version_id,
        dwelling_id=found.dwelling_id,
        estate_id=found.estate_id,
        channel=found.channel,
        relation=found.relation,
        account_id=found.account_id,
        person_id=found.person_id,
        submitted_at=now,
        answers=answers,
        private_sealed=sealing.seal(public_id, private),
        receipt=entry.row_hash,
        replaces_id=found.id,
    )
    session.add(made)
    session.flush()
    asking.carry_over(session, found.id, made.id)
    drafts.stays_begun(session, found.campaign_id, found.dwelling_id, found.account_id)
    outbox.stage(session, superseding.TOLD_TOPIC, {"kind": "response_changed", "response": public_id}, now=now)
    return made.id


CALL = "call"
"""The consent item by which one agrees to be rung up."""
