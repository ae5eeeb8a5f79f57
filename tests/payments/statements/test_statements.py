"""Importing what the bank says: once, whatever files it comes in; nothing unreadable becomes money."""

import io
from datetime import date

import pytest
import sqlalchemy as sa
import xlsxwriter
from flask import Flask

from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from kernel.places.queries import dwellings_of_estate
from payments.gateways.bill import Bill, from_file
from payments.models import CollectionMode
from payments.rules.alarm import AlarmKind
from payments.rules.bank_line import LineDecision as Decision
from payments.rules.bill import BillKind
from payments.services import checking, collections
from payments.statements import showing
from payments.statements.models import BankAccount, BankLine
from payments.statements.services import deciding, importing
from payments.two_people import mark
from payments.withdrawals import services as withdrawals
from payments.withdrawals.models import WithdrawalShare
from tests.factories import Factory
from tests.payments.reconciliation.conftest import DAY, MORNING, Desk, desk

__all__ = ["desk"]

HEADS = "交易日期,对方户名,对方账号,收入金额,支出金额,余额,摘要,流水号"
CHEN = "2026-06-19,陈秀英,62284800,500.00,,500.00,1栋1单元101,A1"
TENPAY = "2026-06-19,财付通支付科技有限公司,1001,400.00,,900.00,微信提现,A2"
BAD = "2026-06-19,张伟,62,伍佰元整,,,诚意金,A3"
FLOW = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号\n"
    "`2026-06-18 09:00:00,`W1,`F1,`提现,`提现,`支出,`400.00,`0.00,`system,`,`\n"
    "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`1,`0,`0.00,`1,`400.00\n"
)


def csv_of(*lines: str, encoding: str = "utf-8-sig") -> bytes:
    return "\n".join([HEADS, *lines]).encode(encoding)


def take(data: bytes, **more) -> importing.Imported:
    return importing.import_statement(data, **{"tail": "0187", "actor": "test", "now": MORNING, **more})


def lines() -> list[BankLine]:
    session = reading()
    found = list(session.scalars(sa.select(BankLine).order_by(BankLine.serial)).all())
    session.close()
    return found


@pytest.fixture
def withdrawn(desk: Desk) -> Desk:
    """400 of 500 yuan left WeChat Pay for the bank on the day."""
    desk.paid()
    _left(desk)
    return desk


def _left(desk: Desk, flow: str = FLOW) -> int:
    bill: Bill = from_file(DAY, BillKind.FUND_FLOW, flow.encode())
    return withdrawals.enter_from(desk.gateway, bill, now=MORNING)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_lines_are_read_matched_with_withdrawals_or_wait(withdrawn: Desk, encoding: str) -> None:
    told = take(csv_of(CHEN, TENPAY, BAD, encoding=encoding))
    assert (told.lines, told.new, told.matched, told.waiting, told.review) == (3, 3, 1, 1, 1)
    found = {line.serial: line for line in lines()}
    assert (found["A1"].state, found["A1"].amount_fen, found["A1"].day) == ("waiting", 50_000, date(2026, 6, 19))
    assert (found["A2"].state, found["A2"].matched_with) == ("matched", "W1")
    assert (found["A3"].state, found["A3"].amount_fen) == ("review", None)
    assert "伍佰元整" in (found["A3"].problem or "")
    assert withdrawn.balances() == {"at_wechat": 10_000, "at_bank": 40_000, "deposits_held": -50_000}
    assert checking.check().differences == []


def test_a_withdrawal_beyond_what_the_books_have_waits_under_an_alarm(desk: Desk) -> None:
    assert _left(desk) == 0
    assert desk.alarms() == [(AlarmKind.WITHDRAWN_BEYOND, "W1", ())]
    take(csv_of(TENPAY))
    assert [line.state for line in lines()] == ["waiting"]
    desk.paid()
    assert _left(desk) == 1
    assert desk.balances() == {"at_wechat": 10_000, "from_wechat": 40_000, "deposits_held": -50_000}
    assert importing.match_all(now=MORNING) == 1
    assert checking.check().differences == []


def test_an_account_that_cannot_be_matched_does_not_stop_the_others(desk: Desk, monkeypatch) -> None:
    take(csv_of(TENPAY))
    desk.paid()
    _left(desk)
    whole = importing._match
    (account,) = {line.account_id for line in lines()}

    def match(account_id: int, *, now) -> int:
        if account_id == 0:
            raise Conflict("moved-on", "有人先处理了。")
        return whole(account_id, now=now)

    monkeypatch.setattr(importing, "_match", match)
    monkeypatch.setattr(importing.queries, "accounts", lambda session: [BankAccount(id=0), BankAccount(id=account)])
    assert importing.match_all(now=MORNING) == 1


