"""An estate in which a questionnaire runs and deposits come in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from kernel import clock
from kernel.people.models import Account
from kernel.places.models import Place
from payments.gateways.memory import MemoryGateway
from payments.publications.services import publish_due
from tests.factories import Factory, Visitor
from tests.payments.world import NOW as PAID_AT
from tests.payments.world import World
from tests.surveys.questionnaires.conftest import NOW, Survey, open_survey


class Purse(World):
    """A world of payments in an estate that is there already."""

    def __init__(self, make: Factory, estate: Place) -> None:
        real, make.estate = make.estate, lambda **_: estate  # type: ignore[method-assign]
        try:
            super().__init__(make, MemoryGateway())
        finally:
            make.estate = real  # type: ignore[method-assign]


@dataclass
class Town:
    """桃园北巷: one building, four floors, two doors each; a campaign that closes in a week; a collection."""

    make: Factory
    survey: Survey
    purse: Purse

    @property
    def estate(self) -> Place:
        return self.survey.estate

    def answer(self, *numbers: int) -> None:
        """The households of these numbers hand in a sheet."""
        for number in numbers:
            home = self.survey.dwellings[number]
            self.survey.submit(self.survey.owner(home), home)

    def pay(self, *numbers: int, fen: int = 50_000) -> None:
        """The households of these numbers pay a deposit."""
        for number in numbers:
            self.purse.paid(self.purse.homes[number], fen)

    def publish(self, *, weeks: int = 1) -> None:
        """The books come out, so many weeks after the payments: what was paid is shown."""
        self.purse.run_jobs(PAID_AT)
        publish_due(now=PAID_AT + timedelta(weeks=weeks))

    def staff(self, role: str, place: Place, *, days: int | None = None) -> tuple[Visitor, Account]:
        """Somebody signed in with a role at a place; ``days``: its term (negative: over)."""
        account = self.make.account()
        self.make.grant(account, role, place, days=days)
        return self.make.signed_in(account), account


@pytest.fixture
def town(app, make) -> Iterator[Town]:
    """See ``Town``; the clock stands at the moment the campaign opened."""
    survey = open_survey(make)
    made = Town(make, survey, Purse(make, survey.estate))
    with clock.at(NOW):
        yield made


__all__ = ["NOW", "PAID_AT", "Town"]
