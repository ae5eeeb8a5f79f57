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

from kernel.database.beginning import begin
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
        self._snapshot: sa.Connection | None = None

    def connection(self, *_args: Any, **_kwargs: Any) -> sa.Connection:
        """The snapshot, begun when it is first asked for. It is the connection's own and not the session's: a request
        that asks plain values alone never wakes the session, which costs as much as the question.
        """
        if self._snapshot is None:
            link = databases().of_current_city().read_engine.connect()
            try:
                begin(link)
            except BaseException:
                link.close()  # kept, it would begin by itself at the next question: no snapshot, and able to write
                raise
            self._snapshot = link
        return self._snapshot

    def get_bind(self, *_args: Any, **_kwargs: Any) -> sa.Connection:
        return self.connection()

    def close(self) -> None:
        """End the reading with COMMIT. Nothing was written; but on a ROLLBACK psycopg throws away all prepared
        statements of the connection, and every query of the next request would be planned anew (1.5 ms a request).
        What was loaded stays as it is.
        """
        if self.in_transaction() or len(self.identity_map):
            super().close()
        self._end_snapshot()

    def rollback(self) -> None:
        """End the reading; what was loaded is read anew when it is looked at."""
        super().rollback()
        self._end_snapshot()

    def _end_snapshot(self) -> None:
        self.answers.clear()
        link, self._snapshot = self._snapshot, None
        if link is not None:
            with contextlib.closing(link), contextlib.suppress(exc.SQLAlchemyError):
                link.commit()


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": _RequestSession})
migrate = Migrate()

if TYPE_CHECKING:

    class Model(Base):
        """Base of every table class."""

        __abstract__ = True

else:
    Model = db.Model
