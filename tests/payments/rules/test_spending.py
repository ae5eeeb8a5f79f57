"""Who is named when money goes out."""

import pytest

from payments.rules.spending import public_payee


@pytest.mark.parametrize(
    ("payee", "is_person", "shown"),
    [
        ("韶关市建工集团", False, "韶关市建工集团"),
        ("王建国", False, "王*"),  # nobody ticked the box, it is a name all the same
        ("王建国装修", True, "王*"),
        ("宏达五金店", False, "宏达五金店"),
        ("五金店", False, "五金店"),
        ("陈知行", False, "陈*"),
        ("阿卜杜拉·买买提", False, "阿*"),
        ("农业银行", False, "农业银行"),
    ],
)
def test_a_natural_person_is_not_named_in_public(payee: str, is_person: bool, shown: str) -> None:
    assert public_payee(payee, is_person) == shown
