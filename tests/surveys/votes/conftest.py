"""The estate every vote is told in."""

import pytest

from kernel.database import reading
from kernel.places.queries import ancestors
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.stories import Estate, account_of, an_estate


@pytest.fixture
def estate(make: Factory) -> Estate:
    """Eight flats, five lines of an owners' roll."""
    return an_estate(make)


@pytest.fixture
def other_account(worker: Staff, make: Factory) -> Staff:
    """The same officer, signed in with a second account."""
    account = account_of(make.account("o-officer-again").id, worker.person_id)
    return Staff(f"account:{account.public_id}", worker.person_id, account_id=account.id)


@pytest.fixture
def worker(estate: Estate, make: Factory) -> Staff:
    """A street officer with an account, who may hand in photos."""
    account = make.account("o-officer")
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    grant = make.grant(account, "street_officer", street)
    return Staff(f"account:{account.public_id}", grant.person_id, account_id=account.id)
