"""Who may see how much of what came in.

``survey.results`` sees figures. Exact small numbers, by house or by tenancy, answer by answer as they come in, are for
those alone who work with the households they are of (``dwelling.contact``) and may read their sheets by name anyway:
community and street. Districts and the city see what is public, and blurred reports (``rules.blurring``): no line of a
household, no weighted figure (the groups it is made of are small), no small share of who answered.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import grants
from kernel.places.models import Place
from kernel.places.rules import is_within

RESULTS = "survey.results"
CONTACT = "dwelling.contact"


def knows_homes(session: Session, estates: Iterable[Place], person_id: int | None, now: datetime) -> bool:
    """Whether a person works with the households of every one of some estates."""
    mine = grants.places_for(session, person_id, CONTACT, now)
    return all(any(is_within(estate.path, place.path) for place in mine) for estate in estates)
