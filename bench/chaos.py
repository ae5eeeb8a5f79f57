"""People answer, vote and pay while everything breaks around them: is anything lost, does anything count twice?

    sh dev bench chaos [--seconds 60] [--database postgres|sqlite] [--people 8] [--seed 1]

The product as it is served (two gunicorn workers, job runner, sandbox) on one database. Meanwhile workers and the job
runner are killed (kill -9), database connections are cut, WeChat is silent, cuts connections, sends callbacks twice,
late, forged or not at all. Phones do what ours do: they send again under the same key until they are answered. Then
the storm ends, the day's bill is reconciled, and the record is compared with what phones and WeChat were told. Prints
what was done and every violation; 1 when there is one.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import requests

from kernel import clock
from payments import terms
from sandbox.testing import Control
from tests.support.live import Live
from tests.support.postgres import Server
from tests.surveys.questionnaires.answers import FULL

PATIENCE_S = 60.0
"""How long a phone sends again before it gives up; that is a violation."""
HEALED_S = 150.0
"""How long it gets after the storm: news that a killed job runner had in hand is taken up again after two minutes."""


@dataclass
class Told:
    """What phones were told, and what went wrong."""

    sheets: dict[str, list[str]] = field(default_factory=dict)
    ballots: dict[str, str] = field(default_factory=dict)
    deposits: dict[str, tuple[str, str]] = field(default_factory=dict)  # deposit -> (session, order)
    broken: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    longest_down_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def violated(self, what: str) -> None:
        """Note a broken promise."""
        with self.lock:
            self.violations.append(what)


class Phone:
    """One household's phone: signed in, and stubborn."""

    def __init__(self, url: str, told: Told, home: dict[str, Any]) -> None:
        self.url, self.told, self.home = url, told, home
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.cookies.set("s", home["token"])

    def insist(self, method: str, path: str, body: dict[str, Any] | None = None, *, key: str = "") -> dict[str, Any]:
        """Send until answered with 2xx; gives the answer. Raises RuntimeError when refused or never answered."""
        headers = {"X-Requested-By": "gongjian", "Idempotency-Key": key or str(uuid.uuid4())}
        ends = time.monotonic() + PATIENCE_S
        last = "no answer"
        while time.monotonic() < ends:
            try:
                answer = self.http.request(method, self.url + path, json=body, headers=headers, timeout=20)
            except requests.RequestException as error:
                last = type(error).__name__
                time.sleep(0.1)
                continue
            with self.told.lock:
                self.told.answers[answer.status_code] += 1
            if answer.status_code < 300:
                found: dict[str, Any] = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
                return found
            last = f"{answer.status_code} {answer.text[:300]}"
            if answer.status_code == 500 or (answer.status_code < 500 and answer.status_code != 429):
                break
            time.sleep(0.2)
        raise RuntimeError(f"{method} {path.split('?')[0]}: {last}")

    def press_twice(self, path: str, body: dict[str, Any], name: str) -> str:
        """Send once more before the first answer is there; gives ``name`` of the answers, which must be the same."""
        key = str(uuid.uuid4())
        second = Phone(self.url, self.told, self.home)
        with ThreadPoolExecutor(2) as both:
            sent = [both.submit(each.insist, "POST", path, body, key=key) for each in (self, second)]
        first, again = (str(each.result()[name]) for each in sent)
        if first != again:
            self.told.violated(f"two answers under one key: {first} and {again}")
        return first


def live_a_day(phone: Phone, campaign: str, sandbox: Control, chance: random.Random) -> None:
    """One household: answer (perhaps again), vote, pay."""
    told, home = phone.told, phone.home
    sheet = {"dwelling": home["home"], "channel": "wechat_self", "answers": {**FULL, "q38": home["file"]}}
    for _ in range(1 + (chance.random() < 0.3)):
        phone.insist("GET", f"/q/{campaign}/{home['home']}")
        sent = phone.press_twice(f"/api/v1/campaigns/{campaign}/responses", sheet, "response")
        with told.lock:
            told.sheets.setdefault(home["home"], []).append(sent)
    ballot = {
        "line_id": home["line"],
        "text_hash": home["text_hash"],
        "choices": {motion: chance.choice(["approve", "against", "abstain"]) for motion in home["motions"]},
    }
    cast = phone.press_twice(f"/api/v1/votes/{home['vote']}/ballots", ballot, "receipt_no")
    with told.lock:
        told.ballots[home["line"]] = cast
    amount = {"amount_fen": 50_000, "terms_version": terms.CURRENT}
    deposit = phone.insist("POST", f"/api/v1/dwellings/{home['home']}/deposits", amount)["id"]
    phone.insist("POST", f"/api/v1/deposits/{deposit}/attempts", {})
    order = next(each["out_trade_no"] for each in sandbox.orders() if each["ordered_for"] == home["openid"])
    sandbox.pay(order)
    with told.lock:
        told.deposits[deposit] = (home["token"], order)
    if chance.random() < 0.5:  # half of the payers close the page at once: nobody asks for them
        phone.insist("GET", f"/api/v1/deposits/{deposit}")


