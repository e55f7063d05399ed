"""The advice of a briefing, by where each Provider stands; the decision note; the factsheet of two pages."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from docxtpl import DocxTemplate
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from monitor.correspondence.advice import advice, cases, default_kind
from monitor.correspondence.briefing import BriefingFacts, factsheet_values, note_values
from monitor.correspondence.briefing_words import Wording, advised
from monitor.correspondence.documents import render
from monitor.correspondence.factsheet import check_nobody, factsheet
from monitor.correspondence.gate import not_heard
from monitor.correspondence.hearing_steps import MAY_FOLLOW
from monitor.correspondence.letter_check import text_of
from monitor.correspondence.pdf import to_pdf
from monitor.errors import DocumentError
from monitor.model.briefing import (
    Advice,
    Advised,
    BriefingFigures,
    Case,
    ClassCount,
    PeriodChange,
    RankedLine,
    Standing,
)
from monitor.model.letter import (
    Answer,
    HearingOutcome,
    HearingRegister,
    Letter,
    LetterEvent,
    LetterStep,
    NamingDecision,
    Told,
)
from monitor.model.period import Period
from monitor.model.scorecard import Minimums, Norm, TrendPoint
from monitor.model.words import NoticeKind, ReleaseKind
from monitor.publication.formats import Formats
from monitor.publication.texts import texts
from tests.correspondence.letter_samples import CARD, SENDER
from tests.correspondence.word_files import drawing

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "reports" / "templates" / "briefing"
BRIEFING = (ROOT / "docs" / "briefing.md").read_text(encoding="utf-8")
DUTCH = Formats(texts("nl"))
FREEZE, OTHER_FREEZE = "ab" * 32, "cd" * 32
DAY, DUE, LATER = date(2026, 9, 2), date(2026, 10, 1), date(2026, 10, 2)
KEY = CARD.provider_id
HEADINGS = [
    "Aanleiding",
    "Geadviseerd besluit",
    "Kernpunten",
    "Toelichting",
    "Communicatie",
    "Informatie die niet openbaar gemaakt kan worden",
]
DRAFTED, APPROVED, DELIVERED, RETURNED, ANSWERED, CLOSED, WITHDRAWN = LetterStep
TO_WRITE = {"chosen": {KEY}}


def event(step, *, objection=False, outcome=None, day=DAY):
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    answer = Answer(day, "nl", "Dat klopt niet.", objection) if step is ANSWERED else None
    return LetterEvent(step, at, "Jo", at, answer=answer, outcome=outcome)


def letter(*events, told="below", number=1):
    """Of 1 September 2026, with a term of 28 days that ends on 1 October at the earliest."""
    figures = Told(FREEZE, told, 31, 27, 0.4, 0.3, 0.6, 0.3, 0.5, 3)
    steps = (event(DRAFTED), *(each if isinstance(each, LetterEvent) else event(each) for each in events))
    return Letter(
        number, f"VB-{number}", KEY, CARD.provider, "2026H1", date(2026, 9, 1), DUE, 28, "allen", figures, steps
    )


def register(*letters, withheld=False):
    decision = NamingDecision(1, KEY, "2026H1", False, "Jo", "te klein", event(DRAFTED).at)
    return HearingRegister("2026H1", letters, (decision,) if withheld else ())


def case_of(*letters, day=LATER, freeze=FREEZE, card=CARD, withheld=False, **known):
    (case,) = cases((card,), register(*letters, withheld=withheld), day, freeze, **(TO_WRITE | known))
    return case


ARRIVED = (APPROVED, DELIVERED)
OBJECTION = event(ANSWERED, objection=True)
CORRECTED = event(CLOSED, outcome=HearingOutcome.CORRECTED)
STANDS = [
    ((), {}, Standing.NO_LETTER, Advised.DRAFT),
    ((), {"impossible": {KEY}}, Standing.IMPOSSIBLE, Advised.COMPLETE),
    ((), {"chosen": ()}, Standing.NOT_CHOSEN, Advised.DECIDE_NAMING),
    ((letter(),), {}, Standing.DRAFTED, Advised.APPROVE),
    ((letter(APPROVED),), {}, Standing.APPROVED, Advised.DELIVER),
    ((letter(*ARRIVED, RETURNED),), {}, Standing.RETURNED, Advised.DELIVER_AGAIN),
    ((letter(*ARRIVED, WITHDRAWN),), {}, Standing.NO_LETTER, Advised.DRAFT),
    ((letter(*ARRIVED),), {"day": DUE}, Standing.RUNNING, Advised.WAIT),
    ((letter(*ARRIVED),), {}, Standing.HEARD, Advised.PUBLISH_FINAL),
    ((letter(*ARRIVED, OBJECTION),), {}, Standing.OBJECTED, Advised.DECIDE_OBJECTIONS),
    ((letter(*ARRIVED, ANSWERED),), {}, Standing.ANSWERED, Advised.CLOSE_ANSWERS),
    ((letter(*ARRIVED, OBJECTION, CORRECTED),), {}, Standing.CORRECTED, Advised.FREEZE_AGAIN),
    ((letter(*ARRIVED, OBJECTION, CORRECTED),), {"freeze": OTHER_FREEZE}, Standing.HEARD, Advised.PUBLISH_FINAL),
    ((letter(*ARRIVED, told="not-proven"),), {}, Standing.WORSE, Advised.WRITE_AGAIN),
    ((letter(*ARRIVED, told="not-proven"), letter(number=2)), {}, Standing.DRAFTED, Advised.APPROVE),
    ((letter(*ARRIVED),), {"withheld": True}, Standing.WITHHELD, Advised.PUBLISH_FINAL),
    ((letter(*ARRIVED),), {"persons": {KEY}}, Standing.PERSON, Advised.PUBLISH_FINAL),
]


@pytest.mark.parametrize(("letters", "known", "standing", "what"), STANDS)
def test_each_state_of_the_register_gives_its_advice(letters, known, standing, what):
    """Where the Provider stands, and what the note of a final report advises first."""
    case = case_of(*letters, **known)
    assert case.standing is standing
    assert advice(ReleaseKind.FINAL, (case,), norm_is_set=True)[0].what is what


def test_whoever_was_written_to_twice_is_one_provider_and_its_first_answer_counts():
    """The second letter has no answer, the first has one: one provider answered, and the overview says to which."""
    first = letter(APPROVED, DELIVERED, event(LetterStep.ANSWERED, objection=True), number=1)
    second = letter(APPROVED, DELIVERED, number=2)
    case = case_of(first, second)
    said = " ".join(note_values(facts(found=(case,)), DUTCH)["letters"])
    assert "2 brieven, aan 1 aanbieder. Bezorgd: 2." in said
    assert "naar aanbieder: 1, waarvan met bedenkingen: 1. Niet beantwoord: 0." in said
    (row,) = note_values(facts(found=(case,)), DUTCH)["cases"]
    assert row["reference"] == second.reference
    assert f"op brief {first.reference}:" in row["answer"]


def test_a_final_report_waits_for_everything_that_is_open():
    """All that has to happen is said, and the day after the last term as the first on which it can be published."""
    found = (case_of(letter(*ARRIVED), day=DUE), case_of(letter(APPROVED)), case_of(letter(*ARRIVED)))
    assert advice(ReleaseKind.FINAL, found, norm_is_set=True) == (
        Advice(Advised.DELIVER, 1),
        Advice(Advised.WAIT, 1, DUE),
        Advice(Advised.HOLD_FINAL, day=DUE + timedelta(days=1)),
    )


def test_an_example_norm_comes_before_everything():
    """No letter and no final report may rest on it, also where everybody was heard."""
    steps = advice(ReleaseKind.FINAL, (case_of(letter(*ARRIVED)),), norm_is_set=False)
    assert [each.what for each in steps] == [Advised.SET_NORM, Advised.HOLD_FINAL]


def test_an_interim_report_can_always_be_published():
    """It names nobody by default; letters follow."""
    steps = advice(ReleaseKind.INTERIM, (case_of(),), norm_is_set=True)
    assert [each.what for each in steps] == [Advised.PUBLISH_INTERIM, Advised.DRAFT]


def test_the_note_is_about_the_final_report_once_a_letter_arrived():
    """Before that it is about the interim one."""
    assert default_kind(register(letter(APPROVED))) is ReleaseKind.INTERIM
    assert default_kind(register(letter(APPROVED), letter(*ARRIVED))) is ReleaseKind.FINAL


def test_every_advice_and_standing_has_its_words():
    """One and many, in sentences that end."""
    for what in Advised:
        for n in (1, 2, 1000):
            said = advised(Advice(what, n, DUE), Wording(DUTCH))
            assert said.endswith("."), what
            assert " 1 aanbieders" not in said


@st.composite
def lives(draw):
    """Letters that went any way that the rules allow."""
    made = []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        steps, step = [], DRAFTED
        for _ in range(draw(st.integers(0, 7))):
            if not (following := sorted(MAY_FOLLOW[step])):
                break
            step = draw(st.sampled_from(following))
            day = DAY + timedelta(days=draw(st.integers(0, 40)))
            outcome = draw(st.sampled_from(HearingOutcome)) if step is CLOSED else None
            steps.append(event(step, objection=draw(st.booleans()), outcome=outcome, day=day))
        made.append(letter(*steps, told=draw(st.sampled_from(["meets", "below", "not-proven"])), number=number))
    return made


@given(lives(), st.integers(0, 120), st.sampled_from(["meets", "below", "too-few"]))
def test_whoever_may_be_named_has_passed_the_naming_gate(letters, days, class_):
    """The advice never goes further than the gate, whatever happened to the letters."""
    day, card = DAY + timedelta(days=days), replace(CARD, class_=class_)
    case = case_of(*letters, day=day, card=card)
    if case.may_be_named:
        assert not_heard((card,), register(*letters), day) == ()
    steps = advice(ReleaseKind.FINAL, (case,), norm_is_set=True)
    assert (steps[-1].what is Advised.PUBLISH_FINAL) == case.may_be_named


# --- the documents --------------------------------------------------------------------------------------------


def ranked(n):
    return tuple(
        RankedLine(at, f"Aanbieder {at} van Voorbeelden B.V.", 10 + at, at / (n + 1), 0.01, 0.99, "geen uitsluitsel")
        for at in range(1, n + 1)
    )


def figures(n=3, **more):
    point = TrendPoint("2025H2", None, 900, 0.4, 0.6, 0.52, 0.47, 0.57)
    change = PeriodChange("2025H2", point, replace(point, period="2026H1", share=0.61), True, 1, 2, 3, 0)
    made = BriefingFigures(
        n_notified=1556,
        n_counted=1342,
        n_unattributed=13,
        n_gone_before=53,
        n_undelivered=83,
        n_misaddressed=65,
        n_fronted=51,
        n_providers=23,
        n_ranked=n,
        classes=(ClassCount("meets", "voldoet aan de norm", "Ook in het slechtste geval is de norm gehaald.", n),),
        share=0.61,
        low=0.55,
        high=0.66,
        worst=0.512,
        best=0.604,
        n_undecided=124,
        n_doubted=40,
        n_no_end_seen=140,
        most_dependent=("toeval per website", 1),
        change=change,
        corrected=(("verwijderverzoek met een andere status", "het kwam terug", 2),),
        ranked=ranked(n),
        named=False,
        chart=drawing(9.0),
        chart_alt="Een stijgende lijn",
    )
    return replace(made, **more)


def facts(n=3, found=(), kind=ReleaseKind.FINAL, **more):
    made = BriefingFacts(
        kind=kind,
        sender=SENDER,
        dated=LATER,
        period=Period.parse("2026H1"),
        cutoff=datetime(2026, 8, 1, tzinfo=UTC),
        freeze=FREEZE,
        method="npmle-1",
        norm=Norm(NoticeKind.REQUEST, 24, 0.8, "Gedragscode van de sector.", "2025-01-01", "de sector"),
        minimums=Minimums(),
        figures=figures(n),
        public=figures(n),
        cases=tuple(found),
        advice=advice(kind, found, norm_is_set=True),
        criteria="iedere aanbieder die het rapport toont",
        withheld={KEY: "Te weinig om iets over te zeggen."},
    )
    return replace(made, **more)


def note(**more):
    return render(TEMPLATES / "beslisnota.docx", note_values(facts(**more), DUTCH))


def headings(docx, level):
    return [each.text for each in Document(BytesIO(docx)).paragraphs if each.style.name == f"Heading {level}"]


def test_the_templates_are_what_their_script_makes(tmp_path):
    """Whoever changes the words of a briefing changes the script, and the files follow."""
    subprocess.run([sys.executable, ROOT / "docs" / "make_briefings.py", tmp_path], check=True, cwd=ROOT)
    for name in ("beslisnota.docx", "factsheet.docx"):
        assert (tmp_path / name).read_bytes() == (TEMPLATES / name).read_bytes()


def test_every_mark_has_a_value_and_is_documented():
    """Marks of the templates, values and documentation agree."""
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|.*\| (?:both|note|factsheet) \|$", BRIEFING, re.MULTILINE)
    documented = {mark for row in rows for mark in re.findall(r"\w+", row)}
    values = {"beslisnota": note_values(facts(), DUTCH), "factsheet": factsheet_values(facts(), DUTCH, 3)}
    assert documented == {*values["beslisnota"], *values["factsheet"], "chart"}
    for name, known in values.items():
        used = DocxTemplate(TEMPLATES / f"{name}.docx").get_undeclared_template_variables()
        assert used <= {*known, "chart"}


@pytest.mark.parametrize("kind", ReleaseKind)
def test_the_note_has_the_headings_of_a_decision_note_and_no_other(kind):
    """Those that the ministry's registry looks for, in their order."""
    assert headings(note(kind=kind), 1) == HEADINGS


