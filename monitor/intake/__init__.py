"""Intake: input files -> Reports, RecordedChecks and Rejects. Joins nothing with the store.

`detect` says what a file is; `read_reports` and `read_checks` stream it in batches; `RejectsFile` keeps what was
not taken. Surprise: nothing here ever repeats text of the input, so a message names a file by its position, a
row by its number and a value by its column.
"""

from monitor.intake.batches import BATCH_ROWS, Batch, read_checks, read_orders, read_reports
from monitor.intake.detect import Container, column_names, container_of, detect
from monitor.intake.files import InputFile, sha256
from monitor.intake.normalise import normalise_host, normalise_url
from monitor.intake.problems import Code, IntakeProblem
from monitor.intake.rejects import RejectsFile
from monitor.intake.values import clear_text

__all__ = [
    "BATCH_ROWS",
    "Batch",
    "Code",
    "Container",
    "InputFile",
    "IntakeProblem",
    "RejectsFile",
    "clear_text",
    "column_names",
    "container_of",
    "detect",
    "normalise_host",
    "normalise_url",
    "read_checks",
    "read_orders",
    "read_reports",
    "sha256",
]
