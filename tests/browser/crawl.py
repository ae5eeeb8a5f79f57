"""Walks the product as a visitor would, link by link, and names each kind of page once."""

import re
from collections import deque
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Page

from tests.support.browser import Phone

MOST_PAGES = 60
A_FAMILY = 2
"""How many deep pages that differ in their last word only are kept: the tenth list of records looks like the first."""


def kind_of(path: str) -> str:
    """A path with its names blanked: ``/d/Xy…22…`` and ``/d/Ab…22…`` are one kind, ``/work/street-desk`` is its own."""
    parts = urlsplit(path)
    found = parts.path.split("/")
    names = [
        part
        if before == "work" and re.fullmatch(r"[a-z]+(-[a-z]+)*", part)
        else re.sub(r"^(?=.*[0-9A-Z_-])[\w-]{10,}$|^.*[\u4e00-\u9fff].*$|^\d+$", "*", part)
        for before, part in zip(["", *found], found, strict=False)
    ]
    return "/".join(names) + ("?" + "&".join(sorted(re.findall(r"(\w+)=", parts.query))) if parts.query else "")


def sign_in(phone: Phone, openid: str) -> None:
    """Sign in as a person of the demo city, over the sandbox's authorise page."""
    page = phone.go("/signin?next=/")
    page.click(f"button[value={openid}]")
    page.wait_for_url(f"{phone.base_url}/")


def links_of(page: Page, base: str) -> list[str]:
    """The paths of our own that the page links to, in order; files and sign-in left out."""
    found: list[str] = page.eval_on_selector_all("a[href]", "(all) => all.map((a) => a.getAttribute('href'))")
    out = []
    for href in found:
        parts = urlsplit(urljoin(page.url, href))
        if f"{parts.scheme}://{parts.netloc}" != base or parts.path.startswith(("/signin", "/assets", "/api")):
            continue
        if re.search(r"\.(pdf|xlsx|csv|json|svg)$", parts.path):
            continue
        out.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return out


def pages_of(phone: Phone, starts: Sequence[str], leave_out: set[str] | None = None) -> tuple[list[str], list[str]]:
    """(pages, dead links): the paths a person can reach from ``starts``, one of each kind, breadth first.

    Kinds in ``leave_out`` are walked through but not given again; the new ones are added to it.
    """
    waiting = deque(starts)
    kinds: set[str] = set()
    families: dict[str, int] = {}
    found: list[str] = []
    dead: list[str] = []
    while waiting and len(kinds) < MOST_PAGES:
        path = waiting.popleft()
        kind = kind_of(path)
        family = kind.partition("?")[0].rpartition("/")[0] if kind.count("/") >= 4 else kind
        if kind in kinds or families.get(family, 0) >= A_FAMILY:
            continue
        kinds.add(kind)
        families[family] = families.get(family, 0) + 1
        answer = phone.page.goto(path)
        assert answer is not None, path
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        if not answer.ok:
            dead.append(f"{path} answers {answer.status}")
            continue
        if leave_out is None or kind not in leave_out:
            found.append(path)
        waiting.extend(links_of(phone.page, phone.base_url))
    if leave_out is not None:
        leave_out |= kinds
    return found, dead
