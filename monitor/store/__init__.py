"""The store: facts in, facts out. Tables, sealed columns and migrations behind a few functions.

`open_store` gives a `Store`; every other function takes one. The frozen datasets (`frozen.py`) need no
database and are imported by their own name. What would surprise: nothing here draws a conclusion, and no
value that comes out holds a URL or a host, except through the functions that say so.
"""

from monitor.store.around import answered_before, void_since
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
from monitor.store.case_rows import (
    CheckWords,
    NoticeWords,
    OpenedTarget,
    check_words,
    notice_words,
    open_targets,
    targets_of,
)
from monitor.store.corrected_facts import corrected_in, corrections_of
from monitor.store.database import Store, open_store, upgrade
from monitor.store.due import DueTarget, HostAnswer, asns_of, count_due, in_order, newest_answers, next_due_at, take_due
from monitor.store.fact_corrections import correct_notice, exclude, list_corrections, undo_correction
from monitor.store.facts import load_facts
from monitor.store.fetching import collection_paused
from monitor.store.inputs import InputInfo, list_inputs
from monitor.store.intake import BatchResult, InputCounts, add_checks, add_reports, begin_input, finish_input
from monitor.store.letters import (
    NewLetter,
    add_letter,
    find_letter,
    load_register,
    load_registers,
    record_decision,
    record_step,
)
from monitor.store.lookup import FoundRecord, check_reasons, find_record, open_addresses, open_url, own_rules
from monitor.store.observations import (
    StoredObservation,
    add_observations,
    last_addresses,
    observations_of_run,
)
from monitor.store.outcomes import (
    Concluded,
    RunEnd,
    conclude,
    count_outcomes,
    forget_standings,
    outcomes_current,
    replace_outcomes,
)
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
from monitor.store.runs import (
    StoredRun,
    add_canaries,
    begin_run,
    digest_key,
    end_run,
    mandates_until,
    open_runs,
    run_ids,
    run_of,
)
from monitor.store.schedule import (
    Plan,
    PlanBatch,
    TargetToPlan,
    drop_plans_of_others,
    is_planned,
    mark_planned,
    plan_targets,
    plans_of,
    schedule_fingerprint,
    targets_to_plan,
)
from monitor.store.sealing import KEY_FILE

__all__ = [
    "KEY_FILE",
    "AddressBatch",
    "AuditEntry",
    "BatchResult",
    "CheckWords",
    "Concluded",
    "DueTarget",
    "FoundRecord",
    "HostAnswer",
    "InputCounts",
    "InputInfo",
    "NewAnswer",
    "NewLetter",
    "NoticeWords",
    "OpenedTarget",
    "Plan",
    "PlanBatch",
    "RunEnd",
    "Store",
    "StoredObservation",
    "StoredRun",
    "StoredTable",
    "TargetToPlan",
    "add_answer",
    "add_answers",
    "add_audit",
    "add_canaries",
    "add_checks",
    "add_letter",
    "add_observations",
    "add_reference_table",
    "add_reports",
    "add_resolutions",
    "addresses_to_ask",
    "addresses_to_attribute",
    "answered_before",
    "asns_of",
    "attributed_asns",
    "attribution_is_current",
    "begin_input",
    "begin_run",
    "changes",
    "check_reasons",
    "check_words",
    "collection_paused",
    "conclude",
    "correct_notice",
    "corrected_in",
    "corrections_of",
    "count_attributions",
    "count_due",
    "count_outcomes",
    "count_registrations",
    "count_resolved",
    "digest_key",
    "drop_plans_of_others",
    "end_run",
    "ensure_providers",
    "exclude",
    "failed_lately",
    "find_letter",
    "find_record",
    "finish_input",
    "forget_standings",
    "hosts_to_resolve",
    "in_order",
    "is_planned",
    "last_addresses",
    "list_audit",
    "list_corrections",
    "list_inputs",
    "list_organisations",
    "list_reference_tables",
    "load_addresses",
    "load_answers",
    "load_contents",
    "load_facts",
    "load_register",
    "load_registers",
    "load_registry",
    "mandates_until",
    "mark_attributed",
    "mark_planned",
    "merge",
    "newest_answers",
    "next_due_at",
    "notice_words",
    "observations_of_run",
    "open_addresses",
    "open_coverage",
    "open_runs",
    "open_store",
    "open_targets",
    "open_url",
    "outcomes_current",
    "own_rules",
    "plan_targets",
    "plans_of",
    "record_decision",
    "record_step",
    "registered_asns",
    "registrations_digest",
    "replace_attributions",
    "replace_outcomes",
    "resolutions_of_host",
    "run_ids",
    "run_of",
    "schedule_fingerprint",
    "sources_with_reports",
    "tables_fingerprint",
    "take_due",
    "targets_of",
    "targets_to_plan",
    "undo",
    "undo_correction",
    "upgrade",
    "void_since",
]
