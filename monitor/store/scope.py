"""Which facts a reading of the store is after, as pieces of its statements: numbers of ours, never a text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Which facts are wanted: those before an instant (microseconds UTC), of some Targets or of all."""

    before: int
    targets: tuple[int, ...] | None

    @property
    def listed(self) -> str:
        """The keys of the Targets as SQL lists them; nothing is in an empty list."""
        return ", ".join(f"{target:d}" for target in self.targets or ()) or "NULL"

    @property
    def of_target(self) -> str:
        return "" if self.targets is None else f" AND r.target_id IN ({self.listed})"

    @property
    def of_records(self) -> str:
        if self.targets is None:
            return ""
        return f" AND record_key IN (SELECT record_key FROM reports WHERE target_id IN ({self.listed}))"  # noqa: S608

    @property
    def of_addresses(self) -> str:
        """Every address that a report, a check, a literal or a Resolution of the Targets names."""
        if self.targets is None:
            return ""
        t = self.listed
        return f""" AND address_id IN (
            SELECT address_id FROM reports WHERE target_id IN ({t}) UNION
            SELECT origin_address_id FROM reports WHERE target_id IN ({t}) UNION
            SELECT c.address_id FROM checks c JOIN reports r ON r.record_key = c.record_key
                WHERE r.target_id IN ({t}) UNION
            SELECT address_id FROM observations WHERE target_id IN ({t}) UNION
            SELECT h.address_id FROM hosts h JOIN targets t ON t.host_id = h.id WHERE t.id IN ({t}) UNION
            SELECT a.address_id FROM resolution_addresses a JOIN resolutions s ON s.id = a.resolution_id
                JOIN targets t ON t.host_id = s.host_id WHERE t.id IN ({t}))"""  # noqa: S608 (numbers)
