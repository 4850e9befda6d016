"""The words that tell a category, in Norwegian, Swedish and English; the first rule that fits wins.

A rule looks at the head of a text (what stands before a comma, ``with``, ``med``, ``for`` …) and
may ask for a word anywhere in it. A wrong category is worse than a wide one: parts, sets and what
no category describes become ``OTHER_KG``. So do beds and mattresses for two, since ours are for
one; but a sofa of more than three seats is a sofa of three, the largest there are figures for.
"""

# ruff: noqa: ISC004  (one long pattern over several lines reads better without brackets)
import re
from typing import NamedTuple

OTHER = "OTHER_KG"
CABINET = "CABINET"  # low or tall, by its height


class Rule(NamedTuple):
    """``is_clear``: the words leave no doubt, so they may outweigh a wider word elsewhere."""

    code: str
    is_clear: bool
    head: re.Pattern[str]
    anywhere: re.Pattern[str] | None


def _rules(*rows: tuple[str, str, str] | tuple[str, str, str, str]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            code=row[0],
            is_clear=row[1] == "clear",
            head=re.compile(row[2]),
            anywhere=re.compile(row[3]) if len(row) == 4 else None,
        )
        for row in rows
    )


_CHAIR = r"(?:chairs?|stol(?:er|en|ar|s)?)"
_DESK = r"(?:desks?|pult(?:er|en)?|skrive?bord(?:et)?|skrivbord|arbeidsbord|kontorbord|bord|table)"
_RISES = (
    r"hev(?:e)? ?(?:og)? ?senk|höj ?(?:och)? ?sänk|höj och|sit ?(?:and|to)? ?stand"
    r"|(?:height|høyde|höjd) ?(?:adjustable|justerbar|reglerbar)|elhev|eldesk"
)
_OUT = r"\boutdoor|\bute(?!n)|\butend|\bhage|\butomhus|\bträdgård|\bgarden|\bpatio"
_MANY_SEATS = (
    r"\b(?:[3-9]|three|four|five|six|tre|fire|fyra|fem|seks|sex) ?(?:seat|seter|sits|plasser)"
    r"|treseter|tresits|\bcorner|hjørnesof|hörnsof|\bu shaped|\bu ?sofa|sectional"
)

