"""Which words are references of reports in a frozen dataset: what a release may not contain.

In: `episodes.parquet` and a set of words. Out: those words that are a `record_id` of the file, whatever their case.
What would surprise: a short reference cannot be told from ordinary text, nor a short one of digits alone from a
figure; such words are never found here, so references of that kind are not protected by this check. The file's
references stay in DuckDB: they are compared row by row with the words, and only words that were given come back.
"""

from collections.abc import Set
from pathlib import Path

from monitor.store.frozen_parquet import opened

SHORTEST = 6
SHORTEST_OF_DIGITS = 8


def record_ids_among(path: Path, words: Set[str]) -> frozenset[str]:
    """The words that are references. Memory goes with the words. Raises FreezeError where the file cannot be read."""
    asked = sorted(word for word in words if _is_told_apart(word))
    if not asked:
        return frozenset()
    with opened(path) as file:
        file.connection.execute(
            "CREATE TEMP TABLE words AS SELECT word, lower(word) AS folded FROM (SELECT unnest(?::VARCHAR[]) AS word)",
            [asked],
        )
        met = "SELECT lower(record_id) FROM read_parquet(getvariable('place'))"
        found = file.connection.execute(
            f"SELECT word FROM words WHERE folded IN ({met} WHERE lower(record_id) IN (SELECT folded FROM words))"  # noqa: S608 our own words
        ).fetchall()
    return frozenset(str(word) for (word,) in found)


def _is_told_apart(word: str) -> bool:
    """Whether a word can only be a reference when it equals one; half a character pair is no text."""
    fewest = SHORTEST_OF_DIGITS if word.isdigit() else SHORTEST
    return len(word) >= fewest and not any("\ud800" <= char <= "\udfff" for char in word)
