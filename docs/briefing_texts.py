"""The words of the templates of a briefing, in Dutch; `make_briefings.py` lays them out.

Marks are those of `docs/briefing.md`. The headings of the decision note are fixed, since a ministry looks for them.
"""

NOTE_TITLE = "Beslisnota"
NOTE_HEAD = (
    ("Aan", "[invullen]"),
    ("Van", "{{ directorate or organisation }}"),
    ("Contactpersoon", "{{ contact_person }}{% if contact_details %} ({{ contact_details }}){% endif %}"),
    ("Datum", "{{ dated }}"),
    ("Kenmerk", "[invullen]"),
    ("Onderwerp", "Monitor hostingaanbieders {{ period_label }}: {{ report }}"),
    ("Bijlage", "Factsheet"),
)
NOTE_FOOT = "Beslisnota monitor hostingaanbieders {{ period_label }} – pagina {page} van {pages}"

OCCASION = (
    "De monitor hostingaanbieders meet hoe lang gemeld beeldmateriaal van seksueel kindermisbruik bereikbaar blijft "
    "nadat "
    "een aanbieder van hostingdiensten een verwijderverzoek van het meldpunt heeft gekregen. De cijfers over {{ "
    "period }} "
    "staan vast (peildatum {{ cutoff }}).",
    "{%p if is_final %}",
    "De aanbieders die het tussentijdse rapport afzonderlijk toont, worden gehoord voordat een eindrapport hen met "
    "naam "
    "noemt. Deze nota zegt hoe ver dat is en wat er nog moet gebeuren.",
    "{%p else %}",
    "Het tussentijdse rapport kan worden gepubliceerd. Daarna krijgt iedere aanbieder die het rapport afzonderlijk "
    "toont, "
    "zijn eigen cijfers, met een termijn om te antwoorden. Pas daarna volgt een eindrapport met namen.",
    "{%p endif %}",
)
ADVISED = "U wordt geadviseerd om:"

KEY_POINTS = (
    "{{ n_notified }} met een verwijderverzoek in deze periode; daarvan tellen {{ n_counted }} mee, bij {{ "
    "n_providers }}.",
    "Naar schatting is {{ share }} {{ norm }} offline gehaald (95%-interval {{ share_range }}). De norm is ten minste "
    "{{ norm_target }}{% if not norm_is_set %}; dit is een voorbeeld, de norm is nog door niemand vastgesteld{% "
    "endif %}.",
    "Aanbieders naar oordeel: {% for each in classes %}{{ each.word }}: {{ each.n }}{% if not loop.last %}; {% endif %}"
    "{% endfor %}.",
    "{{ letters|join(' ') }}",
    "{{ naming|join(' ') }}",
)

FIGURES = (
    "Niet meegeteld zijn URL’s die al offline waren vóór het verzoek ({{ n_gone_before }}), waarvan het verzoek niet "
    "aankwam "
    "({{ n_undelivered }}), waarvan het verzoek naar een andere partij ging ({{ n_misaddressed }}) of waarvan de "
    "aanbieder "
    "niet bekend is ({{ n_unattributed }}). Apart hiervan: {{ n_fronted }} achter een reverse proxy, die zelf niet "
    "host.",
    "{%p if norm_is_set %}",
    "De norm is: ten minste {{ norm_target }} van de URL’s is {{ norm }} offline gehaald. Grondslag: {{ norm_basis }}.",
    "{%p endif %}",
    "Een oordeel vraagt ten minste {{ fewest }} meegetelde URL’s en verzoeken op ten minste {{ fewest_days }} dagen.",
)
CLASSES_HEAD = ("Oordeel", "Aanbieders", "Wat dit betekent")
CLASSES_ROWS = (
    ("{%tr for each in classes %}",),
    ("{{ each.word }}", "{{ each.n }}", "{{ each.sentence }}"),
    ("{%tr endfor %}",),
)
HEARING = (
    "Aangeschreven wordt: {{ criteria }}. Een aanbieder heeft vanaf de bezorging ten minste {{ reply_days }} dagen "
    "om te "
    "antwoorden. De brief is geen besluit en legt geen verplichting op; een bedenking is daarom geen bezwaarschrift. "
    "Een "
    "natuurlijk persoon wordt nooit genoemd.",
)
NO_CORRECTIONS = "Er zijn geen feiten gecorrigeerd."
CORRECTIONS = "Gecorrigeerd en in deze cijfers verwerkt:"

COMMUNICATION = (
    "{%p if is_final %}",
    "Iedere aanbieder die het eindrapport noemt, kent zijn cijfers uit de brief. Een antwoord wordt op de eigen "
    "pagina van de "
    "aanbieder aangehaald, als de aanbieder dat niet heeft geweigerd. Wie niet antwoordde, wordt zonder oordeel "
    "daarover "
    "vermeld.",
    "{%p else %}",
    "De aanbieders krijgen hun brief na het tussentijdse rapport. Vragen van een aanbieder gaan naar de "
    "contactpersoon in de "
    "brief. {% if not named_before %}Tot het eindrapport worden geen namen genoemd, ook niet op vragen van de "
    "pers.{% endif %}",
    "{%p endif %}",
    "De bijgevoegde factsheet is openbaar en bevat geen namen van ambtenaren. Bij vragen: een hoog aantal meldingen "
    "zegt niets "
    "over inzet, en ‘geen uitsluitsel’ is geen verdenking.",
    "Woordvoerder en moment van publicatie: [invullen].",
)

