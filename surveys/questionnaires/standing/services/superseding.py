"""Another sheet of a dwelling that has one: does it count, or does it wait for somebody to settle it?

Steps of the use case that submits; it holds the transaction.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import outbox
from kernel.errors import TooMany
from surveys.questionnaires.models import Response
from surveys.questionnaires.rules import standing as rules
from surveys.questionnaires.rules.standing import Counting, DisputeKind, Given, Outcome, Verdict, Weighed
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.standing import queries
from surveys.questionnaires.standing.models import Dispute
from surveys.questionnaires.standing.services import counting_rows

TOLD_TOPIC = "response.told"
"""News for the other accounts of a household: {kind, response}."""
BOTH_CAME = "两位入户人员都已确认，证据更足的一份算数。"
CONFIRMED = "住户本人已经确认这一份没有错。"


@dataclass(frozen=True)
class Compared:
    """A new sheet beside those that count, all locked. ``replaces_id``: the one it comes after."""

    before: Counting
    weighed: Weighed
    owners: Given | None
    replaces_id: int
    replaces: str


def compare(
    session: Session, *, campaign_id: int, dwelling_id: int, new: Given, seen: str, has_owners: bool
) -> Compared | None:
    """Weigh a new sheet. ``seen``: public id of the sheet its sender had before him, "" for none. None when the sheet
    that counted is gone meanwhile (then the new one is the first). Raises TooMany."""
    before = counting_rows.counting_for_change(session, campaign_id, dwelling_id)
    if before.needs is None:
        return None
    if queries.sheets_of_account(session, campaign_id, dwelling_id, new.account_id) >= rules.MOST_VERSIONS:
        raise TooMany("too-many-versions", "这份问卷改过很多次了。还要改，请找社区工作人员。", retry_after_s=86400)
    needs = queries.response_by_id(session, before.needs)
    owners = needs
    if before.owners is not None and before.owners != before.needs:
        owners = queries.response_by_id(session, before.owners)
    owners_given = counting_rows.given_of(session, owners) if before.owners is not None else None
    weighed = rules.weigh(
        new,
        counting_rows.given_of(session, needs),
        owners_given,
        seen_needs=seen == needs.public_id,
        seen_owners=seen in (needs.public_id, owners.public_id),
        has_owners=has_owners,
    )
    return Compared(before, weighed, owners_given, needs.id, needs.public_id)


def apply(
    session: Session,
    compared: Compared,
    *,
    campaign_id: int,
    dwelling_id: int,
    response_id: int,
    public_id: str,
    new: Given,
    now: datetime,
) -> None:
    """Let the stored sheet count, or keep it as a case to settle; the household's other accounts are told."""
    counts = rules.after(compared.before, response_id, new, compared.weighed, compared.owners)
    counting_rows.move(session, campaign_id, dwelling_id, compared.before, counts)
    if compared.weighed.waits:
        wait(session, queries.response_by_id(session, response_id), now=now)
    kind = "response_waiting" if compared.weighed.waits else "response_changed"
    outbox.stage(session, TOLD_TOPIC, {"kind": kind, "response": public_id}, now=now)


def wait(session: Session, response: Response, *, now: datetime) -> None:
    """Keep a stored sheet as a case to settle."""
    session.add(
        Dispute(
            campaign_id=response.campaign_id,
            dwelling_id=response.dwelling_id,
            kind=DisputeKind.CONFLICT,
            response_id=response.id,
            account_id=response.account_id,
            raised_at=now,
        )
    )


def weigh_again(session: Session, response: Response, *, why: str, by: int | None = None, now: datetime) -> None:
    """Weigh a waiting sheet once more, now that its second visitor or its household has confirmed it: what has better
    evidence than the sheet that counts counts, as it would have done had it come in so.

    ``why``: the reason the household reads. ``by``: the account that confirmed it; where the sheet that counts is its
    own, it has seen both. Nothing happens to a sheet that does not wait, to one the household contests (somebody has to
    look), nor to one whose consent was taken back."""
    campaign_id, dwelling_id = response.campaign_id, response.dwelling_id
    before = counting_rows.counting_for_change(session, campaign_id, dwelling_id)
    open_cases = queries.open_disputes_for_change(session, campaign_id, dwelling_id)
    case = next(
        (one for one in open_cases if one.response_id == response.id and one.kind == DisputeKind.CONFLICT), None
    )
    versions = queries.versions(session, campaign_id, dwelling_id)
    contested = any(one.response_id == response.id and one.kind == DisputeKind.OBJECTION for one in open_cases)
    if case is None or contested or before.needs is None or response.id in queries.withdrawn(session, versions):
        return
    owners = queries.response_by_id(session, before.owners) if before.owners is not None else None
    owners_given = counting_rows.given_of(session, owners) if owners is not None else None
    new = counting_rows.given_of(session, response)
    needs_given = counting_rows.given_of(session, queries.response_by_id(session, before.needs))
    weighed = rules.weigh(
        new,
        needs_given,
        owners_given,
        seen_needs=by == needs_given.account_id,
        seen_owners=owners_given is not None and by == owners_given.account_id,
        has_owners=bool(form_of(session, response.version_id).owners_questions),
    )
    if not weighed.counts:
        return
    counting_rows.move(
        session, campaign_id, dwelling_id, before, rules.after(before, response.id, new, weighed, owners_given)
    )
    if not weighed.waits:
        case.settled_at, case.outcome, case.reason = now, Outcome.STRONGER, why
        session.flush()
    outbox.stage(session, TOLD_TOPIC, {"kind": "response_changed", "response": response.public_id}, now=now)


def tell_of_assistance(session: Session, public_id: str, *, now: datetime) -> None:
    """Tell a household that somebody filled in a sheet for it."""
    outbox.stage(session, TOLD_TOPIC, {"kind": "response_assisted", "response": public_id}, now=now)


def standing_of(session: Session, response: Response) -> str:
    """What became of a stored sheet, as a receipt says it: counts, waits, or replaced (history, also withdrawn)."""
    found = {dispute.response_id for dispute in _open(session, response)}
    before = _counts(session, response)
    if response.id in before:
        return Verdict.COUNTS
    if response.id not in found:
        return "replaced"
    versions = queries.versions(session, response.campaign_id, response.dwelling_id)
    return "replaced" if response.id in queries.withdrawn(session, versions) else Verdict.WAITS


def _open(session: Session, response: Response) -> list[Dispute]:
    disputes = queries.disputes_of(session, response.campaign_id, response.dwelling_id)
    return [dispute for dispute in disputes if dispute.settled_at is None]


def _counts(session: Session, response: Response) -> set[int | None]:
    valid = queries.valid_id(session, response.campaign_id, response.dwelling_id)
    return {valid, queries.owner_response_id(session, response.campaign_id, response.dwelling_id)} - {None}
