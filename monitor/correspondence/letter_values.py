"""The values of a Letter's marks: what its template calls by name, as text in one language.

In: who writes, the Letter to be, the Provider's Scorecard and its norm, what is said in words, and how a language
writes numbers and days. Out: a value for each mark of `docs/letter-templates.md`. What would surprise: nothing is
computed here. Each figure is the Scorecard's, written as the report writes it, so that a Letter and the report read
alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from monitor.config import Letters
from monitor.model.letter import Letter
from monitor.model.period import Period
from monitor.model.scorecard import Norm, Scorecard


class Writes(Protocol):
    """How one language writes values (`monitor.publication.formats.Formats`)."""

    def number(self, value: float | None, /) -> str: ...
    def percent(self, share: float | None, /) -> str: ...
    def percents(self, low: float | None, high: float | None, /) -> str: ...
    def target(self, share: float, /) -> str: ...
    def hours(self, value: float | None, /) -> str: ...
    def day(self, value: date | datetime, /) -> str: ...
    def iso_day(self, value: str, /) -> str: ...
    def period(self, period: Period, /) -> str: ...
    def norm(self, norm: Norm, /) -> str: ...


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What is the same in both languages. `addressee` are the lines of the address, the name first."""

    sender: Letters
    reference: str
    your_reference: str  # empty: the Provider has not written
    dated: date
    answer_by: date
    provider: str
    addressee: tuple[str, ...]
    period: Period
    cutoff: datetime
    card: Scorecard  # role network, against `norm`
    norm: Norm
    n_ranked: int
    before: Letter | None = None  # about the same Period, delivered to the same Provider
    is_same_freeze: bool = False  # `before` told the figures of the same dataset


@dataclass(frozen=True, slots=True)
class LetterWords:
    """What is said in one language. `evidence` are sentences: how URLs came to be booked on this Provider."""

    language: str  # "nl" or "en"
    criteria: str
    judgement: str
    judgement_sentence: str
    median_status: str  # in words, for a median that was not reached
    evidence: tuple[str, ...]
    chart_alt: str = ""
    attachments: tuple[str, ...] = ()  # besides the annex that the template itself holds
    judgement_before: str = ""  # what the Letter before told


_SUBJECTS = {
    "nl": "Uw cijfers in de monitor hostingaanbieders, {period}",
    "en": "Your figures in the hosting provider monitor, {period}",
}
_BEFORE = {
    "nl": (
        "U kreeg eerder een brief over deze periode, van {day} (kenmerk {reference}). Daarin was het oordeel "
        "“{judgement}” en het aandeel binnen de norm {share}. {change} Wat u daarop hebt geantwoord, blijft meetellen."
    ),
    "en": (
        "You received a letter about this period before, of {day} (reference {reference}). Its judgement was "
        "“{judgement}” and its share within the norm {share}. {change} What you answered to it still counts."
    ),
}
_CHANGES = {
    "nl": ("De cijfers zijn dezelfde.", "De cijfers in deze brief komen daarvoor in de plaats. De reden: [invullen]."),
    "en": ("The figures are the same.", "The figures in this letter take their place. The reason: [fill in]."),
}
"""Of the same dataset, and of another one: then a clerk has to say why, for approval refuses an open place."""


def letter_values(facts: LetterFacts, words: LetterWords, writes: Writes) -> dict[str, object]:
    """By the name of the mark. Lists are lists of text; a value that is not known is said so, never empty."""
    return {
        **_head(facts, words, writes),
        **_sender(facts.sender),
        **_grounds(facts, words, writes),
        **_figures(facts, words, writes),
    }


def _head(facts: LetterFacts, words: LetterWords, writes: Writes) -> Mapping[str, object]:
    subject = _SUBJECTS[words.language].format(period=facts.period.label)
    return {
        "title": f"{subject} ({facts.reference})",
        "language": words.language,
        "dated_on": facts.dated.isoformat(),
        "subject": subject,
        "reference": facts.reference,
        "your_reference": facts.your_reference,
        "dated": writes.day(facts.dated),
        "answer_by": writes.day(facts.answer_by),
        "addressee": "\n".join(facts.addressee),
        "provider": facts.provider,
        "attachments": list(words.attachments),
    }


def _sender(sender: Letters) -> Mapping[str, object]:
    return {
        "organisation": sender.organisation,
        "directorate": sender.directorate,
        "visiting_address": "\n".join(sender.visiting_address),
        "postal_address": "\n".join(sender.postal_address),
        "return_address": ", ".join(sender.postal_address),
        "contact_person": sender.contact_person,
        "contact_details": "\n".join(sender.contact_details),
        "answer_to": sender.answer_to,
        "signatory": sender.signatory,
        "signatory_title": sender.signatory_title,
        "reply_days": str(sender.reply_days),
    }


def _grounds(facts: LetterFacts, words: LetterWords, writes: Writes) -> Mapping[str, object]:
    return {
        "period": writes.period(facts.period),
        "period_label": facts.period.label,
        "cutoff": writes.day(facts.cutoff),
        "criteria": _sentence(words.criteria),
        "earlier": _earlier(facts, words, writes),
        "norm": writes.norm(facts.norm),
        "norm_target": writes.target(facts.norm.target),
        "norm_basis": _sentence(facts.norm.basis),
        "norm_set_by": facts.norm.set_by,
        "norm_valid_from": writes.iso_day(facts.norm.valid_from),
        "evidence": list(words.evidence),
        "chart_alt": words.chart_alt,
    }


def _earlier(facts: LetterFacts, words: LetterWords, writes: Writes) -> str:
    """What a Letter before this one told; empty where there is none. Nobody gets other figures without a word."""
    if facts.before is None:
        return ""
    same, other = _CHANGES[words.language]
    return _BEFORE[words.language].format(
        day=writes.day(facts.before.dated),
        reference=facts.before.reference,
        judgement=words.judgement_before,
        share=writes.percent(facts.before.told.within_norm),
        change=same if facts.is_same_freeze else other,
    )


def _figures(facts: LetterFacts, words: LetterWords, writes: Writes) -> Mapping[str, object]:
    card = facts.card
    reached = card.median_status == "reached"
    ranked = card.rank is not None
    return {
        "n_notices": writes.number(card.n_notices),
        "n_episodes": writes.number(card.n_episodes),
        "gone_before_notice": writes.number(card.gone_before_notice),
        "online_at_cutoff": writes.number(card.online_at_cutoff),
        "moved": writes.number(card.moved),
        "domain_gone": writes.number(card.domain_gone),
        "within_norm": writes.percent(card.within_norm),
        "within_norm_range": writes.percents(card.within_norm_low, card.within_norm_high),
        "worst": writes.percent(card.within_norm_worst),
        "best": writes.percent(card.within_norm_best),
        "any_end": writes.percent(card.within_norm_any_end),
        "any_end_worst": writes.percent(card.within_norm_any_end_worst),
        "any_end_best": writes.percent(card.within_norm_any_end_best),
        "median": writes.hours(card.median_hours) if reached else words.median_status,
        "rank": writes.number(card.rank) if ranked else "",
        "rank_low": writes.number(card.rank_low) if ranked else "",
        "rank_high": writes.number(card.rank_high) if ranked else "",
        "n_ranked": writes.number(facts.n_ranked),
        "judgement": words.judgement,
        "judgement_sentence": words.judgement_sentence,
    }


def _sentence(text: str) -> str:
    """With its full stop."""
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
