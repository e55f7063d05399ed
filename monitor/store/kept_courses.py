"""To whom each address is registered, kept as rows: in a research copy, which has neither addresses nor answers.

In: the columns that registration data came to. Out: the same columns. What would surprise: in every other store these
rows do not exist, because there the columns are worked out anew from what the registries answered.
"""

from sqlalchemy import Connection

from monitor.model.columns import UNKNOWN, RegistrationColumns, no_registrations
from monitor.store.bulk import insert_rows
from monitor.store.database import Store
from monitor.store.fetching import fetch_columns
from monitor.store.tables import RegisteredCourseRow, table_of

_COURSES = table_of(RegisteredCourseRow)
_COLUMNS = ("address_id", "as_of", "holder", "customer", "claimed", "doubt", "answer_id")


def keep_courses(connection: Connection, columns: RegistrationColumns) -> None:
    """Write them down, into an empty table."""
    listed = (
        columns.address.tolist(),
        columns.as_of.tolist(),
        columns.holder.tolist(),
        columns.customer.tolist(),
        columns.claimed.tolist(),
        columns.doubt.tolist(),
        [None if answer == UNKNOWN else answer for answer in columns.answer.tolist()],
    )
    insert_rows(connection, _COURSES, _COLUMNS, list(zip(*listed, strict=True)))


def kept_courses(store: Store) -> RegistrationColumns:
    """Those that were written down, by address and time."""
    statement = f"""SELECT address_id, as_of, holder, customer, claimed, doubt, coalesce(answer_id, {UNKNOWN:d})
                    FROM registered_courses ORDER BY address_id, as_of"""  # noqa: S608 (a number)
    with store.read() as connection:
        address, as_of, holder, customer, claimed, doubt, answer = fetch_columns(connection, statement, "iitttti")
    if not len(address):
        return no_registrations()
    return RegistrationColumns(address, as_of, holder, customer, claimed, doubt, answer)
