"""A test that cannot run says why: it is skipped on a desk and fails where it must run (``CI=true``)."""

import os
from typing import NoReturn

import pytest


def must_run() -> bool:
    """True in CI, where nothing may be left out in silence."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def cannot_run(reason: str) -> NoReturn:
    """Ends the test: failed in CI, skipped elsewhere, always with ``reason``."""
    if must_run():
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
