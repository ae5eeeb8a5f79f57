"""Keeping the register: an officer enters what a document lays down, another confirms it; taken off by two as well."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, idempotency
from kernel.clock import china_day
from kernel.database import new_public_id, transaction, translating, use_case
from kernel.errors import Conflict, Invalid
from kernel.idempotency import Key
from kernel.places.models import Place
from kernel.places.queries import place_by_code
from surveys.votes import queries
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.local_rules.models import LocalRule
from surveys.votes.local_rules.services import freezing
from surveys.votes.rolls.services import building
from surveys.votes.rules import local_rules as rules
from surveys.votes.rules.lifecycle import State
from surveys.votes.services.preparing import Staff, must_manage
from surveys.votes.services.two_people import must_be_another

KEEP = "vote.rules"
"""City and district keep the register."""
_ONE = Conflict("local-rule-there", "这一项在同一天生效的已经登记过。录错了的，请先把那一条作废。")


@dataclass(frozen=True)
class NewLocalRule:
    """What a document lays down for a key at a place. ``link``: where it can be read, https."""

    place: str
    key: str
    value: str
    valid_from: date
    document: str
    document_no: str = ""
    issued_on: date | None = None
    clause: str = ""
    link: str = ""


@use_case
def enter(new: NewLocalRule, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Enter a local rule; it holds once another officer has confirmed it, from its day on. Gives its public id.

    Raises NotAllowed, NotFound, Invalid (unknown key, value out of range, no room beside
    one in force, not a city or district), Conflict.
    """
    known = rules.key_of(new.key)
    value = known.check(new.value)
    if new.issued_on is not None and new.issued_on > china_day(now):
        raise Invalid("issued-in-the-future", "发文日期不能晚于今天。", {"issued_on": ["晚于今天"]})
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        place = place_by_code(session, new.place)
        _must_keep(session, by, place, now)
        if place.kind not in local_rules.LEVELS:
            raise Invalid("wrong-scope", "地方规定登记在市或者县（市、区）。", {"place": ["请选市或县（市、区）"]})
        rules.must_leave_room(new.key, value, local_rules.beside(session, place, new.valid_from))
        made = LocalRule(
            public_id=new_public_id(),
            place_id=place.id,
            key=new.key,
            value=value,
            valid_from=new.valid_from,
            document=new.document.strip(),
            document_no=new.document_no.strip(),
            issued_on=new.issued_on,
            clause=new.clause.strip(),
            link=new.link,
            entered_by=by.actor,
            entered_at=now,
        )
        with translating({"local_rule_one_a_day": _ONE}):
            session.add(made)
            session.flush()
        _record(session, made, "local_rule.entered", by, now, place, source=local_rules.source_text(made))
        idempotency.remember(session, key, made.public_id, now=now)
        return made.public_id


@use_case
def confirm(rule_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Another officer has read the document. Raises NotAllowed (who entered it), Conflict when it is settled.

    Votes whose notice is out keep what they froze; a draft is looked at again when it is published.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found, place = _held(session, rule_id, by, now)
        if found.confirmed_at is not None:
            raise Conflict("local-rule-settled", "这条规定已经核对过。")
        must_be_another(session, by, [found.entered_by])
        rules.must_leave_room(found.key, found.value, local_rules.beside(session, place, found.valid_from))
        found.confirmed_by, found.confirmed_at = by.actor, now
        _record(session, found, "local_rule.confirmed", by, now, place)
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def take_off(rule_id: str, why: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Take an entry off: at once while nobody has confirmed it; else it is asked for, and another officer agrees.

    Asked twice by one person is asked once. Raises NotAllowed, Conflict. History and frozen notices stay.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        found, place = _held(session, rule_id, by, now)
        if found.confirmed_at is None:
            found.ending_why, found.ended_by, found.ended_at = why, by.actor, now
            action = "local_rule.dropped"
        elif found.ending_by is None:
            found.ending_by, found.ending_why = by.actor, why
            action = "local_rule.ending"
        else:
            must_be_another(session, by, [found.ending_by])
            found.ended_by, found.ended_at = by.actor, now
            action = "local_rule.ended"
        _record(session, found, action, by, now, place, why=why)
        idempotency.remember(session, key, found.public_id, now=now)
        return found.public_id


@use_case
def conform(vote_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Change a draft where it does not keep what is laid down locally today, and build its roll again.

    Raises NotAllowed, Conflict once the notice is out.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        place = queries.place_of(session, vote)
        must_manage(session, by, place, now)
        if vote.state != State.DRAFT:
            raise Conflict("announced", "公告已经发布，采用的规则不能再改。")
        changed = freezing.conform(session, vote, local_rules.in_force(session, place, china_day(now)))
        if changed:
            building.build(session, vote, place, day=china_day(now))
        session.flush()
        audit.record(
            session,
            actor=by.actor,
            action="vote.conformed",
            subject=f"vote:{vote.public_id}",
            now=now,
            payload={"keys": changed},
        )
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def _must_keep(session: Session, by: Staff, place: Place, now: datetime) -> None:
    if not by.trusted:
        grants.require(session, by.person_id, KEEP, place, now)


def _held(session: Session, rule_id: str, by: Staff, now: datetime) -> tuple[LocalRule, Place]:
    found, place = local_rules.rule_by_public_id(session, rule_id, hold=True)
    _must_keep(session, by, place, now)
    if found.ended_at is not None:
        raise Conflict("local-rule-settled", "这条规定已经作废。")
    return found, place


def _record(
    session: Session, found: LocalRule, action: str, by: Staff, now: datetime, place: Place, **more: object
) -> None:
    session.flush()
    audit.record(
        session,
        actor=by.actor,
        action=action,
        subject=f"local_rule:{found.public_id}",
        now=now,
        payload={
            "place": place.code,
            "key": found.key,
            "value": found.value,
            "valid_from": found.valid_from.isoformat(),
            **more,
        },
    )
