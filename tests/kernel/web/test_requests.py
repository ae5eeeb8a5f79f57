"""Guards, problems, the sender of a write, the key of a write, and the headers of every answer."""

import marshmallow as ma
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from kernel import errors
from kernel.web import (
    Api,
    Pages,
    idempotency_key,
    identity,
    open_to_all,
    problems,
    proves_itself,
    require_grant,
    require_resident,
)
from kernel.web.blueprints import Machine
from kernel.web.guards import use_identity_loader
from kernel.web.schemas import Body, text, whole_number
from tests.factories import Factory, session_identity


class Thing(Body):
    """A body to refuse."""

    name = text(5, 1, required=True)
    amount_fen = whole_number(1, 500, required=True)


@pytest.fixture
def try_app(make_app):
    """An application with a few routes to knock at."""
    app = make_app(fresh=True)
    use_identity_loader(app, session_identity)
    app._got_first_request = False
    public = Api("try_public", __name__, guard=open_to_all, url_prefix="/api/v1/try")
    own = Api("try_own", __name__, guard=require_resident, url_prefix="/api/v1/own")
    staff = Api("try_staff", __name__, guard=require_grant("board.see"), url_prefix="/api/v1/staff")
    pages = Pages("try_pages", __name__, guard=require_resident, url_prefix="/try")
    notices = Machine("try_notices", __name__, guard=proves_itself("a signature"), url_prefix="/try-notices")

    @public.route("/raise/<name>")
    def raises(name):
        if name == "database":
            raise OperationalError("SELECT 1", {}, Exception("connection refused"))
        if name == "bug":
            raise ZeroDivisionError
        kind = getattr(errors, name)
        extra = {"retry_after_s": 7} if name == "TooMany" else {}
        raise kind("some-code", "请这样做。", **extra)

    @own.route("/things", methods=["POST"])
    @own.arguments(Thing)
    def add(body):
        return {"key": idempotency_key().token, "who": identity().actor, "name": body["name"]}

    @staff.route("/board")
    def board():
        return {"ok": True}

    @pages.route("/page")
    def page():
        return "page"

    @notices.post("/notice")
    def notice():
        return "", 204

    for blueprint in (public, own, staff, pages, notices):
        app.register_blueprint(blueprint)
    with app.app_context():
        yield app


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Invalid", 422), ("NotSignedIn", 401), ("NotAllowed", 403), ("NotFound", 404), ("Conflict", 409),
        ("Gone", 410), ("PreconditionNeeded", 428), ("TooMany", 429), ("Unavailable", 503),
    ],
)  # fmt: skip
def test_a_refusal_becomes_a_problem_with_a_code_and_what_to_do(try_app, name, status):
    answer = try_app.test_client().get(f"/api/v1/try/raise/{name}")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert (answer.json["code"], answer.json["detail"]) == ("some-code", "请这样做。")
    if name == "TooMany":
        assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize(("name", "status", "code"), [("database", 503, "database-busy"), ("bug", 500, "unexpected")])
def test_what_breaks_is_told_without_its_insides(try_app, name, status, code):
    try_app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = try_app.test_client().get(f"/api/v1/try/raise/{name}")
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert "SELECT" not in answer.text
    assert "ZeroDivision" not in answer.text


def test_a_person_gets_a_page_where_a_program_gets_json(try_app):
    answer = try_app.test_client().get("/no/such/page", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    assert answer.mimetype == "text/html"


def test_a_page_for_residents_sends_a_stranger_to_sign_in_and_back(try_app):
    answer = try_app.test_client().get("/try/page?a=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/signin?next=/try/page%3Fa%3D1"


def test_a_stranger_is_401_and_a_resident_without_the_role_403(try_app, make_in):
    assert try_app.test_client().get("/api/v1/staff/board").status_code == 401
    client = make_in.signed_in(make_in.account())
    assert client.get("/api/v1/staff/board").status_code == 403


@pytest.fixture
def make_in(try_app):
    """Factories within that application."""
    return Factory()


GOOD = {"name": "甲", "amount_fen": 5}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"X-Requested-By": ""}, 403),
    ],
)
def test_a_write_must_come_from_our_own_pages(make_in, headers, status):
    client = make_in.signed_in(make_in.account())
    assert client.post("/api/v1/own/things", json=GOOD, headers=headers).status_code == status


