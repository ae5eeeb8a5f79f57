"""A mapping for next year's sheets is one person's proposal and another's word; it can be replaced, with a reason."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Invalid, NotAllowed
from surveys.questionnaires import queries as versions
from surveys.questionnaires.services import forms
from surveys.questionnaires.yearly_mappings import queries, services
from surveys.questionnaires.yearly_mappings.models import YearlyMapping
from surveys.questionnaires.yearly_mappings.rules import Decision
from tests.factories import Factory
from tests.surveys.questionnaires.conftest import NOW
from tests.surveys.questionnaires.corrections.conftest import RENAMED, corrected
from tests.surveys.questionnaires.rules.test_mapping import DOCUMENT

OTHERWISE: dict[str, Any] = {"questions": {"agree": None}, "added": ["consent"]}


@pytest.fixture
def two(app) -> tuple[str, str]:
    """Last year's version and this year's."""
    made = [forms.load(one, actor="test", now=NOW).version.public_id for one in (DOCUMENT, corrected())]
    return made[0], made[1]


def propose(two: tuple[str, str], by: int, mapping: Any = RENAMED, **more: Any) -> str:
    """A proposal; its id."""
    call = {"reason": "改了题号", "actor": "test", "key": None, "now": NOW, **more}
    return services.propose(*two, mapping=mapping, person_id=by, **call).public_id


def decide(proposal: str, by: int, decision: Decision = Decision.AGREED, **more: Any) -> None:
    """Somebody's word on it."""
    services.decide(proposal, decision=decision, person_id=by, **{"actor": "test", "key": None, "now": NOW, **more})


def counts(two: tuple[str, str]) -> dict[str, Any] | None:
    """What counts of the two versions."""
    session = reading()
    session.rollback()
    found = queries.agreed(session, *(versions.version_by_public_id(session, each).id for each in two))
    return found.document["questions"] if found else None


def test_it_counts_once_another_agrees_and_until_another_mapping_is_agreed_to(two, make: Factory) -> None:
    one, other = (make.person(phone=f"1380000000{n}").id for n in (2, 3))
    first = propose(two, one)
    assert counts(two) is None
    with pytest.raises(Conflict, match="mapping-waits"):
        propose(two, other, OTHERWISE)
    with pytest.raises(NotAllowed, match="same-person"):
        decide(first, one)
    with pytest.raises(NotAllowed, match="not-your-proposal"):
        decide(first, other, Decision.WITHDRAWN)
    decide(first, other)
    assert (counts(two) or {})["agree"] == "consent"
    with pytest.raises(Conflict, match="mapping-decided"):
        decide(first, other, Decision.REFUSED)
    with pytest.raises(Conflict, match="same-mapping"):
        propose(two, other)
    for decision, by in ((Decision.REFUSED, one), (Decision.WITHDRAWN, other)):
        decide(propose(two, other, OTHERWISE, reason="不是同一题"), by, decision)
        assert (counts(two) or {})["agree"] == "consent"
    decide(propose(two, other, OTHERWISE, reason="不是同一题"), one, now=NOW + timedelta(days=1))
    assert (counts(two) or {})["agree"] is None
    actions = reading().scalars(
        sa.select(AuditEntry.action).where(AuditEntry.action.like("version.mapping%")).order_by(AuditEntry.id)
    )
    assert list(actions) == [
        f"version.mapping_{word}"
        for word in ("proposed", "agreed", "proposed", "refused", "proposed", "withdrawn", "proposed", "agreed")
    ]


def test_the_same_human_under_another_name_is_not_another(two, make: Factory) -> None:
    worker, at_home = make.person("李工"), make.person("李四")  # with one phone
    proposal = propose(two, worker.id)
    with pytest.raises(NotAllowed, match="same-person"):
        decide(proposal, at_home.id)
    decide(proposal, at_home.id, Decision.WITHDRAWN)
    propose(two, worker.id)
    with pytest.raises(sa.exc.IntegrityError):
        _agree_alone()


@use_case
def _agree_alone() -> None:
    """What the database itself refuses."""
    with transaction() as session:
        row = session.scalars(sa.select(YearlyMapping).where(YearlyMapping.decision.is_(None))).one()
        row.decision, row.decided_by, row.decided_at = Decision.AGREED, row.proposed_by, NOW


def test_over_http_and_on_the_page_that_compares_two_versions(two, make: Factory) -> None:
    street = make.place("street", make.place("district", make.city()))
    people = [make.account(name) for name in ("one", "other", "stranger")]
    for account in people[:2]:
        make.grant(account, "street_officer", street)
    one, other, stranger = (make.signed_in(account) for account in people)
    base, page = "/api/v1/staff/questionnaires", f"/work/questionnaires/versions/{two[1]}/compare?with={two[0]}"
    address = f"{base}/versions/{two[1]}/mappings"
    body = {"version": two[0], "mapping": RENAMED, "reason": "改了题号"}
    assert stranger.post(address, json=body).status_code == 403
    refused = one.post(address, json={**body, "mapping": {}})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "mapping-invalid")
    made = one.post(address, json=body, key="proposal-key-1")
    assert made.status_code == 201, made.get_json()
    assert one.post(address, json=body, key="proposal-key-1").get_json() == made.get_json()
    proposal = made.get_json()["id"]
    assert "等另一个人同意" in one.get(page).get_data(as_text=True)
    assert f'data-decide="{proposal}" data-decision="withdrawn"' in one.get(page).get_data(as_text=True)
    assert "在等另一个人同意" in other.get(f"/work/questionnaires/versions/{two[1]}").get_data(as_text=True)
    seen = other.get(page).get_data(as_text=True)
    assert f'data-decide="{proposal}" data-decision="agreed"' in seen
    assert "的“" in seen
    assert one.post(f"{base}/mappings/{proposal}/decision", json={"decision": "agreed"}).status_code == 403
    done = other.post(f"{base}/mappings/{proposal}/decision", json={"decision": "agreed"})
    assert (done.status_code, done.get_json()["decision"]) == (200, "agreed")
    assert "现在用的" in one.get(page).get_data(as_text=True)
    suggested = one.get(f"{address}/proposed/{two[0]}").get_json()["mapping"]
    assert suggested["questions"]["agree"] == "consent"


def test_other_questionnaires_and_the_same_version_are_refused(two, make: Factory) -> None:
    person = make.person().id
    strange = forms.load({**corrected(), "code": "other"}, actor="test", now=clock.now()).version.public_id
    with pytest.raises(Invalid, match="another-questionnaire"):
        propose((two[0], strange), person)
    with pytest.raises(Conflict, match="same-version"):
        propose((two[0], two[0]), person)
