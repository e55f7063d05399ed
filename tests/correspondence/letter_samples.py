"""A Letter to an invented Provider, for the tests of templates and values."""

from datetime import UTC, date, datetime

from monitor.config import Letters
from monitor.correspondence.letter_values import LetterFacts, LetterWords
from monitor.model.period import Period
from monitor.model.scorecard import Norm
from monitor.model.words import NoticeKind
from monitor.publication.phrases import CLASS_SENTENCES, CLASSES, MEDIANS, phrase
from monitor.publication.texts import texts
from tests.publication.conftest import scorecard

SENDER = Letters(
    organisation="Ministerie van Voorbeelden",
    directorate="Directie Digitale Zaken",
    visiting_address=("Voorbeeldplein 1", "1234 AB Voorbeeldstad"),
    postal_address=("Postbus 1", "1234 AB Voorbeeldstad"),
    contact_person="A. de Vries",
    contact_details=("T 070 000 00 00", "hosting@ministerie.example"),
    answer_to="hosting@ministerie.example",
    signatory="B. Jansen",
    signatory_title="De minister van Voorbeelden,\nnamens deze, het hoofd van de directie Digitale Zaken",
    reference_prefix="VB-",
)
CARD = scorecard(
    "Voorbeeldhosting B.V.", 64499, 1201, 120, 0.42, 0.55, 0.401, 0.5132, "below", 3,
    rank_low=1, rank_high=6, within_norm=0.4567, median_status="reached", median_hours=26.44, online_at_cutoff=87,
)  # fmt: skip
FACTS = LetterFacts(
    sender=SENDER,
    reference="VB-2026H1-001",
    your_reference="",
    dated=date(2026, 9, 1),
    answer_by=date(2026, 10, 1),
    provider="Voorbeeldhosting B.V.",
    addressee=("Voorbeeldhosting B.V.", "Industrieweg 12", "1234 CD Voorbeeldstad", "Nederland"),
    period=Period.parse("2026H1"),
    cutoff=datetime(2026, 8, 1, tzinfo=UTC),
    card=CARD,
    norm=Norm(
        NoticeKind.REQUEST, 24, 0.8, "Gedragscode van de sector over verwijderverzoeken", "2025-01-01", "de sector"
    ),
    n_ranked=17,
)


def words(language: str) -> LetterWords:
    """What is said beside the figures, with the report's own words for the judgement."""
    t = texts(language)
    return LetterWords(
        language,
        criteria="iedere aanbieder in het tussenrapport"
        if language == "nl"
        else "every provider in the interim report",
        judgement=phrase(t, CLASSES, "below"),
        judgement_sentence=phrase(t, CLASS_SENTENCES, "below"),
        median_status=phrase(t, MEDIANS, "not-reached"),
        evidence=("AS64499: 1.201 URL’s.",) * 4,
        chart_alt="Een dalende lijn",
    )
