"""Every error the monitor raises on purpose: one tree, each with a message that says what to do.

Messages never hold a URL, host, address, path of an input or text of an input row.
"""


class MonitorError(Exception):
    """What happened, in one line, and (``hint``) what the reader can do about it."""

    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message


class UsageError(MonitorError):
    """The words of the command are off (an unknown Period, a wrong option value)."""

    exit_status = 2


class ConfigError(MonitorError):
    """A setting is wrong; the message names the setting and the nearest right name."""


class WrongSetting(ConfigError):
    """The configuration cannot be read as it is written: no command starts with it."""

    exit_status = 2


class RefusedForNow(ConfigError):
    """The machine does not give just now what the settings ask for: a port that is taken, one socket more."""


class StoreError(MonitorError):
    """The database cannot be used as it is."""


class StoreMissing(StoreError):
    """There is no store in the data folder."""


class StoreNewer(StoreError):
    """The database was written by a newer monitor."""


class StoreBusy(StoreError):
    """Another process holds the database, its server is away, or the disk is full or read-only."""


class RunEnded(StoreError):
    """A run was ended by another worker, because its own did not answer for too long."""


class RecordMissing(StoreError):
    """No record, or more than one, has that id."""


class RecordForgotten(RecordMissing):
    """The text that is asked for went at the end of its term."""


class KeyProblem(StoreError):
    """The key is lost, unreadable or not the one that sealed this store."""


class InputError(MonitorError):
    """An input file cannot be read any further; whole batches before it are kept."""


class ReferenceDataError(MonitorError):
    """A reference table is unreadable, empty or missing."""


class RegistryError(MonitorError):
    """A change of the provider registry is not possible (unknown id, nothing to undo)."""


class LetterError(MonitorError):
    """A letter is not there, or what is asked of it is not possible as it stands."""


class RetentionError(MonitorError):
    """Something cannot be held, released, archived or forgotten as asked."""


class CorrectionError(MonitorError):
    """A fact cannot be corrected as asked: it is not there, it is so already, or several could be meant."""


class OrderError(MonitorError):
    """An order is not there, or a fact of it cannot be recorded as asked."""


class FreezeError(MonitorError):
    """A frozen dataset is missing, damaged or cannot be cut."""


class ReleaseError(MonitorError):
    """A release cannot be written or does not verify."""


class ReleaseRefused(ReleaseError):
    """The disclosure check found what may not be published. `findings` says where, for a restricted file alone."""

    def __init__(self, message: str, hint: str, findings: str) -> None:
        super().__init__(message, hint)
        self.findings = findings


class NamingRefused(ReleaseError):
    """Somebody would be named in a final release without having been heard.

    `unheard`: id and name of each Provider, why, and what to do; for the clerk's own terminal alone.
    """

    def __init__(self, message: str, hint: str, unheard: tuple[tuple[str, str, str, str], ...]) -> None:
        super().__init__(message, hint)
        self.unheard = unheard


class MandateMissing(MonitorError):
    """A live command was called without a mandate, or for no live source."""


class ObservationError(MonitorError):
    """The crawl process cannot be started, or does not answer."""


class DocumentError(MonitorError):
    """A template cannot be filled in, or a Word document cannot be made a PDF as it is."""


class HandoverError(MonitorError):
    """A sealed file cannot be made, or a public key is none."""


class BackupError(MonitorError):
    """A backup cannot be made, is not whole, or cannot be put in place."""
