"""The ids of everything in the demo city, for every argument a route takes, and bodies that get past the schemas."""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from kernel.database import reading

IDS = {
    # argument: "table", or "table.column", of what it may name; several where routes mean different things by it
    "account": "bank_account",
    "alarm": "payment_alarm",
    "attachment": "attachment",
    "batch": "conversion_batch refund_batch",
    "body_id": "body",
    "box": "cash_box",
    "budget": "budget",
    "budget_id": "budget",
    "bylaws_id": "bylaws",
    "call": "nomination_call",
    "campaign": "campaign",
    "candidate": "candidate",
    "cause": "nominee recall_petition",
    "claim_id": "claim",
    "cluster": "cluster vote_cluster",
    "conflict": "ballot_conflict",
    "day": "reconciled_day",
    "day_id": "reconciled_day",
    "delegate": "delegate",
    "delivery": "notice_delivery",
    "deposit": "deposit",
    "deposit_id": "deposit",
    "difference": "bill_difference",
    "dwelling": "dwelling",
    "dwelling_id": "dwelling",
    "file": "evidence_file",
    "item": "body_handover",
    "line": "roll_line bank_line",
    "motion": "motion",
    "nominee": "nominee",
    "notice_id": "notice",
    "objection": "result_objection roll_objection",
    "other": "questionnaire_version",
    "paper": "survey_paper",
    "petition": "recall_petition",
    "proxy": "written_proxy",
    "question": "rollover_question",
    "receipt_no": "ballot.receipt_no",
    "request": "deposit_refund spending",
    "response": "response",
    "rule": "local_rule",
    "serial": "ballot_paper.serial",
    "sheet": "signature_sheet",
    "taken": "taking",
    "taking_id": "taking",
    "tie_id": "tie",
    "version": "questionnaire_version",
    "visit_id": "home_visit",
    "visitor": "second_visitor",
    "vote": "vote",
}
NOTHING_THERE = (
    "base",
    "draft",
    "entry",
    "export_id",
    "language",
    "mapping",
    "password",
    "representative",
    "report",
    "reversal",
    "session_id",
    "settlement",
    "void",
)
"""Arguments whose things the demo has none of: a stranger is tried with an id that names nothing."""
WORDS = {"kind": ["nominee"], "number": ["1"]}
NOBODYS = "7Zzzzzzzzzzzzzzzzzzzzz"
MOST_ADDRESSES = 3
"""Of one route, with different things."""


def of_demo(estate: str) -> dict[str, list[str]]:
    """Argument -> what it may be in the demo city; ``estate``: the code of the one everything stands in."""
    session = reading()
    place, of_estate = session.execute(
        sa.text("SELECT id, public_id FROM place WHERE code = :code"), {"code": estate}
    ).one()
    found: dict[str, list[str]] = {name: [NOBODYS] for name in NOTHING_THERE} | WORDS
    for argument, tables in IDS.items():
        found[argument] = []
        for table, _, column in (each.partition(".") for each in tables.split()):
            where = f"WHERE estate_id = {place}" if table == "dwelling" else ""
            query = sa.text(f"SELECT {column or 'public_id'} FROM {table} {where} ORDER BY id LIMIT 2")
            found[argument] += [str(each) for each in session.scalars(query)]
    buildings = session.scalars(
        sa.text("SELECT public_id FROM place WHERE parent_id = :of ORDER BY id LIMIT 1"), {"of": place}
    )
    found["building"] = found["building_id"] = list(buildings)
    found["estate"] = found["estate_id"] = [of_estate, estate]
    found["code"] = [estate, *session.scalars(sa.text("SELECT code FROM door_code ORDER BY dwelling_id LIMIT 1"))]
    return found


def addresses(rule: Rule, ids: Mapping[str, list[str]]) -> list[str]:
    """A route's addresses with things of the demo city."""
    names = sorted(rule.arguments)
    found = []
    for values in itertools.islice(itertools.product(*(ids[name] for name in names)), MOST_ADDRESSES):
        address = rule.rule
        for name, value in zip(names, values, strict=True):
            address = re.sub(rf"<(?:\w+:)?{name}>", value, address)
        found.append(address)
    return found


class Bodies:
    """The smallest body each call of the API takes, made of its description."""

    def __init__(self, app: Flask) -> None:
        document = app.test_client().get("/api/v1/openapi.json").get_json()
        self._paths, self._schemas = document["paths"], document["components"]["schemas"]

    def of(self, rule: Rule, method: str) -> Any:
        """A body in the right shape; an empty one for a file."""
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        content = self._paths[path][method.lower()].get("requestBody", {}).get("content", {})
        return self._made(content["application/json"]["schema"]) if "application/json" in content else {}

    def _made(self, schema: dict[str, Any], depth: int = 0) -> Any:
        if "$ref" in schema:
            return self._made(self._schemas[schema["$ref"].rsplit("/", 1)[1]], depth + 1)
        for each in ("allOf", "oneOf", "anyOf"):
            if each in schema:
                return self._made(schema[each][0], depth + 1)
        if "enum" in schema:
            return next(one for one in schema["enum"] if one is not None)
        kinds = schema.get("type", "object")
        kind = next(one for one in ([kinds] if isinstance(kinds, str) else kinds) if one != "null")
        if kind == "object":
            fields = schema.get("properties", {})
            return {name: self._made(fields[name], depth + 1) for name in schema.get("required", [])}
        if kind == "array":
            return [self._made(schema["items"], depth + 1)] if depth < 6 else []
        if kind == "string":
            return _text(schema)
        return True if kind == "boolean" else max(1, schema.get("minimum", 1))


def _text(schema: dict[str, Any]) -> str:
    if schema.get("format") == "date":
        return "2026-12-20"
    if schema.get("format") == "date-time":
        return "2026-12-20T10:00:00+08:00"
    if "pattern" in schema:
        usual = ("2026", "123456", "13812345678", "0" * 64, "1/2", "A1", NOBODYS)
        return next((each for each in usual if re.search(schema["pattern"], each)), "")
    return "测" * max(2, schema.get("minLength", 2))


def guarded(app: Flask) -> Iterator[tuple[Rule, str]]:
    """(route, method) of everything behind a guard that takes an argument."""
    for rule in app.url_map.iter_rules():
        blueprint: Any = app.blueprints.get(rule.endpoint.rpartition(".")[0])
        guard = getattr(blueprint, "guard", None)
        if rule.arguments and guard is not None and guard.name != "open_to_all" and not guard.own_check:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method
