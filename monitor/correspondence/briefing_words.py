"""Sentences of a briefing, in the Dutch of a ministry: what is advised, where letters stand, what changed.

In: values and how Dutch writes them. Out: text. What would surprise: the documents of a briefing are Dutch alone, so
these sentences stand here and in the templates, and not in the catalogue of translations; and an objection is called
`bedenking`, because a letter is no decision against which a `bezwaar` could be made.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from monitor.correspondence.letter_values import Writes
from monitor.model.briefing import Advice, Advised, BriefingFigures, Case, PeriodChange, Standing
from monitor.model.letter import HearingOutcome, Letter
from monitor.model.scorecard import TrendPoint

Said = Callable[[Advice, "Wording"], str]

OUTCOMES: Mapping[HearingOutcome, str] = {
    HearingOutcome.NO_ANSWER: "geen antwoord binnen de termijn",
    HearingOutcome.NOTED: "antwoord zonder bedenkingen",
    HearingOutcome.CORRECTED: "gecorrigeerd",
    HearingOutcome.REJECTED: "bedenking niet gevolgd",
}
STANDINGS: Mapping[Standing, str] = {
    Standing.PERSON: "natuurlijk persoon: wordt nooit genoemd",
    Standing.WITHHELD: "wordt niet genoemd, volgens besluit",
    Standing.NOT_CHOSEN: "valt buiten de criteria voor een brief",
    Standing.IMPOSSIBLE: "nog geen brief mogelijk: gegevens ontbreken",
    Standing.NO_LETTER: "nog geen brief",
    Standing.DRAFTED: "brief wacht op goedkeuring",
    Standing.APPROVED: "brief wacht op bezorging",
    Standing.RETURNED: "brief kwam terug",
    Standing.OBJECTED: "bedenking: wacht op een beslissing",
    Standing.ANSWERED: "antwoord: wacht op afhandeling",
    Standing.CORRECTED: "correctie nog niet in de cijfers",
    Standing.WORSE: "ongunstiger oordeel dan in de brief: nieuwe brief nodig",
    Standing.RUNNING: "antwoordtermijn loopt",
    Standing.HEARD: "gehoord",
}


class Wording:
    """How Dutch writes counts with their noun, and the names of what the briefing is about."""

    def __init__(self, writes: Writes, *, named_before: bool = False) -> None:
        self.writes = writes
        self.named_before = named_before  # whether the interim report shows names

    def count(self, n: int, one: str, many: str) -> str:
        return f"{self.writes.number(n)} {one if n == 1 else many}"

    def providers(self, n: int) -> str:
        return self.count(n, "aanbieder", "aanbieders")

    def urls(self, n: int) -> str:
        return self.count(n, "URL", "URL’s")


def advised(step: Advice, wording: Wording) -> str:
    """What follows "U wordt geadviseerd om"."""
    return _ADVISED[step.what](step, wording)


def _one_or_many(step: Advice, one: str, many: str) -> str:
    return one if step.n == 1 else many


def _interim(_step: Advice, wording: Wording) -> str:
    names = "" if wording.named_before else ", zonder namen van aanbieders"
    return f"het tussentijdse rapport te publiceren{names}."


def _wait(step: Advice, wording: Wording) -> str:
    until = f" De laatste termijn loopt tot en met {wording.writes.day(step.day)}." if step.day else ""
    return f"de antwoordtermijn van {wording.providers(step.n)} af te wachten.{until}"


def _hold(step: Advice, wording: Wording) -> str:
    if step.day is None:
        return "het eindrapport pas te publiceren als dit is gedaan."
    return f"het eindrapport pas te publiceren als dit is gedaan, en niet eerder dan op {wording.writes.day(step.day)}."


def _final(step: Advice, wording: Wording) -> str:
    if not step.n:
        return "het eindrapport te publiceren. Het noemt geen enkele aanbieder."
    return f"het eindrapport te publiceren. Het noemt {wording.providers(step.n)} met naam."


_ADVISED: Mapping[Advised, Said] = {
    Advised.PUBLISH_INTERIM: _interim,
    Advised.SET_NORM: lambda step, wording: (
        "de norm vast te stellen, met grondslag, ingangsdatum en wie haar vaststelt. De norm is nu een voorbeeld of "
        "geldt "
        "nog niet voor deze periode; daarop kan geen brief en geen eindrapport rusten."
    ),
    Advised.DRAFT: lambda step, wording: (
        f"een brief te laten opstellen aan {wording.providers(step.n)} die nog niet "
        f"{_one_or_many(step, 'is', 'zijn')} aangeschreven."
    ),
    Advised.COMPLETE: lambda step, wording: (
        f"de gegevens van {wording.providers(step.n)} te laten aanvullen, of te besluiten "
        f"{_one_or_many(step, 'deze aanbieder', 'deze aanbieders')} niet te noemen. Zonder bevestigde hostingdienst en "
        "bekende rechtspersoon is geen brief mogelijk."
    ),
    Advised.DECIDE_NAMING: lambda step, wording: (
        f"te beslissen over {wording.providers(step.n)} buiten de criteria voor een brief: aanschrijven of niet noemen."
    ),
    Advised.APPROVE: lambda step, wording: (
        f"in te stemmen met {wording.count(step.n, 'brief die', 'brieven die')} in concept gereed "
        f"{_one_or_many(step, 'is', 'zijn')}."
    ),
    Advised.DELIVER: lambda step, wording: (
        f"{wording.count(step.n, 'goedgekeurde brief', 'goedgekeurde brieven')} te laten bezorgen."
    ),
    Advised.DELIVER_AGAIN: lambda step, wording: (
        f"{wording.count(step.n, 'brief die terugkwam', 'brieven die terugkwamen')} op een andere manier te laten "
        f"bezorgen."
    ),
    Advised.WRITE_AGAIN: lambda step, wording: (
        f"{wording.providers(step.n)} opnieuw aan te schrijven: het oordeel is ongunstiger dan de brief vermeldde."
    ),
    Advised.DECIDE_OBJECTIONS: lambda step, wording: f"te beslissen op de bedenkingen van {wording.providers(step.n)}.",
    Advised.CLOSE_ANSWERS: lambda step, wording: (
        f"{wording.count(step.n, 'antwoord', 'antwoorden')} zonder bedenkingen te laten afhandelen."
    ),
    Advised.FREEZE_AGAIN: lambda step, wording: (
        f"de cijfers opnieuw te laten vaststellen: een correctie voor {wording.providers(step.n)} is er nog niet in "
        "verwerkt."
    ),
    Advised.WAIT: _wait,
    Advised.HOLD_FINAL: _hold,
    Advised.PUBLISH_FINAL: _final,
}


def changed(change: PeriodChange, wording: Wording) -> Iterator[str]:
    """What changed since the Period before, and whether that can be said at all."""
    before, now = change.before, change.now
    if before is None or now is None or before.share is None or now.share is None:
        yield (
            f"Met {change.previous} kan niet worden vergeleken: van die periode is geen cijfer voor alle aanbieders "
            "samen."
        )
    else:
        yield (
            f"In de vorige periode ({change.previous}) was het aandeel binnen de norm {_interval(before, wording)}, "
            f"nu is het {_interval(now, wording)}. {_OVERLAP[change.overlap]}"
        )
    for why in change.breaks:
        yield f"Let op bij deze vergelijking: {why}. Een verschil kan daardoor komen."
    parts = [
        f"{wording.providers(n)} {word}"
        for n, word in (
            (change.n_better, "beter"),
            (change.n_worse, "slechter"),
            (change.n_within_chance, "zonder verschil buiten toeval"),
            (change.n_not_comparable, "niet te vergelijken"),
        )
        if n
    ]
    if parts:
        yield f"Per aanbieder met een plaats in de rangorde, met toeval meegerekend: {_listed(parts)}."


_OVERLAP: Mapping[bool | None, str] = {
    True: "De intervallen overlappen: het verschil kan toeval zijn.",
    False: "De intervallen overlappen niet: het verschil is groter dan toeval.",
    None: "Of het verschil toeval kan zijn, is niet te zeggen.",
}


def _interval(point: TrendPoint, wording: Wording) -> str:
    writes = wording.writes
    return f"{writes.percent(point.share)} (95%-interval {writes.percents(point.low, point.high)})"


def sure(figures: BriefingFigures, wording: Wording) -> Iterator[str]:
    """How sure we are, and what bears on it."""
    writes = wording.writes
    yield (
        f"Zonder enige schatting ligt het aandeel binnen de norm tussen {writes.percent(figures.worst)} (slechtste "
        f"geval) en {writes.percent(figures.best)} (beste geval)."
    )
    if figures.n_undecided:
        yield (
            f"Bij {wording.urls(figures.n_undecided)} laten de controles open of het materiaal binnen de norm offline "
            "was. Een oordeel houdt daarmee rekening."
        )
    if 0 < figures.n_counted <= figures.n_doubted:
        yield "Bij geen enkele URL is de aanbieder met volledige zekerheid bekend."
    elif figures.n_doubted:
        yield f"Bij {wording.urls(figures.n_doubted)} is de aanbieder niet met volledige zekerheid bekend."
    if figures.n_no_end_seen:
        yield f"Bij {wording.urls(figures.n_no_end_seen)} is tot de peildatum geen einde gezien."
    if figures.most_dependent is not None:
        choice, n = figures.most_dependent
        if n:
            yield (
                f"Bij een andere methodische keuze verandert het oordeel van ten hoogste {wording.providers(n)} "
                f"(keuze: {choice})."
            )
        else:
            yield "Geen van de andere methodische keuzes die zijn beproefd, verandert een oordeel."


def letters_said(found: Sequence[Case], wording: Wording) -> Iterator[str]:
    """How many were written to, what came back, and what is due; whoever was written to twice is one Provider."""
    by_provider = [(*case.earlier, case.letter) for case in found if case.letter is not None]
    if not by_provider:
        yield "Er is nog geen brief opgesteld."
        return
    delivered = [[letter for letter in letters if letter.delivered_on is not None] for letters in by_provider]
    arrived = [letters for letters in delivered if letters]
    n_letters, number = sum(map(len, by_provider)), wording.writes.number
    to = f", aan {wording.providers(len(by_provider))}" if n_letters > len(by_provider) else ""
    yield f"Opgesteld: {wording.count(n_letters, 'brief', 'brieven')}{to}. Bezorgd: {number(sum(map(len, arrived)))}."
    if not arrived:
        return
    answers = [[answer for letter in letters for answer in letter.answers] for letters in arrived]
    answered = sum(map(bool, answers))
    objected = sum(any(answer.objection for answer in given) for given in answers)
    yield (
        f"Beantwoord, naar aanbieder: {number(answered)}, waarvan met bedenkingen: {number(objected)}. "
        f"Niet beantwoord: {number(len(arrived) - answered)}."
    )
    every = [letter for letters in arrived for letter in letters]
    outcomes = [(word, sum(letter.outcome is outcome for letter in every)) for outcome, word in OUTCOMES.items()]
    closed = [f"{word} ({wording.writes.number(n)})" for word, n in outcomes if n]
    if closed:
        yield f"Afgerond: {_listed(closed)}."
    running = sorted(day for case in found if case.standing is Standing.RUNNING and (day := _due(case.letter)))
    if running:
        first, last = wording.writes.day(running[0]), wording.writes.day(running[-1])
        more = f"; de laatste op {last}" if last != first else ""
        yield f"De eerste antwoordtermijn die nog loopt, eindigt op {first}{more}."


def _due(letter: Letter | None) -> date | None:
    return None if letter is None else letter.due_on


def _listed(parts: list[str]) -> str:
    return " en ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
