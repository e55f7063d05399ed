"""What the erratum page shows: why a release replaces another one, and which figures differ.

In: what is shown, with its Correction. Out: values for `erratum.html`, which only a correction has.
"""

from functools import partial

from monitor.publication.changes import FigureChange, changes
from monitor.publication.codebook import HOURS, SHARE
from monitor.publication.formats import Formats
from monitor.publication.phrases import CLASSES, MEDIANS, UNRANKED, phrase
from monitor.publication.shown import Shown

_WORDS = {"class": CLASSES, "median_status": MEDIANS, "unranked_reason": UNRANKED}


def erratum_view(shown: Shown, formats: Formats) -> dict[str, object]:
    """The comparison, and how its figures are written."""
    correction = shown.correction
    if correction is None:
        return {}
    reasons = {"en": correction.reason_en, "nl": correction.reason_nl}
    return {
        "changes": changes(shown, correction),
        "figure_text": partial(_figure_text, formats),
        "reason": reasons[formats.texts.language],
        "title_of": partial(_title, formats),
        "version": formats.number(correction.supersedes),
    }


def _title(formats: Formats, change: FigureChange) -> str:
    """As the codebook has it; a judgement is shown in words, so its codes are left out."""
    return formats.texts.gettext("Judgement") if change.note.name == "class" else change.note.words(formats.texts)


def _figure_text(formats: Formats, change: FigureChange, value: object) -> str:
    """One figure as the other pages write it."""
    texts, name = formats.texts, change.note.name
    if value is None:
        return texts.gettext("without a rank") if name.startswith("rank") else _nothing(formats, name)
    if name in _WORDS:
        return phrase(texts, _WORDS[name], str(value))
    if isinstance(value, bool):
        return texts.gettext("yes") if value else texts.gettext("no")
    return _number(formats, change.note.unit, value) if isinstance(value, int | float) else formats.unknown


def _nothing(formats: Formats, name: str) -> str:
    """No reason against a rank is not "not known"."""
    return "–" if name == "unranked_reason" else formats.unknown


def _number(formats: Formats, unit: str, value: float) -> str:
    if unit == SHARE:
        return formats.percent(value)
    return formats.hours(value) if unit == HOURS else formats.number(value)
