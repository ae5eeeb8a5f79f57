"""Every page a person of the demo city can reach, in every type size, width and in the dark: usable, or named here.

axe finds nothing, nothing scrolls sideways, every target is large enough for a thumb (44 px, 60 px in large type).
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.crawl import pages_of, sign_in
from tests.support.browser import (
    AXE_RULES_OF_THE_LOOK,
    WIDTHS,
    Phone,
    axe_violations,
    screenshot,
    sideways_overflow_px,
    small_targets,
)
from tests.support.live import Live

PERSONS = [
    # who, where he begins
    ("", ["/", "/city"]),
    ("demo-resident", ["/", "/me"]),
    ("demo-neighbour", ["/", "/me"]),
    ("demo-child", ["/", "/me"]),
    ("demo-worker", ["/", "/work", "/me"]),
    ("demo-building-leader", ["/board"]),
    ("demo-leader", ["/board"]),
    ("demo-city", ["/city", "/me"]),
]
LOOKS = [
    ("normal", "light", 44, 375),
    ("large", "light", 60, 320),
    ("xlarge", "light", 60, 375),
    ("normal", "dark", 44, 414),
]
"""Type size, colours, the least target in px, and the width axe is run at: with all its rules in the first look, in the
others with those that can find something new."""

SHORTEN = """() => document.querySelectorAll("main *").forEach((parent) => {
  Array.from(parent.children).slice(30).forEach((child) => parent.removeChild(child));
})"""
"""A hundred more rows of a list look like its first thirty, and axe would read every one of them."""

UNSTUCK = """() => document.querySelectorAll("footer, .foot").forEach((bar) => { bar.style.position = "static"; })"""
"""The bar that stays below covers a part of something wherever one stands; axe would call it small, one scrolls on."""


def troubles(page: Page, path: str) -> list[str]:
    """What is wrong with a page, looked at in all sizes, widths and colours without loading it again."""
    found = []
    page.evaluate(SHORTEN)
    page.evaluate(UNSTUCK)
    for size, scheme, least, axe_width in LOOKS:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.evaluate("(size) => document.documentElement.setAttribute('data-size', size)", size)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 812})
            wrong = [f"too small: {each}" for each in small_targets(page, least)]
            if width == axe_width:
                wrong += axe_violations(page, () if (size, scheme) == LOOKS[0][:2] else AXE_RULES_OF_THE_LOOK)
            overflow = sideways_overflow_px(page)
            if overflow > 0:
                wrong.append(f"scrolls sideways by {overflow} px")
            if wrong:
                screenshot(page, f"{path}-{size}-{scheme}-{width}")
                found.append(f"{path} ({size}, {scheme}, {width} px): {'; '.join(wrong)}")
    return found


@pytest.mark.parametrize(("who", "starts"), PERSONS, ids=[who or "visitor" for who, _ in PERSONS])
def test_every_page_is_usable_in_every_size_width_and_in_the_dark(
    live: Live, open_phone: Callable[..., Phone], seen_kinds: set[str], who: str, starts: list[str]
) -> None:
    phone = open_phone(live.url)
    if who:
        sign_in(phone, who)
    pages, dead = pages_of(phone, starts, leave_out=seen_kinds)
    found = [f"dead link: {each}" for each in dead]
    for path in pages:
        phone.go(path)
        found += troubles(phone.page, path)
    assert found == []
    assert pages or seen_kinds


@pytest.fixture(scope="module")
def seen_kinds() -> set[str]:
    """The kinds of pages looked at already, so that each is measured once over all persons."""
    return set()
