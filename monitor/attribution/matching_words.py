"""The words that say little about who an organisation is, and those that tell two of them apart.

Plain tables: legal forms, words of the trade, words of other trades, places. What would surprise: a legal form is
dropped before names are compared, but two forms of different countries (`GmbH`, `B.V.`) mean two legal persons.
"""

ANYWHERE: frozenset[str] = frozenset()


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.split()) for phrase in text.split(","))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _forms() -> dict[tuple[str, ...], frozenset[str]]:
    """Legal form (its words, folded) -> countries that have it; English ones are used as translations anywhere."""
    anywhere = (
        "ltd,limited,llc,l l c,inc,incorporated,corp,corporation,company,co,co ltd,company limited,plc,lp,llp,ltd co,"
        "limited liability company,joint stock company,public joint stock company,private joint stock company,"
        "open joint stock company,closed joint stock company,jsc,pjsc,ojsc,cjsc,pte,pte ltd,pte limited,pty,pty ltd,"
        "pty limited,proprietary limited,pvt,pvt ltd,pvt limited,private,private limited,p ltd,sa,sas,spa,srl,sarl,"
        "sl,slu,ltda,public company,holding company,sole proprietorship,the,s a,s p a,s r l"
    )
    by_country = {
        "NL BE": "bv,b v,besloten vennootschap,nv,n v,vof,bvba,cvba",
        "DE AT CH LI": "gmbh,mbh,gmbh co kg,gmbh and co kg,ug,ug haftungsbeschrankt,ug haftungsbeschraenkt,ag,kg,ohg,"
        "gesellschaft mit beschrankter haftung,gesellschaft mbh,e v,ev,eg,kgaa,ggmbh,e k",
        "FR LU MC": "sasu,eurl,sci,societe anonyme,societe par actions simplifiee",
        "ES": "sociedad limitada,s l,s l u,sociedad anonima unipersonal,sau",
        "IT": "societa a responsabilita limitata,societa per azioni,snc,s n c,srls",
        "RO": "societatea cu raspundere limitata,sc",
        "PL": "sp z o o,sp z oo,spolka z oo,spolka z ograniczona odpowiedzialnoscia,sp j,spolka jawna,spolka akcyjna,"
        "sp k,spolka komandytowa",
        "CZ SK": "s r o,sro,spol s r o,spol sro,akciova spolecnost",
        "HU": "kft,zrt,nyrt,bt",
        "RS HR SI BA ME MK": "doo,d o o,dd,d d,dooel",
        "BG": "eood,ood,ead,ad",
        "RU UA BY KZ": "ooo,zao,oao,pao,ao,tov,too,prat,tdv,obshestvo s ogranichennoi otvetstvennostyu,ooo firma",
        "CZ SK TR DK NO": "aslegal,aksjeselskap,aktieselskab",
        "LV": "sia",
        "LT": "uab",
        "EE": "ou",
        "FI": "oy,oyj,ky",
        "SE": "ab,aktiebolag,handelsbolag",
        "DK": "aps,a p s",
        "NO": "asa",
        "TR": "as ticaret,anonim sirketi,limited sirketi,ltd sti,limited sti,ticaret limited sirketi,san tic ltd sti,"
        "sanayi ve ticaret limited sirketi,ticaret ltd sti,sirketi,"
        "ve ticaret limited sirketi,ve ticaret anonim sirketi",
        "GR": "ae,epe,ike,anonymi etaireia",
        "PT BR": "lda,unipessoal lda,eireli,me,epp,mei",
        "MX": "sa de cv,s a de c v,s de rl de cv,sapi de cv",
        "AR CO CL PE EC UY PY BO VE": "sac,s a c,eirl,s a s,cia ltda,compania limitada,compania anonima",
        "ID": "pt,perseroan terbatas,cv,tbk",
        "MY": "sdn bhd,bhd,sdn",
        "JP": "kk,k k,kabushiki kaisha,gk,godo kaisha",
        "VN": "cong ty tnhh,cong ty co phan,tnhh",
        "IN": "opc",
        "IL": "baam",
    }
    table = dict.fromkeys(_phrases(anywhere), ANYWHERE)
    for countries, forms in by_country.items():
        table |= {phrase: frozenset(countries.split()) for phrase in _phrases(forms)}
    return table


LEGAL_FORMS = _forms()
LONGEST_FORM = max(len(phrase) for phrase in LEGAL_FORMS)

TRANSLATIONS = _words(
    """ltd limited llc inc incorporated corp corporation company co plc lp llp jsc pjsc ojsc cjsc pte pty pvt private
    the me epp sc coltd companylimited ltdco limitedliabilitycompany jointstockcompany publicjointstockcompany
    privatejointstockcompany openjointstockcompany closedjointstockcompany pteltd ptelimited ptyltd ptylimited
    proprietarylimited pvtltd pvtlimited privatelimited pltd publiccompany holdingcompany"""
)
"""Forms that are written for others, in English, or beside others: having another one tells nothing."""

