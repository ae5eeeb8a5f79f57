"""Every way into the product is guarded, and every change can be sent twice without happening twice."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

# Endpoints outside every blueprint that names a guard, and why that is right.
OPEN_BY_NATURE = {
    "assets": "hashed static files",
    "api-docs.openapi_json": "the description of the API itself",
}

# Unsafe calls without an Idempotency-Key, and what makes them safe to repeat.
NEEDS_NO_KEY: dict[str, str] = {
    "sessions.sign_out": "signed out twice is signed out",
    "notices.read": "read twice is read",
    "budget_drafts.read_file": "reads a workbook, keeps nothing",
    "budget_drafts.reckon": "reckons a budget, keeps nothing",
    "sessions.end_session": "an ended session cannot be ended again: 404",
    "vote_notice_opened.opened": "a notice opened twice is opened",
}


def _is_asset(endpoint: str) -> bool:
    return endpoint.split(".")[0] in {"assets", "asset", "static"} or endpoint in OPEN_BY_NATURE


def _blueprint(app: Flask, rule: Rule) -> Any:
    name, _, _ = rule.endpoint.rpartition(".")
    return app.blueprints.get(name)


def _views(app: Flask, rule: Rule) -> Iterator[tuple[str, Callable[..., Any]]]:
    """(method, the function written by hand) for each unsafe method of a route."""
    view = app.view_functions[rule.endpoint]
    for method in sorted(UNSAFE & set(rule.methods or ())):
        of_class = getattr(view, "view_class", None)
        yield method, inspect.unwrap(getattr(of_class, method.lower()) if of_class else view)


def test_every_endpoint_names_its_guard(product: Flask) -> None:
    strays = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in product.url_map.iter_rules()
        if not _is_asset(rule.endpoint) and getattr(_blueprint(product, rule), "guard", None) is None
    ]
    assert strays == []


def test_the_guard_of_a_blueprint_runs_before_its_views(product: Flask) -> None:
    for name, blueprint in product.blueprints.items():
        guard = getattr(blueprint, "guard", None)
        if guard is not None:
            assert guard.check in product.before_request_funcs.get(name, []), name


def test_pages_only_answer_get(product: Flask) -> None:
    strays = [
        rule.rule
        for rule in product.url_map.iter_rules()
        if UNSAFE & set(rule.methods or ())
        and not rule.rule.startswith("/api/v1/")
        and not getattr(getattr(_blueprint(product, rule), "guard", None), "own_check", False)
    ]
    assert strays == []


def test_every_change_asks_for_an_idempotency_key(product: Flask) -> None:
    strays = []
    for rule in product.url_map.iter_rules():
        guard = getattr(_blueprint(product, rule), "guard", None)
        if not rule.rule.startswith("/api/v1/") or getattr(guard, "own_check", False):
            continue
        for method, view in _views(product, rule):
            asks = any(word in inspect.getsource(view) for word in ("idempotency_key()", "acting()"))
            if rule.endpoint not in NEEDS_NO_KEY and not asks:
                strays.append(f"{method} {rule.rule} ({rule.endpoint})")
    assert strays == [], "ask for idempotency_key() or acting(), or say in NEEDS_NO_KEY why repeating is harmless"


def test_the_exceptions_named_here_still_exist(product: Flask) -> None:
    endpoints = {rule.endpoint for rule in product.url_map.iter_rules()}
    assert sorted(set(NEEDS_NO_KEY) - endpoints) == []


def test_the_openapi_document_describes_every_api_route_and_its_guard(product: Flask) -> None:
    document = product.test_client().get("/api/v1/openapi.json", headers={"Accept": "application/json"}).get_json()
    described = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item if method != "parameters"
    }
    missing, unguarded = [], []
    for rule in product.url_map.iter_rules():
        guard = getattr(_blueprint(product, rule), "guard", None)
        if (
            not rule.rule.startswith("/api/v1/")
            or rule.endpoint in OPEN_BY_NATURE
            or getattr(guard, "own_check", False)
        ):
            continue
        path = rule.rule.replace("<", "{").replace(">", "}")
        for converter in ("string:", "int:", "path:", "uuid:"):
            path = path.replace("{" + converter, "{")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if (method, path) not in described:
                missing.append(f"{method} {path}")
            elif "x-guard" not in document["paths"][path][method.lower()]:
                unguarded.append(f"{method} {path}")
    assert missing == []
    assert unguarded == []


def test_a_files_body_is_described_with_the_fields_sent_beside_it(product: Flask) -> None:
    document = product.test_client().get("/api/v1/openapi.json", headers={"Accept": "application/json"}).get_json()
    upload = document["paths"]["/api/v1/campaigns/{campaign}/attachments"]["post"]["requestBody"]["content"]
    body = document["components"]["schemas"][upload["multipart/form-data"]["schema"]["$ref"].rsplit("/", 1)[1]]
    assert body["required"] == ["channel", "dwelling", "file", "purpose"]
