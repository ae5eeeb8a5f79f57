"""How long the product waits for WeChat in a test: the sandbox is on this machine, so a silent one is a busy one."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from kernel import outbound

IN_LIFE = outbound.TIMEOUTS_S


@contextmanager
def patient() -> Iterator[None]:
    """Whatever is asked of the sandbox is waited for, however busy the machine is."""
    with mock.patch.object(outbound, "TIMEOUTS_S", dict.fromkeys(IN_LIFE, (60, 60))):
        yield


@contextmanager
def impatient() -> Iterator[None]:
    """A service that says nothing is given up at once."""
    with mock.patch.object(outbound, "TIMEOUTS_S", dict.fromkeys(IN_LIFE, (0.2, 0.2))):
        yield
