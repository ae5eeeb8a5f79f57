"""What a hand does on a questionnaire's page, what it taps at each question, and what must be stored of it."""

from typing import Any

from playwright.sync_api import Page

from kernel.database import reading
from surveys.questionnaires import queries
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import Survey


def at(page: Page, code: str) -> Any:
    """The card of a question."""
    return page.locator(f".q:has([name='{code}']), .q:has([name^='{code}.'])").first


def pick(page: Page, code: str, *values: str) -> None:
    """Tap options."""
    for value in values:
        page.locator(f"label:has(input[name='{code}'][value='{value}'])").click()


def type_in(page: Page, name: str, text: str) -> None:
    """Type into a field."""
    page.locator(f"[name='{name}']").fill(text)


def sign(page: Page, number: int = 0) -> None:
    """Draw a name with the finger."""
    pad = page.locator("canvas.sign-pad:visible").nth(number)
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for x, y in ((120, 150), (180, 50), (240, 140), (300, 60)):
        page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
    page.mouse.up()


def forward(page: Page) -> None:
    """Tap 下一题 (or what stands in its place)."""
    page.locator("[data-next]").click()


def number_at(page: Page) -> str:
    """The printed number of the question on the screen."""
    return page.locator(".q .no").first.inner_text()


# What a resident taps on each screen, by the printed number. None: read and go on.
ANSWER: dict[str, Any] = {
    "1": None,
    "2": lambda page: pick(page, "q02", "owner"),
    "3": lambda page: pick(page, "q03", "reformed"),
    "4": lambda page: type_in(page, "q04", "86.5"),
    "5": lambda page: (type_in(page, "q05.floor", "5"), type_in(page, "q05.total", "7")),
    "6": lambda page: pick(page, "q06", "own"),
    "7": lambda page: [
        type_in(page, f"q07.{row}", n)
        for row, n in (("total", "4"), ("over_60", "2"), ("over_80", "1"), ("preschool", "0"), ("limited", "1"))
    ],
    "8": lambda page: [
        type_in(page, f"q08.{row}", n) for row, n in (("cars", "1"), ("new_energy", "0"), ("e_bikes", "2"))
    ],
    "9": lambda page: pick(page, "q09", "agree"),
    "11": lambda page: [pick(page, f"q11.{row}", str(score)) for row, score in FULL["q11"].items()],
    "12": lambda page: pick(page, "q12", *FULL["q12"]),
    "13": lambda page: pick(page, "q13", *FULL["q13"]),
    "14": lambda page: pick(page, "q14", *FULL["q14"]),
    "15": lambda page: pick(page, "q15", *FULL["q15"]),
    "16": lambda page: pick(page, "q16", "agree_and_pay"),
    "17": lambda page: pick(page, "q17", "use_space"),
    "18": lambda page: pick(page, "q18", "clear_myself"),
    "19": lambda page: pick(page, "q19", "appointment"),
    "20": None,
    "21": lambda page: pick(page, "q21", "group"),
    "22": lambda page: pick(page, "q22", "either"),
    "23": lambda page: pick(page, "q23", "to_0_5"),
    "24": lambda page: pick(page, "q24", "agree"),
    "25": lambda page: pick(page, "q25", "volunteer"),
    "26": lambda page: pick(page, "q26", "yes"),
    "27": lambda page: (pick(page, "q27", "more"), type_in(page, "q27.more", "800")),
    "28": lambda page: pick(page, "q28", "to_3000"),
    "29": lambda page: pick(page, "q29", *FULL["q29"]),
    "30": lambda page: pick(page, "q30", "area"),
    "31": lambda page: pick(page, "q31", *FULL["q31"]),
    "32": lambda page: pick(page, "q32", *FULL["q32"]),
    "33": lambda page: pick(page, "q33", "no"),
    "35": lambda page: type_in(page, "q35", FULL["q35"]),
    "36": lambda page: (type_in(page, "q36", "陈秀英"), type_in(page, "q36_phone", "138 1234 1234")),
    "37": lambda page: [pick(page, f"q37.{item}", str(yes).lower()) for item, yes in FULL["q37"].items()],
    "38": sign,
}


def stored(survey: Survey, number: int = 0) -> Any:
    """The response of a dwelling, read anew."""
    session = reading()
    session.rollback()
    campaign = queries.campaign_by_public_id(session, survey.campaign)
    return queries.valid_response(session, campaign.id, survey.dwellings[number].id)


def expected() -> dict[str, Any]:
    """What the taps above must store."""
    answers = {**FULL, "q27": "more", "q27.more": 800}
    for private in ("q36", "q36_phone"):
        del answers[private]
    return answers
