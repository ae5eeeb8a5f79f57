"""Input of any shape is answered with 2xx, 3xx or 4xx, never with 5xx (PROMISES P15): every operation of the API."""

import contextlib
import io
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from kernel.database import reading
from kernel.people.models import Account
from kernel.places.models import Place
from kernel.places.queries import place_by_id
from tests.factories import Factory, Visitor
from tests.functional.test_rights import things  # noqa: F401  (a fixture)

ROLES = {
    "city": ("city_officer", "auditor", "administrator"),
    "street": ("street_officer",),
    "community": ("community_worker", "cashier"),
    "estate": ("group_leader",),
}
USUAL, COMPLETE = 3, 60
ONE_IN = 8
"""Of so many operations a usual run tries one, always the same: making up input costs more than answering it."""


@pytest.fixture
def everybody(make: Factory, things: Mapping[str, str]) -> Visitor:  # noqa: F811
    """Somebody with every role at the household's place: behind the guards is where input does harm."""
    account = make.account()
    place: Place | None = reading().query(Place).filter_by(public_id=things["estate_id"]).one()
    while place is not None:
        for role in ROLES.get(place.kind, ()):
            make.grant(account, role, place)
        place = place_by_id(reading(), place.parent_id) if place.parent_id else None
    return make.signed_in(reading().get_one(Account, account.id))


def _address(case: Case, things: Mapping[str, str]) -> str:  # noqa: F811
    """The operation's address, with a thing that is there for as many arguments as there are things for."""
    found = case.operation.path
    for name, value in (case.path_parameters or {}).items():
        found = found.replace(f"{{{name}}}", things.get(name) or str(value).replace("/", "-") or "-")
    return found


def _operations(app: Flask) -> Iterator[Any]:
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    for each in schemathesis.openapi.from_dict(document).get_all_operations():
        yield each.ok()


def test_whatever_is_sent_to_the_api_is_answered_or_refused(
    app: Flask,
    everybody: Visitor,
    things: dict[str, str],  # noqa: F811
    completely: bool,
) -> None:
    app.testing = False  # an error is answered, as in life, not raised
    broken: dict[str, Any] = {}
    tried = 0

    def send(case: Case) -> None:
        nonlocal tried
        tried += 1
        body = {} if case.method == "GET" else {"json": _plain(case.body)}
        answer = everybody.open(_address(case, things), method=case.method, query_string=_plain(case.query), **body)
        if answer.status_code >= 500:
            broken[f"{case.method} {case.operation.path}"] = answer.status_code, case.body, case.query

    how = settings(
        max_examples=COMPLETE if completely else USUAL,
        derandomize=not completely,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for operation in _operations(app):
        if not completely and zlib.crc32(operation.label.encode()) % ONE_IN:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with contextlib.suppress(Unsatisfiable):  # nothing can be wrong where nothing is asked
                how(given(case=operation.as_strategy(generation_mode=mode))(send))()
    assert broken == {}
    assert tried > 100


def _plain(value: Any) -> Any:
    """What JSON can carry of a generated value; nothing for what the generator left out."""
    return value if isinstance(value, dict | list | str | int | float) else None


BYTES = st.tuples(
    st.sampled_from(
        [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"<a>"]
    ),
    st.binary(max_size=200),
).map(b"".join)
NAMES = st.sampled_from(["a.xlsx", "a.xls", "a.csv", "a.png", "../../a", "图.jpg", "a\x00.png", "x" * 300])


def test_files_and_letters_of_any_bytes_are_refused_in_peace(
    app: Flask,
    everybody: Visitor,
    things: dict[str, str],  # noqa: F811
    completely: bool,
) -> None:
    app.testing = False
    forms = {
        "/api/v1/evidence": {"purpose": "delivery", "place": things["code"]},
        f"/api/v1/campaigns/{things['campaign']}/attachments": {
            "dwelling": things["dwelling"],
            "channel": "worker_visit",
            "purpose": "photo",
        },
        "/api/v1/staff/questionnaires/imports": {},
        "/api/v1/budget-files": {},
        "/api/v1/bank-statements": {"tail": "0000"},
        "/openrosa/submission": {},
    }

    @settings(
        max_examples=300 if completely else 15,
        derandomize=not completely,
        database=None,
        deadline=None,
        phases=[Phase.generate],
    )
    @given(data=BYTES, name=NAMES, kind=st.sampled_from(["application/json", "text/xml", "multipart/form-data", ""]))
    def send(data: bytes, name: str, kind: str) -> None:
        for address, form in forms.items():
            answer = everybody.post(address, data={**form, "file": (io.BytesIO(data), name)})
            assert answer.status_code < 500, (address, answer.text)
            assert everybody.post(address, data=data, content_type=kind).status_code < 500, address
        assert everybody.post("/payments/wechat/notices", data=data, content_type=kind).status_code in range(400, 500)

    send()
