"""The one MetaData, the base of all models, and Flask-SQLAlchemy, which nobody else sees."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask_sqlalchemy.session
import sqlalchemy as sa
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import exc
from sqlalchemy.orm import DeclarativeBase

from kernel.database.cities import databases

NAMING = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(constraint_name)s",
}


MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


class Base(DeclarativeBase):
    """Holds the one MetaData: every table of the product, without a schema (the city is chosen when it runs)."""

    metadata = sa.MetaData(naming_convention=NAMING)


class _RequestSession(flask_sqlalchemy.session.Session):
    """``db.session``: reads only, on the engine of the city of this request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers: dict[Any, Any] = {}
        """What ``once`` has asked in this snapshot."""

    def get_bind(self, *args: Any, **kwargs: Any) -> sa.Engine:
        return databases().of_current_city().read_engine

    def close(self) -> None:
        """End the reading with COMMIT. Nothing was written; but on a ROLLBACK psycopg throws away all prepared
        statements of the connection, and every query of the next request would be planned anew (1.5 ms a request).
        What was loaded stays as it is.
        """
        self.answers.clear()
        if self.in_transaction():
            self.expunge_all()
            with contextlib.suppress(exc.SQLAlchemyError):
                self.commit()
        super().close()


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": _RequestSession})
migrate = Migrate()

if TYPE_CHECKING:

    class Model(Base):
        """Base of every table class."""

        __abstract__ = True

else:
    Model = db.Model
