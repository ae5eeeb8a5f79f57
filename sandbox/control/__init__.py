"""The control API: JSON under ``/_sandbox/``, for tests and the curious, from loopback only."""

from typing import TYPE_CHECKING

from flask import Blueprint

from sandbox.control import callbacks, money, people, push, whole

if TYPE_CHECKING:
    from sandbox.world import World


def blueprints(world: "World") -> list[Blueprint]:
    """Every part of the control API."""
    return [part.blueprint(world) for part in (whole, people, money, callbacks, push)]
