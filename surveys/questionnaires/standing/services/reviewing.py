"""What a household does with a sheet that others filled in for it: see it, confirm it, say that it is not so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import new_public_id, reading, transaction, translating, use_case
from kernel.errors import Conflict, NotFound
from kernel.idempotency import Key, recall, remember
from kernel.masks import mask_name
from kernel.people.models import Relation
from kernel.people.queries import tie_of
from kernel.people.services import name_if_known
from surveys.questionnaires import queries as surveys
from surveys.questionnaires import settings
from surveys.questionnaires.models import Response
from surveys.questionnaires.queries import Asked
from surveys.questionnaires.rules import standing as rules
from surveys.questionnaires.rules.lifecycle import CHANNEL_WORDS, ENTERED, Channel, is_assisted
from surveys.questionnaires.rules.second_visitors import SecondWord
from surveys.questionnaires.rules.standing import DisputeKind, Evidence, Opinion
from surveys.questionnaires.rules.subjects import TENANT_RELATION, Speaks
from surveys.questionnaires.second_visitors import queries as second_visitors
from surveys.questionnaires.second_visitors.services import asking
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.standing import queries
from surveys.questionnaires.standing.models import Dispute, Review
from surveys.questionnaires.standing.services import counting_rows, superseding
from surveys.questionnaires.standing.services.settling import objections, seal_said, word_of


@dataclass(frozen=True)
class Version:
    """One sheet of a dwelling as an account of the household meets it.

    ``by``: who filled it in, in words; ``assisted``: somebody else did for the household. ``may_read``: its answers may
    be shown. ``may_object``: this account may confirm or contest it: until ``object_until``, or while it waits to be
    settled (then None).
    """

    response: Response
    number: int
    counts: bool
    counts_for: str
    waits: bool
    mine: bool
    by: str
    assisted: bool
    may_read: bool
    opinion: str
    may_object: bool
    object_until: datetime | None


@dataclass(frozen=True)
class History:
    """A dwelling's sheets, the latest first. ``changed``: how often this account corrected its own."""

    versions: list[Version]
    changed: int
    objections: list[tuple[str, str, str]]
    """(when raised, what was said, how it stands)"""


def history(asked: Asked, *, account_id: int, by_worker: bool, now: datetime) -> History:
    """The sheets of a dwelling for somebody who may see that there are some (``services.responses.standing``)."""
    session = reading()
    responses = list(queries.versions(session, asked.campaign_id, asked.dwelling_id))
    needs = queries.valid_id(session, asked.campaign_id, asked.dwelling_id)
    owners = queries.owner_response_id(session, asked.campaign_id, asked.dwelling_id)
    waiting = _waiting(session, queries.disputes_of(session, asked.campaign_id, asked.dwelling_id), responses)
    opinions = {
        (review.response_id, review.account_id): review.opinion
        for review in queries.reviews_of(session, [response.id for response in responses])
    }
    found = []
    for number, response in zip(range(len(responses), 0, -1), responses, strict=True):
        opinion = opinions.get((response.id, account_id), "")
        counts = response.id in (needs, owners)
        until = _object_until(session, response) if counts else None
        others = not by_worker and response.account_id != account_id and not opinion
        may_object = others and (response.id in waiting or (until is not None and now < until))
        found.append(
            Version(
                response,
                number,
                counts,
                _counts_for(response.id, needs, owners),
                response.id in waiting,
                response.account_id == account_id,
                by_words(session, response, now),
                is_assisted(Channel(response.channel)),
                by_worker or may_read(session, asked, response, account_id),
                opinion,
                may_object,
                until if may_object and response.id not in waiting else None,
            )
        )
    told = [
        (dispute.raised_at.isoformat(), said, word_of(dispute))
        for dispute, said in objections(session, asked.campaign_id, asked.dwelling_id)
        if by_worker or _may_hear(session, asked, dispute, account_id)
    ]
    mine = sum(1 for version in found if version.mine)
    return History(found, max(0, mine - 1), told)


def _waiting(session: Session, disputes: Iterable[Dispute], responses: Sequence[Response]) -> set[int]:
    """Which of a dwelling's sheets wait to be settled."""
    open_cases = {
        each.response_id for each in disputes if each.settled_at is None and each.kind == DisputeKind.CONFLICT
    }
    return open_cases - queries.withdrawn(session, responses)


def _object_until(session: Session, response: Response) -> datetime:
    """Until when a sheet that counts may be contested. One that had to wait counts since its second visitor, or
    somebody of the household, confirmed it: for the others it is new then."""
    second = second_visitors.last_of(session, [response.id]).get(response.id)
    confirmed = second.answered_at if second is not None and second.word == SecondWord.CONFIRMED else None
    moments = (response.submitted_at, confirmed, queries.stronger_since(session, response.id))
    begun = max(moment for moment in moments if moment is not None)
    return rules.may_object_until(begun, settings.current().objection_days)


def _may_hear(session: Session, asked: Asked, dispute: Dispute, account_id: int) -> bool:
    """Whether an account of the household may read an objection: its own; when proved, those of its own side."""
    if dispute.account_id == account_id:
        return True
    if (asked.level or 0) < Evidence.PROVED:
        return False
    by = queries.relation_of(session, dispute.account_id, asked.dwelling_id)
    return by is not None and _side(by) == _side(asked.relation)