def test_the_note_says_what_is_advised_in_order():
    """As a numbered list below its heading."""
    found = (case_of(letter(APPROVED)), case_of(letter(*ARRIVED, OBJECTION)))
    text = text_of(note(found=found))
    after = text[text.index("Geadviseerd besluit") :]
    places = [after.index(words) for words in ("goedgekeurde brief te laten", "te beslissen op", "het eindrapport pas")]
    assert places == sorted(places)


def test_names_of_providers_stand_in_the_last_section_alone():
    """So that a clerk takes them out in one place; a natural person's stands nowhere."""
    person = replace(case_of(letter(*ARRIVED), persons={KEY}), provider="Piet Jansen")
    text = text_of(note(found=(case_of(letter(*ARRIVED)), case_of(withheld=True), person)))
    before, after = text.split(HEADINGS[-1])
    assert CARD.provider not in before
    assert after.count(CARD.provider) == 3  # twice in the table, once with the reason
    assert "Te weinig om iets over te zeggen." in after
    assert "Jansen" not in text.replace(SENDER.signatory, "")


def test_the_note_leaves_to_a_clerk_what_only_a_clerk_knows():
    """To whom it goes, its reference, the ground in law, and when it is published."""
    assert text_of(note()).count("[invullen]") == 4


def test_a_note_without_letters_and_without_a_period_before_is_whole():
    """It says that there is nothing to compare with, and no letter yet."""
    alone = replace(figures(), change=replace(figures().change, before=None, now=None, overlap=None), corrected=())
    text = text_of(note(figures=alone, found=()))
    for said in ("kan niet worden vergeleken", "Er is nog geen brief opgesteld.", "Er zijn geen feiten gecorrigeerd."):
        assert said in text
    assert "Het rapport toont geen enkele aanbieder afzonderlijk." in text


