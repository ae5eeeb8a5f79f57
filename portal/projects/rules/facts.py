"""One estate of a plan as it stood on a day: the plain value every indicator is computed from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.projects.rules.words import Stage


@dataclass(frozen=True)
class RecordFacts:
    """A plan record on a day. Money in fen; ``received`` and ``spent`` by source."""

    record_id: str
    estate_code: str
    estate: str
    district_code: str
    district: str
    households: int
    in_central_task: bool
    started_on: date | None
    completed_on: date | None
    received: Mapping[str, int] = field(default_factory=dict)
    spent: Mapping[str, int] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        """Not started, started or completed."""
        if self.completed_on:
            return Stage.COMPLETED
        return Stage.STARTED if self.started_on else Stage.PLANNED

    @property
    def received_fen(self) -> int:
        """All money that reached the project."""
        return sum(self.received.values())

    @property
    def spent_fen(self) -> int:
        """All money paid out for it."""
        return sum(self.spent.values())

    def to_json(self) -> dict[str, Any]:
        """As a frozen quarter keeps it."""
        return {
            "record_id": self.record_id,
            "estate_code": self.estate_code,
            "estate": self.estate,
            "district_code": self.district_code,
            "district": self.district,
            "households": self.households,
            "in_central_task": self.in_central_task,
            "started_on": self.started_on.isoformat() if self.started_on else None,
            "completed_on": self.completed_on.isoformat() if self.completed_on else None,
            "received": dict(self.received),
            "spent": dict(self.spent),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "RecordFacts":
        """What ``to_json`` kept."""
        days = {
            name: date.fromisoformat(document[name]) if document[name] else None
            for name in ("started_on", "completed_on")
        }
        return cls(**{**document, **days})
