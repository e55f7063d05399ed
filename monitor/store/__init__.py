"""The store: facts in, facts out. Tables, sealed columns and migrations behind a few functions.

`open_store` gives a `Store`; every other function takes one. The frozen datasets (`frozen.py`) need no
database and are imported by their own name. What would surprise: nothing here draws a conclusion, and no
value that comes out holds a URL or a host, except through the functions that say so.
"""

from monitor.store.attribution_counts import attributed_asns, count_attributions
from monitor.store.attributions import (
    AddressBatch,
    addresses_to_attribute,
    attribution_is_current,
    ensure_providers,
    mark_attributed,
    registered_asns,
    replace_attributions,
    tables_fingerprint,
)
from monitor.store.audit import AuditEntry, add_audit, list_audit
from monitor.store.database import Store, open_store, upgrade
from monitor.store.facts import load_facts
from monitor.store.fetching import collection_paused
from monitor.store.inputs import InputInfo, list_inputs
from monitor.store.intake import BatchResult, InputCounts, add_checks, add_reports, begin_input, finish_input
from monitor.store.lookup import FoundRecord, check_reasons, find_record, open_addresses, open_url
from monitor.store.references import StoredTable, add_reference_table, list_reference_tables, load_contents
from monitor.store.registration_digest import registrations_digest
from monitor.store.registration_gaps import addresses_to_ask, failed_lately, load_addresses, open_coverage
from monitor.store.registrations import (
    NewAnswer,
    add_answer,
    add_answers,
    count_registrations,
    list_organisations,
    load_answers,
)
from monitor.store.registry import changes, load_registry, merge, undo
from monitor.store.resolutions import (
    add_resolutions,
    count_resolved,
    hosts_to_resolve,
    resolutions_of_host,
    sources_with_reports,
)
from monitor.store.sealing import KEY_FILE

__all__ = [
    "KEY_FILE",
    "AddressBatch",
    "AuditEntry",
    "BatchResult",
    "FoundRecord",
    "InputCounts",
    "InputInfo",
    "NewAnswer",
    "Store",
    "StoredTable",
    "add_answer",
    "add_answers",
    "add_audit",
    "add_checks",
    "add_reference_table",
    "add_reports",
    "add_resolutions",
    "addresses_to_ask",
    "addresses_to_attribute",
    "attributed_asns",
    "attribution_is_current",
    "begin_input",
    "changes",
    "check_reasons",
    "collection_paused",
    "count_attributions",
    "count_registrations",
    "count_resolved",
    "ensure_providers",
    "failed_lately",
    "find_record",
    "finish_input",
    "hosts_to_resolve",
    "list_audit",
    "list_inputs",
    "list_organisations",
    "list_reference_tables",
    "load_addresses",
    "load_answers",
    "load_contents",
    "load_facts",
    "load_registry",
    "mark_attributed",
    "merge",
    "open_addresses",
    "open_coverage",
    "open_store",
    "open_url",
    "registered_asns",
    "registrations_digest",
    "replace_attributions",
    "resolutions_of_host",
    "sources_with_reports",
    "tables_fingerprint",
    "undo",
    "upgrade",
]
