"""Any life of a collection: orders in every way, notices twice, late, lost, out of order and forged; cash, cards and
transfers beside WeChat; money asked back alone or in batches, and converted. At every moment the books prove
themselves; in the end every fen is found.

A usual run takes the same few lives each time; ``sh dev test --all`` takes many more, at random.
"""

import itertools
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from kernel import clock
from kernel.database import reading
from kernel.errors import DomainError
from kernel.people.models import Account
from payments.cash_desk.services import taking
from payments.gateways.memory import MemoryGateway
from payments.gateways.port import Refused, Rejected
from payments.models import Collection, Deposit, LedgerAccount, LedgerPosting, PaymentAttempt, PaymentConfirmation
from payments.refunds.batches.services import proposing
from payments.refunds.services import converting
from payments.rules.attempt import How
from payments.rules.bank_line import LineDecision
from payments.rules.batch import BatchKind
from payments.rules.deposit import RECEIVED, DepositState
from payments.rules.trade import RefundState, TradeState
from payments.services import checking, paying
from payments.statements.models import BankLine
from payments.statements.services import deciding, importing
from payments.statements.services.effects import Part, Told
from payments.two_people import mark
from tests.factories import Factory
from tests.payments.cash_desk.conftest import Counter
from tests.payments.world import NOW

HOMES, PAYERS = 2, 2
WAYS = {How.JSAPI: paying.JSAPI, How.H5: paying.Way(How.H5, "192.0.2.7")}
CALLS = ["place", "look", "close", "refund", "look_refund"]
Letter = tuple[dict[str, str], bytes]
_tails = itertools.count(1)


