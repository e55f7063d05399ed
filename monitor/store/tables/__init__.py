"""Every table of the store, one module per tier. Importing this package fills `METADATA`."""

from monitor.store.tables.base import METADATA, Row, table_of
from monitor.store.tables.exchange import ExchangeCaseRow, ExchangeDocumentRow, ExchangeLinkRow
from monitor.store.tables.fact_corrections import FactCorrectionRow
from monitor.store.tables.inputs import NOT_STATED, InputRow, ReasonRow, RecordRow, SourceRow, VantageRow
from monitor.store.tables.letters import LetterEventRow, LetterRow, NamingDecisionRow
from monitor.store.tables.observations import CheckOrigin, CheckRow, ResolutionAddressRow, ResolutionRow
from monitor.store.tables.operation import AuditRow, CounterRow, SealRow
from monitor.store.tables.orders import OrderFactRow
from monitor.store.tables.providers import ProviderNameRow, ProviderRow, RegistryChangeRow
from monitor.store.tables.reference import AttributionRow, AttributionStateRow, ReferenceTableRow
from monitor.store.tables.registrations import (
    OrganisationNameRow,
    OrganisationRow,
    RegistrationAnswerRow,
    RegistrationRow,
)
from monitor.store.tables.reports import AssessmentRow, NoticeRow, ReportRow
from monitor.store.tables.research import RegisteredCourseRow
from monitor.store.tables.retention import ArchivedRow, HoldRow
from monitor.store.tables.runs import (
    CanaryRow,
    ExchangeRow,
    ObservationLinkRow,
    ObservationRow,
    OutcomeRow,
    RunRow,
    ScheduleRow,
    ScheduleStateRow,
)
from monitor.store.tables.targets import AddressRow, HostRow, TargetRow
from monitor.store.tables.workers import ClaimRow, LeaseRow, WorkerRow

__all__ = [
    "METADATA",
    "NOT_STATED",
    "AddressRow",
    "ArchivedRow",
    "AssessmentRow",
    "AttributionRow",
    "AttributionStateRow",
    "AuditRow",
    "CanaryRow",
    "CheckOrigin",
    "CheckRow",
    "ClaimRow",
    "CounterRow",
    "ExchangeCaseRow",
    "ExchangeDocumentRow",
    "ExchangeLinkRow",
    "ExchangeRow",
    "FactCorrectionRow",
    "HoldRow",
    "HostRow",
    "InputRow",
    "LeaseRow",
    "LetterEventRow",
    "LetterRow",
    "NamingDecisionRow",
    "NoticeRow",
    "ObservationLinkRow",
    "ObservationRow",
    "OrderFactRow",
    "OrganisationNameRow",
    "OrganisationRow",
    "OutcomeRow",
    "ProviderNameRow",
    "ProviderRow",
    "ReasonRow",
    "RecordRow",
    "ReferenceTableRow",
    "RegisteredCourseRow",
    "RegistrationAnswerRow",
    "RegistrationRow",
    "RegistryChangeRow",
    "ReportRow",
    "ResolutionAddressRow",
    "ResolutionRow",
    "Row",
    "RunRow",
    "ScheduleRow",
    "ScheduleStateRow",
    "SealRow",
    "SourceRow",
    "TargetRow",
    "VantageRow",
    "WorkerRow",
    "table_of",
]
