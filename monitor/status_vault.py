"""Live Targets whose URL still waits in the vault: a Finding for status.

In: the store. Out: one Finding, or none where the key file was never split. What would surprise: with the operator's
key file such Targets are passed over by every check without an error, so nothing else would tell of them.
"""

from collections.abc import Iterator

from monitor.model.operation import Finding, Mark
from monitor.store import Store
from monitor.store.vaulting import live_in_vault


def vault(db: Store) -> Iterator[Finding]:
    """How many there are, and who can put them right."""
    if db.sealer.vault is None:
        return
    n = live_in_vault(db)
    said, figures = f"live Targets whose URL waits in the vault: {n}", {"live_in_vault": n}
    if n and not db.sealer.vault.opens:
        todo = "Nobody checks them: `monitor keys role operator` with the hotline's key file (docs/roles.md)"
        yield Finding("vault", Mark.LOOK, said, todo, figures)
        return
    yield Finding("vault", Mark.OK, said, figures=figures)
