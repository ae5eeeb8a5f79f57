"""Power goes at any step of what moves money: done again, it ends as if nothing had been.

Real processes that die (``tests/support/crashes.py``), WeChat Pay played by the sandbox over HTTP, both databases.
A few steps each are drawn by seed; ``sh dev test --all`` takes every one.
"""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from kernel import clock
from kernel.database import Model, dispose_engines, reading
from kernel.idempotency import Key
from payments.cash_desk.services import scanning, voiding
from payments.gateways import registry
from payments.refunds.services import approving, converting
from payments.services import checking, paying
from portal.settings import hand_down
from sandbox.testing import Running
from tests.contracts.test_payment_gateway import wechat_gateway
from tests.payments.cash_desk.conftest import Counter
from tests.payments.crash_cases import OF_STAFF, Case, paid, paying_for_the_works
from tests.payments.refunds.conftest import Desk
from tests.payments.spending.conftest import Till
from tests.support import compiled
from tests.support.crashes import NEVER, Steps, chosen, dies, what_stands
from tests.support.postgres import Server, fast_folder

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with Running() as running:
        running.hold_callbacks()
        running.money(refund_settles_s=10_000)
        yield running


def _desk(make, sandbox: Running, kind: type[Desk]) -> Desk:
    # Who pays for works has been paid before, out of WeChat's sight.
    desk = kind(make) if kind is Till else kind(make, wechat_gateway(sandbox))
    registry.configure([desk.gateway], base_urls={"shaoguan": "http://127.0.0.1:9"})
    return desk


def _ordered(desk: Desk, sandbox: Running, home: int = 0) -> tuple[str, object]:
    account = desk.payer(desk.homes[home])
    sandbox.persona(account.openid, "付款人")
    return desk.pledge(account, desk.homes[home], now=clock.now()), account


def beginning(desk: Desk, sandbox: Running) -> Case:
    """A payer begins to pay, pays, and the notice never comes: our own question finds it."""
    deposit, account = _ordered(desk, sandbox)
    key = Key("payer", "begin-to-pay-once", "0" * 64)

    def pay() -> None:
        number = desk.attempt(
            paying.begin(deposit, account_id=account.id, actor="payer", key=key, now=clock.now()).attempt
        ).trade_no
        sandbox.pay(number)
        desk.run_jobs(clock.now() + timedelta(minutes=1))

    return Case(lambda: paying.begin(deposit, account_id=account.id, actor="payer", key=key, now=clock.now()), pay)


def crediting(desk: Desk, sandbox: Running) -> Case:
    """The notice of a payment, told again until it is taken."""
    deposit, account = _ordered(desk, sandbox)
    trade_no = desk.begin(account, deposit, now=clock.now())
    sandbox.pay(trade_no)
    return Case(lambda: desk.tell(sandbox.write_callback(trade_no), now=clock.now()))


def receipting(desk: Desk, sandbox: Running) -> Case:
    """What follows a payment: the numbered receipt."""
    deposit, account = _ordered(desk, sandbox)
    trade_no = desk.begin(account, deposit, now=clock.now())
    sandbox.pay(trade_no)
    desk.tell(sandbox.write_callback(trade_no), now=clock.now())
    return Case(lambda: desk.run_jobs(clock.now()))


def approving_refund(desk: Desk, sandbox: Running) -> Case:
    """The second of two people approves a refund, and it leaves."""
    deposit, account = paid(desk, sandbox)
    request = desk.ask(deposit, account, now=clock.now())
    desk.approve(request, "one", now=clock.now())
    key = Key("two", "approve-it-once", "0" * 64)

    def approve() -> None:
        approving.approve(request, key=key, now=clock.now(), **desk.who("two"))
        desk.run_jobs(clock.now())

    return Case(approve, lambda: _refund_comes(desk, sandbox, request))


def _refund_comes(desk: Desk, sandbox: Running, request: str) -> None:
    number = desk.number(request)
    desk.run_jobs(clock.now() + timedelta(minutes=2))
    sandbox.settle_refund(number, "SUCCESS")
    desk.tell(sandbox.write_callback(number), now=clock.now())


def refund_notice(desk: Desk, sandbox: Running) -> Case:
    """The notice that a refund has arrived."""
    deposit, account = paid(desk, sandbox)
    request = desk.ask(deposit, account, now=clock.now())
    desk.approve(request, now=clock.now())
    desk.run_jobs(clock.now())
    number = desk.number(request)
    sandbox.settle_refund(number, "SUCCESS")
    return Case(lambda: desk.tell(sandbox.write_callback(number), now=clock.now()))