def test_a_fee_the_service_took_is_not_on_its_way_to_the_bank(desk: Desk) -> None:
    desk.paid()
    assert _left(desk, FLOW.replace("`提现", "`扣除交易手续费")) == 0
    assert desk.balances() == {"at_wechat": 50_000, "deposits_held": -50_000}


def test_a_withdrawal_of_two_estates_is_shared_by_what_each_has_to_the_fen(desk: Desk, make: Factory) -> None:
    desk.paid(fen=10_000)
    elsewhere = make.estate()
    collections.open_collection(
        estate_id=elsewhere.id,
        mode=CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
        account_holder="东河街道办事处",
        account_bank="韶关农商银行东河支行",
        account_tail="0187",
        merchant_id=desk.gateway.merchant_id,
        series="other",
        largest_fen=5_000_000,
        actor="test",
        now=MORNING,
    )
    session = reading()
    home = dwellings_of_estate(session, elsewhere.id)[0]
    session.close()
    desk.paid(home, 50_001)
    assert _left(desk) == 1
    session = reading()
    held = list(session.scalars(sa.select(WithdrawalShare.amount_fen).order_by(WithdrawalShare.amount_fen)))
    session.close()
    assert held == [6_667, 33_333]
    take(csv_of(TENPAY))
    assert desk.balances()["at_bank"] == 40_000
    assert checking.check().differences == []


def test_names_are_sealed_in_the_database(desk: Desk) -> None:
    take(csv_of(CHEN))
    (line,) = lines()
    assert "陈秀英".encode() not in bytes(line.name_sealed) + bytes(line.memo_sealed)
    assert importing.opened(line).name == "陈秀英"


def test_the_same_file_and_an_overlapping_one_add_only_what_is_new(desk: Desk) -> None:
    first = take(csv_of(CHEN, CHEN, BAD))
    assert (first.new, first.known) == (3, 0), "two equal lines of one file are two"
    again = take(csv_of(CHEN, CHEN, BAD))
    assert (again.new, again.known) == (0, 3)
    other = CHEN.replace("陈秀英", "陈秀莹")
    overlapping = take(csv_of(CHEN, CHEN, BAD, other, CHEN))
    assert (overlapping.new, overlapping.known) == (2, 3)
    assert len(lines()) == 5


def test_one_payment_told_in_other_columns_is_known_by_its_number_or_stops_in_review(desk: Desk) -> None:
    take(csv_of(CHEN.replace("A1", "20260619A1")))
    without_balance = "交易日期,收入金额,支出金额,摘要,流水号\n2026-06-19,500.00,,诚意金,20260619A1"
    told = take(without_balance.encode())
    assert (told.new, told.known) == (0, 1)
    without_number = "交易日期,对方户名,收入金额,支出金额\n2026-06-19,陈秀英,500.00,\n2026-06-19,张伟,500.00,"
    told = take(without_number.encode())
    assert (told.new, told.review) == (2, 1)
    assert {(line.state, line.amount_fen, "可能是同一笔" in (line.problem or "")) for line in lines()} == {
        ("waiting", 50_000, False),
        ("review", 50_000, True),
    }


def test_a_workbook_is_read_and_its_columns_are_remembered_for_the_account(desk: Desk) -> None:
    def book(*rows: list) -> bytes:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
            sheet = made.add_worksheet()
            for at, row in enumerate([["何时", "来自", "多少"], *rows]):
                for column, cell in enumerate(row):
                    sheet.write(at, column, cell)
        return out.getvalue()

    with pytest.raises(Invalid) as refusal:
        take(book(["20260619", "陈秀英", 500]))
    assert "何时、来自、多少" in refusal.value.detail
    layout = {"day": "何时", "name": "来自", "in": "多少"}
    assert take(book(["20260619", "陈秀英", 500]), layout=layout).waiting == 1
    assert take(book(["20260619", "陈秀英", 500], ["20260620", "张伟", 0.3])).new == 1
    assert {line.amount_fen for line in lines()} == {50_000, 30}


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"PK\x03\x04nonsense", b"a,b\n1,2\n", b'"' + b"x" * 200_000])
def test_what_is_no_statement_is_refused_and_leaves_nothing(desk: Desk, data: bytes) -> None:
    with pytest.raises(Invalid):
        take(data)
    assert lines() == []


def test_an_account_nobody_collects_into_is_unknown(desk: Desk) -> None:
    with pytest.raises(NotFound):
        take(csv_of(CHEN), tail="9999")


