"""An empty database of either kind, for whatever keeps review events: fixtures `postgres` and `log_url`."""

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pgserver
import pytest
import sqlalchemy as sql


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own: its URL. Not below pytest's folder, which nobody but its owner may enter."""
    running = pgserver.get_server(tempfile.mkdtemp(prefix="beltline-pg-"), cleanup_mode="delete")
    yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    running.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def log_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite in a new file, and a new database of the server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/review.db"
    base = sql.make_url(request.getfixturevalue("postgres"))
    name = f"t{uuid.uuid4().hex}"
    engine = sql.create_engine(base, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return base.set(database=name).render_as_string(hide_password=False)
