"""The stages of handing over: SCART's tables, orders, exchange, archive, research copy, roles' key files, bundles.

In: the folder of the inputs, the stages before. Out: stages by name. What would surprise: the other organisation of the
exchange, and who takes a bundle over, have their data folders in `out`; and their public keys are made by the commands
themselves, so a word like `{place.signer_there}` is read from the folder when the command is run.
"""

from pathlib import Path

from tests.intake.scart_files import TABLES
from tests.kills.stage import Stage, Words

THERE: Words = ("--data-dir", "{place.out}/there")
WHO: Words = ("--by", "Jo Tester")
REASON: Words = ("--reason", "asked for", *WHO)
AGE_KEY: Words = ("--identity", "{place.out}/age.key")
TAKEN = "of that name is there already"


def handing_over(folder: Path, frozen: tuple[str, ...]) -> dict[str, Stage]:
    """After those that lead to a frozen dataset."""
    tables = tuple(folder / "scart" / f"{name}.csv" for name in TABLES)
    letters = (*frozen, "letters draft")
    return {
        "scart": Stage(("import", "--timezone", "Europe/Amsterdam", *tables), (), (4, 15)),
        **_orders(frozen),
        **_exchange(folder),
        "archive export": _archive(("{place.out}/archive",), letters),
        "archive export sealed": _archive(("{place.out}/archive", "--to", "{place.age}"), (*letters, "age key")),
        "research export": Stage(
            ("research", "export", "{place.out}/research", *REASON),
            frozen,
            (3, 12),
            but_for=("audit",),
            already="The folder is there already",
        ),
        "keys role": Stage(
            ("keys", "role", "operator", "--out", "{place.out}/operator.key", *WHO),
            letters,
            (3, 15),
            but_for=("audit", "seals"),
            already="There is a file of that name already",
        ),
        "privacy page": Stage(("privacy", "page"), frozen, (3, 10), already="There is a page already"),
        "handover export": Stage(
            ("handover", "export", "{place.out}/all.bundle", *REASON),
            letters,
            (3, 12),
            but_for=("audit",),
            already=TAKEN,
        ),
        "handover import": Stage(
            ("--data-dir", "{place.out}/taken", "handover", "import", "{place.out}/all.bundle", *WHO),
            (*letters, "handover export"),
            (3, 14),
            already="There is a store already",
        ),
    }


def _archive(words: Words, after: tuple[str, ...]) -> Stage:
    """Killed before its letters were noted as archived, they count as not archived: `forget` keeps them."""
    return Stage(
        ("archive", "export", *words, *REASON),
        after,
        (3, 10),
        but_for=("audit", "archived"),
        already="Something of that name is there already",
    )


def _orders(frozen: tuple[str, ...]) -> dict[str, Stage]:
    order = ("--served-at", "2026-02-11T10:00:00+00:00", "--deadline-hours", "6", "--party", "Alpha Hosting B.V.")
    more = ("--ref", "B-1", "--by", "Clerk", "--why", "from the file")
    to_file = ("orders", "file", "as64500", "--out", "{place.out}/orders.zip")
    done = (*frozen, "orders record")
    return {
        "orders record": Stage(
            ("orders", "record", "Q0-1", *order, *more), frozen, (3, 12), already="is on record already"
        ),
        "orders file": Stage((*to_file, "--plain", *REASON), done, (2, 8), but_for=("audit",), already=TAKEN),
        "orders file sealed": Stage(
            (*to_file, "--to", "{place.age}", *REASON), (*done, "age key"), (1, 6), but_for=("audit",), already=TAKEN
        ),
    }


def _exchange(folder: Path) -> dict[str, Stage]:
    """Two stores with the same reports; what is sent is written down before the file has its name."""
    few = folder / "few-reports.csv"
    link = ("exchange", "link")
    linked = ("few reports", "few reports there", "age key", "signing key", "signing key there", "link", "link there")
    shared = (*linked, "exchange key", "exchange key there")
    sent = ("audit", "exchange_documents", "exchange_cases")
    return {
        "few reports there": Stage((*THERE, "import", few), (), (0, 0)),
        "age key": Stage(("handover", "key", "{place.out}/age.key"), ("few reports",), (3, 8), already=TAKEN),
        "signing key": Stage(("exchange", "fingerprint"), ("few reports",), (2, 6)),
        "signing key there": Stage((*THERE, "exchange", "fingerprint"), linked[:4], (0, 0)),
        "link": Stage(
            (*link, "there", "--public", "{place.signer_there}", "--age", "{place.age}", *WHO), linked[:5], (0, 0)
        ),
        "link there": Stage(
            (*THERE, *link, "here", "--public", "{place.signer}", "--age", "{place.age}", *WHO), linked[:6], (0, 0)
        ),
        "exchange key": Stage(
            ("exchange", "key", "there", "--out", "{place.out}/shared.age", *WHO),
            linked,
            (2, 6),
            but_for=("audit",),
            already=TAKEN,
        ),
        "exchange key there": Stage(
            (*THERE, "exchange", "key", "here", "--import", "{place.out}/shared.age", *AGE_KEY, *WHO),
            (*linked, "exchange key"),
            (2, 6),
        ),
        "exchange export": Stage(
            ("exchange", "export", "there", "Q0-1", "Q0-2", "--with-url", "--out", "{place.out}/cases.age", *REASON),
            shared,
            (3, 12),
            but_for=sent,
            already=TAKEN,
        ),
        "exchange import": Stage(
            (*THERE, "exchange", "import", "{place.out}/cases.age", *AGE_KEY, *WHO),
            (*shared, "exchange export"),
            (3, 12),
        ),
    }
