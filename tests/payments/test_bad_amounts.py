"""Amounts that are none, at every entry point that takes one: the API as its own description lists it, the terminal."""

import re
from typing import Any

import pytest
from flask import Flask

from kernel.database import reading
from kernel.errors import Invalid
from kernel.money import fen_from_text
from kernel.places.queries import ancestors
from tests.factories import Factory
from tests.payments.refunds.conftest import Desk

BAD: dict[str, Any] = {
    "zero": 0,
    "minus": -50_000,
    "tenth of a fen": 0.001,
    "half a fen": 500.5,
    "10^30": 10**30,
    "a text": "500",
    "yes": True,
    "not a number": float("nan"),
}
ROLES = ("street_officer", "cashier")


def _schema(told: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    name = told.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = described["components"]["schemas"][name] if name else told
    return found


def _amounts(described: dict[str, Any]) -> list[tuple[str, str, str, dict[str, Any]]]:
    """(method, path, field, what is said of it) of every amount a request body of money takes at its top."""
    found = []
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            if not isinstance(told, dict):
                continue  # what all methods of a path share
            body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            if body is None:
                continue
            for field, said in _schema(body, described).get("properties", {}).items():
                if field.endswith("_fen"):
                    found.append((method, path, field, said))
    return found


def test_no_entry_point_takes_an_amount_that_is_none(app: Flask, make: Factory) -> None:
    desk = Desk(make)
    session = reading()
    street = next(place for place in ancestors(session, desk.estate) if place.kind == "street")
    session.close()
    for role in ROLES:
        make.grant(make.account("everybody"), role, street)
    make.grant(make.account("everybody"), "group_leader", desk.estate)
    client = make.signed_in(make.account("everybody"))
    amounts = _amounts(client.get("/api/v1/openapi.json").json)
    assert len({(path, field) for _, path, field, _ in amounts}) >= 12, "the description lists them"
    astray = []
    for method, path, field, said in amounts:
        url = re.sub(r"\{\w+\}", "A" * 22, path)
        for word, bad in BAD.items():
            if word == "zero" and said.get("minimum") == 0:
                continue
            if bad is True and "boolean" in str(said):
                continue
            answer = client.open(url, method=method.upper(), json={field: bad})
            if answer.status_code != 422 or field not in answer.json.get("fields", {}):
                astray.append((method, path, field, word, answer.status_code, answer.text[:120]))
            elif not re.search(r"[\u4e00-\u9fff]", "".join(map(str, answer.json["fields"][field]))):
                astray.append((method, path, field, word, "not in words", answer.json["fields"][field]))
    assert astray == []
    assert desk.balances() == {}
    assert desk.books_hold()


@pytest.mark.parametrize("text", ["-5", "0.001", "1e30", "９" * 40, "五百", "", "1,2,3,4", "NaN"])
def test_the_terminal_and_files_take_no_such_text_either(text: str) -> None:
    with pytest.raises(Invalid):
        fen_from_text(text)
