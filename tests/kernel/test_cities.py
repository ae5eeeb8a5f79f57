"""Two cities side by side: nothing leaks, and a forgotten city fails."""

import shutil

import pytest
import sqlalchemy as sa

from kernel import audit, clock, database, outbox
from kernel.database import city_scope, reading, transaction
from kernel.people.models import Account
from kernel.people.services import make_sure_account
from portal.app import create_app
from tests.conftest import migrated, test_config
from tests.support.two_roles import two_roles

CITIES = {"north": ("north.example",), "south": ("south.example", "www.south.example")}


@pytest.fixture
def sqlite_cities(tmp_path, sqlite_template):
    """One file a city, each a copy of a migrated one."""
    for city in CITIES:
        shutil.copy(sqlite_template, tmp_path / f"{city}.db")
    return f"sqlite:///{tmp_path}/{{city}}.db"


@pytest.fixture(scope="module")
def both_migrated(postgres_server, var_dir):
    """The name of a database with a migrated schema for each city: migrating two takes longer than all tests here."""
    migrated(test_config(var_dir, postgres_server.create("two_cities"), cities=CITIES))
    yield "two_cities"
    postgres_server.drop("two_cities")


@pytest.fixture
def postgres_cities(postgres_server, both_migrated):
    """One schema a city."""
    yield postgres_server.create("two_copies", template=both_migrated)
    postgres_server.drop("two_copies")


@pytest.fixture(params=["sqlite", "postgres"])
def two_cities(request, var_dir):
    """An application that serves two cities on one deployment."""
    url = request.getfixturevalue(f"{request.param}_cities")
    app = create_app(test_config(var_dir, url, cities=CITIES))
    with app.app_context():
        yield app
        database.dispose_engines()


def openids() -> list[str]:
    return sorted(reading().scalars(sa.select(Account.openid)))


def add(openid: str) -> None:
    with transaction() as session:
        make_sure_account(session, openid, now=clock.now())


def test_what_one_city_writes_the_other_never_sees(two_cities):
    for city in CITIES:
        with city_scope(city):
            add(f"o-{city}")
            add("o-both")
    for city in CITIES:
        with city_scope(city):
            assert openids() == ["o-both", f"o-{city}"]


def test_a_city_that_was_being_read_is_not_taken_for_the_one_that_is_entered(two_cities):
    for city in CITIES:
        with city_scope(city):
            add(f"o-{city}")
    with city_scope("north"):
        assert openids() == ["o-north"]
        with city_scope("south"):
            assert openids() == ["o-south"]
        assert openids() == ["o-north"]


def test_a_forgotten_city_fails(two_cities):
    with pytest.raises(RuntimeError, match="no city chosen"):
        add("o-nowhere")


def test_a_city_chosen_between_two_transactions_holds_for_each(two_cities):
    """Alternating on the same pooled connections must never write into the other's tables."""
    for number in range(20):
        for city in CITIES:
            with city_scope(city):
                add(f"o-{city}-{number}")
    for city in CITIES:
        with city_scope(city):
            assert len(openids()) == 20
            assert all(openid.startswith(f"o-{city}-") for openid in openids())


@pytest.mark.parametrize(
    ("host", "status"), [("north.example", 200), ("SOUTH.example:8000", 200), ("west.example", 404)]
)
def test_the_host_name_chooses_the_city(two_cities, host, status):
    answer = two_cities.test_client().get("/health", headers={"Host": host})
    assert answer.status_code == status


def test_news_of_one_city_is_not_delivered_in_the_other(two_cities):
    heard = []

    def hear(payload, *, now):
        heard.append(database.current_city())

    now = clock.now()
    with city_scope("north"), transaction() as session:
        outbox.stage(session, "thing", {}, now=now)
    for city in ("south", "north"):
        with city_scope(city):
            outbox.deliver_due({"thing": [hear]}, now=now)
    assert heard == ["north"]


def test_each_city_has_a_chain_of_its_own(two_cities):
    for city in CITIES:
        with city_scope(city):
            with transaction() as session:
                audit.record(session, actor="t", action="a", subject=city, now=clock.now())
            assert audit.seal_new_entries(now=clock.now()) == 1
            assert audit.verify().sealed == 1


def test_ready_looks_at_every_city(two_cities):
    answer = two_cities.test_client().get("/ready", headers={"Host": "north.example"})
    assert answer.status_code == 200
    assert set(answer.json["cities"]) == set(CITIES)


@pytest.mark.parametrize("name", ["North", "1city", "a-b", "", "x" * 40])
def test_a_citys_name_must_be_fit_for_a_schema(var_dir, name):
    with pytest.raises(ValueError, match="city's name"):
        create_app(test_config(var_dir, "sqlite:////tmp/never.db", cities={name: ()}))


def test_the_applications_role_may_only_add_to_what_only_grows(postgres_server, postgres_template, var_dir):
    """With two roles the GRANT is the lock: no trigger is asked, the right is simply not there."""
    with two_roles(postgres_server, var_dir, postgres_template):
        with transaction() as session:
            audit.record(session, actor="t", action="a", subject="s", now=clock.now())
        for statement in ("UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), transaction() as session:
                session.execute(sa.text(statement))
