"""Forgetting under the application's own role: it may empty named columns of tables that only grow, and no more."""

import pytest
import sqlalchemy as sa

from kernel.database import db, reading, transaction, use_case
from surveys.questionnaires.models import Response
from surveys.questionnaires.retention import services
from surveys.questionnaires.services import campaigns
from surveys.questionnaires.standing.models import Review
from tests.factories import Factory
from tests.support.two_roles import ROLE, two_roles
from tests.surveys.questionnaires.conftest import NOW, open_survey
from tests.surveys.questionnaires.paper.test_paper import Desk
from tests.surveys.questionnaires.retention.test_retention import LATER, give_mark
from tests.surveys.questionnaires.standing.conftest import House

FORGETS = {table.name: set(table.info["forgets"]) for table in db.metadata.tables.values() if "forgets" in table.info}


@use_case
def run(statement):
    with transaction() as session:
        session.execute(sa.text(statement))


def rights(table):
    """Columns of a table that the application's role may update, and whether it may delete rows."""
    session = reading()
    name = session.scalar(sa.text("SELECT current_schema() || '.' || :name"), {"name": table.name})
    ask = sa.text("SELECT has_column_privilege(:role, :name, :column, 'UPDATE')")
    columns = {
        column.name
        for column in table.columns
        if session.scalar(ask, {"role": ROLE, "name": name, "column": column.name})
    }
    deletes = session.scalar(
        sa.text("SELECT has_table_privilege(:role, :name, 'DELETE')"), {"role": ROLE, "name": name}
    )
    return columns, deletes


def test_the_applications_role_forgets_the_named_columns_and_changes_nothing_else(
    postgres_server, postgres_template, var_dir
):
    with two_roles(postgres_server, var_dir, postgres_template):
        grows = [table for table in db.metadata.tables.values() if table.info.get("append_only")]
        assert {table.name for table in grows} > set(FORGETS) >= {"response", "survey_keying", "response_review"}
        for table in grows:
            assert rights(table) == (FORGETS.get(table.name, set()), False), table.name
        house = House(open_survey(Factory()))
        worker, second, me = house.staff("worker"), house.staff("second"), house.member()
        visited = house.visit(worker, second)
        house.word(second, visited.response)
        house.say(me, visited.response)
        give_mark(house, me.id)
        desk = Desk(house.survey)
        desk.home = house.survey.dwellings[1]
        paper = desk.register(home=desk.home)
        desk.key_in(paper, desk.first)
        desk.key_in(paper, desk.second)
        campaigns.close_by_hand(house.survey.campaign, person_id=None, actor="test", now=NOW)
        for statement in (
            "UPDATE response SET channel = 'wechat_self'",
            "UPDATE response SET answers = '{}'",
            "UPDATE response_review SET opinion = 'confirmed'",
            "UPDATE survey_keying SET turn = 3",
            "UPDATE effect_mark SET mark = 5",
            "DELETE FROM response",
            "TRUNCATE response_review",
        ):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                run(statement)
        # What it may touch it may only empty: there the trigger is the wall.
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            run("UPDATE response SET account_id = account_id + 0, private_sealed = 'x'")
        assert services.forget_names(now=LATER) == 2
        nobody = reading().scalars(sa.select(Response.private_sealed, Response.person_id)).all()
        assert set(nobody) == {None}
        assert me.id not in reading().scalars(sa.select(Review.account_id)).all()
