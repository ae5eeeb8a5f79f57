"""Who of an electorate stands behind an account, before there is a roll: the line a roll built today would have."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kernel.errors import DomainError, NotAllowed, NotFound
from kernel.people.models import Person
from kernel.people.services import name_of
from kernel.places.models import Place
from surveys.votes import queries
from surveys.votes.rules import roll
from surveys.votes.rules.catalogue import Electorate


@dataclass(frozen=True)
class Head:
    """A line of today's roll: named by its first dwelling (inner id), with its doors and the caller's own one."""

    dwelling_id: int
    labels: tuple[str, ...]
    own_dwelling_id: int
    person_id: int | None


@dataclass(frozen=True)
class Heads:
    """The caller's lines of today's roll."""

    mine: tuple[Head, ...]


def heads_of(session: Session, place: Place, electorate: Electorate, account_id: int) -> Heads:
    """The lines of today's roll at ``place`` that the account may speak for.

    Raises NotAllowed with the next step for who is tied to a line but may not speak for it, NotFound for all others.
    """
    # Only the caller's own lines are built, not the roll of the whole estate: a call is looked at and signed often.
    claims = queries.claims_of(session, account_id)
    registered = queries.register_near(session, place, claims)
    counted = any(roll.is_counted(entry, electorate) for entry in registered.entries)
    lines = roll.build(registered.entries, electorate) if counted else ()
    mine: list[Head] = []
    refusal: DomainError = NotAllowed(
        "not-on-the-roll", "名册上没有找到和您有关的房屋。请先扫自家门上的二维码认领，再来办理。"
    )
    for line in lines:
        try:
            claim = roll.must_be_on_it(line, [each for each, _, _ in claims], electorate)
        except NotFound:
            continue
        except DomainError as error:
            refusal = error
            continue
        own, person_id = next((dwelling, person) for each, dwelling, person in claims if each is claim)
        mine.append(Head(registered.dwelling_ids[line.dwellings[0]], line.labels, own, person_id))
    if not mine:
        raise refusal
    return Heads(tuple(mine))


def count(session: Session, place: Place, electorate: Electorate) -> int:
    """How many lines today's roll at a place has."""
    return len(roll.build(queries.register_of(session, place).entries, electorate))


def registered_name(session: Session, heads: Sequence[Head]) -> str:
    """The name the register has for the caller, or "" when nobody knows."""
    known = next((head.person_id for head in heads if head.person_id is not None), None)
    return name_of(session.get_one(Person, known)) if known is not None else ""


def by_door(session: Session, place: Place, electorate: Electorate) -> tuple[dict[str, int], int]:
    """Door → the dwelling that names its line of today's roll (inner ids), and how many lines there are."""
    registered = queries.register_of(session, place)
    lines = roll.build(registered.entries, electorate)
    return {label: registered.dwelling_ids[line.dwellings[0]] for line in lines for label in line.labels}, len(lines)
