"""What may stand in a document of the exchange in the clear, and whether a URL in it is the one that it names.

In: texts of ours that are to leave, cases that came in. Out: the text or None; or an error. What would surprise: both
sides go by the rules of an import, so that a hostile or careless sender cannot bring in what no import would take.
"""

from monitor.errors import HandoverError
from monitor.handover.pseudonym import target_name
from monitor.intake import IntakeProblem
from monitor.intake.hosts import host_of
from monitor.intake.normalise import normalise_url
from monitor.intake.values import looks_like_url
from monitor.model.exchange import ExchangedCase, TargetKind
from monitor.model.retention import STAND_IN


def fit_to_send(text: str | None) -> str | None:
    """The text, or None where it was forgotten, or gives away a URL, host, address or e-mail address."""
    return None if text is None or STAND_IN in text or "@" in text or looks_like_url(text) else text


def check_received(case: ExchangedCase, key: bytes) -> None:
    """Raise HandoverError where a text gives something away, or the URL is not the one that the case names."""
    texts = [case.note, *(text for notice in case.notices for text in (notice.party, notice.sender))]
    if any(text is not None and fit_to_send(text) is None for text in texts):
        raise HandoverError(
            "A text in the document looks like a URL, host, address or e-mail address",
            "Nothing was taken from it. Ask the sender to leave that out",
        )
    if case.url is not None and not _is_named(case, case.url, key):
        raise HandoverError(
            "A URL in the document is not the one that its case names", "Nothing was taken from it. Ask the sender"
        )


def _is_named(case: ExchangedCase, url: str, key: bytes) -> bool:
    try:
        same = normalise_url(url).url if case.target_kind is TargetKind.URL else host_of(url).name
    except IntakeProblem:
        return False
    return same == url and target_name(key, case.target_kind, url) == case.target
