"""The estate every vote is told in."""

import pytest

from tests.factories import Factory
from tests.surveys.votes.stories import Estate, an_estate


@pytest.fixture
def estate(make: Factory) -> Estate:
    """Eight flats, five lines of an owners' roll."""
    return an_estate(make)
