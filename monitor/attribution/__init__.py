"""Address and date -> prefix, origin AS, proxy, registered network and Provider, from dated tables and answers.

What uses the network (`rdap_fetch`, `updating`) or a large library (`matching`) is imported by its own name, so that
no other command waits for it.
"""

from monitor.attribution.ages import age_warnings
from monitor.attribution.attribute import Attributed, DatedTables, attribute
from monitor.attribution.booking import book
from monitor.attribution.describe import PrefixSummary, describe_prefixes
from monitor.attribution.explain_addresses import AddressEvidence, addresses_of, with_days
from monitor.attribution.explaining import Evidence, explain
from monitor.attribution.fronting import FrontingTable
from monitor.attribution.prefixes import PrefixTable
from monitor.attribution.rdap_coverage import Coverage
from monitor.attribution.rdap_document import parse_network
from monitor.attribution.rdap_recorded import read_recorded
from monitor.attribution.reading import TableFile, read_table
from monitor.attribution.registered import register
from monitor.attribution.timeline import entry_at

__all__ = [
    "AddressEvidence",
    "Attributed",
    "Coverage",
    "DatedTables",
    "Evidence",
    "FrontingTable",
    "PrefixSummary",
    "PrefixTable",
    "TableFile",
    "addresses_of",
    "age_warnings",
    "attribute",
    "book",
    "describe_prefixes",
    "entry_at",
    "explain",
    "parse_network",
    "read_recorded",
    "read_table",
    "register",
    "with_days",
]
