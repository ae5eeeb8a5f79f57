"""One leader a city pumps; a dead leader is followed."""

import threading
from datetime import timedelta

from kernel import clock
from kernel.jobs import LEASE, hand_over, lead, pump, pump_once


def test_there_is_one_leader_until_its_lease_ends(app):
    now = clock.now()
    assert lead("one", now=now)
    assert not lead("two", now=now + timedelta(seconds=1))
    assert lead("one", now=now + timedelta(seconds=2)), "a leader renews"
    assert lead("two", now=now + LEASE + timedelta(seconds=3))
    assert not lead("one", now=now + LEASE + timedelta(seconds=4))


def test_a_leader_that_stops_hands_over_at_once(app):
    now = clock.now()
    lead("one", now=now)
    hand_over("one")
    assert lead("two", now=now)


def test_a_drain_that_fails_does_not_stop_the_others(app):
    moved = []

    def fails(*, now):
        raise OSError

    def works(*, now):
        moved.append(now)
        return 1

    assert pump_once([fails, works], now=clock.now()) == 1
    assert len(moved) == 1


def test_the_pump_runs_its_drains_until_told_to_stop(app):
    stop = threading.Event()
    pulses = []

    def count(*, now):
        pulses.append(now)
        if len(pulses) == 3:
            stop.set()
        return 0

    pump([count], stop=stop)
    assert len(pulses) == 3
