"""Address and date -> prefix, origin AS, proxy and Provider, from dated tables. Never uses the network."""

from monitor.attribution.attribute import Attributed, DatedTables, attribute
from monitor.attribution.booking import book
from monitor.attribution.fronting import FrontingTable
from monitor.attribution.prefixes import PrefixTable
from monitor.attribution.reading import TableFile, read_table
from monitor.attribution.timeline import entry_at

__all__ = [
    "Attributed",
    "DatedTables",
    "FrontingTable",
    "PrefixTable",
    "TableFile",
    "attribute",
    "book",
    "entry_at",
    "read_table",
]
