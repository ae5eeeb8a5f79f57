"""Amounts that are none, at every entry point that takes one: the API as its own description lists it, the terminal."""

import re
from collections.abc import Iterator
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


Place = tuple[str, ...]
"""Where in a body an amount stands: names of fields, ``[]`` for what a list holds."""


def _amounts(described: dict[str, Any]) -> list[tuple[str, str, Place, dict[str, Any]]]:
    """(method, path, place, what is said of it) of every amount a request of money takes, at whatever depth of its body
    or (place ``?``) in its address.
    """
    found = []
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            if not isinstance(told, dict):
                continue  # what all methods of a path share
            for one in told.get("parameters", ()):
                if one.get("in") == "query" and one["name"].endswith("_fen"):
                    found.append((method, path, ("?", one["name"]), one["schema"]))
            body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            if body is not None:
                found += [(method, path, place, said) for place, said in _within(body, described)]
    return found


def _within(told: dict[str, Any], described: dict[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    schema = _schema(told, described)
    if schema.get("type") == "array":
        yield from ((("[]", *place), said) for place, said in _within(schema["items"], described))
    for field, said in schema.get("properties", {}).items():
        if field.endswith("_fen"):
            yield (field,), said
        else:
            yield from (((field, *place), found) for place, found in _within(said, described))


def _body(place: Place, bad: object) -> Any:
    """The smallest body in which the amount stands at its place."""
    if not place:
        return bad
    inner = _body(place[1:], bad)
    return [inner] if place[0] == "[]" else {place[0]: inner}


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
    assert len({(path, place) for _, path, place, _ in amounts}) >= 15, "the description lists them"
    assert any("[]" in place for _, _, place, _ in amounts)
    assert any("?" in place for _, _, place, _ in amounts)
    astray = []
    for method, path, place, said in amounts:
        url = re.sub(r"\{\w+\}", "A" * 22, path)
        for word, bad in BAD.items():
            if (word == "zero" and said.get("minimum") == 0) or (bad is True and "boolean" in str(said)):
                continue
            if place[0] == "?":
                if word == "a text":
                    continue  # an address holds nothing but texts
                answer = client.open(url, method=method.upper(), query_string={place[1]: str(bad)})
            else:
                answer = client.open(url, method=method.upper(), json=_body(place, bad))
            told = [words for name, words in answer.json.get("fields", {}).items() if place[-1] in name]
            if answer.status_code != 422 or not told:
                astray.append((method, path, place, word, answer.status_code, answer.text[:160]))
            elif not re.search(r"[\u4e00-\u9fff]", str(told)):
                astray.append((method, path, place, word, "not in words", told))
    assert astray == []
    assert desk.balances() == {}
    assert desk.books_hold()


@pytest.mark.parametrize("text", ["-5", "0.001", "1e30", "９" * 40, "五百", "", "1,2,3,4", "NaN"])
def test_the_terminal_and_files_take_no_such_text_either(text: str) -> None:
    with pytest.raises(Invalid):
        fen_from_text(text)
