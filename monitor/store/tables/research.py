"""What a research copy knows instead of addresses; empty in every other store.

What would surprise: these rows are conclusions. They are kept because what they follow from, the address and the ranges
around it, is not in the copy.
"""

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from monitor.store.tables.base import KEY, Row, refers


class RegisteredCourseRow(Row, table=True):
    """To whom one address is registered from `as_of` on: microseconds UTC, int64's lowest = from the beginning."""

    __tablename__ = "registered_courses"

    address_id: int = Field(sa_column=refers("addresses.id", primary=True))
    as_of: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    holder: str | None = None
    customer: str | None = None
    claimed: str | None = None
    doubt: str | None = None
    answer_id: int | None = Field(default=None, sa_type=KEY)
