"""The values of a briefing's marks: the decision note (`beslisnota`) and the factsheet.

In: figures, cases of the hearing, what is advised, who writes. Out: a value for each mark of `docs/briefing.md`. What
would surprise: the names of Providers stand in the tables of the note's last section alone, so that a clerk takes them
out in one place when the note is published; and the factsheet gets no value that says who works on it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.config import Letters
from monitor.correspondence.briefing_words import OUTCOMES, STANDINGS, Wording, advised, changed, letters_said, sure
from monitor.correspondence.letter_values import Writes
from monitor.model.briefing import Advice, BriefingFigures, Case, RankedLine, Standing
from monitor.model.letter import HearingOutcome, Letter
from monitor.model.period import Period
from monitor.model.scorecard import Minimums, Norm
from monitor.model.words import ReleaseKind

_THE_REPORTS = {ReleaseKind.INTERIM: "het tussentijdse rapport", ReleaseKind.FINAL: "het eindrapport"}
_REPORTS = {ReleaseKind.INTERIM: "tussentijds rapport", ReleaseKind.FINAL: "eindrapport"}
_NOTHING = "–"
_PERSON = "een natuurlijk persoon"


@dataclass(frozen=True, slots=True)
class BriefingFacts:
    """What both documents rest on. `withheld`: the reason by id of who is not named by a decision.

    `figures` are the note's, with every name; `public` are the factsheet's, as a release would show them today.
    """

    kind: ReleaseKind
    sender: Letters
    dated: date
    period: Period
    cutoff: datetime
    freeze: str  # full digest
    method: str
    norm: Norm
    minimums: Minimums
    figures: BriefingFigures
    public: BriefingFigures
    cases: tuple[Case, ...]
    advice: tuple[Advice, ...]
    criteria: str
    withheld: Mapping[str, str]
    named_before: bool = False  # whether the interim report shows names


def note_values(facts: BriefingFacts, writes: Writes) -> dict[str, object]:
    """Of `beslisnota.docx`."""
    wording = Wording(writes, named_before=facts.named_before)
    sender = facts.sender
    return {
        **_common(facts, writes),
        **_counts(facts.figures, wording),
        "title": f"Beslisnota monitor hostingaanbieders {facts.period.label}: {_REPORTS[facts.kind]}",
        "directorate": sender.directorate,
        "contact_person": sender.contact_person,
        "contact_details": ", ".join(sender.contact_details),
        "is_final": facts.kind is ReleaseKind.FINAL,
        "named_before": facts.named_before,
        "criteria": facts.criteria,
        "reply_days": str(sender.reply_days),
        "advice": [advised(step, wording) for step in facts.advice],
        "letters": list(letters_said(facts.cases, wording)),
        "change": list(changed(facts.figures.change, wording)),
        "certainty": list(sure(facts.figures, wording)),
        "corrections": [_correction(*each, wording=wording) for each in facts.figures.corrected],
        "naming": _naming(facts.cases, wording),
        "cases": [_case(case, facts, writes) for case in facts.cases],
        "withheld": [
            {"provider": case.provider, "why": facts.withheld.get(case.provider_id, "")}
            for case in facts.cases
            if case.standing is Standing.WITHHELD
        ],
    }


def factsheet_values(facts: BriefingFacts, writes: Writes, n_shown: int) -> dict[str, object]:
    """Of `factsheet.docx`, with the first `n_shown` lines of the ranking and how many others there are."""
    figures, wording = facts.public, Wording(writes)
    n_others = len(figures.ranked) - n_shown
    return {
        **_common(facts, writes),
        **_counts(figures, wording),
        "title": f"Factsheet monitor hostingaanbieders {facts.period.label}: {_REPORTS[facts.kind]}",
        "named": figures.named,
        "ranked": [_line(each, writes) for each in figures.ranked[:n_shown]],
        "others": f"en {wording.count(n_others, 'andere aanbieder', 'andere aanbieders')}." if n_others else "",
        "n_shown": writes.number(n_shown),
        "change": list(changed(figures.change, wording)),
        "chart_alt": figures.chart_alt,
    }


def _common(facts: BriefingFacts, writes: Writes) -> Mapping[str, object]:
    norm = facts.norm
    return {
        "language": "nl",
        "dated_on": facts.dated.isoformat(),
        "dated": writes.day(facts.dated),
        "organisation": facts.sender.organisation,
        "report": _REPORTS[facts.kind],
        "the_report": _THE_REPORTS[facts.kind],
        "period": writes.period(facts.period),
        "period_label": facts.period.label,
        "cutoff": writes.day(facts.cutoff),
        "freeze": facts.freeze[:8],
        "method": facts.method,
        "norm": writes.norm(norm),
        "norm_target": writes.target(norm.target),
        "norm_basis": norm.basis.strip().rstrip("."),
        "norm_is_set": not norm.is_example,
        "fewest": writes.number(facts.minimums.episodes),
        "fewest_days": writes.number(facts.minimums.clusters),
    }


def _counts(figures: BriefingFigures, wording: Wording) -> Mapping[str, object]:
    writes = wording.writes
    return {
        "n_notified": wording.urls(figures.n_notified),
        "n_counted": wording.urls(figures.n_counted),
        "n_unattributed": writes.number(figures.n_unattributed),
        "n_gone_before": writes.number(figures.n_gone_before),
        "n_undelivered": writes.number(figures.n_undelivered),
        "n_misaddressed": writes.number(figures.n_misaddressed),
        "n_fronted": wording.urls(figures.n_fronted),
        "n_providers": wording.providers(figures.n_providers),
        "n_ranked": wording.providers(figures.n_ranked),
        "classes": [
            {"word": each.word, "sentence": each.sentence, "n": writes.number(each.n)} for each in figures.classes
        ],
        "share": writes.percent(figures.share),
        "share_range": writes.percents(figures.low, figures.high),
        "worst": writes.percent(figures.worst),
        "best": writes.percent(figures.best),
    }


def _line(line: RankedLine, writes: Writes) -> Mapping[str, str]:
    return {
        "rank": writes.number(line.rank),
        "provider": line.provider,
        "n_episodes": writes.number(line.n_episodes),
        "share": writes.percent(line.share),
        "range": writes.percents(line.low, line.high),
        "judgement": line.judgement,
    }


def _correction(kind: str, why: str, n: int, *, wording: Wording) -> str:
    return f"{kind}: {wording.writes.number(n)}" + (f" ({why.rstrip('.')})." if why else ".")


def _naming(found: Sequence[Case], wording: Wording) -> list[str]:
    """Whom a final report would name today, in counts."""
    counts = Counter(case.standing for case in found)
    waiting = sum(case.is_to_be_named and not case.may_be_named for case in found)
    heard = counts[Standing.HEARD]
    said = [
        f"Gehoord, en in het eindrapport met naam te noemen: {wording.providers(heard)}."
        if heard
        else "Nog geen enkele aanbieder is gehoord; het eindrapport kan nu niemand met naam noemen."
    ]
    if waiting:
        said.append(f"Nog niet gehoord, en daarom nu niet te noemen: {wording.providers(waiting)}.")
    if counts[Standing.WITHHELD]:
        said.append(f"Niet genoemd door een besluit met reden: {wording.providers(counts[Standing.WITHHELD])}.")
    if n_persons := counts[Standing.PERSON]:
        said.append(f"Natuurlijke personen, die nooit worden genoemd: {wording.writes.number(n_persons)}.")
    return said


def _case(case: Case, facts: BriefingFacts, writes: Writes) -> Mapping[str, str]:
    words = {each.class_: each.word for each in facts.figures.classes}
    letter = case.letter
    return {
        "provider": _PERSON if case.standing is Standing.PERSON else case.provider,
        "judgement": words.get(case.class_, _NOTHING),
        "standing": STANDINGS[case.standing],
        "reference": letter.reference if letter else _NOTHING,
        "due": writes.day(letter.due_on) if letter and letter.due_on else _NOTHING,
        "answer": _last_answer(case, facts.dated, writes),
    }


def _last_answer(case: Case, today: date, writes: Writes) -> str:
    """To the Letter that counts, else to the one before that was answered: that answer is on record too."""
    if case.letter is None:
        return _NOTHING
    said = _answer(case.letter, today, writes)
    before = next((letter for letter in reversed(case.earlier) if letter.answers), None)
    if case.letter.answers or before is None:
        return said
    earlier = f"op brief {before.reference}: {_answer(before, today, writes)}"
    return earlier if said == _NOTHING else f"{said}; {earlier}"


def _answer(letter: Letter, today: date, writes: Writes) -> str:
    if letter.answers:
        last = letter.answers[-1]
        objected = any(each.objection for each in letter.answers)
        said = f"{writes.day(last.received_on)}, {'met' if objected else 'zonder'} bedenkingen"
        if letter.outcome is HearingOutcome.NOTED:
            return f"{said}; afgehandeld"
        return f"{said}; {OUTCOMES[letter.outcome]}" if letter.outcome else said
    if letter.outcome:
        return OUTCOMES[letter.outcome]
    return OUTCOMES[HearingOutcome.NO_ANSWER] if letter.due_on and letter.due_on < today else _NOTHING
