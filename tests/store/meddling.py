"""What somebody does who can write the database past the program."""

from monitor.store import Store
from tests.engines import Engine


def past(store: Store, engine: Engine, statement: str) -> None:
    """One statement that no foreign key stops."""
    free = "SET session_replication_role = replica; " if engine.name == "postgresql" else ""
    engine.change(store.data_dir, free + statement)


def literal(engine: Engine, value: object) -> str:
    """A value as it is written in a statement for that engine."""
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'" if engine.name == "postgresql" else f"x'{value.hex()}'"
    if isinstance(value, str):
        return f"'{value}'"
    return "NULL" if value is None else str(value)  # True and False are words of SQL too