class Storm:
    """What breaks, one thing after the other, until told to stop."""

    def __init__(self, live: Live, sandbox: Control, server: Server | None, told: Told, chance: random.Random) -> None:
        self.live, self.sandbox, self.server, self.told, self.chance = live, sandbox, server, told, chance
        self.over = threading.Event()
        self.deeds: list[tuple[int, str, Callable[[], None]]] = [
            (6, "worker killed", self._kill_worker),
            (2, "job runner killed", lambda: self.live.restart("jobs")),
            (8, "callback lost, doubled, late or forged", self._spoil_callback),
            (4, "WeChat fails or is silent", self._spoil_call),
        ]
        if server is not None:
            self.deeds.append((6, "connections cut", self._cut_connections))

    def run(self) -> None:
        """Break things until ``over``."""
        weights = [weight for weight, _, _ in self.deeds]
        while not self.over.wait(self.chance.uniform(0.2, 1.5)):
            _, name, deed = self.chance.choices(self.deeds, weights)[0]
            try:
                deed()
            except Exception as error:
                self.told.violated(f"the storm itself: {name}: {type(error).__name__}: {error}")
                return
            self.told.broken[name] += 1
            self._until_it_answers()

    def _until_it_answers(self) -> None:
        """Leave it time to stand up again: knocked down faster than it starts, nothing could be learnt."""
        began = time.monotonic()
        while not self.over.is_set():
            try:
                if requests.get(f"{self.live.url}/ready", timeout=5).ok:
                    break
            except requests.RequestException:
                pass
            time.sleep(0.1)
        self.told.longest_down_s = max(self.told.longest_down_s, time.monotonic() - began)

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
        with psycopg.connect(self.server.conninfo("chaos"), autocommit=True) as link:
            link.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'chaos'"
                " AND pid <> pg_backend_pid() AND random() < 0.5"
            )


def run(*, seconds: float, database: str, people: int, seed: int) -> Told:
    """Let ``people`` phones at a time live through a storm of so many seconds; what they were told, and violations."""
    told = Told()
    chance = random.Random(seed)
    server = Server(durable=True).start() if database == "postgres" else None
    with tempfile.TemporaryDirectory(prefix="gongjian-chaos-") as base:
        folder = Path(base)
        url = server.create("chaos") if server else None
        live = Live(folder, database_url=url, workers=2, demo=(), environment={"ENVIRONMENT": "test"})
        try:
            live.start()
            _live_through(live, server, told, chance, seconds=seconds, people=people)
        finally:
            live.stop()
            if server is not None:
                server.stop()
    return told


def _live_through(
    live: Live, server: Server | None, told: Told, chance: random.Random, *, seconds: float, people: int
) -> None:
    sandbox = Control(live.sandbox_url)
    yesterday = clock.china_day(clock.now()) - timedelta(days=1)
    sandbox.post("clock", at=clock.china_moment(yesterday, 12).isoformat())  # its bill is there after the storm
    out = live.folder / "crowd.json"
    live.run([sys.executable, "-m", "bench.parts.crowd", "seed", str(int(20 + seconds * people * 2)), str(out)])
    crowd = json.loads(out.read_text())
    waiting = iter(crowd["homes"])
    storm = Storm(live, sandbox, server, told, random.Random(chance.random()))
    ends = time.monotonic() + seconds

    def person(number: int) -> None:
        own = random.Random(f"{seconds}-{number}")
        while time.monotonic() < ends:
            with told.lock:
                home = next(waiting, None)
            if home is None:
                return
            phone = Phone(live.url, told, home)
            try:
                live_a_day(phone, crowd["campaign"], sandbox, own)
            except RuntimeError as error:
                told.violated(str(error))

    crowd_threads = [threading.Thread(target=person, args=(n,)) for n in range(people)]

    def wait_for_all() -> None:
        for thread in crowd_threads:
            thread.join()
        storm.over.set()

    waiter = threading.Thread(target=wait_for_all)
    for thread in (*crowd_threads, waiter):
        thread.start()
    storm.run()
    waiter.join()
    _settle(live, sandbox, told, yesterday.isoformat())
    _compare(live, sandbox, told, crowd["campaign"])


