"""Who may see how much of what came in.

``survey.results`` sees figures. Exact small numbers, by house or by tenancy, answer by answer as they come in, are for
those alone who work with the households they are of (``dwelling.contact``) and may read their sheets by name anyway:
community and street.

Districts and the city see how many answered of how many, exactly and at once, as everybody does: a total names nobody.
Of everything finer one rule holds on every page: a number moves by five homes or more, and no group of 1 to 4 is told,
nor what it could be worked out from. So they see answers as they are public (``rules.release``), who answered and what
was found at doors as it is told (``rules.telling``), tables blurred (``rules.blurring``), and no line of a household
and no weighted figure (the groups it is made of are small).
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
