"""Staff find their way to the money from the first page; nobody else is shown one."""

from flask import Flask

from tests.factories import Factory
from tests.payments.reconciliation.conftest import Desk


def test_the_first_page_leads_staff_to_their_books_and_residents_to_none(app: Flask, make: Factory, desk: Desk) -> None:
    shown = {}
    for name, role in (("street", "street_officer"), ("auditor", "auditor"), ("worker", "community_worker")):
        account = make.account(name)
        if role != "community_worker":
            make.grant(account, role, desk.street())
        shown[name] = make.signed_in(make.account(name)).get("/").text
    for path in ("/work/reconciliation", "/work/statements"):
        assert (path in shown["street"], path in shown["auditor"], path in shown["worker"]) == (True, False, False)
    assert "/audit/reconciliation" in shown["auditor"]
    assert "/audit/reconciliation" not in shown["worker"]
