"""What of a person may be shown."""

import pytest

from kernel.masks import mask_id_number, mask_name, mask_phone, tail


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("陈秀英", "陈*"),
        ("王兰", "王*"),
        ("欧阳锋", "欧阳*"),
        ("司马相如", "司马*"),
        ("欧阳", "欧*"),
        ("张 三", "张*"),
        ("阿依古丽·买买提", "阿*"),
        ("李", "*"),
        ("", "*"),
    ],
)
def test_a_name_keeps_its_surname_and_one_star(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("138 1234 1234", "138****1234"),
        ("+86 138-1234-1234", "138****1234"),
        ("07518881234", "075****1234"),
        ("8881234", "***1234"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_a_phone_loses_its_middle(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


def test_an_identity_number_shows_its_first_and_last_four() -> None:
    assert mask_id_number("440203195208012012") == "4******2012"
    assert mask_id_number("123") == "***"


def test_a_tail_never_shows_the_whole() -> None:
    assert tail("6222020012344321", 4) == "4321"
    assert tail("4321", 4) == "****"
    with pytest.raises(ValueError):
        tail("4321", 0)