def test_a_break_is_said_beside_the_change():
    """A difference that another method makes is no change of providers."""
    broken = replace(figures(), change=replace(figures().change, breaks=("de methode veranderde",)))
    assert "Let op bij deze vergelijking: de methode veranderde." in text_of(note(figures=broken))


def test_both_documents_show_everything_in_their_pdf():
    """Nothing of a template is lost."""
    assert to_pdf(note(found=(case_of(),)), title="Nota", language="nl").not_shown == ()
    assert factsheet(TEMPLATES / "factsheet.docx", facts(), DUTCH).pdf.not_shown == ()


@pytest.mark.parametrize("n", [0, 3, 300])
def test_a_factsheet_is_two_pages_and_says_how_many_it_leaves_out(n):
    """With few Providers and with hundreds: the first of the ranking, then how many others there are."""
    made = factsheet(TEMPLATES / "factsheet.docx", facts(n), DUTCH)
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(made.pdf.content)).pages)
    assert made.pdf.n_pages == 2
    assert (made.n_lines == n) is (n < 300)
    assert (f"en {n - made.n_lines} andere" in text) is (n == 300)
    assert all(f"Aanbieder {at} van Voorbeelden" in text for at in range(1, made.n_lines + 1))
    assert f"Aanbieder {made.n_lines + 1} van" not in text
    assert made.n_lines >= min(n, 15)
    assert ("Geen aanbieder had in deze periode genoeg" in text) is (n == 0)


