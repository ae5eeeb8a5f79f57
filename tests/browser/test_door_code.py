"""The page and the server read a typed code the same way."""

from collections.abc import Callable

import pytest

from kernel.places.rules import read_door_code
from tests.support.browser import Phone

TYPED = [
    "7KQ2M9X4PT",
    "7kq2 m9x4 pt",
    "7KQ2-M9X4-PT",
    " 7KQ2M9X4PT\n",
    "OIL2M9X4PT",
    "oil2m9x4pt",
    "http://192.168.1.5:8000/h/7KQ2M9X4PT",
    "https://sg.example.cn/h/7KQ2M9X4PT/?from=scan",
    "7KQ2M9X4P",
    "7KQ2M9X4PTT",
    "7KQ2M9X4PU",
    "",
    "你好",
    "https://example.cn/",
    "7KQ2－M9X4—PT",
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_people_type_is_read_alike_by_the_page_and_the_server(visit: Callable[..., Phone]) -> None:
    page = visit().go("/")
    base = (page.get_attribute("script[type=module]", "src") or "").replace("kernel/base.js", "home/code.js")
    read = page.evaluate("([url, texts]) => import(url).then((m) => texts.map(m.readDoorCode))", [base, TYPED])
    assert read == [read_door_code(text) or "" for text in TYPED]