def _settle(live: Live, sandbox: Control, told: Told, day: str) -> None:
    """The storm is over: what waited arrives, the bill of the day comes and is reconciled, payers look again."""
    sandbox.post("faults/clear")
    sandbox.advance(20)
    sandbox.advance(86_400)
    told_of_bill = live.run([*_FLASK, "payments", "reconcile", "--date", day, "--json"])
    reconciled = json.loads(told_of_bill.splitlines()[-1])
    if reconciled["waiting"]:
        told.violated(f"the bill of the day leaves differences: {reconciled['differences']}")
    ends = time.monotonic() + HEALED_S
    for deposit, (token, order) in told.deposits.items():
        asking = Phone(live.url, told, {"token": token})
        while True:
            status = asking.insist("GET", f"/api/v1/deposits/{deposit}")
            if status["state"] == "paid" and status["receipt"] is not None:
                break
            if time.monotonic() > ends:
                told.violated(f"paid in WeChat by order {order}, here {status['state']}, receipt {status['receipt']}")
                break
            time.sleep(0.2)


_FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]


def _compare(live: Live, sandbox: Control, told: Told, campaign: str) -> None:
    """The record against what was told."""
    out = live.folder / "record.json"
    live.run([sys.executable, "-m", "bench.parts.crowd", "record", str(out)])
    record = json.loads(out.read_text())
    counting = Counter(home for home, _ in record["counts"])
    valid = dict(record["counts"])
    for home, sheets in told.sheets.items():
        if lost := set(sheets) - set(record["sheets"].get(home, [])):
            told.violated(f"acknowledged sheets are gone: {lost}")
        if len(record["sheets"].get(home, [])) != len(sheets):
            told.violated(f"{len(sheets)} sheets acknowledged, {len(record['sheets'].get(home, []))} kept")
        if counting[home] != 1 or valid[home] != sheets[-1]:
            told.violated(f"of {sheets} {counting[home]} count: {valid.get(home)}")
    counted = Counter(line for line, _ in record["ballots"])
    receipts = dict(record["ballots"])
    for line, receipt in told.ballots.items():
        if counted[line] != 1 or receipts[line] != receipt:
            told.violated(f"ballot {receipt}: {counted[line]} count, {receipts.get(line)}")
    paid = Counter(record["paid"])
    truth = {each["out_trade_no"] for each in sandbox.orders() if each["trade_state"] == "SUCCESS"}
    if set(paid) != truth or any(number != 1 for number in paid.values()):
        told.violated(f"WeChat took {len(truth)} payments, the books have {paid.total()} entries for {len(paid)}")
    for command in (["books", "check"], ["survey", "recount", "--check", campaign], ["audit", "verify"]):
        try:
            live.run([*_FLASK, *command])
        except Exception as error:
            told.violated(f"{' '.join(command[:2])}: {error}")
    if told.answers[500]:
        told.violated(f"{told.answers[500]} answers were 500: {_last_error(live)}")


def _last_error(live: Live) -> str:
    """The end of the last traceback in the application's log."""
    lines = [line for line in live.log("web").splitlines() if "Traceback" in line]
    return lines[-1].replace("\\n", "\n")[-2500:] if lines else "no traceback in the log"


def main(arguments: list[str] | None = None) -> int:
    """Print what was done and what was violated; 1 when something was."""
    parser = argparse.ArgumentParser(prog="sh dev bench chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", choices=["postgres", "sqlite"], default="postgres")
    parser.add_argument("--people", type=int, default=8, help="phones at a time")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    told = run(seconds=given.seconds, database=given.database, people=given.people, seed=given.seed)
    sheets = sum(map(len, told.sheets.values()))
    print(f"acknowledged: {sheets} sheets, {len(told.ballots)} ballots; paid in WeChat: {len(told.deposits)}")
    print("broken: " + "; ".join(f"{name} {number}" for name, number in sorted(told.broken.items())))
    print("answers: " + ", ".join(f"{number} x {status}" for status, number in sorted(told.answers.items())))
    print(f"longest time until it answered again: {told.longest_down_s:.1f} s")
    print(f"violations: {len(told.violations)}")
    for each in told.violations[:40]:
        print(f"  {each}")
    return 1 if told.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