def test_one_line_more_would_be_a_third_page():
    """As many lines as fit, not fewer."""
    made, whole = factsheet(TEMPLATES / "factsheet.docx", facts(300), DUTCH), facts(300)
    docx = render(
        TEMPLATES / "factsheet.docx", factsheet_values(whole, DUTCH, made.n_lines + 1), {"chart": whole.public.chart}
    )
    assert to_pdf(docx, title="Factsheet", language="nl").n_pages == 3


def test_a_template_that_is_too_long_is_refused(tmp_path):
    """Two pages is a promise, and nothing is cut off in silence."""
    document = Document(TEMPLATES / "factsheet.docx")
    for _ in range(90):
        document.add_paragraph("Nog een alinea.")
    document.save(tmp_path / "long.docx")
    with pytest.raises(DocumentError, match="more than 2 pages"):
        factsheet(tmp_path / "long.docx", facts(), DUTCH)


def test_nobody_who_works_on_it_is_in_a_factsheet():
    """Not in its text, its properties or those of the PDF; the organisation is."""
    made = factsheet(TEMPLATES / "factsheet.docx", facts(), DUTCH)
    pdf = PdfReader(BytesIO(made.pdf.content))
    told = [page.extract_text() for page in pdf.pages] + [str(pdf.metadata), str(pdf.xmp_metadata)]
    with ZipFile(BytesIO(made.docx)) as parts:
        told += [parts.read(name).decode(errors="ignore") for name in parts.namelist()]
    for person in (SENDER.contact_person, SENDER.signatory, *SENDER.contact_details):
        assert not any(person in text for text in told)
    assert SENDER.organisation in told[0]
    assert Document(BytesIO(made.docx)).core_properties.author == SENDER.organisation


