"""The pump: every quarter of a second, for each city, by one leader, run the drains.

A drain is ``drain(now=…) -> int`` (how much it moved). The leader holds a lease on a row, not an advisory lock: rows
work on every database and every node. A drain that fails is logged and does not stop the others.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.database import Model, UTCDateTime, cities, city_scope, for_update, transaction, use_case

log = logging.getLogger(__name__)

Drain = Callable[..., int]
LEASE = timedelta(seconds=10)
PULSE_S = 0.25


class JobLeader(Model):
    """Who pumps this city, and until when unless it says so again."""

    __tablename__ = "job_leader"

    name: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(80))
    until: Mapped[datetime] = mapped_column(UTCDateTime)


def new_holder() -> str:
    """A name for this runner."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


@use_case
def lead(holder: str, *, now: datetime, name: str = "pump") -> bool:
    """Take or renew the lead of the current city; False while another's lease runs."""
    with transaction() as session:
        row = session.scalar(for_update(sa.select(JobLeader).where(JobLeader.name == name)))
        if row is None:
            session.add(JobLeader(name=name, holder=holder, until=now + LEASE))
            session.flush()
            return True
        if row.holder != holder and row.until > now:
            return False
        row.holder, row.until = holder, now + LEASE
        return True


@use_case
def hand_over(holder: str, *, name: str = "pump") -> None:
    """Give the lead back, so that the next runner need not wait for the lease to end."""
    with transaction() as session:
        session.execute(sa.delete(JobLeader).where(JobLeader.name == name, JobLeader.holder == holder))


def pump_once(drains: Sequence[Drain], *, now: datetime) -> int:
    """Run every drain of the current city once; how much they moved."""
    moved = 0
    for drain in drains:
        try:
            moved += drain(now=now)
        except Exception as error:
            log.warning("drain failed", extra={"drain": drain.__name__, "error": type(error).__name__})
    return moved


def pump(drains: Sequence[Drain], *, stop: threading.Event) -> None:
    """Pump all cities until ``stop`` is set. A city with much to do is drained without pause."""
    holder = new_holder()
    led: dict[str, datetime] = {}
    while not stop.is_set():
        moved = 0
        for city in cities():
            with city_scope(city):
                try:
                    moved += _pulse(city, holder, led, drains)
                except Exception as error:
                    log.warning("pump failed", extra={"city": city, "error": type(error).__name__})
        if not moved:
            stop.wait(PULSE_S)
    for city in led:
        with city_scope(city):
            hand_over(holder)


def _pulse(city: str, holder: str, led: dict[str, datetime], drains: Sequence[Drain]) -> int:
    now = clock.now()
    renewed = led.get(city)
    if renewed is None or now - renewed > LEASE / 3:
        if not lead(holder, now=now):
            led.pop(city, None)
            return 0
        led[city] = now
    return pump_once(drains, now=now)
