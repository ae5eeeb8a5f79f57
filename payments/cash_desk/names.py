"""Whose name stands on a counter's receipt: sealed in the taking, opened for the receipt alone."""

from sqlalchemy.orm import Session

from kernel.encryption import vault
from kernel.people.models import Person
from kernel.people.services import name_of
from payments.cash_desk.models import Taking


def seal(name: str, *, taking: str) -> bytes:
    """Seal a payer's name for the taking of a public id."""
    return vault().seal(name, context=f"taking.payer_sealed:{taking}")


def payer(taking: Taking) -> str:
    """The payer's name in clear."""
    return vault().open(taking.payer_sealed, context=f"taking.payer_sealed:{taking.public_id}")


def collector(session: Session, taking: Taking) -> str:
    """The name of whoever took the money: it stands on the receipt."""
    return name_of(session.get_one(Person, taking.collector_id))