SECRET = ("Niet openbaar, met de reden. De grond in de Wet open overheid vult u aan: [invullen].",)
SECRET_PARTS = (
    "De namen van aanbieders die nog niet zijn gehoord of niet worden genoemd (overzicht hieronder): een naam zonder "
    "hoor en "
    "wederhoor kan een aanbieder onevenredig schaden.",
    "De brieven, de antwoorden en wat daarbij is gestuurd, voor zover het rapport ze niet aanhaalt: zij kunnen "
    "vertrouwelijke "
    "bedrijfsgegevens bevatten.",
    "Namen en contactgegevens van ambtenaren en van contactpersonen bij aanbieders: persoonlijke levenssfeer.",
    "URL’s, hostnamen en adressen waar beeldmateriaal stond of staat: zij wijzen de weg naar strafbaar materiaal. "
    "Zij staan "
    "niet in deze nota.",
)
CASES_HEADING = "Overzicht van aanbieders (niet openbaar)"
CASES_HEAD = ("Aanbieder", "Oordeel", "Brief", "Stand", "Termijn tot en met", "Laatste antwoord")
CASES_ROWS = (
    ("{%tr for each in cases %}",),
    (
        "{{ each.provider }}",
        "{{ each.judgement }}",
        "{{ each.reference }}",
        "{{ each.standing }}",
        "{{ each.due }}",
        "{{ each.answer }}",
    ),
    ("{%tr endfor %}",),
)
NO_CASES = "Het rapport toont geen enkele aanbieder afzonderlijk."
WITHHELD_HEADING = "Niet genoemd door een besluit, met de reden (niet openbaar)"

SHEET_TITLE = "Hoe snel gaat gemeld beeldmateriaal offline?"
SHEET_UNDER = "Factsheet bij {{ the_report }} van de monitor hostingaanbieders, {{ period }}"
SHEET_FOOT = "{{ organisation }} – {{ dated }} – pagina {page} van {pages}"
SHEET_LEAD = (
    "Het meldpunt krijgt meldingen van beeldmateriaal van seksueel kindermisbruik en vraagt aanbieders van "
    "hostingdiensten "
    "het offline te halen (een verwijderverzoek). De monitor meet hoe snel dat gaat. Hij stelt alleen vast of een URL "
    "bereikbaar is en bekijkt geen beeldmateriaal."
)
SHEET_KEY = "Kerncijfers"
SHEET_KEY_HEAD = ("Gegeven", "Uitkomst")
SHEET_KEY_ROWS = (
    ("URL’s met een verwijderverzoek", "{{ n_notified }}"),
    ("Daarvan meegeteld", "{{ n_counted }}, bij {{ n_providers }}"),
    (
        "Offline gehaald {{ norm }}",
        "{{ share }} naar schatting (95%-interval {{ share_range }}); slechtste tot beste geval {{ worst }} tot {{ "
        "best }}",
    ),
    (
        "De norm",
        "ten minste {{ norm_target }}{% if norm_is_set %} ({{ norm_basis }}){% else %} (een voorbeeld: nog niet "
        "vastgesteld){% endif %}",
    ),
    (
        "Aanbieders naar oordeel",
        "{% for each in classes %}{{ each.word }}: {{ each.n }}{% if not loop.last %}; {% endif %}{% endfor %}",
    ),
    ("Sinds de vorige periode", "{{ change|join(' ') }}"),
)
SHEET_CHART = "Hoe snel het offline gaat"
SHEET_RANKING = "De rangorde in het kort"
SHEET_RANKING_LEAD = (
    "{% if named %}Genoemd is wie zijn cijfers vooraf kreeg en kon antwoorden.{% else %}Aanbieders staan hier met "
    "een letter: "
    "zij worden pas genoemd nadat zij hun cijfers kregen en konden antwoorden.{% endif %} De volgorde gaat naar "
    "het aandeel, het laagste eerst; een schatting uit weinig URL’s is daarvoor naar die van allen toe getrokken. "
    "Een plaats vraagt ten minste {{ fewest }} meegetelde URL’s en verzoeken op ten minste {{ fewest_days }} dagen."
)
SHEET_RANKING_HEAD = ("Plaats", "Aanbieder", "URL’s", "Binnen de norm", "95%-interval", "Oordeel")
SHEET_RANKING_ROWS = (
    ("{%tr for each in ranked %}",),
    (
        "{{ each.rank }}",
        "{{ each.provider }}",
        "{{ each.n_episodes }}",
        "{{ each.share }}",
        "{{ each.range }}",
        "{{ each.judgement }}",
    ),
    ("{%tr endfor %}",),
)
SHEET_NOBODY = "Geen aanbieder had in deze periode genoeg URL’s voor een plaats."
SHEET_READING = "Zo leest u dit"
SHEET_READING_POINTS = (
    "Het aandeel is een schatting. Het 95%-interval zegt welke waarden door toeval ook passen.",
    "‘Onder de norm’ staat er alleen als de norm zelfs in het beste geval, met toeval meegerekend, niet is gehaald. "
    "‘Voldoet’ "
    "alleen als zij ook in het slechtste geval is gehaald. Anders is er geen uitsluitsel.",
    "Een URL die naar een andere aanbieder ging of zijn domeinnaam verloor, telt niet als offline gehaald.",
)
SHEET_LIMITS = "Wat dit niet zegt"
SHEET_LIMITS_POINTS = (
    "Veel meldingen is geen maat voor inzet: een grote aanbieder krijgt er meer.",
    "Meldingen zeggen niet hoeveel materiaal er bestaat.",
    "Bereikbaarheid is gemeten, niet de inhoud van een URL.",
    "De volgorde tussen aanbieders met overlappende intervallen kan toeval zijn.",
)
SHEET_SOURCE = (
    "Bron: dataset {{ freeze }}, feiten tot {{ cutoff }}, methode {{ method }}. Het rapport zelf bevat alle cijfers "
    "en de "
    "uitleg van de methode."
)
