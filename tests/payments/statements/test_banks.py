"""Statements as banks export them are read without anybody naming a column; what only pretends to be one is refused."""

from collections.abc import Callable
from datetime import date

import pytest

from kernel import worksheets
from kernel.errors import Invalid
from payments.rules.statement import read_statement
from payments.statements.markup import html_rows, xml_rows
from payments.statements.table import read_table
from tests.payments.statements.samples import BANKS, rural
from tests.support.old_workbooks import xls


@pytest.mark.parametrize("bank", BANKS)
def test_every_banks_own_file_is_read_as_it_comes(bank: Callable[[], bytes]) -> None:
    read = read_statement(read_table(bank()))
    assert [line.problem for line in read.lines] == ["", "", ""]
    assert [(line.day, line.amount_fen) for line in read.lines] == [
        (date(2026, 6, 18), 50_000),
        (date(2026, 6, 19), 1_234_560),
        (date(2026, 6, 19), -2_000),
    ]
    first = read.lines[0]
    assert first.name == "陈秀英"
    assert "诚意金 3-2-501" in first.memo, "what the payer wrote, in whatever column it stands"
    assert first.account_tail in ("5678", ""), "WeChat tells none"
    balances = [line.balance_fen for line in read.lines]
    assert balances in ([150_000, 1_384_560, 1_382_560], [None] * 3)
    again = read_statement(read_table(bank()), layout=read.layout)
    assert [line.identity for line in again.lines] == [line.identity for line in read.lines], "and as remembered"


@pytest.mark.parametrize(("far", "word"), [((65_535, 255), "另存为 .xlsx 或 .csv"), ((60_000, 3), "每张表最多")])
def test_an_old_workbook_that_asks_for_gigabytes_dies_alone_and_says_what_to_do(
    far: tuple[int, int], word: str
) -> None:
    with pytest.raises(Invalid, match="file-too-large") as refusal:
        read_table(xls({(0, 0): "日期", far: "x"}))
    assert word in refusal.value.detail


@pytest.mark.parametrize(
    "data",
    [
        b"\xd0\xcf\x11\xe0" + bytes(600),
        b"<html><body><p>\xe4\xbc\x9a\xe8\xaf\x9d\xe8\xb6\x85\xe6\x97\xb6</p></body></html>",
        rural().replace(b"<Workbook", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Workbook'),
        rural()[:-30],
        b"\xff\xfe\x00",
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_what_only_pretends_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Invalid, match="file-unreadable") as refusal:
        read_table(data)
    assert "另存为 .xlsx" in refusal.value.detail


def test_a_table_in_a_table_and_a_span_of_a_million_columns_cost_nothing() -> None:
    page = '<table><tr><td colspan="1000000">a<table><tr><td>b</td></tr><tr><td>c</td></tr></table></td></tr></table>'
    assert html_rows(page) == [["b"], ["c"]]
    assert len(html_rows('<table><tr><td colspan="1000000">a</td></tr></table>')[0]) == 100
    page = "<TABLE border=1><TR><TD COLSPAN=2>A &amp; B &lt; C</TD><!-- <td>x</td> --><TH>d<br/>e < f</TH></TR></TABLE>"
    assert html_rows(page) == [["A & B < C", "", "d e < f"]]


@pytest.mark.parametrize(
    "piece", ["<!--", "</", "<a b=", '<td colspan="', "<?", "((((", "<td colspan=", "<![CDATA[", "<!DOCTYPE [", "&#1"]
)
def test_a_page_of_beginnings_that_never_end_is_refused_at_once(piece: str) -> None:
    """Python's own reader of pages takes the square of their number: hours for this one."""
    page = "<html><table><tr><td>" + piece * (3_000_000 // len(piece))
    with pytest.raises(Invalid, match=r"statement-columns|file-unreadable"):
        read_statement(read_table(page.encode()))


def test_an_old_workbook_tells_only_so_much_to_a_process_without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worksheets, "OLD_CHARACTERS", 50)
    with pytest.raises(Invalid, match="file-too-large"):
        read_table(xls({(0, 0): "日期" * 50}))


SPREADSHEET = '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="x"><Worksheet>'


@pytest.mark.parametrize(
    ("reads", "large"),
    [
        (html_rows, "<table><tr><td colspan=100>a" * 50_001),
        (xml_rows, (SPREADSHEET + '<Row><Cell ss:Index="100"/></Row>' * 50_001).encode()),
    ],
)
def test_what_would_lay_out_more_than_a_statement_is_refused_while_it_is_read(
    reads: Callable[[object], object], large: object
) -> None:
    with pytest.raises(Invalid, match="file-too-large"):
        reads(large)


def test_a_row_within_a_cell_is_no_cell() -> None:
    inside = "<Row><Cell><Data>a<Row/>b</Data></Cell></Row>"
    assert xml_rows(f"{SPREADSHEET}{inside}<Row><Cell><Data>c</Data></Cell></Row></Worksheet></Workbook>".encode()) == [
        [""],
        [],
        ["c"],
    ]
