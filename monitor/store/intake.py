"""The store side of `monitor import`: begin an input, add its batches, finish it.

One transaction a batch. What would surprise: importing any file twice, or rows in any order and split, ends in
the same facts.
"""

from monitor.store.inputs import BatchResult, InputCounts, begin_input, finish_input
from monitor.store.intake_checks import add_checks
from monitor.store.intake_reports import add_reports

__all__ = ["BatchResult", "InputCounts", "add_checks", "add_reports", "begin_input", "finish_input"]
