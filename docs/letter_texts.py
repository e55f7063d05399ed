"""The words of the letters' templates, in Dutch and in English; `make_letters.py` lays them out.

A ministry that writes about figures has no power over a provider: the words state what is measured and ask. They name
no sanction and give no order, and `monitor/correspondence/powers.py` looks for such words.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and what stands below it; the figures stand after the paragraphs of the part that has them."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    numbered: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    is_figures: bool = False


@dataclass(frozen=True, slots=True)
class LetterText:
    """One language. `profile`: marks with their labels, in the column of the sender."""

    language: str
    courtesy: str
    subject: str
    running: str
    pages: str
    return_mark: str
    dated: str
    subject_label: str
    profile: tuple[tuple[str, str], ...]
    attachments: str
    own_annex: str
    salutation: str
    opening: tuple[str, ...]
    parts: tuple[Part, ...]
    figures_head: tuple[str, ...]
    figures: tuple[tuple[str, ...], ...]
    closing: str
    annex_heading: str
    annex_chart: tuple[str, ...]
    evidence_heading: str
    evidence: tuple[str, ...]
    method_heading: str
    method: tuple[str, ...]


DUTCH = LetterText(
    language="nl",
    courtesy="",
    subject="Cijfers in de monitor hostingaanbieders",
    running="{{ organisation }} – {{ dated }} – Ons kenmerk {{ reference }}",
    pages="Pagina {page} van {pages}",
    return_mark="> Retouradres",
    dated="Datum",
    subject_label="Onderwerp",
    profile=(
        ("visiting_address", "Bezoekadres"),
        ("postal_address", "Postadres"),
        ("contact_person", "Contactpersoon"),
        ("contact_details", "Contactgegevens"),
        ("reference", "Ons kenmerk"),
        ("your_reference", "Uw kenmerk"),
    ),
    attachments="Bijlagen",
    own_annex="1. Toelichting op uw cijfers",
    salutation="Geachte heer, mevrouw,",
    opening=(
        "Met deze brief leg ik u de cijfers voor die de monitor hostingaanbieders over {{ provider }} bevat, voordat "
        "een rapport met uw naam verschijnt. Ik vraag u ze te controleren en uiterlijk **{{ answer_by }}** te "
        "antwoorden. **Dit is geen besluit en geen bevel.** De brief legt u geen verplichting op; antwoorden is "
        "vrijwillig.",
    ),
    parts=(
        Part(
            "Waarom ik u schrijf",
            (
                "De monitor meet hoe lang gemeld beeldmateriaal van seksueel kindermisbruik bereikbaar blijft nadat "
                "een aanbieder van hostingdiensten een verwijderverzoek van het meldpunt heeft gekregen. Hij stelt "
                "vast of een URL bereikbaar is en bekijkt geen beeldmateriaal. Deze brief gaat over "
                "verwijderverzoeken van {{ period }}, met wat tot de peildatum {{ cutoff }} is vastgesteld. Zo’n "
                "brief krijgt {{ criteria }}",
            ),
        ),
        Part(
            "De norm",
            (
                "De norm is: ten minste {{ norm_target }} van de URL’s is {{ norm }} offline gehaald. Grondslag: {{ "
                "norm_basis }} De norm geldt vanaf {{ norm_valid_from }}; vastgesteld door: {{ norm_set_by }}.",
            ),
        ),
        Part("Uw cijfers", is_figures=True),
        Part(
            "Wat ik u vraag",
            numbered=(
                "Controleer deze cijfers. Klopt er iets niet, schrijf dan wat en waarom. Denk aan een URL die niet in "
                "uw netwerk stond of bij een klant die zelf hostingdiensten aanbiedt, een verwijderverzoek dat u niet "
                "of later kreeg, of materiaal dat eerder offline was.",
                "Noem een contactpersoon voor vragen over de cijfers en het adres voor verwijderverzoeken.",
                "Wilt u elk cijfer per URL kunnen nagaan, vraag dan om het aanbiedersbestand en stuur de publieke "
                "sleutel mee waarmee het voor u wordt versleuteld (age). Het bevat per verwijderverzoek kenmerk, "
                "tijdstip, kanaal, URL en waarnemingen.",
            ),
            after=(
                "Stuur uw antwoord naar {{ answer_to }}, onder vermelding van kenmerk {{ reference }}. Na bezorging "
                "hebt u ten minste {{ reply_days }} dagen, ook als de brief later aankomt. Hebt u meer tijd nodig, "
                "vraag dat dan vóór {{ answer_by }}.",
            ),
        ),
        Part(
            "Wat er daarna gebeurt",
            (
                "Na de antwoordtermijn verschijnt een eindrapport met namen en cijfers. Uw antwoord wordt erin "
                "aangehaald; schrijf het erbij als u dat niet wilt. Toont u aan dat een feit niet klopt, dan wordt "
                "het gecorrigeerd en worden de cijfers opnieuw berekend. Wat daarmee is gedaan, hoort u van mij. "
                "Krijgt u in het eindrapport een ongunstiger oordeel dan in deze brief, dan ontvangt u eerst een "
                "nieuwe brief. Antwoordt u niet, dan vermeldt het rapport alleen dat er geen antwoord is.",
            ),
        ),
    ),
    figures_head=("Gegeven", "Uitkomst", "Wat dit zegt"),
    figures=(
        ("**Oordeel**", "**{{ judgement }}**", "{{ judgement_sentence }}"),
        (
            "Verwijderverzoeken",
            "{{ n_notices }} URL’s",
            "Voor zo veel verschillende URL’s bij u ging een verwijderverzoek naar u uit.",
        ),
        (
            "Meegetelde URL’s",
            "{{ n_episodes }}",
            "Deze tellen mee in elk aandeel hieronder. Al offline vóór het verzoek, en dus niet meegeteld: {{ "
            "gone_before_notice }}.",
        ),
        (
            "Offline gehaald binnen de norm",
            "{{ within_norm }}",
            "Geschat aandeel dat {{ norm }} offline is gehaald. Toeval meegerekend (95%-interval): {{ "
            "within_norm_range }}.",
        ),
        (
            "Slechtste en beste geval",
            "{{ worst }} en {{ best }}",
            "Slechtste: alleen wat zeker binnen de norm offline ging. Beste: alles wat binnen de norm offline kan "
            "zijn gegaan.",
        ),
        (
            "Geëindigd, op welke wijze ook",
            "{{ any_end }}",
            "Hier telt ook mee wat binnen de norm naar een andere aanbieder ging of zijn domeinnaam verloor. "
            "Slechtste geval {{ any_end_worst }}, beste geval {{ any_end_best }}.",
        ),
        (
            "Helft offline gehaald na",
            "{{ median }}",
            "De mediaan: naar schatting was na zo veel tijd de helft offline gehaald. Zonder gezien einde op de "
            "peildatum: {{ online_at_cutoff }}.",
        ),
        ("{%tr if rank %}",),
        (
            "Plaats in de rangorde",
            "{{ rank }} van {{ n_ranked }}",
            "Plaats 1 heeft het laagste aandeel. {% if rank_low == rank_high %}Geen andere plaats past bij de cijfers."
            "{% else %}Bij de cijfers passen plaats {{ rank_low }} tot en met {{ rank_high }}.{% endif %}",
        ),
        ("{%tr endif %}",),
    ),
    closing="Hoogachtend,",
    annex_heading="Bijlage 1. Toelichting op uw cijfers",
    annex_chart=(
        "De lijn is het geschatte aandeel van de meegetelde URL’s dat zo lang na het verwijderverzoek offline was "
        "gehaald. De vlakken eromheen zijn het 95%-interval en wat er tussen slechtste en beste geval ligt. Hoe "
        "eerder de lijn stijgt, hoe sneller.",
    ),
    evidence_heading="Hoe deze URL’s bij u zijn geboekt",
    evidence=(
        "Een URL wordt geboekt op de partij die het netwerkadres hield toen het verwijderverzoek uitging. Voor uw "
        "URL’s rust dat op het volgende.",
    ),
    method_heading="Hoe u de cijfers leest",
    method=(
        "Alle aandelen hebben dezelfde noemer: de meegetelde URL’s. Een URL die terugkwam en na een nieuw "
        "verwijderverzoek opnieuw is gevolgd, telt daarin per verzoek. De klok begint bij het eerste verwijderverzoek "
        "dat aan u is verzonden; de tijd die het meldpunt nodig had, telt niet mee. Tussen twee controles is het "
        "tijdstip van verwijdering niet precies bekend. Daarom staan naast elke schatting een slechtste en een beste "
        "geval.",
        "URL’s die naar een andere aanbieder gingen: {{ moved }}. Waarvan de domeinnaam verviel: {{ domain_gone }}. "
        "Zij gelden niet als door u offline gehaald, maar tellen wel mee bij “geëindigd, op welke wijze ook”.",
        "De cijfers zeggen niets over uw inspanning, over uw aandeel in de markt of over hoeveel materiaal er is. Het "
        "aantal verwijderverzoeken hangt af van wat is gemeld en van de omvang en de klanten van een aanbieder.",
    ),
)

ENGLISH = LetterText(
    language="en",
    courtesy="Courtesy translation. The Dutch text prevails.",
    subject="Figures in the hosting provider monitor",
    running="{{ organisation }} – {{ dated }} – Our reference {{ reference }}",
    pages="Page {page} of {pages}",
    return_mark="> Return address",
    dated="Date",
    subject_label="Subject",
    profile=(
        ("visiting_address", "Visiting address"),
        ("postal_address", "Postal address"),
        ("contact_person", "Contact"),
        ("contact_details", "Contact details"),
        ("reference", "Our reference"),
        ("your_reference", "Your reference"),
    ),
    attachments="Annexes",
    own_annex="1. Explanation of your figures",
    salutation="Dear Sir or Madam,",
    opening=(
        "With this letter I put to you the figures that the hosting provider monitor holds about {{ provider }}, "
        "before a report with your name appears. I ask you to check them and to answer by **{{ answer_by }}**. **This "
        "is not a decision and not an order.** The letter lays no duty on you; answering is voluntary.",
    ),
    parts=(
        Part(
            "Why I write to you",
            (
                "The monitor measures how long reported images of child sexual abuse stay reachable after a provider "
                "of hosting services received a removal request (verwijderverzoek) from the hotline. It establishes "
                "whether a URL can be reached and looks at no images. This letter is about removal requests of {{ "
                "period }}, with what was established up to the cut-off on {{ cutoff }}. Such a letter goes to {{ "
                "criteria }}",
            ),
        ),
        Part(
            "The norm",
            (
                "The norm is: at least {{ norm_target }} of the URLs taken offline {{ norm }}. Basis: {{ norm_basis "
                "}} The norm holds from {{ norm_valid_from }}; set by: {{ norm_set_by }}.",
            ),
        ),
        Part("Your figures", is_figures=True),
        Part(
            "What I ask of you",
            numbered=(
                "Check these figures. If something is not right, write what and why. Think of a URL that was not in "
                "your network or was with a customer who offers hosting services itself, a removal request that you "
                "did not receive or received later, or material that was offline earlier.",
                "Name a contact for questions about the figures, and the address for removal requests.",
                "If you want to check each figure URL by URL, ask for the provider’s file and send the public key "
                "with which it is to be encrypted for you (age). It holds, for each removal request, the reference, "
                "time, channel, URL and observations.",
            ),
            after=(
                "Send your answer to {{ answer_to }}, quoting reference {{ reference }}. You have at least {{ "
                "reply_days }} days from delivery, also if the letter arrives later. If you need more time, ask for "
                "it before {{ answer_by }}.",
            ),
        ),
        Part(
            "What happens then",
            (
                "After the term for answers a final report with names and figures appears. Your answer is quoted in "
                "it; say so if you do not want that. If you show that a fact is not right, it is corrected and the "
                "figures are computed again. I will tell you what was done with your answer. If your judgement in the "
                "final report is less favourable than in this letter, you will first receive a new letter. If you do "
                "not answer, the report says only that there is no answer.",
            ),
        ),
    ),
    figures_head=("What", "Result", "What it says"),
    figures=(
        ("**Judgement**", "**{{ judgement }}**", "{{ judgement_sentence }}"),
        (
            "Removal requests",
            "{{ n_notices }} URLs",
            "For so many different URLs with you a removal request went out to you.",
        ),
        (
            "URLs counted",
            "{{ n_episodes }}",
            "These count in every share below. Offline before the request, and therefore not counted: {{ "
            "gone_before_notice }}.",
        ),
        (
            "Taken offline within the norm",
            "{{ within_norm }}",
            "Estimated share taken offline {{ norm }}. With chance allowed for (95% interval): {{ within_norm_range "
            "}}.",
        ),
        (
            "Worst and best case",
            "{{ worst }} and {{ best }}",
            "Worst: only what certainly went offline within the norm. Best: everything that can have gone offline "
            "within the norm.",
        ),
        (
            "Ended in any way",
            "{{ any_end }}",
            "Here what went to another provider or lost its domain name within the norm counts as well. Worst case {{ "
            "any_end_worst }}, best case {{ any_end_best }}.",
        ),
        (
            "Half taken offline after",
            "{{ median }}",
            "The median: after so long, by estimate, half was taken offline. Without an end seen at the cut-off: {{ "
            "online_at_cutoff }}.",
        ),
        ("{%tr if rank %}",),
        (
            "Rank",
            "{{ rank }} of {{ n_ranked }}",
            "Rank 1 has the lowest share. {% if rank_low == rank_high %}No other rank fits the figures."
            "{% else %}Ranks {{ rank_low }} to {{ rank_high }} fit the figures.{% endif %}",
        ),
        ("{%tr endif %}",),
    ),
    closing="Yours faithfully,",
    annex_heading="Annex 1. Explanation of your figures",
    annex_chart=(
        "The line is the estimated share of the URLs counted that was taken offline so long after the removal "
        "request. The areas around it are the 95% interval and what lies between worst and best case. The earlier the "
        "line rises, the faster.",
    ),
    evidence_heading="How these URLs came to be booked on you",
    evidence=(
        "A URL is booked on the party that held the network address when the removal request went out. For your URLs "
        "that rests on the following.",
    ),
    method_heading="How to read the figures",
    method=(
        "All shares have the same denominator: the URLs counted. A URL that came back and was followed anew after a "
        "new removal request counts in it for each request. The clock starts at the first removal request that was "
        "sent to you; the time that the hotline needed does not count. Between two checks the moment of removal is "
        "not exactly known. That is why a worst and a best case stand beside each estimate.",
        "URLs that went to another provider: {{ moved }}. Whose domain name went: {{ domain_gone }}. They do not count "
        "as taken offline by you, but do count under “ended in any way”.",
        "The figures say nothing about your effort, your share of the market or how much material there is. The "
        "number of removal requests depends on what was reported, and on the size and the customers of a provider.",
    ),
)