def converting_all(desk: Desk, sandbox: Running) -> Case:
    """All deposits of an estate become contributions, with the rest given back."""
    for home in range(2):
        paid(desk, sandbox, home)
    batch = desk.proposed(due_fen=30_000, now=clock.now())
    key = Key("two", "convert-them-once", "0" * 64)

    def convert() -> None:
        converting.decide(batch, agree=True, key=key, now=clock.now(), **desk.who("two"))
        desk.run_jobs(clock.now())

    return Case(convert, lambda: desk.run_jobs(clock.now() + timedelta(minutes=2)))


def taking_cash(desk: Counter, sandbox: Running) -> Case:
    """A collector enters cash: a deposit, its credit, its numbered receipt and the household's news in one."""
    key = Key("cashier", "take-it-once", "0" * 64)

    def take() -> None:
        desk.take(key=key, now=clock.now())
        desk.run_jobs(clock.now())

    return Case(take)


def voiding_cash(desk: Counter, sandbox: Running) -> Case:
    """The second person agrees that a taking was entered wrongly."""
    taken = desk.take(now=clock.now())
    desk.run_jobs(clock.now())
    made = voiding.propose(taken, why="登记错了户", now=clock.now(), **desk.who("cashier"))
    key = Key("one", "void-it-once", "0" * 64)

    def agree() -> None:
        voiding.decide(made, agree=True, key=key, now=clock.now(), **desk.who("one"))
        desk.run_jobs(clock.now())

    return Case(agree)


def ordering_a_code(desk: Counter, sandbox: Running) -> Case:
    """A code on the collector's screen; it is then scanned and paid."""
    sandbox.persona("o-passer-by", "孙子")
    key = Key("cashier", "one-code-only", "0" * 64)

    def order() -> str:
        asked = {"amount_fen": 50_000, "person": desk.owner.public_id, "name": ""}
        return scanning.begin(desk.homes[0].public_id, key=key, now=clock.now(), **asked, **desk.who("cashier")).attempt

    def pay() -> None:
        sandbox.pay(desk.attempt(order()).trade_no, openid="o-passer-by")
        desk.run_jobs(clock.now() + timedelta(minutes=1))

    return Case(order, pay)


CASES = [
    beginning,
    crediting,
    receipting,
    approving_refund,
    refund_notice,
    converting_all,
    taking_cash,
    voiding_cash,
    ordering_a_code,
    *OF_STAFF,
]
WORLDS: dict[Callable[..., Case], type[Desk]] = {paying_for_the_works: Till}
"""Where a case happens when it is not at a counter that collects deposits."""


@contextmanager
def _copy_of(url: str, server: Callable[[], Server]) -> Iterator[str]:
    """The city as it stood when its connections were closed, copied."""
    parsed = make_url(url)
    if parsed.drivername.startswith("sqlite"):
        with tempfile.TemporaryDirectory(prefix="gongjian-crash-", dir=fast_folder()) as folder:
            yield f"sqlite:///{shutil.copy(str(parsed.database), folder)}"
        return
    name = f"crash{next(_numbers)}"
    yield server().create(name, template=str(parsed.database))
    dispose_engines()
    server().drop(name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_after_a_crash_at_any_step_doing_it_again_ends_the_same(
    case: Callable[[Desk, Running], Case],
    app: Flask,
    make,
    sandbox: Running,
    completely: bool,
    request: pytest.FixtureRequest,
) -> None:
    desk = _desk(make, sandbox, WORLDS.get(case, Counter))
    told = case(desk, sandbox)
    config = app.extensions["gongjian.config"]
    dispose_engines()

    def living_in(url: str) -> None:
        hand_down(app, replace(config, database_url=url))
        compiled.share(app)
        registry.configure([desk.gateway], base_urls={"shaoguan": "http://127.0.0.1:9"})

    def come_to_rest() -> dict[str, object]:
        told.deed()
        told.rest()
        desk.run_jobs(clock.now() + timedelta(minutes=3))
        report = checking.check()
        assert report.differences == []
        session = reading()
        session.rollback()
        stands = what_stands(session, list(Model.metadata.sorted_tables))
        session.close()  # or the next deed would read this copy of the city still
        dispose_engines()
        return dict(stands)

    def server() -> Server:
        found: Server = request.getfixturevalue("postgres_server")
        return found

    with _copy_of(config.database_url, server) as url:
        living_in(url)
        with Steps() as steps:
            told.deed()
        undisturbed = come_to_rest()
    for step in chosen(steps.count, every=completely, seed=case.__name__):
        with _copy_of(config.database_url, server) as url:
            living_in(url)
            dispose_engines()
            assert dies(told.deed, before=step) == (step is not NEVER)
            assert come_to_rest() == undisturbed, f"died before step {step} of {steps.count}"
    living_in(config.database_url)
