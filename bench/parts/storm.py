"""What breaks while people live through it: one thing after the other, each at least once."""

import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import requests

from sandbox.testing import Control
from tests.support.live import Live
from tests.support.postgres import Server
from tests.support.wire import Wire

NAME = "chaos"
"""Of the database on PostgreSQL."""
STANDS_UP_S = 120.0
"""How long the product may take to be ready again after a blow; that is a violation."""
UNHEARD = 3
"""So many COMMITs in a row are carried out and not answered."""
HELD_S = 1.0
"""How long somebody else (a backup, a hand at the prompt) keeps SQLite's writers waiting."""


class Storm:
    """``over`` is set by the people when they are done; ``each_once`` by the storm, when nothing was spared.

    On PostgreSQL (``server``) the product speaks through ``wire``. ``backup``: the file that was taken meanwhile.
    """

    def __init__(
        self, live: Live, sandbox: Control, server: Server | None, wire: Wire | None, chance: random.Random
    ) -> None:
        self.live, self.sandbox, self.server, self.wire, self.chance = live, sandbox, server, wire, chance
        self.over, self.each_once = threading.Event(), threading.Event()
        self.broken: Counter[str] = Counter()
        self.deadlocks = 0
        self.longest_down_s = 0.0
        self.backup = live.folder / "backup"
        self.before_backup: Callable[[], None] = lambda: None
        self.deeds: list[tuple[int, str, Callable[[], None]]] = [
            (6, "worker killed", self._kill_worker),
            (2, "job runner killed", lambda: live.restart("jobs")),
            (8, "callback lost, doubled, late or forged", self._spoil_callback),
            (4, "WeChat fails or is silent", self._spoil_call),
        ]
        if server is not None and wire is not None:
            self.deeds += [
                (6, "connections cut", self._cut_connections),
                (6, "COMMITs unanswered", lambda: wire.cut_commits(UNHEARD)),
                (1, "database ended as in a power cut", self._crash_database),
            ]
        else:
            self.deeds.append((3, "writers kept waiting", self._hold_writers))
        self.deeds.append((1, "backup taken", self._back_up))

    def run(self) -> str | None:
        """Break things until ``over``, in the main thread (see ``Server.crash``). Gives what it could not survive."""
        weights = [weight for weight, _, _ in self.deeds]
        *others, backup = self.deeds
        first = [*self.chance.sample(others, len(others)), backup]
        while not self.over.wait(self.chance.uniform(0.2, 1.0)):
            _, name, deed = first.pop(0) if first else self.chance.choices(self.deeds, weights)[0]
            try:
                deed()
            except Exception as error:
                return f"the storm itself: {name}: {type(error).__name__}: {error}"
            self.broken[name] += 1
            if not self._stands_up():
                return f"not ready {STANDS_UP_S:.0f} s after: {name}"
            if not first:
                self.each_once.set()
        return None

    def count_deadlocks(self) -> None:
        """Ask the server before it forgets (a crash throws its statistics away)."""
        if self.server is None:
            return
        with psycopg.connect(self.server.conninfo(NAME), autocommit=True) as link:
            row = link.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = %s", [NAME]).fetchone()
        self.deadlocks += row[0] if row else 0

    def _stands_up(self) -> bool:
        """Leave it time to stand up again: knocked down faster than it starts, nothing could be learnt."""
        began = time.monotonic()
        ready = False
        while not ready and time.monotonic() - began < STANDS_UP_S:
            try:
                ready = requests.get(f"{self.live.url}/ready", timeout=5).ok
            except requests.RequestException:
                ready = False
            if not ready:
                time.sleep(0.1)
        self.longest_down_s = max(self.longest_down_s, time.monotonic() - began)
        return ready

    def _kill_worker(self) -> None:
        master = self.live.pid("web")
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        if children:
            os.kill(int(self.chance.choice(children)), signal.SIGKILL)

    def _spoil_callback(self) -> None:
        how = self.chance.choice(["lost", "twice", "concurrent", "unheard", "probe_first", "forge_first", "late"])
        more = {"kind": "wrong_key"} if how == "forge_first" else {"seconds": 2} if how == "late" else {}
        self.sandbox.next_callback(how, **more)

    def _spoil_call(self) -> None:
        do = self.chance.choice(["cut", "timeout", "500", "unsigned", "half_body"])
        self.sandbox.fault(self.chance.choice(["pay.jsapi", "pay.query"]), do, seconds=4, times=1)

    def _cut_connections(self) -> None:
        assert self.server is not None
        with psycopg.connect(self.server.conninfo(NAME), autocommit=True) as link:
            link.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                " AND pid <> pg_backend_pid() AND random() < 0.5",
                [NAME],
            )

    def _crash_database(self) -> None:
        assert self.server is not None
        self.count_deadlocks()
        self.server.crash()

    def _hold_writers(self) -> None:
        with closing(sqlite3.connect(sqlite_file(self.live), timeout=60, isolation_level=None)) as link:
            link.execute("BEGIN IMMEDIATE")
            time.sleep(HELD_S)
            link.execute("ROLLBACK")

    def _back_up(self) -> None:
        """Under load, as an operator does; a later one replaces it."""
        self.before_backup()
        self.backup.unlink(missing_ok=True)
        if self.server is not None:
            self.server.dump(NAME, self.backup)
            return
        with closing(sqlite3.connect(sqlite_file(self.live), timeout=60)) as link:
            link.execute("VACUUM INTO ?", [str(self.backup)])


def sqlite_file(live: Live) -> Path:
    """The city of a product on SQLite: the database whose writers stand in a queue."""
    return next(live.folder.glob("*.db.queue")).with_suffix("")
