"""What became of a visit is told to the household: it was put off, it is done, or nobody saw to it."""

from datetime import datetime
from typing import Any

from kernel.database import transaction, use_case
from kernel.people import queries as people
from kernel.places.queries import dwelling_by_public_id
from portal.notices.models import NoticeKind
from portal.notices.services import write

KINDS = {
    "missed": NoticeKind.VISIT_PUT_OFF,
    "done": NoticeKind.VISIT_DONE,
    "lapsed": NoticeKind.VISIT_LAPSED,
}


@use_case
def on_visit_told(payload: dict[str, Any], *, now: datetime) -> None:
    """Tell every account of the household, whoever asked: it may be the daughter who keeps the day free. What for, none
    of them is told."""
    with transaction() as session:
        dwelling = dwelling_by_public_id(session, payload["dwelling"])
        source = f"home_visit:{payload['visit']}:{payload['tries']}"
        facts = {"visit": payload["when"], "page": f"/d/{payload['dwelling']}/visit"}
        for tie in people.ties_to(session, dwelling.id):
            write(session, tie.account_id, dwelling.id, KINDS[payload["what"]], source, at=now, facts=facts)