def test_a_withdrawal_told_later_is_matched_by_the_job_once(desk: Desk) -> None:
    assert take(csv_of(TENPAY, TENPAY.replace("A2", "A4"))).matched == 0
    desk.paid()
    assert _left(desk) == 1
    assert _left(desk) == 0, "told again, it is entered once"
    assert importing.match_all(now=MORNING) == 1
    assert importing.match_all(now=MORNING) == 0
    assert sorted(line.state for line in lines()) == ["matched", "waiting"]


def test_a_line_is_decided_by_two_people(desk: Desk) -> None:
    take(csv_of(CHEN))
    (line,) = lines()
    maker, checker, stranger = desk.officer("王主任"), desk.officer("李会计"), desk.make.person("路人")

    def propose(person_id: int) -> None:
        deciding.propose(
            line.public_id,
            decision=Decision.RETURNED,
            why="不是本小区住户，已原路退回",
            person_id=person_id,
            actor="test",
            now=MORNING,
        )

    def decide(person_id: int, agree: bool = True) -> None:
        seen = mark(lines()[0])
        deciding.decide(line.public_id, agree=agree, seen=seen, person_id=person_id, actor="test", now=MORNING)

    with pytest.raises(NotFound):
        propose(stranger.id)
    with pytest.raises(Conflict):
        decide(checker.id)
    propose(maker.id)
    with pytest.raises(NotAllowed):
        decide(maker.id)
    decide(checker.id, agree=False)
    assert lines()[0].state == "waiting"
    propose(maker.id)
    decide(checker.id)
    assert (lines()[0].state, lines()[0].decided_by) == ("decided", checker.id)
    with pytest.raises(Conflict):
        propose(maker.id)


def test_what_waits_is_shown_with_the_households_it_may_come_from(desk: Desk, make: Factory) -> None:
    owner = make.person("陈秀英")
    make.holding(owner, desk.homes[0])
    take(csv_of(CHEN))
    officer = desk.officer("王主任")
    session = reading()
    (view,) = showing.account_views(session, officer.id, now=MORNING)
    session.close()
    (line,) = view.lines
    assert line.suggested[0][1] == desk.homes[0].label
    assert "产权人" in line.suggested[0][2]


def test_the_page_and_the_api_work_and_every_look_is_on_record(app: Flask, make: Factory, desk: Desk) -> None:
    clients = {}
    for name in ("one", "two"):
        make.grant(make.account(name), "street_officer", desk.street())
        clients[name] = make.signed_in(make.account(name))
    stranger = make.signed_in(make.account("nobody"))

    def form() -> dict:
        return {"tail": "0187", "file": (io.BytesIO(csv_of(CHEN, BAD)), "a.csv")}

    sent = {"content_type": "multipart/form-data"}
    assert stranger.post("/api/v1/bank-statements", data=form(), **sent).status_code == 403
    done = clients["one"].post("/api/v1/bank-statements", data=form(), **sent, key="k" * 20)
    assert (done.status_code, done.json["new"], done.json["review"]) == (201, 2, 1)
    again = clients["one"].post("/api/v1/bank-statements", data=form(), **sent, key="k" * 20)
    assert (again.status_code, again.json["new"]) == (201, 0)
    elsewhere = {"tail": "9999", "file": (io.BytesIO(csv_of(CHEN)), "a.csv")}
    assert clients["one"].post("/api/v1/bank-statements", data=elsewhere, **sent).status_code == 404
    page = clients["one"].get("/work/statements").text
    for words in ("陈秀英", "500.00 元", "金额待核", "读不出来", "提交，请另一位复核"):
        assert words in page
    session = reading()
    looks = session.scalar(sa.text("SELECT count(*) FROM audit_entry WHERE action = 'look.statements'"))
    session.close()
    assert looks == 1
    assert stranger.get("/work/statements").status_code == 403
    url = f"/api/v1/bank-lines/{lines()[0].public_id}"
    body = {"decision": "accepted", "why": "已核对银行回单"}
    assert stranger.post(f"{url}/proposal", json=body).status_code == 403
    assert clients["one"].post(f"{url}/proposal", json=body).status_code == 200
    assert clients["two"].post(f"{url}/decision", json={"agree": True}).status_code == 422
    seen = mark(lines()[0])
    assert f'data-seen="{seen}"' in clients["two"].get("/work/statements").text
    assert clients["one"].post(f"{url}/decision", json={"agree": True, "seen": seen}).status_code == 403
    assert clients["two"].post(f"{url}/decision", json={"agree": True, "seen": "0" * 16}).status_code == 409
    assert clients["two"].post(f"{url}/decision", json={"agree": True, "seen": seen}).status_code == 200