class Life(RuleBasedStateMachine):
    """One estate's collection, lived through. Refusals are part of life: a ``DomainError`` changes nothing."""

    make: Factory

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.gateway = MemoryGateway(now=lambda: self.now)
        # Lives share a database, but no account: another life's cards are not this one's to settle.
        self.tail = f"{next(_tails):04}"
        self.desk = Counter(self.make, self.gateway, account_tail=self.tail)
        self.accounts: dict[tuple[int, int], Account] = {}
        self.letters: list[Letter] = []
        self.requests: list[str] = []
        self.cash_fen = self.card_fen = self.bank_fen = 0
        self.lines = 0

    def _account(self, home: int, payer: int) -> Account:
        if (home, payer) not in self.accounts:
            self.accounts[home, payer] = self.desk.payer(self.desk.homes[home + 1])
        return self.accounts[home, payer]

    def _try(self, deed: Callable[[], object]) -> object | None:
        try:
            return deed()
        except DomainError:
            return None

    @rule(
        home=st.integers(0, HOMES - 1),
        payer=st.integers(0, PAYERS - 1),
        fen=st.sampled_from([1, 30_000, 50_000]),
        way=st.sampled_from(sorted(WAYS)),
    )
    def begin(self, home: int, payer: int, fen: int, way: How) -> None:
        """A payer pledges (or changes his amount) and begins to pay, one way or the other."""
        account = self._account(home, payer)
        deposit = self._try(lambda: self.desk.pledge(account, self.desk.homes[home + 1], fen, now=self.now))
        if deposit is not None:
            self._try(
                lambda: paying.begin(str(deposit), account_id=account.id, actor="payer", now=self.now, way=WAYS[way])
            )

    def _orders(self) -> list[str]:
        session = reading()
        session.rollback()
        mine = sa.select(PaymentAttempt.trade_no).join(Deposit, Deposit.id == PaymentAttempt.deposit_id)
        found = session.scalars(
            mine.where(
                Deposit.dwelling_id.in_([home.id for home in self.desk.homes]), PaymentAttempt.channel == "memory"
            ).order_by(PaymentAttempt.id)
        ).all()
        session.close()
        return list(found)

    @rule(which=st.integers(0, 9))
    def pay(self, which: int) -> None:
        """Somebody pays an order, be it closed on our side or not; its notice is written and not yet sent."""
        orders = self._orders()
        if orders:
            try:
                self.letters.append(self.gateway.pay(orders[which % len(orders)], now=self.now))
            except (Rejected, KeyError):
                return

    @precondition(lambda self: self.letters)
    @rule(which=st.integers(0, 9), times=st.integers(1, 3), keep=st.booleans())
    def tell(self, which: int, times: int, keep: bool) -> None:
        """A notice comes, once or again, now or after others; perhaps it will come once more."""
        letter = self.letters[which % len(self.letters)]
        for _ in range(times):
            self._read(letter)
        if not keep:
            self.letters.remove(letter)

    def _read(self, letter: Letter) -> None:
        # A retry carries a fresh stamp and signature over the same news (WECHAT §3.5).
        try:
            self.desk.tell(self.gateway._signed(json.loads(letter[1]), self.now), now=self.now)
        except Refused:
            return

    @precondition(lambda self: self.letters)
    @rule(which=st.integers(0, 9))
    def forge(self, which: int) -> None:
        """A stranger changes what a notice says, or signs it himself."""
        headers, raw = self.letters[which % len(self.letters)]
        for letter in ((headers, raw + b" "), ({**headers, "Memory-Signature": "0" * 64}, raw)):
            with pytest.raises(Refused):
                self.desk.tell(letter, now=self.now)

    @rule(call=st.sampled_from(CALLS), when=st.sampled_from(["before", "after"]))
    def lose_answer(self, call: str, when: str) -> None:
        """The next answer to a call gets lost, before or after the service acted."""
        self.gateway.lose_answer(call, when)  # type: ignore[arg-type]

    @rule(minutes=st.sampled_from([0, 1, 5, 60, 60 * 24]))
    def wait(self, minutes: int) -> None:
        """Time passes and the jobs do what is due."""
        self.now += timedelta(minutes=minutes)
        self.desk.run_jobs(self.now)

    @rule(home=st.integers(0, HOMES - 1), fen=st.sampled_from([100, 50_000]))
    def take_cash(self, home: int, fen: int) -> None:
        """A collector takes cash from somebody of the household."""
        if self._try(lambda: self.desk.take(fen, self.desk.homes[home + 1], now=self.now)) is not None:
            self.cash_fen += fen

    @rule(home=st.integers(0, HOMES - 1), fen=st.sampled_from([100, 50_000]))
    def run_card(self, home: int, fen: int) -> None:
        """Somebody of the household pays by card."""
        self.lines += 1
        card = taking.Card("43010057", f"{self.lines:06}", "农商银行", clock.china_day(self.now))
        if self._try(lambda: self.desk.take(fen, self.desk.homes[home + 1], card=card, now=self.now)) is not None:
            self.card_fen += fen

    @rule(
        home=st.integers(0, HOMES - 1),
        fen=st.sampled_from([100, 50_000]),
        decision=st.sampled_from([LineDecision.CREDITED, LineDecision.POS, LineDecision.ACCEPTED]),
        fee=st.sampled_from([0, 1]),
        back=st.booleans(),
    )
    def bank_line(self, home: int, fen: int, decision: LineDecision, fee: int, back: bool) -> None:
        """The bank shows a transfer, or what a terminal settled: two people say so, and perhaps that it is not."""
        self.lines += 1
        day, name = clock.china_day(self.now).isoformat(), f"A{self.lines}"
        text = f"交易日期,对方户名,收入金额,流水号\n{day},某人,{(fen - fee) / 100:.2f},{name}"
        self._try(lambda: importing.import_statement(text.encode(), tail=self.tail, actor="test", now=self.now))
        session = reading()
        session.rollback()
        line = session.scalars(sa.select(BankLine).where(BankLine.serial == name)).first()
        session.close()
        if line is None or line.amount_fen is None:
            return
        amount = line.amount_fen
        told = Told([Part(self.desk.homes[home + 1].public_id, amount)], fee_fen=fee)
        given = {"decision": decision, "why": "看了回单", "told": told, "now": self.now}
        if self._try(lambda: deciding.propose(line.public_id, **given, **self.desk.who("one"))) is None:
            return
        seen = mark(self._line(line))
        agreed = {"agree": True, "seen": seen, "now": self.now}
        if self._try(lambda: deciding.decide(line.public_id, **agreed, **self.desk.who("two"))) is None:
            return
        if decision is not LineDecision.ACCEPTED:
            self.bank_fen += amount
            self.card_fen -= amount + fee if decision is LineDecision.POS else 0
        if back:
            told_back = {"why": "记错了", "now": self.now}
            made = deciding.propose_reversal(line.public_id, **told_back, **self.desk.who("one"))
            done = self._try(lambda: deciding.decide_reversal(made, agree=True, now=self.now, **self.desk.who("two")))
            if done is not None and decision is not LineDecision.ACCEPTED:
                self.bank_fen -= amount
                self.card_fen += amount + fee if decision is LineDecision.POS else 0

    def _line(self, line: BankLine) -> BankLine:
        session = reading()
        session.rollback()
        found = session.get_one(BankLine, line.id)
        session.close()
        return found

    @rule(kind=st.sampled_from([BatchKind.NOT_LISTED, BatchKind.DUPLICATE]))
    def send_back_many(self, kind: BatchKind) -> None:
        """Two people send many deposits back at once."""
        estate, who = self.desk.estate.public_id, self.desk.people["one"].id
        session = reading()
        session.rollback()
        seen = proposing.preview(session, estate, kind, None, person_id=who, now=self.now)
        session.close()
        given = {"kind": kind, "total_fen": None, "seen": (seen.payments, seen.total_fen), "why": "公告"}
        batch = self._try(lambda: proposing.propose(estate, **given, now=self.now, **self.desk.who("one")))
        if batch is not None:
            proposing.decide(str(batch), agree=True, now=self.now, **self.desk.who("two"))

    @rule(due=st.sampled_from([None, 20_000]))
    def convert(self, due: int | None) -> None:
        """Two people convert what is held; the rest goes back."""
        batch = self._try(lambda: self.desk.proposed(due, now=self.now))
        if batch is not None:
            self._try(lambda: converting.decide(str(batch), agree=True, now=self.now, **self.desk.who("two")))

    def _paid(self) -> list[Deposit]:
        session = reading()
        session.rollback()
        found = session.scalars(
            sa.select(Deposit).where(
                Deposit.dwelling_id.in_([home.id for home in self.desk.homes]),
                Deposit.state == DepositState.PAID,
                Deposit.payer_account_id.is_not(None),
            )
        ).all()
        session.close()
        return list(found)

    @rule(which=st.integers(0, 9))
    def ask_back(self, which: int) -> None:
        """A payer asks his deposit back and two people agree."""
        held = self._paid()
        if not held:
            return
        deposit = held[which % len(held)]
        account = next(one for one in self.accounts.values() if one.id == deposit.payer_account_id)
        request = self._try(lambda: self.desk.ask(deposit, account, now=self.now))
        if request is not None:
            self.requests.append(str(request))
            self._try(lambda: self.desk.approve(str(request), now=self.now))

    @rule(outcome=st.sampled_from([RefundState.SUCCESS, RefundState.ABNORMAL]))
    def settle_refunds(self, outcome: RefundState) -> None:
        """The service finishes what it sends back, and writes of it."""
        for number, held in list(self.gateway._refunds.items()):
            if held.state is RefundState.PROCESSING:
                self.letters.append(self.gateway.finish_refund(number, now=self.now, state=outcome))

    @invariant()
    def the_books_prove_themselves(self) -> None:
        report = checking.check()
        assert report.differences == []

    def teardown(self) -> None:
        """At last the faults end and time does its work: every fen is where the service says it is."""
        self.gateway._faults.clear()
        for _ in range(4):
            for letter in list(self.letters):
                self._read(letter)
            self.now += timedelta(days=4)
            self.desk.run_jobs(self.now)
            self.settle_refunds(RefundState.SUCCESS)
        self.desk.run_jobs(self.now + timedelta(days=2))
        self.the_books_prove_themselves()
        paid = {no: held.paid_fen or 0 for no, held in self.gateway._orders.items() if held.transaction_id}
        back = sum(one.order.refund_fen for one in self.gateway._refunds.values() if one.state is RefundState.SUCCESS)
        balances = self._balances()
        assert balances.get("at_wechat", 0) == sum(paid.values()) - back
        assert balances.get("cash_on_hand", 0) == self.cash_fen
        assert balances.get("at_pos", 0) == self.card_fen
        assert balances.get("at_bank", 0) == self.bank_fen
        session = reading()
        session.rollback()
        confirmed = dict(
            session.execute(
                sa.select(PaymentAttempt.trade_no, PaymentConfirmation.amount_fen)
                .join(PaymentConfirmation, PaymentConfirmation.attempt_id == PaymentAttempt.id)
                .where(PaymentAttempt.trade_no.in_(list(paid)))
            ).all()
        )
        assert confirmed == paid, "every payment is credited, each once, with what was paid"
        states = session.scalars(
            sa.select(Deposit.state)
            .join(PaymentAttempt, PaymentAttempt.deposit_id == Deposit.id)
            .where(PaymentAttempt.trade_no.in_(list(paid)))
        ).all()
        session.close()
        assert {DepositState(state) for state in states} <= RECEIVED
        assert not [held for held in self.gateway._orders.values() if held.state is TradeState.ABSENT]

    def _balances(self) -> dict[str, int]:
        session = reading()
        session.rollback()
        rows = session.execute(
            sa.select(LedgerAccount.kind, sa.func.sum(LedgerPosting.amount_fen))
            .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
            .join(Collection, Collection.id == LedgerAccount.collection_id)
            .where(Collection.public_id == self.desk.collection)
            .group_by(LedgerAccount.kind)
        ).all()
        session.close()
        return {kind: int(fen) for kind, fen in rows}


def test_whatever_happens_the_books_hold_and_every_fen_is_found(app: Flask, make: Factory, completely: bool) -> None:
    class Here(Life):
        pass

    Here.make = make
    run_state_machine_as_test(
        Here,
        settings=hypothesis.settings(
            max_examples=60 if completely else 5,
            stateful_step_count=30 if completely else 15,
            deadline=None,
            derandomize=not completely,
            suppress_health_check=list(hypothesis.HealthCheck),
            print_blob=True,
        ),
    )
