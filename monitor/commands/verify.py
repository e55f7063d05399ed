"""`monitor verify`: whether what was stored is what is there, walked through from the first link to the last.

In: an open store, and heads that somebody wrote down earlier. Out: counts, the heads of today, and each problem in a
line. What would surprise: status 1 where there is a problem; and only a head from elsewhere shows that an end was cut
off, or that somebody who could write the database made a whole chain anew.
"""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor import publishing
from monitor.errors import UsageError
from monitor.session import Session
from monitor.store.frozen_manifest import MANIFEST
from monitor.store.verifying import Verified
from monitor.store.verifying import verify as verify_store

_HEAD = re.compile(r"[0-9a-fA-F]{64}")
_RELEASES = "releases"


def verify(
    context: typer.Context,
    head: Annotated[
        list[str] | None,
        typer.Option(help="A head that was written down earlier must still be in its chain; may be given again."),
    ] = None,
) -> None:
    """Find what was changed, removed or put in past the program: imports, observations, audit log, datasets, releases.

    Status 1 where anything is wrong. Write the heads down elsewhere: a head that is in no chain later means that an end
    was cut off, or a chain made anew. --json: ok, observations (rows, links), audit, inputs (rows, not_covered: from
    before their facts were summed), sealed, frozen, releases, heads (observations, audit), problems.
    """
    session: Session = context.obj
    heads = tuple(head or ())
    if not all(_HEAD.fullmatch(each) for each in heads):
        raise UsageError("--head is no head of a chain", "Write the 64 characters that `monitor verify` showed")
    with session.store() as (opened, _), session.bar("verify") as progress:
        found = verify_store(opened, heads, progress)
    n_releases, of_releases = _releases(session.data_dir / _RELEASES)
    problems = (*found.problems, *of_releases)
    session.result(_told(found, n_releases, problems), _text(found, n_releases, problems))
    raise typer.Exit(1 if problems else 0)


def _releases(folder: Path) -> tuple[int, tuple[str, ...]]:
    """How many releases lie in the data folder, and what is not as their manifests say."""
    if not folder.is_dir():
        return 0, ()
    there = sorted(path for path in folder.iterdir() if not path.name.startswith(".") and (path / MANIFEST).is_file())
    verified = ((path, publishing.verify_release(path).differences) for path in there)
    return len(there), tuple(f"releases: {path.name} differs from its manifest" for path, found in verified if found)


def _told(found: Verified, n_releases: int, problems: tuple[str, ...]) -> dict[str, Any]:
    return {
        "ok": not problems,
        "observations": {"rows": found.n_observations, "links": found.n_links},
        "audit": {"rows": found.n_audit},
        "inputs": {"rows": found.n_inputs, "not_covered": found.n_not_covered},
        "sealed": {"values": found.n_sealed},
        "frozen": {"folders": found.n_freezes},
        "releases": {"folders": n_releases},
        "heads": {"observations": found.heads.observations, "audit": found.heads.audit},
        "problems": list(problems),
    }


def _text(found: Verified, n_releases: int, problems: tuple[str, ...]) -> str:
    return "\n".join(
        (
            f"observations  {found.n_observations} in {found.n_links} links, head {found.heads.observations}",
            f"audit log     {found.n_audit} entries, head {found.heads.audit}",
            f"inputs        {found.n_inputs}{_not_covered(found.n_not_covered)}",
            f"sealed        {found.n_sealed} values",
            f"frozen        {found.n_freezes} datasets, {n_releases} releases",
            *(f"WRONG  {problem}" for problem in problems),
            f"{len(problems)} problems" if problems else "nothing is wrong; write both heads down elsewhere",
        )
    )


def _not_covered(n: int) -> str:
    return f", of which {n} from before there were sums: not covered but by their counts" if n else ""
