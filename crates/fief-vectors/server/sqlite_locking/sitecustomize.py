"""Lets the Fief server and its worker share one SQLite file without lock errors.

Both open a transaction with a plain BEGIN, read, and write later. SQLite then answers
"database is locked" at once, without waiting, when the other process wrote in between,
and the request ends with status 500. So, before the first write of a transaction, the
read part is closed and a write transaction is opened, which does wait for its turn.
That is how PostgreSQL behaves by default (READ COMMITTED). Nothing else of the server
is touched. The folder is on PYTHONPATH for the server and the worker.
"""

from sqlalchemy import event
from sqlalchemy.engine import Engine

WRITES = ("INSERT", "UPDATE", "DELETE")


@event.listens_for(Engine, "connect")
def _wait_for_locks(dbapi_connection, record):
    cursor = dbapi_connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.close()


@event.listens_for(Engine, "begin")
def _reading(connection):
    connection.info["writing"] = False


@event.listens_for(Engine, "before_cursor_execute")
def _start_writing(connection, cursor, statement, parameters, context, executemany):
    if not statement.lstrip()[:6].upper().startswith(WRITES):
        return
    if connection.info.get("writing", True):
        return
    if getattr(connection.connection.dbapi_connection, "isolation_level", "") is not None:
        return  # the migrations: one process, and sqlite3 opens transactions by itself
    cursor.execute("COMMIT")
    cursor.execute("BEGIN IMMEDIATE")
    connection.info["writing"] = True
