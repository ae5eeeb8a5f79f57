"""Cases that somebody settles: two sheets of one dwelling, or a household that says "that is not so"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.clock import china_text
from kernel.database import reading, transaction, use_case
from kernel.encryption import vault
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key, recall, remember
from kernel.places.models import Dwelling, Place
from kernel.places.queries import dwelling_by_public_id, place_by_id
from surveys.questionnaires import queries as surveys
from surveys.questionnaires.models import Campaign, Response
from surveys.questionnaires.rules import standing as rules
from surveys.questionnaires.rules.lifecycle import ENTERED
from surveys.questionnaires.rules.plan import shown
from surveys.questionnaires.rules.standing import NOTHING, DisputeKind, Outcome
from surveys.questionnaires.rules.subjects import Speaks
from surveys.questionnaires.second_visitors import queries as second_visitors
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.standing import queries
from surveys.questionnaires.standing.models import Dispute
from surveys.questionnaires.standing.services import counting_rows
from surveys.questionnaires.standing.services.superseding import TOLD_TOPIC

SETTLE = "response.settle"


@dataclass(frozen=True)
class Waiting:
    """A dwelling with open cases, for the list."""

    campaign: str
    title: str
    dwelling: str
    label: str
    estate: str
    since: datetime
    cases: int
    objections: int


def waiting(*, person_id: int | None, now: datetime) -> list[Waiting]:
    """What waits to be settled in the person's places, the longest waiting first."""
    session = reading()
    places = grants.places_for(session, person_id, SETTLE, now)
    found = queries.open_cases(session, places)
    return [
        Waiting(
            campaign=row[0],
            title=row[1],
            dwelling=row[2],
            label=row[3],
            estate=row[4],
            since=row[5],
            cases=int(row[6]),
            objections=int(row[7]),
        )
        for row in found
    ]


def count(*, person_id: int | None, now: datetime) -> int:
    """How many homes wait to be settled in the person's places."""
    session = reading()
    return queries.count_open_cases(session, grants.places_for(session, person_id, SETTLE, now))


@dataclass(frozen=True)
class Sheet:
    """A sheet in a case. ``marks``: what of it counts, in words; ``other``: for whom it speaks, in words."""

    response: Response
    number: int
    counts: bool
    waits: bool
    speaks: str
    confirmed: bool
    withdrawn: bool
    """a consent of it was taken back: it cannot be chosen"""


@dataclass(frozen=True)
class Difference:
    """A question that the sheets answer differently; one list of lines a sheet, in the order of the sheets."""

    no: str
    title: str
    texts: list[list[str]]


@dataclass(frozen=True)
class Case:
    """Everything one needs to settle a dwelling's sheets."""

    campaign: Campaign
    dwelling: Dwelling
    estate: Place
    sheets: list[Sheet]
    differences: list[Difference]
    disputes: list[tuple[Dispute, str]]
    """each with what the household objects, in clear"""
    may_settle: bool


def case(campaign: str, dwelling: str, *, person_id: int | None, actor: str, now: datetime) -> Case:
    """The sheets of a dwelling side by side; the look is recorded. Raises NotFound, also outside one's places."""
    found, home, building = _place(reading(), campaign, dwelling, person_id, now)
    audit.look(actor=actor, what="response", subject=f"dwelling:{home.public_id}", now=now)
    session = reading()
    before = _counts(session, found.id, home.id)
    disputes = queries.disputes_of(session, found.id, home.id)
    open_ids = {dispute.response_id for dispute in disputes if dispute.settled_at is None}
    responses = list(queries.versions(session, found.id, home.id))
    withdrawn = queries.withdrawn(session, responses)
    confirmed = queries.confirmed(session, [response.id for response in responses])
    sheets = [
        Sheet(
            response,
            number,
            response.id in before,
            response.id in open_ids - withdrawn,
            counting_rows.speaks(session, response),
            response.id in confirmed,
            response.id in withdrawn,
        )
        for number, response in zip(range(len(responses), 0, -1), responses, strict=True)
    ]
    compared = [sheet.response for sheet in sheets if sheet.counts or sheet.waits]
    return Case(
        found,
        home,
        place_by_id(session, building.parent_id or building.id),
        sheets,
        _differences(session, compared),
        [(dispute, _said(dispute)) for dispute in disputes],
        bool(open_ids) and person_id not in _entered_by(session, compared),
    )


def _entered_by(session: Session, responses: Sequence[Response]) -> set[int | None]:
    """Who entered some sheets for the household: both visitors, and everybody who keyed the paper."""
    entered = [response for response in responses if response.channel in ENTERED]
    ids = [each.id for each in entered]
    keyed, second = queries.keyed_by(session, ids), second_visitors.named(session, ids)
    return {response.person_id for response in entered} | keyed | second


def _counts(session: Session, campaign_id: int, dwelling_id: int) -> set[int | None]:
    owners = queries.owner_response_id(session, campaign_id, dwelling_id)
    return {queries.valid_id(session, campaign_id, dwelling_id), owners} - {None}


