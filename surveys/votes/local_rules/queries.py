"""Every select over local rules, and what holds at a place on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.clock import day_text
from kernel.database import for_update
from kernel.errors import NotFound
from kernel.places.models import Place, PlaceKind
from surveys.votes.local_rules.models import LocalRule, VoteLocalRule
from surveys.votes.rules import local_rules as rules
from surveys.votes.rules.local_rules import KEYS, Entry

LEVELS = (PlaceKind.CITY, PlaceKind.DISTRICT)
"""Whose rules are kept."""


@dataclass(frozen=True)
class InForce:
    """What holds at a place on a day: the entries by key; for all other keys the usual value."""

    entries: Mapping[str, Entry]

    def _value(self, key: str) -> str:
        return self.entries[key].value if key in self.entries else KEYS[key].usual

    def number(self, key: str) -> int:
        """The value of a key that is a number (days, ballots)."""
        return int(self._value(key))

    def share(self, key: str) -> tuple[int, int]:
        """The value of a key that is a share: numerator and denominator."""
        return rules.share_of(self._value(key))

    def word(self, key: str) -> str:
        """The value of a key that is one of some words."""
        return self._value(key)

    def source(self, key: str) -> str:
        """By which document, in words; else that it is the usual way."""
        return self.entries[key].source if key in self.entries else rules.USUAL


def source_text(rule: LocalRule) -> str:
    """The source as it is printed: 《document》 (number, date) clause."""
    issued = day_text(rule.issued_on) if rule.issued_on else ""
    inside = "，".join(part for part in (rule.document_no, issued) if part)
    return f"《{rule.document.strip('《》')}》{f'（{inside}）' if inside else ''}{rule.clause}"


def in_force(session: Session, place: Place, day: date) -> InForce:
    """What holds at ``place`` on ``day``: a district's entry before its city's, of one place the newest."""
    rows = session.execute(
        sa.select(LocalRule, Place.path)
        .join(Place, Place.id == LocalRule.place_id)
        .where(
            Place.code.in_(place.path.strip("/").split("/")),
            LocalRule.confirmed_at.is_not(None),
            LocalRule.ended_at.is_(None),
            LocalRule.valid_from <= day,
        )
    )
    found = (
        (len(path), rule.valid_from, Entry(rule.id, rule.key, rule.value, source_text(rule)))
        for rule, path in rows
        if rule.key in KEYS
    )
    return InForce(rules.nearest(found))


def beside(session: Session, place: Place, day: date) -> list[Entry]:
    """What holds at ``place`` on ``day``, and what is laid down for places below it by then."""
    below = sa.select(LocalRule).join(Place, Place.id == LocalRule.place_id)
    found = session.scalars(
        below.where(
            Place.path.startswith(place.path, autoescape=True),
            Place.id != place.id,
            LocalRule.confirmed_at.is_not(None),
            LocalRule.ended_at.is_(None),
            LocalRule.valid_from <= day,
        )
    )
    entries = [Entry(rule.id, rule.key, rule.value, source_text(rule)) for rule in found if rule.key in KEYS]
    return [*in_force(session, place, day).entries.values(), *entries]


def rule_by_public_id(session: Session, public_id: str, *, hold: bool = False) -> tuple[LocalRule, Place]:
    """An entry with its place, held for a change if asked. Raises NotFound."""
    statement = sa.select(LocalRule).where(LocalRule.public_id == public_id)
    rule = session.scalar(for_update(statement) if hold else statement)
    if rule is None:
        raise NotFound("no-such-local-rule", "没有找到这条地方规定。")
    return rule, session.get_one(Place, rule.place_id)


def rules_at(
    session: Session, places: Sequence[Place] | None = None, *, confirmed: bool = False
) -> Sequence[sa.Row[LocalRule, Place]]:
    """Entries of all places, or of some and below, those once ``confirmed`` or all: key by key, the newest first."""
    statement = sa.select(LocalRule, Place).join(Place, Place.id == LocalRule.place_id)
    if places is not None:
        within = (Place.path.startswith(place.path, autoescape=True) for place in places)
        statement = statement.where(sa.or_(sa.false(), *within))
    if confirmed:
        statement = statement.where(LocalRule.confirmed_at.is_not(None))
    return session.execute(
        statement.order_by(Place.path, LocalRule.key, LocalRule.valid_from.desc(), LocalRule.id.desc())
    ).all()


def printed_on(session: Session, vote_id: int) -> Sequence[VoteLocalRule]:
    """What a vote's notice froze, in the order of the register's keys; empty for a draft."""
    rows = session.scalars(sa.select(VoteLocalRule).where(VoteLocalRule.vote_id == vote_id)).all()
    order = list(KEYS)
    return sorted(rows, key=lambda row: order.index(row.key) if row.key in order else len(order))


def frozen_number(session: Session, vote_id: int, key: str) -> int | None:
    """The least (or most) an entry frozen with a vote's notice asks for a number; None where nothing was laid down."""
    value = session.scalar(
        sa.select(LocalRule.value)
        .join(VoteLocalRule, VoteLocalRule.local_rule_id == LocalRule.id)
        .where(VoteLocalRule.vote_id == vote_id, VoteLocalRule.key == key)
    )
    return None if value is None else int(value)
