"""Why a row is not taken: a closed set of codes, and the exception that carries one inside this package.

In: nothing. Out: `Code`, `IntakeProblem`. It never holds text of the row, and it is raised outside `except`
blocks, because the exceptions of other libraries, which do hold the text, would otherwise hang on as context.
"""

from enum import StrEnum

from monitor.errors import MonitorError
from monitor.model.report import Reject


class Code(StrEnum):
    """Stable: rejects files and tests rely on these words."""

    # the line
    NOT_UTF8 = "not-utf8"
    NUL = "nul"
    LINE_TOO_LONG = "line-too-long"
    BAD_QUOTING = "bad-quoting"
    WRONG_FIELD_COUNT = "wrong-field-count"
    BAD_JSON = "bad-json"
    NOT_AN_OBJECT = "not-an-object"
    DUPLICATE_KEY = "duplicate-key"
    UNKNOWN_KEY = "unknown-key"
    WRONG_TYPE = "wrong-type"
    # any column
    MISSING_VALUE = "missing-value"
    UNKNOWN_WORD = "unknown-word"
    BAD_TEXT = "bad-text"
    LOOKS_LIKE_URL = "looks-like-url"
    BAD_ADDRESS = "bad-address"
    BAD_NUMBER = "bad-number"
    # times
    BAD_TIME = "bad-time"
    TIME_WITHOUT_OFFSET = "time-without-offset"
    TIME_OUT_OF_RANGE = "time-out-of-range"
    TIME_AMBIGUOUS = "time-ambiguous"
    TIME_NONEXISTENT = "time-nonexistent"
    # URL and host
    NO_SCHEME = "no-scheme"
    BAD_SCHEME = "bad-scheme"
    BAD_URL = "bad-url"
    BAD_HOST = "bad-host"
    BAD_PORT = "bad-port"
    CONTROL_CHARACTER = "control-character"
    URL_TOO_LONG = "url-too-long"
    HOST_MISMATCH = "host-mismatch"
    # several columns of one row
    NOTICE_WITHOUT_TIME = "notice-without-time"
    ORDER_WITHOUT_TIME = "order-without-time"
    DEADLINE_WITHOUT_ORDER = "deadline-without-order"
    DEADLINE_TOO_LONG = "deadline-too-long"
    BRACKET_REVERSED = "bracket-reversed"


class ScartCode(StrEnum):
    """The same for what SCART's files alone can get wrong."""

    ANONYMOUS = "anonymous"
    DELETED = "deleted"
    NO_REPORT = "no-report"
    TIME_NOT_SAID = "time-not-said"
    ID_TWICE = "id-twice"
    OTHER_URL = "other-url"


class OrderCode(StrEnum):
    """The same for what a register of orders alone can get wrong."""

    NOTHING_NAMED = "nothing-named"
    FACT_INCOMPLETE = "fact-incomplete"
    FACT_BEFORE_SERVICE = "fact-before-service"


class IntakeProblem(MonitorError):
    """One row, or one value of it, cannot be taken. `field` is the name of the column at fault, where there is one."""

    def __init__(self, code: Code | ScartCode | OrderCode, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.field = field

    def at_row(self, row: int) -> Reject:
        """The same as a value: `row` counts data rows from 1."""
        return Reject(row=row, code=self.code.value, reason=self.reason, field=self.field)
