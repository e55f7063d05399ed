"""Ranking -> Release: pages, charts and tables in English and Dutch, in a write-once folder.

In: ReleaseInput. Out: Release. Nothing here reads a store, a clock or the network.
"""

from monitor.publication.briefing_parts import briefing_figures, cleared
from monitor.publication.corrections import correction
from monitor.publication.letter_parts import LetterParts, class_words, letter_parts, shown_ids
from monitor.publication.release import build, publish
from monitor.publication.verification import verified, verify

__all__ = [
    "LetterParts",
    "briefing_figures",
    "build",
    "class_words",
    "cleared",
    "correction",
    "letter_parts",
    "publish",
    "shown_ids",
    "verified",
    "verify",
]
