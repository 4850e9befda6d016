"""What the demo's health trust owns: makers and models of our own invention, and where they stand.

Names, measurements and prices are made up but plausible; no real maker's product is meant.
"""

from dataclasses import dataclass

from app.demo.stage import STORAGE
from app.items.rules import Condition

C = Condition


@dataclass(frozen=True)
class Model:
    """Measurements in mm, mass in g, price in whole kroner; ``None`` where nobody wrote it down."""

    key: str
    category: str
    maker: str
    name: str
    colour: str
    material: str
    width: int | None
    depth: int | None
    height: int | None
    mass: int | None = None
    price: int | None = None


@dataclass(frozen=True)
class Lot:
    """Like pieces registered together."""

    model: str
    count: int
    unit: str
    place: str
    condition: Condition = C.B
    is_free: bool = False


MODELS = (
    Model("skift", "CHAIR_TASK", "Nordsete", "Skift 3", "svart", "tekstil", 650, 650, 1100, 16500, 4900),
    Model("skift-bla", "CHAIR_TASK", "Nordsete", "Skift 3 blå", "blå", "tekstil", 650, 650, 1100, 16500, 4900),
    Model("vakt", "CHAIR_TASK_247", "Nordsete", "Vakt 24", "mørk grå", "kunstskinn", 700, 700, 1200, 25000, 9800),
    Model("lys", "CHAIR_VISITOR", "Fjordform", "Lys", "grønn", "tekstil", 540, 560, 820, None, 2400),
    Model("runde", "CHAIR_MEETING", "Fjordform", "Runde", "petrol", "tekstil", 620, 600, 830, 10800, 3700),
    Model("stabel", "CHAIR_STACK", "Fjordform", "Stabel", "rød", "plast", 500, 520, 800, None, None),
    Model("trygg", "CHAIR_CARE", "Vardeheim", "Trygg", "burgunder", "kunstskinn", 640, 700, 1100, None, 7900),
    Model("bris", "ARMCHAIR", "Vardeheim", "Bris", "oransje", "ull", 760, 780, 820, 18000, 8900),
    Model("pause", "SOFA_2", "Vardeheim", "Pause 2", "mørk blå", "ull", 1500, 800, 800, 33000, 13900),
    Model("pause-3", "SOFA_3", "Vardeheim", "Pause 3", "lys grønn", "ull", 2100, 800, 800, None, 17900),
    Model("venter", "WAIT_BENCH3", "Fjordform", "Venter", "stål", "stål", 1700, 650, 800, None, None),
    Model("krakk", "STOOL_SADDLE", "Nordsete", "Sal", "svart", "kunstskinn", 400, 400, 650, 8000, 3600),
    Model("hev", "DESK_SITSTAND", "Tindebord", "Hev 160", "bjørk", "laminat", 1600, 800, 720, 46000, 7600),
    Model("hev-hvit", "DESK_SITSTAND", "Tindebord", "Hev 140", "hvit", "laminat", 1400, 800, 720, 42000, 7200),
    Model("fast", "DESK_FIXED", "Tindebord", "Fast 120", "bøk", "laminat", 1200, 700, 730, None, 3300),
    Model("samling", "TABLE_MEETING_S", "Tindebord", "Samling 180", "eik", "finer", 1800, 900, 740, 41000, 7900),
    Model("samling-l", "TABLE_MEETING_L", "Tindebord", "Samling 360", "valnøtt", "finer", 3600, 1200, 740, None, 18500),
    Model("lunsj", "TABLE_CANTEEN", "Tindebord", "Lunsj", "bjørk", "laminat", 1400, 800, 730, 24000, 3900),
    Model("kaffe", "TABLE_COFFEE", "Fjordform", "Kaffe", "eik", "heltre", 800, 800, 450, None, None),
    Model("trille", "PEDESTAL", "Skapverk", "Trille", "grå", "stål", 430, 580, 570, 22000, 2900),
    Model("hoy", "CABINET_TALL", "Skapverk", "Høy 200", "hvit", "laminat", 800, 420, 2000, 52000, 5900),
    Model("lav", "CABINET_LOW", "Skapverk", "Lav 80", "bjørk", "laminat", 800, 420, 800, None, 3500),
    Model("stal", "CABINET_STEEL", "Skapverk", "Stål 195", "lys grå", "stål", 950, 450, 1950, None, 5200),
    Model("bok", "BOOKCASE", "Skapverk", "Bok 5", "eik", "laminat", 800, 320, 1800, None, 2600),
    Model("garderobe", "LOCKER_1", "Skapverk", "Garderobe 1", "turkis", "stål", 400, 550, 1750, None, None),
    Model("stumtjener", "COAT_STAND", "Fjordform", "Gren", "svart", "stål", 400, 400, 1750, None, 1600),
    Model("seng", "BED_HOSPITAL", "Vardeheim", "Leie 4", "lys blå", "stål", 1000, 2200, 600, None, 24000),
    Model("nattbord", "NIGHTSTAND_CARE", "Vardeheim", "Nær", "bøk", "laminat", 500, 450, 850, 32000, 5900),
    Model("seigebord", "OVERBED_TABLE", "Vardeheim", "Over", "hvit", "laminat", 800, 400, 950, None, 4900),
    Model("tavle", "WHITEBOARD", "Tindebord", "Tavle 200", "hvit", "stål", 2000, 40, 1200, None, 3900),
    Model("skjerm", "SCREEN_DESK", "Fjordform", "Skille 160", "grå", "tekstil", 1600, 40, 650, 9500, 2300),
    Model("lampe", "LAMP_FLOOR", "Fjordform", "Måne", "gul", "stål", 400, 400, 1600, None, None),
    Model("benk", "SHOE_BENCH", "Skapverk", "Benk 120", "eik", "heltre", 1200, 350, 450, None, None),
    Model("rullestol", "EQUIP_AID", "Vardeheim", "Rull", "svart", "stål", 650, 1050, 920, 17000, 8500),
)  # fmt: skip

