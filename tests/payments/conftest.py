"""Fixtures of the payments' tests."""

import pytest
from flask import Flask

from tests.factories import Factory
from tests.payments.world import World


@pytest.fixture
def world(app: Flask, make: Factory) -> World:
    """An estate with an open collection and a payment service in memory."""
    return World(make)
