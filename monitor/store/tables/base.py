"""What every table shares: one MetaData with named constraints, and short column makers.

What would surprise: bulk tables take their keys from the counters (`keys.py`), not from the database, because
rows that refer to one another are written in one go.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, MetaData, Table
from sqlmodel import SQLModel

KEY = BigInteger().with_variant(Integer, "sqlite")
"""64-bit keys; SQLite wants INTEGER for its row id."""

SEALED = "sealed"
"""Marks a sealed column in its `info`, so that every one of them is found by what it is."""

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Row(SQLModel):
    """Base of every table."""

    metadata = METADATA


def key(*, automatic: bool = False) -> Column[int]:
    """The table's own key: from the counters, or `automatic` from the database (small tables)."""
    return Column(KEY, primary_key=True, autoincrement=automatic)


def refers(to: str, *, optional: bool = False, index: bool = False, primary: bool = False) -> Column[int]:
    """A reference to another table's key, such as `targets.id`."""
    return Column(KEY, ForeignKey(to), nullable=optional, index=index, primary_key=primary, autoincrement=False)


def sealed(*, optional: bool = False) -> Column[bytes]:
    """A sealed value (`sealing.py`); its context is the table's and the column's name, which rotation relies on."""
    return Column(LargeBinary, nullable=optional, info={SEALED: True})


def hash_value() -> Column[bytes]:
    """A SHA-256."""
    return Column(LargeBinary(32), nullable=False)


def blind_index(*, unique: bool = False) -> Column[bytes]:
    """A keyed blind index over a sealed value (`sealing.py`)."""
    return Column(LargeBinary(16), nullable=False, unique=unique)


def table_of(row: type[Row]) -> Table:
    """The Core table of a Row class, for set statements."""
    table: Any = METADATA.tables[str(row.__tablename__)]
    assert isinstance(table, Table)
    return table