SPELLINGS = {
    "spolkazoo": "spzoo",
    "spolkazograniczonaodpowiedzialnoscia": "spzoo",
    "aslegal": "a.s.",
    "anonimsirketi": "a.s.",
    "veticaretanonimsirketi": "a.s.",
    "akciovaspolecnost": "a.s.",
    "aksjeselskap": "a.s.",
    "aktieselskab": "a.s.",
    "gesellschaftmitbeschrankterhaftung": "gmbh",
    "gesellschaftmbh": "gmbh",
    "beslotenvennootschap": "bv",
    "societateacuraspunderelimitata": "srl",
    "societaaresponsabilitalimitata": "srl",
    "sociedadlimitada": "sl",
    "spolsro": "sro",
    "societaperazioni": "spa",
    "kabushikikaisha": "kk",
    "perseroanterbatas": "pt",
    "tbk": "pt",
    "aktiebolag": "ab",
}

USUAL_ENDS = ("net", "tel", "link", "com", "line", "host", "web", "isp", "telecom", "fiber", "cloud", "plus", "tech")
"""One word with such an end (`examplenet`) is made up again and again, by different organisations."""

SOLE_TRADERS = _words("fop flp chp spd einzelunternehmen eenmanszaak") | frozenset(
    ["individual entrepreneur", "private entrepreneur", "sole trader", "trading as", "fizichna osoba pidpryiemets"]
)
"""A name with one of these is (as good as) a natural person's; nobody is asked to merge persons by their names."""

TRADE = _words(
    """telecom telecoms telekom telco telecommunication telecommunications telecomunicacoes telecomunicaciones
    telecomunicazioni telekomunikasi telekomunikacije telekommunikation communication communications comunicacoes
    comunicaciones comunicacao komunikasi internet inet net nets network networks networking netz reseau redes rede
    isp provider provedor wisp broadband fiber fibre fibra wireless wifi cable online web hosting host hosts server
    servers vps dedicated cloud clouds datacenter datacentre datacenters data center centre colo colocation dc idc
    digital it ict tech technology technologies tecnologia tecnologias technologie teknologi technik solution
    solutions solucoes soluciones service services servicios servicos servizi hizmetleri system systems sistemas
    sisteme sistemi information informatica informatics informatika informatique computer computers computing
    software infotech infocom infrastructure backbone group groupe grupo gruppe gruppo holding holdings
    international global worldwide enterprise enterprises company connect connection multimedia multimidia media
    bilisim iletisim peering anycast bgp dns cdn ix mobile voip route trading management consulting business"""
)
"""Words of the trade: nearly every AS has one, so having it or not hardly tells two organisations apart."""

OTHER_TRADES = _words(
    """bank banca banco banque bancorp credit insurance assurance versicherung university universidad universitas
    universidade universitat universite universiteit college school schools institute institution academy hospital
    clinic health medical pharma city town county district municipality municipal kommune gemeente ministry
    department government council court courts police army energy electric power water gas oil airlines airport
    railways bahn radio television tv film games gaming foundation association cooperative cooperativa church museum
    library research hotel hotels logistics motors foods security capital securities investment investments stock
    financial finance exchange post life law labs laboratory engineering construction studio design retail"""
)
"""Words of other trades: names that differ in one of these are taken to be of different organisations."""

PLACES = _words(
    """africa albania algeria america angola argentina armenia asia australia austria azerbaijan bahrain bangladesh
    belarus belgium benelux bolivia bosnia botswana brasil brazil bulgaria cambodia cameroon canada chile china
    colombia croatia cyprus czech denmark deutschland ecuador egypt emea england espana estonia ethiopia europe
    finland france gambia georgia germany ghana greece guatemala guinea hongkong hong hungary iceland india
    indonesia iran iraq ireland israel italia italy japan jordan kazakhstan kenya korea kosovo kuwait kyrgyzstan
    lanka laos latvia lebanon liberia libya lithuania luxembourg macedonia malawi malaysia maldives mali malta
    mauritius mexico moldova mongolia montenegro morocco mozambique myanmar namibia nepal nederland netherlands
    nigeria norway oman pakistan panama paraguay peru philippines poland polska portugal qatar romania russia rwanda
    senegal serbia singapore slovakia slovenia somalia spain sudan suriname sweden swiss switzerland schweiz suisse
    taiwan tanzania thailand togo tunisia turkey turkiye uganda uk ukraine uruguay us usa uzbekistan venezuela
    vietnam yemen zambia zimbabwe pacific atlantic nordic baltic iberia caribbean apac latam north south east west
    northern southern eastern western central norte sul sur oeste leste nord sud est ouest ost upper lower beijing
    shanghai shenzhen guangdong jakarta tokyo osaka london paris berlin amsterdam moscow kiev kyiv mumbai delhi
    sydney dubai delaware texas california florida ohio virginia york jersey carolina dakota"""
)
"""Countries, regions, directions and a few large cities: a name with one is often a sister of the name without."""

INSTITUTIONS = _words(
    """university universidad universitas universidade universitat universite universiteit college school institute
    institution academy department ministry"""
)
"""Where one of these stands, words of the trade are the subject that is taught: `Institute of Technology`."""

ONLY_FIRST = frozenset([("sc",), ("the",)])
"""Legal forms and articles that are dropped at the beginning of a name only."""

JOINERS = _words(
    """of the and for de da do dos das e y et und en la le les el los del der die di du fur van voor von ve i a an"""
)

AS_WORDS = _words("as asn")
HANDLE_TAILS = _words("as asn net network ap eu na sa ripe arin apnic lacnic afrinic bgp noc mnt isp")
