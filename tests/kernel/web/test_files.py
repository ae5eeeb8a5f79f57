"""What a file is called, and whether it opens or is saved."""

import pytest

from kernel.web import files


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (files.shown(b"1", files.PDF, "receipt-7.pdf"), 'inline; filename="receipt-7.pdf"'),
        (files.shown(b"1", "image/jpeg"), "inline"),
        (files.saved(b"1", files.XLSX, "需求 1.xlsx"), "attachment; filename*=UTF-8''%E9%9C%80%E6%B1%82%201.xlsx"),
        (files.saved(b"1", "text/csv", 'a"; b.csv'), "attachment; filename*=UTF-8''a%22%3B%20b.csv"),
    ],
)
def test_a_file_says_how_it_is_meant_and_what_it_is_called_in_any_writing(answer, says):
    assert answer.headers["Content-Disposition"] == says
