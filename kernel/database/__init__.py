"""The database: two dialects, many cities, one way to write.

The only module that knows which database is behind the product, that a city lives in a schema (PostgreSQL) or a file
(SQLite) of its own, and that Flask-SQLAlchemy exists. Everybody else says ``with transaction() as session`` to write,
``reading()`` to read, and declares tables with ``Model`` and the column helpers below.

What holds, and why:

* **A city is chosen in the begin event of every transaction** (``SET LOCAL search_path``), so that a transaction begun
  without a city fails instead of landing in somebody else's tables. ``public`` is never on the path.
* **SQLite writes** begin with ``BEGIN IMMEDIATE`` and queue on an flock: its own busy handler sleeps and polls, which
  makes the slowest writers thirty times slower. Reads use a second engine that refuses to write.
* **``use_case``** repeats a whole service function when the database asks for it (serialization failure, deadlock, a
  busy file, a connection lost before COMMIT). A COMMIT whose fate is unknown is never repeated blindly: the caller
  comes back with the same idempotency key.
"""

from kernel.database.altering import add_check, add_unique, allow_null, allow_values, drop_constraint, replace_check
from kernel.database.base import Model, db
from kernel.database.cities import Databases, cities, city_of_host, current_city, enter_city, leave_city
from kernel.database.columns import (
    APPEND_ONLY,
    BigInt,
    JsonDoc,
    UTCDateTime,
    append_only,
    append_only_but,
    big_id,
    fk,
    forgetting,
    new_public_id,
    one_of,
    public_id,
)
from kernel.database.constraints import (
    for_share,
    for_update,
    insert_adding,
    insert_ignoring,
    insert_once,
    translating,
    violated,
)
from kernel.database.engines import init_databases, point_at
from kernel.database.schema import (
    applied_migration,
    dispose_engines,
    grant_to_application,
    migration_targets,
    newest_migration,
    seconds_ahead,
)
from kernel.database.work import (
    change,
    city_scope,
    core,
    end_reading,
    once,
    reading,
    retries,
    transaction,
    unavailable,
    use_case,
)

__all__ = [
    "APPEND_ONLY",
    "BigInt",
    "Databases",
    "JsonDoc",
    "Model",
    "UTCDateTime",
    "add_check",
    "add_unique",
    "allow_null",
    "allow_values",
    "append_only",
    "append_only_but",
    "applied_migration",
    "big_id",
    "change",
    "cities",
    "city_of_host",
    "city_scope",
    "core",
    "current_city",
    "db",
    "dispose_engines",
    "drop_constraint",
    "end_reading",
    "enter_city",
    "fk",
    "for_share",
    "for_update",
    "forgetting",
    "grant_to_application",
    "init_databases",
    "insert_adding",
    "insert_ignoring",
    "insert_once",
    "leave_city",
    "migration_targets",
    "new_public_id",
    "newest_migration",
    "once",
    "one_of",
    "point_at",
    "public_id",
    "reading",
    "replace_check",
    "retries",
    "seconds_ahead",
    "transaction",
    "translating",
    "unavailable",
    "use_case",
    "violated",
]
