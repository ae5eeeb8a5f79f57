"""Staff's API: import a statement, say what a line is, agree or send it back."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

from kernel import clock
from kernel.web import Api, acting, idempotency_key, identity, require_grant
from kernel.web.rate_limits import limiter
from payments.rules.bank_line import LineDecision
from payments.statements.schemas import (
    BankLineOut,
    BankLineProposal,
    StatementFile,
    StatementForm,
    StatementImported,
)
from payments.statements.services import deciding, importing
from payments.statements.services.effects import Part, Told
from payments.two_people_schemas import Agreement, AgreementAsSeen, WhySaid

blp = Api(
    "statements_staff",
    __name__,
    guard=require_grant(deciding.MANAGE),
    url_prefix="/api/v1",
    description="Bank statements (银行流水) of the collecting accounts.",
)


@blp.route("/bank-statements", methods=["POST"])
@limiter.limit("120 per hour")
@blp.arguments(StatementForm, location="form")
@blp.arguments(StatementFile, location="files")
@blp.response(201, StatementImported)
def import_statement(form: dict[str, Any], files: dict[str, Any]) -> importing.Imported:
    """Import a statement's file as the bank exports it (CSV, xlsx, xls, a page called .xls). The same file again, or
    one that overlaps, adds only what is new.
    """
    who, data = identity(), files["file"].read()
    # A form's boundary differs each time it is sent; the file's own hash is what makes the repeat harmless.
    key = replace(idempotency_key(), request_hash=sha256(form["tail"].encode() + b"\0" + data).hexdigest())
    return importing.import_by(
        data, tail=form["tail"], person_id=who.person_id, actor=who.actor, now=clock.now(), key=key
    )


@blp.route("/bank-lines/<string:line>/proposal", methods=["POST"])
@blp.arguments(BankLineProposal)
@blp.response(200, BankLineOut)
def propose(body: dict[str, Any], line: str) -> dict[str, str]:
    """Say what a line is."""
    made = deciding.propose(
        line,
        decision=LineDecision(body["decision"]),
        why=body["why"],
        told=Told(
            [Part(part["home"], part["amount_fen"]) for part in body["parts"]],
            body["banking"],
            body["fee_fen"],
            body["estate"],
            body["same_as"],
        ),
        **acting(),
    )
    return {"id": made}


@blp.route("/bank-lines/<string:line>/decision", methods=["POST"])
@blp.arguments(AgreementAsSeen)
@blp.response(200, BankLineOut)
def decide(body: dict[str, Any], line: str) -> dict[str, str]:
    """Agree to what somebody else said, or send it back."""
    made = deciding.decide(line, agree=body["agree"], seen=body["seen"], **acting())
    return {"id": made}


@blp.route("/bank-lines/<string:line>/reversal-proposals", methods=["POST"])
@blp.arguments(WhySaid)
@blp.response(201, BankLineOut)
def propose_reversal(body: dict[str, Any], line: str) -> dict[str, str]:
    """Say that a line is not what it was taken for."""
    made = deciding.propose_reversal(line, why=body["why"], **acting())
    return {"id": made}


@blp.route("/line-reversals/<string:reversal>/decision", methods=["POST"])
@blp.arguments(Agreement)
@blp.response(200, BankLineOut)
def decide_reversal(body: dict[str, Any], reversal: str) -> dict[str, str]:
    """Agree that what a line did is taken back, or send that back."""
    made = deciding.decide_reversal(reversal, agree=body["agree"], **acting())
    return {"id": made}