@pytest.mark.parametrize("where", ["paragraph", "header"])
def test_a_template_that_names_an_official_is_refused(tmp_path, where):
    """Wherever the name stands, also broken over two runs."""
    document = Document(TEMPLATES / "factsheet.docx")
    place = document if where != "header" else document.sections[0].header
    runs = place.add_paragraph("Vragen: ")
    runs.add_run(SENDER.signatory[:4]).bold = True
    runs.add_run(SENDER.signatory[4:])
    document.save(tmp_path / "named.docx")
    with pytest.raises(DocumentError, match="an official"):
        check_nobody(factsheet(tmp_path / "named.docx", facts(), DUTCH), SENDER)


def test_a_factsheet_has_no_mark_for_whoever_works_on_it(tmp_path):
    """A template that asks for one is refused, and named."""
    document = Document(TEMPLATES / "factsheet.docx")
    document.add_paragraph("{{ contact_person }}")
    document.save(tmp_path / "asks.docx")
    with pytest.raises(DocumentError, match="contact_person"):
        factsheet(tmp_path / "asks.docx", facts(), DUTCH)


def test_the_same_facts_give_the_same_bytes():
    """Documents bear their own day, and no time of writing."""
    one, other = (factsheet(TEMPLATES / "factsheet.docx", facts(), DUTCH) for _ in range(2))
    assert (one.docx, one.pdf.content) == (other.docx, other.pdf.content)
    assert note() == note()


def test_every_advice_is_explained():
    """In the table of the documentation, with when it is given."""
    assert set(re.findall(r"`([a-z]+-?[a-z]*)`", BRIEFING.split("## What is public")[0])) >= set(Advised)


def test_a_case_is_open_until_it_is_heard_or_out():
    """Whom the note counts as waited for."""
    waiting = {standing for standing in Standing if Case(KEY, "A", "below", standing).is_to_be_named}
    assert waiting == set(Standing) - {Standing.PERSON, Standing.WITHHELD}