RULES = _rules(
    (CABINET, "clear", r"(?:storage|cabinet) (?:combination|comb)\b|\btv storage unit|(?:skap|skåps?|oppbevarings|förvarings)kombin"),
    # What belongs to a piece but is none: the last word of the head says so.
    (OTHER, "clear", r"^storage (?:box|case|bag)|^desk space|^ottoman bed|^corner fittings"),
    (OTHER, "clear", r"\btables?\b|bord",
     r"\b(?:with|med|and|og|och) \d+ (?:fold\w* )?(?:chairs?|chrs?|stools|stoler|stolar|krakker|pallar)\b"),
    (OTHER, "clear", r"^wall panel and"),
    (OTHER, "clear", r"\bbed\b|\bseng\b|\bsäng\b|mattress|madrass",
     r"\b(?:1[2-9]|2\d)\d ?x ?2\d\d|\bdouble|\bdobbel|\bdubbel"),
    (OTHER, "clear", r"\bbed ?tents?$|\bdesk ?tops?$|\bdesk top shelf$"),
    ("COAT_STAND", "clear", r"^coat (?:stand|rack|rail)"),
    ("ACOUSTIC_PANEL", "clear", r"akustikk? ?(?:panel|plat|felt|absorbent)|acoustic panels?|lydabsorbent|ljudabsorbent"),
    ("LOCKER_Z", "clear", r"garderobe ?skap|kläd ?skåp|\blockers?\b|^z ?sk[aå]p", r"\bz ?(?:d[øö]r|door|skap|skåp)|^z"),
    ("SCREEN_DESK", "clear", r"\bbord ?skj?erm|\bbords? ?skärm|\bdesk screens?\b|\bscreen$",
     r"bord|desk|skrivbord"),
    ("MONITOR_ARM", "clear", r"\bskjerm ?arm|\bskärm ?arm|\bmonitor ?arms?\b"),
    ("NIGHTSTAND_CARE", "clear", r"\bnatt?d?u?k?s? ?bord\b|\bbedside (?:cabinet|table)",
     r"institu|\bcare|pleie|vård|sykehus|sjukhus|hospital|med hjul"),
    ("NIGHTSTAND_CARE", "clear", r"\bsängbord"),
    ("NIGHTSTAND", "clear", r"\bnatt? ?bord|\bnattduks ?bord|\bbedside (?:tables?|cabinet)"),
    (OTHER, "clear",
     r"^(?:\w+ )*(?:covers?|cushions?|pads?|pillows?|legs?|handles?|knobs?|doors?|fronts?|hinges?"
     r"|plinths?|rails?|baskets?|lids?|headboards?|underframes?|posts?|brackets?|runners?|net"
     r"|uprights?|templates?|mats?|bags?|trays?|locks?|hooks?|inserts?|trestles?|panels?|tops?"
     r"|armrests?|backrests?|castors?|shells?|(?<!stand )(?<!standing )supports?|lists?|tunnels?|tents?|pegboards?)$"),
    (OTHER, "clear", r"(?:(?<!seng)bunn|trekk|pute|puter|bordplater?|ben|hjul|håndtak|knott|dørfront"
     r"|overdrag|dyna|dynor|bordsskiv\w+|bordsskiva|klädsel|handtag|sockel)$"),
    (OTHER, "clear", r"^(?:covers?|legs?|pair of|underframe|inner cushion|padded seat|trekk til|ben til"
     r"|överdrag|klädsel|drawer (?:runner|frame|front)|top panel|seat shell|drill|add on)\b"),
    (OTHER, "clear", r"\b(?:chair|stool|armchair|sofa|desk|table|stol|bord) (?:frame|stand|parts?)\b"),
    (OTHER, "clear", r"\b(?:chair|stool|armchair)\b", r"\b(?:backrest|armrests?) frame\b"),
    (OTHER, "clear", r"^(?:mirror |glass )?(?:door|drawer|shelf|frame|hylleplate|hyllplan)\b(?! unit| cabinet)"),
    # More than one piece in one row.
    (OTHER, "clear",
     r"\b(?:tables?|tbl|bord|wall panel|desk)\b.*\b(?:and|og|och)\b.*"
     r"(?:chairs?|chrs|stools?|bench\w*|stoler|stolar|krakker|pallar)\b"),
    (OTHER, "clear", r"\bnest of|\bsets?\b|\bsett\b|\bgruppe$|\bsettbord|\bsatsbord"),
    # Equipment: not furniture, no emission factor.
    ("EQUIP_AID", "clear", r"rullestol|rullstol|wheel ?chair|gåstol|rollator|personl[øö]fter|pasientl[øö]ft"
     r"|patientlyft|taklyft|patient (?:lift|hoist)|^walker|hjelpemid|hjälpmed|assistive|dusjstol|toalettstol"),
    ("TROLLEY_MED", "clear", r"medisin ?(?:tralle|vogn)|instrument ?(?:bord|tralle|vogn|vagn)|medicin ?vagn"
     r"|medical (?:trolley|cart)|medication (?:trolley|cart)|akutt?(?:tralle|vagn)|omläggningsvagn"),
    ("TROLLEY_SERVING", "clear", r"servering\w* ?(?:tralle|vogn|vagn)|serving (?:trolley|cart)|tea trolley"),
    ("IV_STAND", "clear", r"infusjons? ?stativ|dropp ?st[äa]|infusion stand|\biv (?:stand|pole)|drypp ?stativ"),
    ("EXAM_COUCH", "clear", r"unders[øö]k\w* ?(?:benk|brits|bänk)|exam\w* (?:couch|table|bench)|behandlingsb(?:enk|rits|änk)"),
    ("EQUIP_KITCHEN", "clear", r"kj[øö]le ?skap|kylskåp|refrigerator|\bfridge|fryse(?:r|skap)|\bfrys\b|freezer|oppvaskmaskin"
     r"|diskmaskin|dishwasher|komfyr|\bspis\b|stekeovn|\bovn\b|\bugn\b|mikro(?:bølge|vågs)?|microwave|kaffe ?(?:maskin|trakter)"
     r"|kaffebryggare|coffee machine|hvitevare|vitvar|kjøkkenutstyr|köksutrustning|kitchen equipment|appliance|vannkoker"),
    ("EQUIP_AV", "clear", r"projektor|projector|\bpc ?skj?erm|\btv ?(?:skj?erm|skärm)?$|infoskj?erm|dataskj?erm|\bmonitors?\b"
     r"|smart ?board|høyttaler|högtalare|loudspeaker|\bav (?:utstyr|utrustning|equipment)|videokonferanse|bildskärm"),
    ("EQUIP_MEDICAL", "clear", r"medisinsk utstyr|medicinteknisk|medical equipment|defibrillator|ultralyd|\bekg|blodtrykk|autoklav"
     r"|overvåkn?ingsutstyr|respirator|infusjonspumpe|blodtryck"),
    # Health care.
    ("BED_HOSPITAL", "clear", r"sykehus ?seng|sjukhus ?säng|hospital bed|sykeseng"),
    ("BED_CARE", "clear", r"pleie ?seng|vård ?säng|care bed|nursing bed"),
    ("OVERBED_TABLE", "clear", r"sengebord|pasientbord|patientbord|over ?bed table"),
    ("TABLE_CHANGING", "clear", r"stelle ?bord|sköt ?bord|^changing (?:tbl|tables?)\b(?! (?:desk|bookshelf|chest))"),
    (OTHER, "clear", r"^changing (?:tbl|table)"),
    ("RECLINER_PATIENT", "clear", r"pasient ?stol|patient ?stol|patient (?:recliner|chair)|hvilestol|\bvil(?:o)?stol|behandlingsstol"),
    ("CHAIR_CARE", "clear", rf"institusjons? ?{_CHAIR}|vård ?{_CHAIR}|care (?:home )?(?:arm)?{_CHAIR}|seniorstol|omsorgsstol"),
    # Schools and nurseries.
    (OTHER, "clear", r"children s (?:table|bench|picnic)|barnebord|barnpall"),
    ("TABLE_SCHOOL", "clear", r"children s desk$|barne(?:pult|skrivebord)|barnskrivbord"),
    ("CHAIR_CHILD", "clear", rf"(?:children s|kids?) (?:(?:desk|easy) ?)?(?:(?:arm)?chair|stool|step stool)|barnehage ?{_CHAIR}|barne?{_CHAIR}|barn ?{_CHAIR}|kindergarten chair"
     r"|^junior (?:high)?chairs?|^highchairs?\b|höstol|høystol"),
    ("CHAIR_SCHOOL", "clear", rf"elev ?{_CHAIR}|skole?{_CHAIR}|skol{_CHAIR}|pupil chair|school chair|student chair"),
    ("DESK_TEACHER", "clear", r"kateter|kateder|lærer ?(?:pult|bord)|lärarbord|teacher s? ?(?:desk|table)"),
    ("TABLE_SCHOOL", "clear", r"elev ?(?:pult|bord)|skole?(?:pult|bord)|skolbord|skolbänk|pupil (?:desk|table)|school (?:desk|table)"),
    # Seating.
    ("CHAIR_TASK_247", "clear", rf"kontroll?rum?m?s? ?{_CHAIR}|24 ?(?:timers?|h|7|tim)\w* ?(?:control room )?{_CHAIR}|control room chair|operatørstol"),
    ("STOOL_SADDLE", "clear", r"sadel ?(?:krakk|pall|stol)|arbeids ?krakk|saddle|work stools?|active sit|standing support|ståstøtte|arbetspall"),
    ("WAIT_BENCH3", "clear", r"vente ?benk|vänt\w* ?soff|vänt\w* ?bänk|waiting ?(?:room)? ?\w* ?(?:bench|seat)|beam seat|benkestol"),
    ("SOFA_HIGHBACK", "clear", r"lyd ?sofa|ljud ?soff|høyrygget \w*sofa|högryggad \w*soff|(?:acoustic|high ?back) (?:acoustic )?sofa"),
    ("BENCH_OUTDOOR", "clear", r"utebenk|park ?(?:benk|bänk|bench)|hagebenk|utomhusbänk|outdoor bench"),
    ("PICNIC_TABLE", "clear", r"piknik|picknick|picnic|benkebord"),
    (OTHER, "clear", r"sun lounger|lounger|hammock|parasol|hengekøye|hängmatta|solseng|beanbag|saccosekk|sittesekk"),
    ("BENCH_OUTDOOR", "clear", r"\barbor bench"),
    ("BENCH_OUTDOOR", "clear", r"^bench(?:es)?\b|^benk(?:er)?\b|^bänk(?:ar)?\b", _OUT),
    # No padding, as a stacking chair has none: its figures are the nearest.
    ("CHAIR_STACK", "clear", r"^(?:folding |reclining )?chairs?$|^(?:klapp|regulerbar )?stol(?:er|ar)?$", _OUT),
    ("CHAIR_STACK", "clear", r"\b(?:ute|hage|utomhus|trädgårds|balkong)stol"),
    ("STOOL_BAR", "clear", r"bar ?(?:krakk|stol|stool|pall)|(?:høy|hög|high) ?(?:krakk|barstol|stol\b|stool)"),
    ("TABLE_HIGH", "clear", r"\bstå ?bord|bar ?bord|bar tables?|high tables?|standing table|höga? bord|høyt? bord"),
    ("POUF", "clear", r"\bpuff|sitt?e?puff|pouff?e?s?\b(?! mattress)|ottoman|footstools?|fotskammel|fotpall"),
    ("TABLE_FOLD", "clear", r"klappbord|vippebord|fällbord|(?:fold\w*|flip ?top|drop ?leaf|gate ?leg|gatleg) (?:or flip top )?table|fellebord|slagbord"),
    ("TABLE_FOLD", "clear", r"^(?:tables?|bord)$", r"\bfor wall\b|wall mounted"),
    (OTHER, "clear", r"(?:wall mounted|vegghengt|vägghängd)(?!.*(?:cabinet|storage comb|shelving unit|skap|skåp))|for wall"),
    ("CHAIR_MEETING", "clear", rf"m[øö]te(?:roms?)? ?{_CHAIR}|m[öø]tes ?{_CHAIR}|konferans\w* ?{_CHAIR}|konferens ?{_CHAIR}|(?:meeting|conference) {_CHAIR}"),
    ("CHAIR_STACK", "clear", rf"stable ?{_CHAIR}|stapel ?{_CHAIR}|stapelbar\w* {_CHAIR}|stablebar\w* {_CHAIR}|stack(?:ing|able)? {_CHAIR}"),
    ("CHAIR_VISITOR", "clear", rf"bes[øö]ks? ?{_CHAIR}|(?:visitor|guest) {_CHAIR}|konferanse ?stol"),
    ("CHAIR_TASK", "clear", rf"kontors? ?{_CHAIR}|arbeids ?{_CHAIR}|arbets ?{_CHAIR}|skrivebords ?{_CHAIR}|skrivbords ?{_CHAIR}"
     rf"|(?:office|task|desk|swivel|ergonomic) (?:task )?{_CHAIR}|kontorsvingstol|svingstol"),
    ("CHAIR_WOOD", "clear", rf"\btre{_CHAIR}|\bträ{_CHAIR}|(?:wooden|wood) {_CHAIR}|pinnestol|pinnstol"),
    ("ARMCHAIR", "clear", r"^chair bed|sovestol|bäddfåtölj|lene ?stol|fåtölj|(?:lounge|easy|wing|rocking) (?:arm)?chair|lounge ?stol|gyngestol|gungstol|^armchairs?$|hvilestol"
     r"|(?:swivel|high back|lounge) armchair|recliners?$|ørelappstol"),
    (OTHER, "clear", r"^chaise|\bmodule$|\b(?<!\d )(?<!shelf )sections?$|platform"),
    ("SOFA_3", "clear", r"sofa|soffa|couch|day ?bed$", _MANY_SEATS),
    ("SOFA_2", "clear", r"sofa|soffa|couch", r"\b(?:2|two|to|två) ?(?:seat|seter|sits|plasser)|toseter|tvåsits"),
    ("SOFA_3", "clear", r"treseter|tresits"),
    ("SOFA_2", "clear", r"toseter|tvåsits|loveseat"),
    # Tables.
    ("DESK_RECEPTION", "clear", r"resepsjon\w*|receptions? ?(?:desk|disk)|reception ?(?:desk|counter)|\bskranke"),
    ("TABLE_MEETING_L", "clear", r"m[øö]te(?:s|roms?)? ?bord|konferans\w* ?bord|konferensbord|(?:meeting|conference) tables?|styrebord",
     r"\b(?:8|10|12|14|16) ?(?:personer|pers|plasser|platser|seats?|stoler|p\b|12)|\bstort|\blarge|\b[2-5][0-9]0 ?x|\b[2-5]\d00 ?x"),
    ("TABLE_MEETING_S", "clear", r"m[øö]te(?:s|roms?)? ?bord|konferans\w* ?bord|konferensbord|(?:meeting|conference) tables?|styrebord"),
    ("DESK_SITSTAND", "clear", rf"(?:{_RISES}).*{_DESK}|{_DESK}.*(?:{_RISES})|hevbar\w* {_DESK}|elbord"),
    ("DESK_SITSTAND", "clear", r"\bdesks?\b|pult|skrivebord|skrivbord|kontorbord|arbeidsbord", _RISES),
    ("WORKBENCH", "clear", r"arbeids ?(?:bord|benk)|pakke ?bord|arbets ?bänk|pack ?bord|work ?bench|verkstedbenk|høvelbenk"),
    ("TABLE_CANTEEN", "clear", r"kantine ?bord|kantin ?bord|spise ?bord|mat ?bord|matsalsbord|(?:dining|canteen|kitchen) tables?|kjøkkenbord|köksbord"
     r"|extendable tables?|langbord"),
    ("TABLE_CAFE", "clear", r"kaf[eé] ?bord|caf[eé] ?(?:bord|tables?)|sidebord"),
    ("TABLE_COFFEE", "clear", r"salong ?s?bord|sofa ?bord|soff ?bord|lounge ?bord|(?:coffee|lounge|side|tray) tables?|avlastningsbord|stuebord"),
    (OTHER, "clear", r"dressing tables?|console tables?|konsollbord|laptop (?:table|stand|support)|storage tables?|sminkebord|corner table"
     r"|workspace combination|desk combination|trolley table"),
    # Storage.
    ("CABINET_TAMBOUR", "clear", r"sjalusi|jalusi|tambour|rulleskap"),
    ("FILING_CABINET", "clear", r"arkiv ?sk[aå]p|arkivskuff|hengemappe|filing cabinet|file cabinet|hängmapp"),
    ("LOCKER_1", "clear", r"garderobe ?skap|kläd ?skåp|\blockers?\b|elevskap|elevskåp|omkledningsskap|smårumsskåp"),
    ("CABINET_STEEL", "clear", r"stål ?skap|plåt ?skåp|verktøy ?skap|verktygsskåp|steel cabinet|metal cabinet|kjemikalieskap"),
    ("SHELF_STEEL", "clear", r"stål ?(?:reol|hyll)|lager ?(?:reol|hyll)|steel shelv\w+|pall(?:e)?(?:reol|ställ)|metal shelv\w+|lagerhylle"),
    ("SHELF_LIBRARY", "clear", r"biblioteks? ?(?:reol|hyll)|library shelv\w+"),
    ("SHOE_BENCH", "clear", r"garderobe ?benk|omkl\w* ?(?:benk|bänk)|changing room bench|skobenk|bench with shoe|kapprumsbänk"),
    ("SHOE_BENCH", "clear", r"^(?:bench|benk|bänk)$", r"\bshoe|\bsko"),
    ("COAT_STAND", "clear", r"stumtjener|garderobe ?stativ|kles ?stativ|klädhängare|coat (?:stand|rack|rail)|hat stand|clothes rack|knaggrekke|kapphylla|hattehylle"),
    ("WARDROBE", "clear", r"kles ?skap|garderobs? ?skåp|wardrobes?\b|\bgarderob\b|^garderobe$"),
    ("BOOKCASE", "clear", r"^bookcase combination|^\d+ shelf sections?$"),
    (OTHER, "clear", r"combination|\bcomb\b|kombinasjon$|storage (?:box|case|bag|compartment)|wall storage|wall upright|toy storage"),
    ("PEDESTAL", "clear", r"skuff(?:e)? ?seksjon|\bkassett|\bhurts|pedestal|drawer unit(?:s)?\b|rullehurts|underskap"),
    ("CHEST_DRAWERS", "clear", r"kommode|byrå\b|chests? of (?:\d+ )?drawers"),
    ("KITCHEN_UNIT", "clear", r"kj[øö]kken ?modul|köks ?modul|kitchen (?:base )?unit|kjøkkeninnredning|\d+ cm underskåp"),
    ("BOOKCASE", "clear", r"bok ?hyll|bookcase|book ?shel|\breol\b|\w*reol\b"),
    # Beds.
    (OTHER, "clear", r"bunk|\bcots?\b|cradle|køyeseng|våningssäng|dobbeltseng|dubbelsäng|double bed|sprinkelseng|spjälsäng"
     r"|underbed|slatted|stackable bed|box ?spring|bed storage"),
    ("MATTRESS", "clear", r"madrass|mattress"),
    ("BED_SINGLE", "clear", r"enkelt ?seng|enkel ?säng|single bed|day ?bed|dagseng|dagbädd|loft ?seng|loft ?säng"
     r"|(?:loft|extendable|reversible|divan) bed"),
    # Screens, boards, lighting, other.
    ("PHONE_BOOTH", "clear", r"telefon ?(?:boks|bås|kiosk)|stillerom|phone booth|ringeboks|stilleboks|acoustic pod"),
    ("GLASS_PARTITION_M2", "clear", r"glass ?vegg|systemvegg|glasparti|glazed partition|glass partition|glasvägg"),
    ("SCREEN_FLOOR", "clear", r"skillevegg|gulv ?skj?erm|golv ?skärm|floor screen|room dividers?\b|\bpartitions?\b|romdeler|rumsavdelare|skärmvägg"),
    ("GLASSBOARD", "clear", r"glass? ?tavle|glas ?tavla|glass ?(?:writing )?board"),
    ("WHITEBOARD", "clear", r"white ?board|skrivetavle|skrivtavla"),
    ("NOTICEBOARD", "clear", r"oppslags? ?tavle|anslags? ?tavla|notice ?board|pin ?board|korktavle"),
    ("LAMP_DESK", "clear", r"(?:bord|arbeids|skrivebords|skrivbords|arbets|bords) ?lamp|(?:desk|table) lamps?|leselampe"),
    ("LAMP_FLOOR", "clear", r"(?:gulv|golv|stå) ?lamp|floor lamps?"),
    ("LAMP_PENDANT", "clear", r"tak ?(?:armatur|lampe|lampa)|pendel|pendant|ceiling (?:lamp|luminaire|light)"),
    ("CARPET_TILE_M2", "clear", r"teppe ?flis|textil ?platt|carpet tile"),
    ("PLANTER", "clear", r"plante ?(?:kasse|kar|krukke)|plantering|planter\b|blomsterkasse|blomkruka|blomsterpotte"),
    ("WASTE_STATION", "clear", r"kilde ?sortering|käll ?sortering|waste ?(?:sorting)? ?(?:station|bin)|avfallsstasjon|sopsortering|miljøstasjon"),
    ("EQUIP_ROLLING", "clear", r"rullende utstyr|rullande|rolling equipment"),
    ("EQUIP_OTHER", "clear", r"annet utstyr|övrig utrustning|other equipment"),
    (OTHER, "clear", r"annet inventar|övrig inredning|other furniture|kitchen island|step ?ladder|chopping|foot ?rest|fotstøtte|gardintrapp"
     r"|storage bench|bench with (?:toy|storage)|step stool|tray stand"),
    # Wide words, when nothing above fits.
    ("BOOKCASE", "wide", r"^\d+ sections? \w*shel"),
    (CABINET, "wide", r"sideboard|skjenk|tv ?(?:bench|benk|bänk|møbel|möbel|unit)|mediabenk|mediabänk|skänk|buffet"),
    (CABINET, "wide", r"\b\w*sk[aå]p(?:et|er)?\b|cabinets?\b|cupboards?\b|storage units?\b"),
    ("BOOKCASE", "wide", r"\w*reol(?:er)?\b|\bhylle(?:r)?\b|\bhyll(?:a|or)\b|shelving units?|shelf units?|\d* ?sections? (?:shelves|shelf)|\bshelving\b"),
    ("TROLLEY_SERVING", "wide", r"trolleys?$|(?:kitchen) trolley"),
    ("EQUIP_ROLLING", "wide", r"\w*tralle(?:r)?\b|\w*vogn(?:er)?\b|\w*vagn(?:ar)?\b|\bcarts?\b"),
    ("SOFA_2", "wide", r"\w*sofa(?:er)?\b|\w*soff(?:a|or)\b|couch"),
    ("STOOL_LOW", "wide", r"\w*krakk(?:er)?\b|taburett|\bpall(?:ar)?\b|\bstools?\b"),
    ("ARMCHAIR", "wide", r"armchairs?"),
    ("BED_SINGLE", "wide", r"\bbed (?:frame|base)|\bbeds?$|\w*seng\b|\w*säng\b"),
    ("CHAIR_VISITOR", "wide", rf"\w*{_CHAIR}\b"),
    ("DESK_FIXED", "clear", r"\bworkstations?$|\w*skrivebord\w*|skrivbord|\bdesks?\b|\w*pult(?:er)?\b|kontorbord"),
    ("TABLE_CAFE", "wide", r"^(?:tables?|bord)\b", r"\b(?:[3-7]\d|80) ?x ?(?:[3-7]\d|80)\b"),
    ("TABLE_CANTEEN", "wide", r"\btables?$|\w*bord(?:et)?\b"),
    (OTHER, "wide", r"\w*benk(?:er)?\b|\w*bänk(?:ar)?\b|\bbench(?:es)?\b"),
)  # fmt: skip