LOTS = (
    # What stays where it stands.
    Lot("seng", 60, "Medisinsk sengepost", "Sengepost 2A"),
    Lot("seng", 60, "Kirurgisk sengepost", "Sengepost 3A"),
    Lot("seng", 40, "Hjerteavdelingen", "Sengepost 2B", C.A),
    Lot("nattbord", 60, "Medisinsk sengepost", "Sengepost 2A"),
    Lot("nattbord", 60, "Kirurgisk sengepost", "Sengepost 3A", C.C),
    Lot("nattbord", 40, "Hjerteavdelingen", "Sengepost 2B", C.A),
    Lot("seigebord", 90, "Kirurgisk sengepost", "Sengepost 3A"),
    Lot("trygg", 70, "Medisinsk sengepost", "Sengepost 2A"),
    Lot("trygg", 40, "Dialyse", "Sengepost 2B", C.C),
    Lot("lys", 120, "Ortopedisk poliklinikk", "Poliklinikk 3"),
    Lot("lys", 60, "Akuttmottak", "Venterom 1", C.C),
    Lot("venter", 24, "Akuttmottak", "Venterom 1"),
    Lot("stabel", 160, "Kantinen", "Kantinen"),
    Lot("lunsj", 44, "Kantinen", "Kantinen"),
    Lot("skift", 140, "Økonomi", "Kontorer B2"),
    Lot("skift-bla", 80, "IKT", "Kontorlandskap B2"),
    Lot("vakt", 16, "Akuttmottak", "Vaktrom 2"),
    Lot("hev", 120, "IKT", "Kontorlandskap B2"),
    Lot("hev-hvit", 60, "HR", "Kontorer B1", C.A),
    Lot("fast", 30, "Økonomi", "Kontorer B2", C.C),
    Lot("trille", 90, "Økonomi", "Kontorer B2"),
    Lot("hoy", 50, "HR", "Kontorer B1"),
    Lot("lav", 46, "IKT", "Kontorlandskap B2"),
    Lot("stal", 34, "Økonomi", "Arkiv B2", C.C),
    Lot("bok", 40, "Administrasjon", "Kontorer B1"),
    Lot("garderobe", 110, "Renhold", "Garderobe U1"),
    Lot("benk", 12, "Renhold", "Garderobe U1"),
    Lot("krakk", 26, "Operasjon", "Poliklinikk 3"),
    Lot("runde", 24, "Administrasjon", "Møterom Fjorden", C.A),
    Lot("samling-l", 3, "Administrasjon", "Møterom Fjorden"),
    Lot("tavle", 14, "Administrasjon", "Undervisningsrom B1"),
    Lot("skjerm", 60, "IKT", "Kontorlandskap B2"),
    Lot("pause-3", 6, "Administrasjon", "Resepsjonen", C.A),
    Lot("kaffe", 18, "Administrasjon", "Pauserom 3"),
    Lot("lampe", 22, "Administrasjon", "Resepsjonen"),
    Lot("rullestol", 30, "Akuttmottak", "Venterom 1"),
    Lot("stumtjener", 10, "HR", "Kontorer B1"),
)

SURPLUS = (
    # Free after the offices of building B were made smaller: the market, and Lensmannslia's source.
    Lot("hev", 52, "Økonomi", "Kontorer B1", is_free=True),
    Lot("skift", 58, "Økonomi", "Kontorer B1", is_free=True),
    Lot("runde", 26, "HR", "Møterom Viddas", is_free=True),
    Lot("samling", 5, "HR", "Møterom Viddas", is_free=True),
    Lot("hoy", 18, "Økonomi", STORAGE, is_free=True),
    Lot("pause", 12, "HR", STORAGE, is_free=True),
    Lot("stumtjener", 9, "HR", STORAGE, C.A, is_free=True),
    Lot("trille", 14, "Økonomi", STORAGE, is_free=True),
    Lot("bris", 6, "Administrasjon", "Resepsjonen", is_free=True),
    Lot("skift-bla", 8, "HR", STORAGE, C.C, is_free=True),
    Lot("fast", 36, "Økonomi", STORAGE, C.D, is_free=True),
    Lot("lav", 24, "IKT", STORAGE, C.D, is_free=True),
    Lot("bok", 12, "IKT", STORAGE, C.C, is_free=True),
    Lot("lys", 30, "HR", "Undervisningsrom B1", is_free=True),
)
