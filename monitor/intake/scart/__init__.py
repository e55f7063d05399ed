"""SCART, the Dutch hotline's system: its exports and table dumps -> Reports and recorded checks.

`ScartFile` says what a file is; `read_scart` joins and streams the files of one command. `docs/scart.md` has the
mapping.
"""

from pathlib import Path

from monitor.errors import InputError
from monitor.intake.files import InputFile
from monitor.intake.scart.convert import Told
from monitor.intake.scart.fields import Form
from monitor.intake.scart.file import Header, ScartFile, read_header
from monitor.intake.scart.forms import FORMS
from monitor.intake.scart.reading import ScartBatch, ScartOptions, read_scart

__all__ = [
    "FORMS",
    "Form",
    "Header",
    "ScartBatch",
    "ScartFile",
    "ScartOptions",
    "Told",
    "is_scart",
    "read_scart",
]


def is_scart(path: Path, position: int | None = None) -> bool:
    """Whether the file has a header of SCART's; no for one that cannot be read, so that its own reader says why."""
    try:
        with InputFile(path, position) as file:
            return read_header(file) is not None
    except InputError:
        return False
