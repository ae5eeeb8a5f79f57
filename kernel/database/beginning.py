"""How transactions begin. The dialect says BEGIN, not a listener: an engine with one looks for others before and after
every statement. But a dialect is handed the driver's connection alone, so how to begin is noted with that."""

import sqlalchemy as sa

BEGIN = "gongjian_begin"
"""The execution option of an engine or a connection that says how its transactions begin on PostgreSQL."""


def begin(link: sa.Connection) -> sa.RootTransaction:
    """Begin a transaction in the way the connection's options ask for (SQLite knows but one for each engine)."""
    if how := link.get_execution_options().get(BEGIN):
        link.info[BEGIN] = how
    return link.begin()
