"""Every deed at every stage of a deposit, over HTTP: which is allowed where, what a person reads where it is not, and
that each step that was taken stands in the audit trail and on a page.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading
from kernel.people.models import Account
from payments import terms
from payments.models import Deposit
from payments.refunds.services import transferring
from payments.rules.trade import RefundState
from tests.factories import Factory
from tests.payments.refunds.conftest import LATER, Desk

PAYEE = {"name": "陈秀英", "bank": "农商行", "account": "6222080012345678"}


@dataclass
class Life:
    """One deposit on its way; each method is one step from the stage before."""

    desk: Desk
    payer: Account
    deposit: Deposit
    request: str = "A" * 22

    def asked(self) -> None:
        self.request = self.desk.ask(self.deposit, self.payer)

    def checked(self) -> None:
        self.asked()
        self.desk.approve(self.request, "one")

    def sending(self) -> None:
        self.asked()
        self.desk.approve(self.request)
        self.desk.run_jobs(LATER)

    def told(self, state: RefundState) -> None:
        self.sending()
        number = self.desk.number(self.request)
        self.desk.tell(self.desk.gateway.finish_refund(number, now=LATER, state=state), now=LATER)

    def failed(self) -> None:
        self.told(RefundState.ABNORMAL)

    def refunded(self) -> None:
        self.told(RefundState.SUCCESS)

    def to_transfer(self) -> None:
        self.failed()
        payee = transferring.Payee(PAYEE["name"], PAYEE["bank"], PAYEE["account"])
        transferring.enter_payee(self.request, payee, now=LATER, **self.desk.who("one"))

    def transferred(self) -> None:
        self.failed()
        self.desk.transferred(self.request)

    def offline(self) -> None:
        self.transferred()
        transferring.confirm(self.request, arrived_there=True, now=LATER, **self.desk.who("two"))

    def converted(self) -> None:
        self.desk.converted()

    def state(self) -> str:
        session = reading()
        found = session.get_one(Deposit, self.deposit.id).state
        session.close()
        return found


DEEDS = ("pledge", "pay", "ask", "approve", "refuse", "cancel", "payee", "transfer", "confirm", "convert")
MAY = "may"
NONE = "no-such-request"
PAID, MOVED, BACK = "already-paid", "request-moved-on", "already-refunded"
ON_ITS_WAY = "already-returning"
GONE = {"approve": MOVED, "refuse": MOVED, "cancel": MOVED, "payee": MOVED, "transfer": MOVED, "confirm": MOVED}
NO_REQUEST = dict.fromkeys(GONE, NONE)
PAID_FOR = {"pledge": PAID, "pay": PAID, "convert": "nothing-held"}
TABLE: dict[str, tuple[str, dict[str, str]]] = {
    # stage -> (state of the deposit, deed -> what is answered)
    "pledged": (
        "pledged",
        {**NO_REQUEST, "pledge": MAY, "pay": MAY, "ask": "not-paid", "convert": "nothing-held"},
    ),
    "paid": ("paid", {**NO_REQUEST, **PAID_FOR, "ask": MAY, "convert": MAY}),
    "asked": ("paid", {**GONE, **PAID_FOR, "ask": "already-asked", "approve": MAY, "refuse": MAY, "cancel": MAY}),
    "checked": ("paid", {**GONE, **PAID_FOR, "ask": "already-asked", "approve": MAY, "refuse": MAY, "cancel": MAY}),
    "sending": ("refund_pending", {**GONE, **PAID_FOR, "ask": ON_ITS_WAY}),
    "failed": ("refund_failed", {**GONE, **PAID_FOR, "ask": ON_ITS_WAY, "payee": MAY}),
    "to_transfer": ("refund_failed", {**GONE, **PAID_FOR, "ask": ON_ITS_WAY, "payee": MAY, "transfer": MAY}),
    "transferred": ("refund_failed", {**GONE, **PAID_FOR, "ask": ON_ITS_WAY, "confirm": MAY}),
    "refunded": ("refunded", {**GONE, **PAID_FOR, "ask": BACK}),
    "offline": ("refunded_offline", {**GONE, **PAID_FOR, "ask": BACK}),
    "converted": ("converted", {**NO_REQUEST, **PAID_FOR, "ask": "converted"}),
}


@pytest.mark.parametrize("stage", list(TABLE))
def test_each_deed_is_done_where_it_may_and_refused_in_words_elsewhere(app: Flask, make: Factory, stage: str) -> None:
    desk = Desk(make)
    if stage == "pledged":
        payer = desk.payer()
        life = Life(desk, payer, desk.deposit_named(desk.pledge(payer)))
    else:
        deposit, payer = desk.held()
        life = Life(desk, payer, deposit)
        getattr(life, stage, lambda: None)()
    state, answers = TABLE[stage]
    assert (life.state(), set(answers)) == (state, set(DEEDS))
    mine, cashier = make.signed_in(life.payer), make.signed_in(make.account("cashier"))
    one, three = (make.signed_in(make.account(name)) for name in ("one", "three"))
    own, request = f"/api/v1/deposits/{life.deposit.public_id}", f"/api/v1/refund-requests/{life.request}"
    pledge = {"amount_fen": 60_000, "terms_version": terms.CURRENT}
    conversion = {"basis": "2026 年计划", "total_fen": 50_000}
    ways = {
        "pledge": (mine, f"/api/v1/dwellings/{desk.homes[0].public_id}/deposits", pledge),
        "pay": (mine, f"{own}/attempts", {}),
        "ask": (mine, f"{own}/refund-requests", {}),
        "approve": (three, f"{request}/approval", {}),
        "refuse": (three, f"{request}/refusal", {"why": "查无此款"}),
        "cancel": (mine, f"{request}/cancellation", {}),
        "payee": (one, f"{request}/payee", PAYEE),
        "transfer": (cashier, f"{request}/transfer", {"voucher_no": "HD-2"}),
        "confirm": (three, f"{request}/confirmation", {"arrived": True}),
        "convert": (one, f"/api/v1/estates/{desk.estate.public_id}/conversions", conversion),
    }
    astray = {}
    with clock.at(LATER + timedelta(minutes=1)):
        for deed in sorted(DEEDS, key=lambda deed: answers[deed] == MAY):
            who, url, body = ways[deed]
            if answers[deed] == MAY:
                answer = who.post(url, json=body)
                assert answer.status_code < 300, (deed, answer.text)
                break  # what may be done is done: the stage is another
            answer = who.post(url, json=body)
            if answer.json.get("code") != answers[deed] or not re.search(r"[\u4e00-\u9fff]", answer.json["detail"]):
                astray[deed] = (answer.status_code, answer.json)
            assert life.state() == state, (deed, "moved it")
        assert astray == {}
        assert mine.get(f"/d/{desk.homes[0].public_id}").status_code == 200
        if stage != "pledged":
            page = "refund" if stage != "paid" else "receipt"
            assert mine.get(f"/{page}/{life.deposit.public_id}").status_code == 200
    assert desk.books_hold()


STEPS = {
    "offline": (
        "deposit.pledged",
        "payment.confirmed",
        "deposit_refund.asked",
        "deposit_refund.checked",
        "deposit_refund.released",
        "deposit_refund.failed",
        "deposit_refund.payee_entered",
        "deposit_refund.transferred",
        "deposit_refund.transfer_confirmed",
    ),
    "refunded": ("deposit_refund.released", "payment.refunded"),
    "converted": ("conversion.proposed", "conversion.agreed", "deposit.converted"),
}


@pytest.mark.parametrize("stage", list(STEPS))
def test_each_step_stands_in_the_audit_trail(app: Flask, make: Factory, stage: str) -> None:
    desk = Desk(make)
    deposit, payer = desk.held()
    getattr(Life(desk, payer, deposit), stage)()
    session = reading()
    actions = set(session.scalars(sa.select(AuditEntry.action)))
    session.close()
    assert set(STEPS[stage]) <= actions, sorted(actions)
