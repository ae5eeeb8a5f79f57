"""People answer, vote and pay while everything breaks around them: is anything lost, does anything count twice?

    sh dev bench chaos [--seconds 60] [--database postgres|sqlite] [--people 8] [--seed 1]

The product as it is served (two gunicorn workers, job runner, sandbox) on one database. Meanwhile workers and the job
runner are killed (kill -9), database connections are cut, COMMITs are carried out and not answered, the database ends
as in a power cut, WeChat is silent, cuts connections, sends callbacks twice, late, forged or not at all, and a backup
is taken. Phones do what ours do: they send again under the same key until they are answered. Then the storm ends, the
day's bill is reconciled, and the record, and the restored backup, are compared with what phones and WeChat were told.
Prints what was done and every violation; 1 when there is one.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests

from bench.parts.storm import NAME, Storm
from kernel import clock
from payments import terms
from sandbox.testing import Control
from tests.support.live import ROOT, Live, NotStarted
from tests.support.postgres import Server
from tests.support.wire import Wire
from tests.surveys.questionnaires.answers import FULL

PATIENCE_S = 60.0
"""How long a phone sends again before it gives up; that is a violation."""
HEALED_S = 60.0
"""How long it gets after the storm until everything that was paid has its receipt."""
HOMES = 200
"""At least so many households: the crowd must not run out before the storm has broken everything once."""


@dataclass
class Told:
    """What phones were told, and what went wrong."""

    sheets: dict[str, list[str]] = field(default_factory=dict)
    ballots: dict[str, str] = field(default_factory=dict)
    deposits: dict[str, tuple[str, str]] = field(default_factory=dict)  # deposit -> (session, order)
    broken: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    took_s: dict[str, float] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    longest_down_s: float = 0.0
    before_backup: tuple[set[str], set[str]] = (set(), set())
    """Sheets and ballots that were acknowledged when the last backup began."""
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
            with self.told.lock:
                self.told.refusals[_code_of(answer)] += 1
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


def run(*, seconds: float, database: str, people: int, seed: int) -> Told:
    """Let ``people`` phones at a time live through a storm: so many seconds, and until each thing has broken once.

    Gives what they were told, and the violations. Called in the main thread.
    """
    told = Told()
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="gongjian-chaos-") as base, ExitStack() as end:
        server, wire = None, None
        if database == "postgres":
            server = Server(durable=True, settings=["fsync=off"]).start()  # the machine itself stays up
            end.callback(server.stop)
            server.create(NAME)
            wire = end.enter_context(Wire(server))
        live = Live(
            Path(base),
            database_url=wire.url(NAME) if wire else None,
            workers=2,
            demo=(),
            environment={"ENVIRONMENT": "test"},
        )
        end.callback(live.stop)
        with _took(told, "to start"):
            live.start()
        storm = Storm(live, Control(live.sandbox_url), server, wire, random.Random(chance.random()))
        _live_through(storm, end.enter_context(Inside(live)), told, seconds=seconds, people=people)
    return told


def _live_through(storm: Storm, inside: "Inside", told: Told, *, seconds: float, people: int) -> None:
    live, sandbox = storm.live, storm.sandbox
    yesterday = clock.china_day(clock.now()) - timedelta(days=1)
    sandbox.post("clock", at=clock.china_moment(yesterday, 12).isoformat())  # its bill is there after the storm
    with _took(told, "to seed"):
        crowd = inside.do("seed", str(max(HOMES, int(20 + seconds * people * 2))))
    waiting = iter(crowd["homes"])
    ends = time.monotonic() + seconds

    def person(number: int) -> None:
        own = random.Random(f"{seconds}-{number}")
        while time.monotonic() < ends or not storm.each_once.is_set():
            with told.lock:
                home = next(waiting, None)
            if home is None:
                return
            try:
                live_a_day(Phone(live.url, told, home), crowd["campaign"], sandbox, own)
            except RuntimeError as error:
                told.violated(str(error))
                return

    crowd_threads = [threading.Thread(target=person, args=(n,)) for n in range(people)]

    def wait_for_all() -> None:
        for thread in crowd_threads:
            thread.join()
        storm.over.set()

    def remember() -> None:
        with told.lock:
            told.before_backup = (
                {sheet for sheets in told.sheets.values() for sheet in sheets},
                set(told.ballots.values()),
            )

    storm.before_backup = remember
    waiter = threading.Thread(target=wait_for_all)
    with _took(told, "storm"):
        for thread in (*crowd_threads, waiter):
            thread.start()
        fatal = storm.run()
        storm.each_once.set()
        waiter.join()
    told.broken, told.longest_down_s = storm.broken, storm.longest_down_s
    if fatal is not None:
        told.violated(fatal)
        return
    with _took(told, "to settle"):
        _settle(live, inside, sandbox, told, yesterday.isoformat())
    with _took(told, "to compare"):
        _compare(inside.do("record"), sandbox, told)
        storm.count_deadlocks()
        if storm.deadlocks:
            told.violated(f"{storm.deadlocks} deadlocks")
        if told.answers[500]:
            told.violated(f"{told.answers[500]} answers were 500: {_last_error(live)}")
    with _took(told, "to restore"):
        _restore(storm, inside, told)


@contextmanager
def _took(told: Told, what: str) -> Iterator[None]:
    """Note how long a stage took."""
    began = time.monotonic()
    yield
    told.took_s[what] = time.monotonic() - began


class Inside:
    """``bench.parts.crowd`` at work in the product's environment."""

    def __init__(self, live: Live) -> None:
        self.live = live

    def __enter__(self) -> "Inside":
        with (self.live.folder / "logs" / "inside.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.parts.crowd"],
                cwd=ROOT,
                env=self.live.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # no more orders: it ends

    def do(self, *what: str, database_url: str = "") -> Any:
        """Give an order; what it told."""
        out = self.live.folder / "told.json"
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, "out": str(out), "database_url": database_url}) + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "done\n":
            raise NotStarted(f"{what[0]}: {self.live.log('inside')[-3000:]}")
        return json.loads(out.read_text())