def test_a_form_cannot_write(make_in):
    client = make_in.signed_in(make_in.account())
    assert client.post("/api/v1/own/things", data=GOOD).status_code == 422


def test_a_machine_that_proves_itself_is_not_asked_for_our_headers(try_app):
    assert try_app.test_client().post("/try-notices/notice", data=b"<xml/>").status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "甲"}, "amount_fen"),
        ({**GOOD, "role": "administrator"}, "role"),
        ({**GOOD, "amount_fen": 1.0}, "amount_fen"),
        ({**GOOD, "amount_fen": True}, "amount_fen"),
        ({**GOOD, "amount_fen": 10**30}, "amount_fen"),
        ({**GOOD, "name": ""}, "name"),
        ({**GOOD, "name": "一二三四五六"}, "name"),
        ([], "_schema"),
    ],
)
def test_a_body_of_another_shape_is_refused_field_by_field_in_chinese(make_in, body, field):
    client = make_in.signed_in(make_in.account())
    answer = client.post("/api/v1/own/things", json=body)
    assert answer.status_code == 422
    assert any("一" <= char <= "鿿" for char in answer.json["fields"][field][0])


def test_a_write_without_a_key_says_what_is_missing(make_in):
    client = make_in.signed_in(make_in.account())
    answer = client.post("/api/v1/own/things", json=GOOD, headers={"Idempotency-Key": ""})
    assert (answer.status_code, answer.json["code"]) == (428, "idempotency-key-missing")
    answer = client.post("/api/v1/own/things", json=GOOD, headers={"Idempotency-Key": "short"})
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-malformed")


def test_every_answer_carries_the_headers_that_keep_strangers_code_out(client):
    for path in ("/health", "/no-such-page", "/api/v1/no-such"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Cache-Control" in headers


def test_a_body_above_the_cap_is_refused(make_in):
    client = make_in.signed_in(make_in.account())
    answer = client.post("/api/v1/own/things", data=b" " * (1 << 21), content_type="application/json")
    assert answer.status_code == 413


def test_a_page_that_wants_to_answer_post_cannot_be_declared():
    with pytest.raises(ValueError, match="pages answer GET only"):
        Pages("x", __name__, guard=open_to_all).route("/x", methods=["POST"])


def test_unknown_fields_are_refused_by_every_body():
    assert Body.Meta.unknown == ma.RAISE


def test_a_refusal_said_in_many_places_keeps_nothing_of_those_who_heard_it() -> None:
    app, shared = Flask(__name__), errors.NotAllowed("same-person", "请由另一位工作人员来做。")

    @app.get("/api/refused")
    def refused() -> str:
        try:
            raise KeyError("何人何事")
        except KeyError as error:
            raise shared from error

    problems.install(app)
    for _ in range(3):
        assert app.test_client().get("/api/refused").status_code == 403
    assert (shared.__traceback__, shared.__context__, shared.__cause__) == (None, None, None)


def test_a_number_no_database_can_hold_and_a_host_no_host_can_have_are_no_page(client) -> None:
    for address in (
        f"/books/estate/{10**40}",
        f"/books/estate/{2**31}.txt",
        f"/api/v1/questionnaire-versions/v/sections/{2**63}",
    ):
        assert client.get(address).status_code == 404, address
    for host in ("evil.example@localhost", "a b", "localhost/..", "localhost:99999"):
        answer = client.get("/signin?next=/me", headers={"Host": host})
        assert (answer.status_code, answer.headers.get("Location")) == (404, None), host
