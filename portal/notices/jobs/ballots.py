"""News of ballots: to those a line belongs to, when somebody used it, when two came for it, when the street decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kernel.database import reading
from portal.notices import services, sms
from portal.notices.models import NoticeKind
from surveys.votes.assisted import services as codes
from surveys.votes.conflicts import services as conflicts
from surveys.votes.paper import services as papers
from surveys.votes.proxies import services as proxies
from surveys.votes.services import telling as ballots
from surveys.votes.services.telling import Told


def on_ballot_cast(payload: dict[str, Any], *, now: datetime) -> None:
    """A line was used: tell the others of it, once a line (a secret ballot may be cast again)."""
    used = ballots.used(reading(), payload["ballot"])
    kinds = {
        "other": NoticeKind.BALLOT_BY_OTHER,
        "paper": NoticeKind.BALLOT_ON_PAPER,
        "agent": NoticeKind.BALLOT_BY_AGENT,
    }
    if used.people:
        _tell(used.people, kinds[used.how], f"line:{used.line}", now=now)


def on_ballot_conflict(payload: dict[str, Any], *, now: datetime) -> None:
    """Two ballots came for one line: tell those it belongs to."""
    _tell(conflicts.people_of(payload["conflict"]), NoticeKind.BALLOT_CONFLICT, payload["conflict"], now=now)


def on_ballot_settled(payload: dict[str, Any], *, now: datetime) -> None:
    """The street decided: tell those the line belongs to."""
    _tell(conflicts.people_of(payload["conflict"]), NoticeKind.BALLOT_SETTLED, payload["conflict"], now=now)


def on_paper_void(payload: dict[str, Any], *, now: datetime) -> None:
    """A paper that came back was made void: tell those of its line, who think they have voted."""
    _tell(papers.people_of(payload["paper"]), NoticeKind.PAPER_VOID, payload["paper"], now=now)


def on_proxy_registered(payload: dict[str, Any], *, now: datetime) -> None:
    """A proxy was registered: tell its principal, who may never have signed it."""
    _tell(proxies.principals_of(payload["proxy"]), NoticeKind.PROXY_REGISTERED, payload["proxy"], now=now)


def on_ballot_code(payload: dict[str, Any], *, now: datetime) -> None:
    """A voter is to confirm on a worker's phone: send the code. Told twice, the second finds nothing to send."""
    message = codes.message_of(payload["code"], now=now)
    if message is not None:
        sms.send(message.phone, message.text)
        codes.sent(payload["code"], now=now)


def _tell(people: Sequence[Told], kind: NoticeKind, source: str, *, now: datetime) -> None:
    services.tell([(each.account_id, each.dwelling_id) for each in people], kind, source, now=now)
