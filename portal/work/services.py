"""The one thing the workers' pages do by themselves: a look at who can be reached at a dwelling, written down."""

from dataclasses import dataclass
from datetime import datetime

from kernel import audit, grants
from kernel.database import transaction, use_case
from kernel.idempotency import Key, recall, remember
from kernel.people.models import HoldingKind
from kernel.people.queries import holdings_of
from kernel.people.services import name_of, phone_of
from kernel.places.queries import dwelling_by_public_id, place_by_id
from kernel.web import Identity

HOLDING_WORDS: dict[str, str] = {
    HoldingKind.OWNER: "业主",
    HoldingKind.CO_OWNER: "共有人",
    HoldingKind.TENANT: "租户",
    HoldingKind.FAMILY: "家人",
    HoldingKind.ORGANISATION: "产权单位",
}


@dataclass(frozen=True)
class Contact:
    """Somebody of the roster: name, what joins him to the dwelling, phone ("" = none on record)."""

    name: str
    holding: str
    phone: str


@use_case
def look_at_contacts(dwelling_id: str, *, by: Identity, now: datetime, key: Key | None = None) -> list[Contact]:
    """Who is on the roster of a dwelling, with phones, for a worker in charge of it; the look is audited.

    A repeat under the same key reads again and is not written down twice.
    Raises NotFound for an unknown dwelling, NotAllowed without ``dwelling.contact`` there.
    """
    with transaction() as session:
        dwelling = dwelling_by_public_id(session, dwelling_id)
        grants.require(session, by.person_id, "dwelling.contact", place_by_id(session, dwelling.building_id), now)
        if recall(session, key) is None:
            audit.record(
                session, actor=by.actor, action="look.contacts", subject=f"dwelling:{dwelling.public_id}", now=now
            )
            remember(session, key, dwelling.public_id, now=now)
        return [
            Contact(name_of(person), HOLDING_WORDS[holding.kind], phone_of(person) or "")
            for holding, person in holdings_of(session, dwelling.id)
        ]
