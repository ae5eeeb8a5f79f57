"""What the database module promises, on both databases."""

import contextlib
import logging
import threading

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from kernel import clock, database
from kernel.database import core, reading, transaction, translating, use_case, violated
from kernel.errors import Conflict, Unavailable
from kernel.logging import redact
from kernel.people.models import Account
from kernel.people.services import make_sure_account
from kernel.places.models import Place


def test_what_one_transaction_writes_the_next_reading_sees(make):
    city = make.city()
    assert reading().scalar(sa.select(Place.name).where(Place.id == city.id)) == "韶关市"


def test_a_failed_transaction_leaves_nothing(app, make):
    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.add(Place(kind="city", code="x", name="x", path="/x/", facts={}))
        session.flush()
        1 / 0  # noqa: B018
    assert reading().scalar(sa.select(sa.func.count()).select_from(Place)) == 0


def test_a_refusal_that_is_swallowed_does_not_pass_for_a_commit(app):
    """The transaction is the connection's: the session's rollback must not leave a COMMIT of nothing to succeed."""
    place = {"kind": "city", "code": "x", "name": "x", "path": "/x/", "facts": {}}
    with pytest.raises(exc.InvalidRequestError), transaction() as session:
        session.add(Place(**place))
        session.flush()
        session.add(Place(**place))
        with contextlib.suppress(exc.IntegrityError):
            session.flush()
    assert reading().scalar(sa.select(sa.func.count()).select_from(Place)) == 0


def test_plain_statements_never_wake_the_session(make):
    place = sa.insert(Place.__table__).values(kind="city", code="x", name="x", path="/x/", facts={})
    with transaction() as session:
        core(session).execute(place)
        assert not session.in_transaction()
    looking = reading()
    assert core(looking).scalar(sa.select(Place.code)) == "x"
    assert not looking.in_transaction()
    assert looking.scalar(sa.select(Place.code)) == "x"  # and the session sees the same snapshot


def test_the_reading_session_refuses_to_write(app):
    with pytest.raises(exc.DBAPIError):
        reading().execute(sa.insert(Account).values(public_id="p", openid="o", created_at=clock.now()))
    reading().rollback()


def test_a_reading_ends_without_forgetting_the_prepared_statements(app, make):
    city = make.city()
    if reading().get_bind().dialect.name == "postgresql":
        held = []
        for _ in range(3):
            reading().scalar(sa.select(Place.name).where(Place.id == city.id))
            held.append(reading().scalar(sa.text("SELECT count(*) FROM pg_prepared_statements")))
            database.end_reading()
        assert held[2] >= held[0] > 0
    found = reading().get_one(Place, city.id)
    database.end_reading()
    assert found.name == "韶关市"


def test_transactions_are_never_nested(app):
    with transaction(), pytest.raises(RuntimeError), transaction():
        pass


def test_a_broken_unique_is_named_on_both_databases(make):
    make.place("city", code="same")
    with pytest.raises(exc.IntegrityError) as caught:
        make.place("city", code="same")
    assert violated(caught.value) == "place_code_key"


def test_a_broken_partial_unique_is_named_on_both_databases(make):
    estate = make.estate(floors=1, doors=1)
    dwelling = reading().scalars(sa.select(database.db.metadata.tables["dwelling"].c.id)).one()
    account = make.account()
    values = {"account_id": account.id, "dwelling_id": dwelling, "relation": "self", "level": 1, "since": clock.now()}
    tie = database.db.metadata.tables["tie"]
    with pytest.raises(exc.IntegrityError) as caught, transaction() as session:
        session.execute(sa.insert(tie).values(public_id="a", **values))
        session.execute(sa.insert(tie).values(public_id="b", **values))
    assert violated(caught.value) == "tie_one_live"
    assert estate.kind == "estate"


def test_a_broken_check_is_named_on_both_databases(app):
    with pytest.raises(exc.IntegrityError) as caught, transaction() as session:
        session.add(Place(kind="galaxy", code="x", name="x", path="/x/", facts={}))
        session.flush()
    assert violated(caught.value) == "place_kind_known"


def test_what_was_to_be_written_is_not_in_the_error_that_is_logged(app, make):
    place = make.place("city")
    with pytest.raises(exc.IntegrityError) as refused, transaction() as session:
        session.execute(
            sa.text("UPDATE place SET kind = :kind WHERE id = :id"), {"kind": "欧阳秀英的答案", "id": place.id}
        )
    told = logging.Formatter().formatException((refused.type, refused.value, refused.tb))
    assert "欧阳秀英" not in redact(told)
    assert "UPDATE place" in redact(told)


def test_translating_turns_a_constraint_into_a_refusal(make):
    make.place("city", code="same")
    with (
        pytest.raises(Conflict),
        transaction() as session,
        translating({"place_code_key": Conflict("place-there", "这个编号已经有了。")}),
    ):
        session.add(Place(kind="city", code="same", name="x", path="/x/", facts={}))
        session.flush()


def test_sixteen_first_sights_of_one_openid_make_one_account(app):
    @use_case
    def see() -> None:
        with transaction() as session:
            make_sure_account(session, "o-same", now=clock.now())

    def run() -> None:
        with app.app_context():
            see()

    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reading().scalar(sa.select(sa.func.count()).select_from(Account)) == 1