def _differences(session: Session, responses: Sequence[Response]) -> list[Difference]:
    """Where some sheets differ, in the order of the form; all that they hold when there is one alone."""
    forms = [form_of(session, each.version_id) for each in responses]
    told = [
        {(line.no, line.title): line.texts for line in shown(form, each.answers)}
        for form, each in zip(forms, responses, strict=True)
    ]
    asked = dict.fromkeys((question.no, question.title) for form in forms for question in form.questions)
    keys = [key for key in asked if any(key in one for one in told)]
    found = [Difference(no, title, [one.get((no, title), []) for one in told]) for no, title in keys]
    return [each for each in found if len(told) == 1 or any(texts != each.texts[0] for texts in each.texts)]


def _place(
    session: Session, campaign: str, dwelling: str, person_id: int | None, now: datetime
) -> tuple[Campaign, Dwelling, Place]:
    """Campaign, dwelling and building, for whoever may settle there. Raises NotFound."""
    found = surveys.campaign_by_public_id(session, campaign)
    home = dwelling_by_public_id(session, dwelling)
    building = place_by_id(session, home.building_id)
    if person_id is None or not grants.may(session, person_id, SETTLE, building, now):
        raise queries.NO_CASE
    return found, home, building


@use_case
def settle(
    campaign: str,
    dwelling: str,
    *,
    chosen: str,
    reason: str,
    person_id: int | None,
    actor: str,
    key: Key,
    now: datetime,
) -> str:
    """Settle all open cases of a dwelling: the response ``chosen`` counts, "" none does. All sheets are kept.

    Also after the campaign closed. Raises NotFound, Conflict (nothing to settle), NotAllowed (one entered a sheet of
    it oneself), Invalid (no reason; another dwelling's response; one whose consent was taken back).
    """
    said = rules.must_have_reason(reason)
    with transaction() as session:
        if done := recall(session, key):
            return done
        found, home, _ = _place(session, campaign, dwelling, person_id, now)
        assert person_id is not None
        before = counting_rows.counting_for_change(session, found.id, home.id)
        disputes = queries.open_disputes_for_change(session, found.id, home.id)
        if not disputes:
            raise Conflict("nothing-to-settle", "这一户没有待定的问卷，可能别人刚定过了。")
        by_id = {response.id: response for response in queries.versions(session, found.id, home.id)}
        concerned = {dispute.response_id for dispute in disputes} | {before.needs, before.owners} - {None}
        rules.must_be_impartial(person_id, _entered_by(session, [by_id[one] for one in concerned if one]))
        choice = next((response for response in by_id.values() if response.public_id == chosen), None)
        if chosen and choice is None:
            raise Invalid("not-of-this-dwelling", "选的不是这一户的问卷。", {"chosen": ["请重新选"]})
        if choice and choice.id in queries.withdrawn(session, list(by_id.values())):
            raise Invalid(
                "consent-withdrawn",
                "这一份的同意已经撤回，不能再算数。请选别的一份，或选“都不算”。",
                {"chosen": ["这一份已撤回同意"]},
            )
        counts = rules.chosen(before, choice.id, Speaks(counting_rows.speaks(session, choice))) if choice else NOTHING
        counting_rows.move(session, found.id, home.id, before, counts)
        outcome = Outcome.CHOSEN if choice else Outcome.NONE
        for dispute in disputes:
            dispute.settled_at, dispute.settled_by = now, person_id
            dispute.outcome, dispute.reason = outcome, said
            dispute.chosen_id = choice.id if choice else None
        session.flush()
        remember(session, key, home.public_id, now=now)
        audit.record(
            session,
            actor=actor,
            action="response.settled",
            subject=f"dwelling:{home.public_id}",
            now=now,
            payload={
                "campaign": found.public_id,
                "outcome": outcome,
                "chosen": chosen,
                "cases": [dispute.public_id for dispute in disputes],
                "reason": said,
            },
        )
        told = choice or by_id[disputes[0].response_id]
        outbox.stage(
            session,
            TOLD_TOPIC,
            {"kind": "response_settled", "response": told.public_id, "at": now.isoformat()},
            now=now,
        )
        return home.public_id


def seal_said(dispute_id: str, text: str) -> bytes:
    """An objection's words, sealed."""
    return vault().seal(text, context=f"dispute.said:{dispute_id}")


def _said(dispute: Dispute) -> str:
    if dispute.said_sealed is None:
        return ""
    return vault().open(dispute.said_sealed, context=f"dispute.said:{dispute.public_id}")


def objections(session: Session, campaign_id: int, dwelling_id: int) -> list[tuple[Dispute, str]]:
    """The objections of a dwelling with their words, for the household itself."""
    disputes = queries.disputes_of(session, campaign_id, dwelling_id)
    return [(dispute, _said(dispute)) for dispute in disputes if dispute.kind == DisputeKind.OBJECTION]


def word_of(dispute: Dispute) -> str:
    """How a case stands, in words for the household."""
    if dispute.settled_at is None:
        return "社区还在核对"
    when = china_text(dispute.settled_at)
    if dispute.outcome == Outcome.NONE:
        return f"{when} 定了：都不算，可以重新填。理由：{dispute.reason}"
    return f"{when} 定了。理由：{dispute.reason}"