def _settle(live: Live, inside: Inside, sandbox: Control, told: Told, day: str) -> None:
    """The storm is over: what waited arrives, the bill of the day comes and is reconciled, payers look again."""
    sandbox.post("faults/clear")
    sandbox.advance(20)
    sandbox.advance(86_400)
    reconciled = inside.do("settle", day)
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


def _compare(record: dict[str, Any], sandbox: Control, told: Told) -> None:
    """The record against what was told."""
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
    _holds(record, told, "")


def _holds(record: dict[str, Any], told: Told, where: str) -> None:
    """The product's own proofs."""
    for command, output in record["failed"].items():
        told.violated(f"{where}{command}: {output}")


def _restore(storm: Storm, inside: Inside, told: Told) -> None:
    """The backup that was taken in the storm proves itself, and holds what had been acknowledged before."""
    server, file = storm.server, storm.backup
    url = server.restore(file, "restored") if server else f"sqlite:///{file}"
    record = inside.do("record", database_url=url)
    _holds(record, told, "backup: ")
    sheets, ballots = told.before_backup
    there = {sheet for kept in record["sheets"].values() for sheet in kept} | {cast for _, cast in record["ballots"]}
    if lost := (sheets | ballots) - there:
        told.violated(f"backup: {len(lost)} sheets and ballots acknowledged before it are not in it")


def _code_of(answer: requests.Response) -> str:
    """Status and problem code of a refusal."""
    try:
        return f"{answer.status_code} {answer.json()['code']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} in HTML"


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
    print("refusals: " + ", ".join(f"{number} x {code}" for code, number in sorted(told.refusals.items())))
    print("took: " + ", ".join(f"{what} {took:.0f} s" for what, took in told.took_s.items()))
    print(f"longest time until it answered again: {told.longest_down_s:.1f} s")
    print(f"violations: {len(told.violations)}")
    for each in told.violations[:40]:
        print(f"  {each}")
    return 1 if told.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
