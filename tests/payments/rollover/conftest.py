"""Fixtures of asking whether deposits stay."""

import pytest
from flask import Flask

from tests.factories import Factory
from tests.payments.refunds.conftest import Desk


@pytest.fixture
def desk(app: Flask, make: Factory) -> Desk:
    """An estate that collects, with its staff."""
    return Desk(make)
