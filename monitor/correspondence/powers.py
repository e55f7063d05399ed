"""Words of powers that a ministry lacks: a letter about figures asks, it neither orders nor threatens.

In: a text. Out: each word that claims or threatens a power, with its sentence, for a person to look at. What would
surprise: words are found whatever stands around them, so "no fine" is found too; that a clerk reads one sentence in
vain is better than that a threat goes out.
"""

import re
from dataclasses import dataclass

_DUTCH = (
    r"(?:bestuurlijke\s+)?(?:geld)?boetes?",
    r"dwangsom(?:men)?",
    r"last\s+onder\s+\w+",
    r"bestuursdwang",
    r"(?:wij|ik)\s+(?:u\s+)?beve(?:el|len)",
    r"beve(?:el|len)\s+(?:wij|ik|u)",
    r"gebied(?:t|en)?\s+(?:wij|ik|u)",
    r"gelast(?:en)?",
    r"(?:bindende\s+)?aanwijzing(?:en)?",
    r"sommeer|sommeren|sommatie",
    r"strafrechtelijk\w*",
    r"strafbaar\s+stellen|strafvervolging|vervolging",
    r"aangifte",
    r"sancties?|sanctioneren",
    r"handhavend|handhavings\w+",
    r"in\s+gebreke|ingebrekestelling",
    r"aansprakelijk\w*",
    r"schadevergoeding",
    r"gerechtelijke|rechtsmaatregelen|kort\s+geding",
    r"u\s+(?:bent|is)\s+verplicht|bent\s+u\s+verplicht|verplicht(?:en)?\s+(?:wij|ik|u)",
    r"u\s+(?:moet|dient)|(?:moet|dient)\s+u",
)
_ENGLISH = (
    r"(?:administrative\s+)?fine[sd]?",
    r"penalt(?:y|ies)",
    r"(?:we|i)\s+(?:hereby\s+)?(?:order|command|instruct|direct)\s+you",
    r"(?:are|is)\s+(?:hereby\s+)?(?:ordered|instructed|summoned)",
    r"binding\s+instructions?",
    r"summons?|formal\s+demand|notice\s+of\s+default",
    r"prosecut\w+",
    r"criminal\s+(?:charges?|proceedings?|offences?|law|liability)",
    r"sanction(?:s|ed)?",
    r"enforcement",
    r"liable|liability",
    r"damages",
    r"(?:court|legal|judicial)\s+(?:action|proceedings?|steps)",
    r"injunctions?",
    r"you\s+(?:must|shall|are\s+(?:required|obliged|obligated))",
)
_CLAIMS = re.compile(rf"(?<!\w)(?:{'|'.join((*_DUTCH, *_ENGLISH))})(?!\w)", re.IGNORECASE)
_ENDS = re.compile(r"(?<=[.!?;])\s+|\n+")


@dataclass(frozen=True, slots=True)
class ClaimedPower:
    """A word as it stands, and the sentence that it stands in."""

    word: str
    sentence: str


def claimed_powers(text: str) -> tuple[ClaimedPower, ...]:
    """Those of Dutch and English alike, in reading order."""
    sentences = (sentence.strip() for sentence in _ENDS.split(text))
    return tuple(
        ClaimedPower(" ".join(found.group().split()), sentence)
        for sentence in sentences
        for found in _CLAIMS.finditer(sentence)
    )