def _counts_for(response_id: int, needs: int | None, owners: int | None) -> str:
    """What of a sheet counts, in words."""
    if response_id == needs:
        return "需求部分有效" if owners is not None and owners != needs else "有效"
    return "同意和出资部分有效" if response_id == owners else ""


def by_words(session: Session, response: Response, now: datetime) -> str:
    """Who filled in a sheet: staff by name (they act in office), the household's own by a masked one. Of a visit, who
    came along, too, and whether he has said so."""
    word, name = CHANNEL_WORDS[Channel(response.channel)], name_if_known(session, response.person_id)
    if not name:
        return word
    if response.channel == Channel.WORKER_VISIT:
        second = asking.stands(session, response, now)
        return f"{word}（{name}，{second.name}{second.word}）"
    if response.channel in ENTERED:
        return f"{word}（{name}）"
    return f"{word}（{mask_name(name)}）"


def may_read(session: Session, asked: Asked, response: Response, account_id: int) -> bool:
    """Whether an account of the household may read a sheet's answers: its own; when proved, those of its own side (a
    landlord does not read what his tenant says of the family, nor the tenant what the owner would pay)."""
    if response.account_id == account_id:
        return True
    if (asked.level or 0) < Evidence.PROVED:
        return False
    return counting_rows.speaks(session, response) == _side(asked.relation)


def waits_for_owner(session: Session, response: Response, relation: str) -> bool:
    """Whether the valid sheet of a dwelling is a tenant's, nobody has answered the owner's questions, and somebody of
    such a relation to it may."""
    asks = form_of(session, response.version_id).owners_questions
    if not asks or _side(relation) == Speaks.TENANT or counting_rows.speaks(session, response) == Speaks.OWNER:
        return False
    return response.id not in queries.owners_sheets(session, [response.id])


def _side(relation: str | None) -> Speaks:
    return Speaks.TENANT if relation == TENANT_RELATION else Speaks.OWNER


def is_of_its_household(session: Session, response: Response, account_id: int, *, by: datetime | None) -> bool:
    """Whether an account is a proved member of the household a sheet was filled in for, on the side it speaks for.

    Whoever came after is another household: the tie was made, or the person it stands for held the dwelling, when the
    sheet was handed in; a tie made later but until ``by`` will do (None: whenever).
    """
    tie = tie_of(session, account_id, response.dwelling_id, Evidence.PROVED)
    if tie is None or tie.relation == Relation.NEIGHBOUR:
        return False
    then = response.submitted_at
    if not (by is None or tie.since <= max(by, then) or queries.held(session, tie, then)):
        return False
    return counting_rows.speaks(session, response) == _side(tie.relation)


@use_case
def say(
    campaign: str,
    dwelling: str,
    response: str,
    *,
    opinion: Opinion,
    text: str,
    account_id: int,
    actor: str,
    key: Key,
    now: datetime,
) -> str:
    """Confirm, or contest with a reason, a sheet that others filled in; an objection waits to be settled.

    Anybody of the household may; a confirmation is evidence once he who gave it has proved himself. Of a sheet that
    only waits to be settled one may speak as well: confirmed, it may count; contested, it does not count by itself.

    The response's public id. Raises NotFound (not of this household), Conflict (one's own; said already; does not count
    any more), Gone (the days are over), Invalid (no reason).
    """
    said = rules.must_have_reason(text, "text") if opinion == Opinion.OBJECTED else ""
    with transaction() as session:
        if done := recall(session, key):
            return done
        asked = surveys.asked(session, campaign, dwelling, account_id)
        found = surveys.response_by_public_id(session, response)
        if asked.relation is None or (found.campaign_id, found.dwelling_id) != (asked.campaign_id, asked.dwelling_id):
            raise NotFound("no-such-response", "没有找到这份答卷。")
        rules.must_be_anothers(account_id, found.account_id)
        before = counting_rows.counting_for_change(session, asked.campaign_id, asked.dwelling_id)
        cases = queries.open_disputes_for_change(session, asked.campaign_id, asked.dwelling_id)
        waits = found.id in _waiting(session, cases, queries.versions(session, asked.campaign_id, asked.dwelling_id))
        if not waits:
            if found.id not in (before.needs, before.owners):
                raise Conflict("response-replaced", "这份问卷已经不算数了，请刷新页面看最新的一份。")
            rules.must_be_in_time(_object_until(session, found), settings.current().objection_days, now)
        remember(session, key, found.public_id, now=now)
        with translating({"response_review_pkey": Conflict("said-already", "您已经答复过这份问卷了。")}):
            session.add(Review(response_id=found.id, account_id=account_id, opinion=opinion, said_at=now))
            session.flush()
        if opinion == Opinion.OBJECTED:
            public_id = new_public_id()
            session.add(
                Dispute(
                    public_id=public_id,
                    campaign_id=found.campaign_id,
                    dwelling_id=found.dwelling_id,
                    kind=DisputeKind.OBJECTION,
                    response_id=found.id,
                    account_id=account_id,
                    said_sealed=seal_said(public_id, said),
                    raised_at=now,
                )
            )
            session.flush()
        elif waits and counting_rows.speaks(session, found) == _side(asked.relation):
            superseding.weigh_again(session, found, why=superseding.CONFIRMED, by=account_id, now=now)
        audit.record(
            session,
            actor=actor,
            action=f"response.{opinion}",
            subject=f"response:{found.public_id}",
            now=now,
            payload={"campaign": asked.campaign, "dwelling": asked.dwelling},
        )
        return found.public_id
