"""Which measurements a category asks for: the few that somebody who needs one will ask about.

A table of our own. Each row has ``sources``, ``own``, or both. Of a standard its published scope was
read, not the paid text: it says which furniture it is about and seldom names each measurement.
``own`` says what the sources do not, and why we ask all the same. Every other measurement can still
be given. Fields are those of ``Register``: ``width_mm`` …, or a ``MeasurementKind``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.items.models import MeasurementKind
from app.kit.i18n import N_

K = MeasurementKind
WIDTH, DEPTH, HEIGHT = "width_mm", "depth_mm", "height_mm"
SIZE = (WIDTH, DEPTH, HEIGHT)


@dataclass(frozen=True, slots=True)
class Source:
    """A published text, where it was read in November 2026, and what it says of measurements."""

    title: str
    url: str
    says: str


@dataclass(frozen=True, slots=True)
class Asked:
    """``fields`` in the order they are asked for, under the ``heading``."""

    fields: tuple[str, ...]
    sources: tuple[Source, ...] = ()
    own: str = ""
    heading: str = N_("Mål")


_WORK_CHAIRS = Source(
    "EN 1335-1:2020+A1:2022, Office work chair, Dimensions",
    "https://standards.iteh.ai/catalog/standards/sist/f24755b0-cb57-4e2a-8fed-e3a70cf2b2e5/"
    "sist-en-1335-1-2020a1-2023",
    "the dimensions of four types of office work chairs and how they are measured",
)
_SEAT_RANGES = Source(
    "UL, Helping manufacturers meet updated EN 1335-1 requirements (2020)",
    "https://www.ul.com/news/"
    "helping-manufacturers-meet-updated-en-1335-1-requirements-employee-health",
    "a chair supports different bodies by adjusting ranges such as the height of the seat",
)
_SCHOOL = Source(
    "EN 1729-1:2015, Chairs and tables for educational institutions, Functional dimensions",
    "https://standards.iteh.ai/catalog/standards/cen/6a3b5b50-0be4-4271-8587-a88afe2c3a1b/"
    "en-1729-1-2015",
    "dimensions and size marks of chairs, stools and tables; not of teachers' furniture",
)
_SIZE_MARKS = Source(
    "SATRA, Assessing educational seating",
    "https://www.satra.com/spotlight/article.php?id=500",
    "seat height, seat width and others decide which of the size marks 0 to 7 a chair has",
)
_SCHOOL_GUIDE = Source(
    "Martin Luck, A guide to purchasing school furniture",
    "http://martinluck.co.uk/?page=office_guides&guide=edu_furn",
    "the hollow of the knee decides the seat's height, the elbow the table's",
)
_RISING = Source(
    "Weiner et al., When older adults face the chair-rise challenge, J Am Geriatr Soc 1993;41:6-10",
    "https://pubmed.ncbi.nlm.nih.gov/8418126/",
    "seats from 17 to 22 inches: the higher, the more of the old rise by themselves",
)
_BAR_STOOLS = Source(
    "Stuhlfabrik Schnieder, Barstühle",
    "https://schnieder.com/barstuehle-mit-komfort-garantie/",
    "a maker tells stools apart by seat height, 65 or 80 cm, and a round seat by its diameter",
)
_DESKS = Source(
    "EN 527-1:2011, Work tables and desks, Dimensions",
    "https://www.din.de/en/getting-involved/standards-committees/nhm/wdc-beuth:din21:136439467",
    "desks for office work seated, sit-stand or standing; not other tables, not reception desks",
)
_DESK_TYPES = Source(
    "Offipedia, EN 527",
    "https://nl.offipedia.org/wiki/en_527",
    "adjustable and selectable desks differ in the range of height: 650 to 1250 mm for sit-stand",
)
_SEATS_AT_A_TABLE = Source(
    "Spaceist, What size meeting table?",
    "https://www.spaceist.co.uk/blog/what-size-meeting-table/",
    "80 cm of the table's edge for each person; rectangular and round sizes",
)
_OFFICE_STORAGE = Source(
    "CEN/TR 14073-1:2004, Office furniture, Storage furniture, Dimensions",
    "https://standards.iteh.ai/catalog/standards/cen/2fbd05fe-3e6c-437f-a24e-249d2b0d9d0b/"
    "cen-tr-14073-1-2004",
    "recommended dimensions of office storage, from what is to be kept in it",
)
_DOORS = Source(
    "TEK17 § 12-13 with guidance, Direktoratet for byggkvalitet",
    "https://www.dibk.no/regelverk/byggteknisk-forskrift-tek17/12/iii/12-13",
    "doors suit the transport of furniture: at least 0.86 m wide and 2.0 m high",
)
_BEDS = Source(
    "EN 1334:1996, Beds and mattresses, Methods of measurement and recommended tolerances",
    "https://eshop.normservis.cz/run/print.html?cu=csnen%2F1334%2F1.4.1998",
    "how the dimensions of mattresses and bed frames for adults are measured",
)
_CARE_BEDS = Source(
    "Socialstyrelsen (DK), Plejesengen, en vejledning om valg og indkøb (2016)",
    "http://docplayer.dk/28658215-Plejesengen-en-vejledning-om-valg-og-indkoeb.html",
    "a care bed is chosen by width, length and height",
)
_BED_HEIGHT = Source(
    "de Looze et al., Scand J Work Environ Health 1994;20:427-434",
    "https://www.sjweh.fi/show_abstract.php?abstract_id=1378",
    "a bed at the nurse's own height lowers the load on the back",
)
_COUCHES = Source(
    "Royal Marsden Manual, 19.2 Working with a patient on a raised surface",
    "https://rmmonline.co.uk/manual/c19-fea-0018",
    "beds, couches and trolleys are raised to the hip or waist of the shortest of the staff",
)
_SCREENS = Source(
    "EN 1023-1:1996, Office furniture, Screens, Dimensions",
    "https://standards.iteh.ai/catalog/standards/sist/3dc7def5-bf36-4c39-81e1-033677fb3381/"
    "sist-en-1023-1-1996",
    "the principal dimensions of office screens",
)

_TOP = N_("Mål på plata")
_WORK_CHAIR = Asked(
    (K.SEAT_HEIGHT, K.SEAT_WIDTH, K.SEAT_DEPTH),
    (_WORK_CHAIRS, _SEAT_RANGES),
    "own choice of the seat's three: they say whom a chair fits, and a tape measure reaches them",
)
_SCHOOL_CHAIR = Asked((K.SEAT_HEIGHT,), (_SCHOOL, _SIZE_MARKS, _SCHOOL_GUIDE))
_CHAIR = Asked(
    (K.SEAT_HEIGHT, WIDTH),
    (_RISING, _SEATS_AT_A_TABLE),
    "own choice: the width says how many stand in a row or around a table",
)
_STOOL = Asked((K.SEAT_HEIGHT, K.DIAMETER), (_BAR_STOOLS,))
_SOFT = Asked(
    (WIDTH, DEPTH, K.SEAT_HEIGHT),
    (_DOORS, _RISING),
    "own choice: width and depth have to fit the room, and the door on the way there",
)
_DESK = Asked(
    (WIDTH, DEPTH, HEIGHT),
    (_DESKS,),
    "own choice: the width says how many desks a room takes",
    _TOP,
)
_LIKE_A_DESK = Asked(
    (WIDTH, DEPTH, HEIGHT),
    own="own choice: EN 527-1 leaves it out, but whoever needs one asks what they ask of a desk",
    heading=_TOP,
)
_LIFTED = Asked(
    (WIDTH, DEPTH, K.HEIGHT_MIN, K.HEIGHT_MAX),
    (_DESKS, _DESK_TYPES),
    "own choice: the width says how many desks a room takes",
    _TOP,
)
_LIFTED_TABLE = Asked(
    (WIDTH, DEPTH, K.HEIGHT_MIN, K.HEIGHT_MAX),
    (_COUCHES,),
    "own choice: who stands or lies at it decides the height, so both ends of it are wanted",
    _TOP,
)
_SCHOOL_TABLE = Asked(
    (HEIGHT, WIDTH, DEPTH),
    (_SCHOOL, _SCHOOL_GUIDE),
    "own choice: width and depth say how many tables a classroom takes",
    _TOP,
)
_TABLE = Asked(
    (WIDTH, DEPTH, HEIGHT),
    (_SEATS_AT_A_TABLE,),
    "own choice: the height has to go with the chairs that are there",
    _TOP,
)
_ROUND = Asked(
    (K.DIAMETER, HEIGHT, WIDTH, DEPTH),
    (_SEATS_AT_A_TABLE,),
    "own choice: most are round, the others are measured as tables",
    _TOP,
)
_CABINET = Asked(SIZE, (_OFFICE_STORAGE, _DOORS))
_STORAGE = Asked(
    SIZE, (_DOORS,), "own choice: it has to fit its wall or corner, and the door on the way there"
)
_BED = Asked((K.LENGTH, WIDTH), (_BEDS,))
_LIFTED_BED = Asked(
    (K.LENGTH, WIDTH, K.HEIGHT_MIN, K.HEIGHT_MAX), (_CARE_BEDS, _BED_HEIGHT, _COUCHES)
)
_SCREEN = Asked((WIDTH, HEIGHT), (_SCREENS,))
_ON_THE_WALL = Asked(
    (WIDTH, HEIGHT), own="own choice: it has to fit the wall it hangs or stands on"
)
_TALL = Asked((HEIGHT,), own="own choice: what is slim differs by its height, and little else")
_OUT = Asked(
    (K.LENGTH, K.SEAT_HEIGHT),
    (_RISING,),
    "own choice: the length says how many sit there",
)
_BY_AMOUNT = Asked(
    (), own="own choice: it is counted by area or weight, and has no size of its own"
)
_OTHERWISE = Asked(
    SIZE, (_DOORS,), "own choice: equipment of any kind has to fit its place and the door"
)

_GROUPS: Mapping[Asked, str] = {
    _WORK_CHAIR: "CHAIR_TASK CHAIR_TASK_247",
    _SCHOOL_CHAIR: "CHAIR_SCHOOL CHAIR_CHILD",
    _CHAIR: "CHAIR_MEETING CHAIR_VISITOR CHAIR_STACK CHAIR_WOOD CHAIR_CARE",
    _STOOL: "STOOL_BAR STOOL_LOW STOOL_SADDLE POUF",
    _SOFT: "ARMCHAIR SOFA_2 SOFA_3 SOFA_HIGHBACK WAIT_BENCH3 RECLINER_PATIENT SHOE_BENCH",
    _DESK: "DESK_FIXED",
    _LIKE_A_DESK: "DESK_TEACHER DESK_RECEPTION WORKBENCH",
    _LIFTED: "DESK_SITSTAND",
    _LIFTED_TABLE: "TABLE_CHANGING OVERBED_TABLE",
    _SCHOOL_TABLE: "TABLE_SCHOOL",
    _TABLE: "TABLE_MEETING_S TABLE_MEETING_L TABLE_CANTEEN TABLE_FOLD",
    _ROUND: "TABLE_CAFE TABLE_COFFEE TABLE_HIGH",
    _CABINET: "PEDESTAL CABINET_LOW CABINET_TALL CABINET_TAMBOUR CABINET_STEEL FILING_CABINET",
    _STORAGE: "LOCKER_1 LOCKER_Z SHELF_STEEL BOOKCASE SHELF_LIBRARY WARDROBE CHEST_DRAWERS"
    " NIGHTSTAND NIGHTSTAND_CARE KITCHEN_UNIT PHONE_BOOTH PLANTER WASTE_STATION TROLLEY_MED"
    " TROLLEY_SERVING",
    _BED: "BED_SINGLE MATTRESS",
    _LIFTED_BED: "BED_HOSPITAL BED_CARE EXAM_COUCH",
    _SCREEN: "SCREEN_DESK SCREEN_FLOOR",
    _ON_THE_WALL: "ACOUSTIC_PANEL GLASS_PARTITION_M2 WHITEBOARD GLASSBOARD NOTICEBOARD",
    _TALL: "COAT_STAND IV_STAND LAMP_DESK LAMP_FLOOR LAMP_PENDANT MONITOR_ARM",
    _OUT: "BENCH_OUTDOOR PICNIC_TABLE",
    _BY_AMOUNT: "CARPET_TILE_M2 OTHER_KG",
}

ASKED: Mapping[str, Asked] = {
    category_id: asked for asked, ids in _GROUPS.items() for category_id in ids.split()
}
"""By category; equipment, which is not in it, is asked for its size."""

EVERY = (*SIZE, *(kind.value for kind in MeasurementKind))


def asked_of(category_id: str) -> Asked:
    return ASKED.get(category_id, _OTHERWISE)


def field_of(measurement: str) -> str:
    """The form's field, in cm: ``width_mm`` → ``width_cm``, ``seat_height`` → ``m_seat_height_cm``."""
    if measurement in SIZE:
        return measurement.removesuffix("mm") + "cm"
    return f"m_{measurement}_cm"
