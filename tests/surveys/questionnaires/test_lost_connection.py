"""The database goes away while a sheet is handed in: sent again with the same key it is there once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from kernel.audit.models import AuditEntry
from kernel.database import end_reading, reading
from kernel.errors import Unavailable
from surveys.questionnaires import queries
from surveys.questionnaires.models import Response, ValidResponse
from surveys.questionnaires.services import counting, responses
from tests.surveys.questionnaires.conftest import NOW, Survey

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)

Ends = Callable[[Any], None]


@pytest.fixture
def writes(app) -> sa.Engine:
    """The engine that writes."""
    engine: sa.Engine = app.extensions["gongjian.databases"].of_current_city().engine
    return engine


@pytest.fixture
def ends(writes: sa.Engine) -> Iterator[Ends]:
    """Ends the server's process behind a connection, as a restart does; it is gone when the call comes back."""
    other = sa.create_engine(writes.url, poolclass=sa.NullPool)

    def end(connection: Any) -> None:
        with other.connect() as link:
            link.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": connection.info.backend_pid})

    yield end
    other.dispose()


@contextmanager
def statements(engine: sa.Engine, each: Callable[[int, Any], None]) -> Iterator[list[int]]:
    """Tell ``each`` of every statement of this engine before it is sent: its number and the driver's connection."""
    count = [0]

    def before(link: Any, *_: Any) -> None:
        count[0] += 1
        each(count[0], link.connection.dbapi_connection)

    sa.event.listen(engine, "before_cursor_execute", before)
    try:
        yield count
    finally:
        sa.event.remove(engine, "before_cursor_execute", before)


def sheets(survey: Survey, number: int) -> tuple[int, int, int]:
    """(responses, valid ones, audit entries of a submission) of a dwelling."""
    end_reading()
    home = survey.dwellings[number].id
    mine = sa.select(Response.public_id).where(Response.dwelling_id == home)
    subjects = ["response:" + each for each in reading().scalars(mine)]
    count = sa.select(sa.func.count())
    return (
        len(subjects),
        reading().scalar(count.select_from(ValidResponse).where(ValidResponse.dwelling_id == home)) or 0,
        reading().scalar(count.select_from(AuditEntry).where(AuditEntry.subject.in_(subjects))) or 0,
    )


def test_whenever_the_connection_is_lost_the_sheet_is_there_once_and_the_receipt_is_one(
    survey: Survey, writes: sa.Engine, ends: Ends
) -> None:
    home, account = survey.dwellings[0], survey.owner(survey.dwellings[0])
    answers = survey.answers(account, home)
    with statements(writes, lambda *_: None) as count:
        survey.submit(account, home, answers=answers)
    for number, deadly in enumerate((1, count[0] // 3, 2 * count[0] // 3, count[0]), start=1):
        home, account = survey.dwellings[number], survey.owner(survey.dwellings[number])
        call = {"answers": survey.answers(account, home), "key": survey.key(account, f"before-{deadly}")}
        with statements(writes, lambda at, link, deadly=deadly: ends(link) if at == deadly else None):
            receipt = survey.submit(account, home, **call)  # the use case begins anew by itself
        assert survey.submit(account, home, **call) == receipt
        assert sheets(survey, number) == (1, 1, 1)
    counting.drain_tally(now=NOW)
    assert counting.differences(queries.campaign_by_public_id(reading(), survey.campaign).id) == {}


@pytest.mark.parametrize("stored", [True, False])
def test_when_nobody_heard_whether_it_was_stored_the_next_tap_finds_out(
    survey: Survey, ends: Ends, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    home, account = survey.dwellings[0], survey.owner(survey.dwellings[0])
    call = {"answers": survey.answers(account, home), "key": survey.key(account, "the-same-tap")}
    commit = psycopg.Connection.commit

    def unheard(connection: Any) -> None:
        if not stored:
            ends(connection)
        commit(connection)  # to a server that is gone it fails by itself
        ends(connection)
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "commit", unheard)
        with pytest.raises(Unavailable):
            survey.submit(account, home, **call)
    assert sheets(survey, 0)[0] == (1 if stored else 0)
    receipt = survey.submit(account, home, **call)
    assert isinstance(receipt, responses.Receipt)
    assert sheets(survey, 0) == (1, 1, 1)
    assert survey.submit(account, home, **call) == receipt