def test_a_serializable_write_skew_is_retried_until_it_is_right(app, make):
    """Two places, a rule "at most two": two writers that each see one must not end with three."""
    make.place("city", code="a")
    barrier = threading.Barrier(2)
    first = {"a": True, "b": True}

    @use_case
    def add(code: str) -> bool:
        with transaction(serializable=True) as session:
            there = session.scalar(sa.select(sa.func.count()).select_from(Place))
            if app.extensions["gongjian.databases"].of_current_city().lock_file is None and first.pop(code, False):
                barrier.wait(60)
            if there >= 2:
                return False
            session.add(Place(kind="city", code=f"new-{code}", name="x", path=f"/{code}/", facts={}))
            return True

    added = []

    def run(code: str) -> None:
        with app.app_context():
            added.append(add(code))

    threads = [threading.Thread(target=run, args=(code,)) for code in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [False, True]


def test_time_comes_back_aware_and_in_utc(make):
    account = make.account()
    found = reading().get_one(Account, account.id)
    assert found.created_at.utcoffset().total_seconds() == 0
    assert found.created_at == account.created_at


def test_a_naive_time_never_reaches_the_database(app):
    with pytest.raises(exc.StatementError), transaction() as session:
        session.execute(
            sa.insert(Account).values(public_id="p", openid="o", created_at=clock.now().replace(tzinfo=None))
        )


def test_a_full_disk_is_told_as_such_and_leaves_nothing_half_done(app):
    city = app.extensions["gongjian.databases"].of_current_city()
    if city.lock_file is None:
        full = "53100"  # PostgreSQL reports it as an error class; SQLite below is made full for real
        assert database.unavailable(exc.DBAPIError("INSERT", {}, _Broken(full))).code == "no-room"
        return

    def no_more_pages(connection, _record, _proxy):
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0] + 2}")

    sa.event.listen(city.engine, "checkout", no_more_pages)

    @use_case
    def fill() -> None:
        with transaction() as session:
            make_sure_account(session, "o-first", now=clock.now())
            for number in range(200):
                name = f"{number}" + "x" * 60
                session.add(Place(kind="city", code=name, name=name, path=name * 5, facts={}))
            session.flush()

    with pytest.raises(Unavailable, match="no-room"):
        fill()
    sa.event.remove(city.engine, "checkout", no_more_pages)
    assert reading().scalar(sa.select(sa.func.count()).select_from(Account)) == 0


class _Broken(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("broken")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(("sqlstate", "times"), [("40001", 3), ("40P01", 3), ("55P03", 3)])
def test_a_use_case_runs_again_when_the_database_asks_for_it(app, sqlstate, times):
    calls = []

    @use_case
    def act() -> str:
        calls.append(1)
        if len(calls) < times:
            raise exc.OperationalError("UPDATE", {}, _Broken(sqlstate))
        return "done"

    assert act() == "done"
    assert database.retries()[sqlstate] == times - 1


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_reading_is_one_snapshot_that_writes_nothing_and_a_transaction_says_how_strict_it_is(app):
    def level(session) -> tuple[str, str]:
        return tuple(session.scalar(sa.text(f"SHOW transaction_{name}")) for name in ("isolation", "read_only"))

    assert level(reading()) == ("repeatable read", "on")
    reading().rollback()
    for serializable, said in ((True, "serializable"), (False, "read committed")):  # one connection after the other
        with transaction(serializable=serializable) as session:
            assert level(session) == (said, "off")
    assert level(reading()) == ("repeatable read", "on")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_nobody_waits_for_ever_for_a_server_that_holds_on_or_is_gone(app):
    session = reading()
    said = session.connection().connection.dbapi_connection.info.get_parameters()
    assert (said["tcp_user_timeout"], said["keepalives_idle"], said["connect_timeout"]) == ("15000", "10", "3")
    kept = {name: session.scalar(sa.text(f"SHOW {name}")) for name in ("statement_timeout", "lock_timeout")}
    assert kept == {"statement_timeout": "30s", "lock_timeout": "5s"}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_use_case_whose_first_look_lost_its_connection_looks_again(app, postgres_server):
    looks = []

    @use_case
    def act() -> None:
        looks.append(reading().scalar(sa.text("SELECT pg_backend_pid()")))
        if len(looks) == 1:
            with psycopg.connect(postgres_server.conninfo(), autocommit=True) as link:
                link.execute("SELECT pg_terminate_backend(%s, 5000)", [looks[0]])
        reading().scalar(sa.text("SELECT 1"))

    act()
    assert len(looks) == 2
    assert looks[0] != looks[1]


def test_a_use_case_gives_up_kindly_in_the_end(app):
    calls = []

    @use_case
    def act() -> None:
        calls.append(1)
        raise exc.OperationalError("UPDATE", {}, _Broken("40001"))

    with pytest.raises(Unavailable, match="database-busy"):
        act()
    assert len(calls) == 6


def test_a_programs_own_mistake_is_not_retried(app):
    calls = []

    @use_case
    def act() -> None:
        calls.append(1)
        raise exc.ProgrammingError("SELEC", {}, _Broken("42601"))

    with pytest.raises(exc.ProgrammingError):
        act()
    assert len(calls) == 1


def test_a_public_id_can_be_typed_after_a_command():
    names = {database.new_public_id() for _ in range(2000)}
    assert len(names) == 2000
    assert all(len(name) == 22 and not name.startswith("-") for name in names)
