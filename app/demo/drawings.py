"""Pictures of furniture, drawn by the program itself, for the demo story.

They belong to nobody, weigh nothing in the repository, and are the same every time: a kind, a
colour and a seed decide the picture to the last pixel. ``drawing_scene`` builds solids,
``drawing_paint`` paints them, the other ``drawing_`` modules hold the furniture.
"""

from io import BytesIO
from random import Random

from app.demo.drawing_care import CARE
from app.demo.drawing_paint import HEIGHT, WIDTH, paint
from app.demo.drawing_rooms import ROOMS
from app.demo.drawing_scene import Kind, Look, Scene, colour_of
from app.demo.drawing_seats import SEATS
from app.demo.drawing_storage import STORAGE
from app.demo.drawing_tables import TABLES

__all__ = ["COLOURS", "HEIGHT", "KINDS", "KIND_OF_CATEGORY", "WIDTH", "draw"]

KINDS: dict[str, Kind] = {**SEATS, **TABLES, **STORAGE, **CARE, **ROOMS}

# The names under which colours stand on pieces, in bokmål.
COLOURS = {
    "svart": "#3a3c42",
    "grå": "#858b94",
    "lys grå": "#b7bcc2",
    "mørk grå": "#565b64",
    "hvit": "#eceae4",
    "blå": "#4a6b94",
    "mørk blå": "#3b4868",
    "lys blå": "#8fa9bd",
    "petrol": "#3d6b73",
    "turkis": "#5f9c9a",
    "grønn": "#5d7a58",
    "lys grønn": "#93a983",
    "rød": "#a94c44",
    "burgunder": "#7c4350",
    "oransje": "#c2694a",
    "gul": "#cf9f3e",
    "rosa": "#c58f8d",
    "lilla": "#7a5a78",
    "brun": "#7d5d48",
    "beige": "#cbb696",
    "bjørk": "#dfc299",
    "eik": "#c99f6c",
    "bøk": "#d6a980",
    "valnøtt": "#8a644a",
    "stål": "#a9b0b8",
}
_WOODS = ("#dcbc90", "#cda271", "#e2c9a2", "#b98a5f", "#d3ac80")
_METALS = ("#b9bec6", "#b9bec6", "#43464d", "#8d939c")
_TINTS = ("#dfe3de", "#e9e1d6", "#dbe3e8", "#e6dfe0", "#e3e2dc", "#dde4e1")

KIND_OF_CATEGORY = {
    "CHAIR_TASK": "task_chair",
    "CHAIR_TASK_247": "task_chair",
    "CHAIR_VISITOR": "visitor_chair",
    "CHAIR_MEETING": "meeting_chair",
    "CHAIR_STACK": "stacking_chair",
    "CHAIR_WOOD": "wooden_chair",
    "CHAIR_CARE": "care_chair",
    "STOOL_BAR": "bar_stool",
    "STOOL_LOW": "low_stool",
    "STOOL_SADDLE": "saddle_stool",
    "POUF": "pouf",
    "ARMCHAIR": "armchair",
    "SOFA_2": "sofa_2",
    "SOFA_3": "sofa_3",
    "SOFA_HIGHBACK": "sofa_high",
    "WAIT_BENCH3": "wait_bench",
    "RECLINER_PATIENT": "recliner",
    "CHAIR_SCHOOL": "school_chair",
    "CHAIR_CHILD": "child_chair",
    "DESK_FIXED": "fixed_desk",
    "DESK_SITSTAND": "sit_stand_desk",
    "TABLE_MEETING_S": "meeting_table",
    "TABLE_MEETING_L": "meeting_table_long",
    "TABLE_CANTEEN": "canteen_table",
    "TABLE_CAFE": "cafe_table",
    "TABLE_COFFEE": "coffee_table",
    "TABLE_HIGH": "high_table",
    "TABLE_FOLD": "folding_table",
    "TABLE_SCHOOL": "school_desk",
    "DESK_TEACHER": "teacher_desk",
    "DESK_RECEPTION": "reception",
    "WORKBENCH": "workbench",
    "TABLE_CHANGING": "changing_table",
    "PEDESTAL": "pedestal",
    "CABINET_LOW": "low_cabinet",
    "CABINET_TALL": "tall_cabinet",
    "CABINET_TAMBOUR": "tambour",
    "CABINET_STEEL": "steel_cabinet",
    "FILING_CABINET": "filing_cabinet",
    "LOCKER_1": "locker",
    "LOCKER_Z": "locker_split",
    "SHELF_STEEL": "steel_shelf",
    "BOOKCASE": "bookcase",
    "SHELF_LIBRARY": "library_shelf",
    "WARDROBE": "wardrobe",
    "CHEST_DRAWERS": "chest_drawers",
    "COAT_STAND": "coat_stand",
    "SHOE_BENCH": "shoe_bench",
    "BED_HOSPITAL": "hospital_bed",
    "BED_CARE": "care_bed",
    "BED_SINGLE": "single_bed",
    "MATTRESS": "mattress",
    "NIGHTSTAND_CARE": "bedside_cabinet",
    "NIGHTSTAND": "nightstand",
    "OVERBED_TABLE": "overbed_table",
    "TROLLEY_MED": "medical_trolley",
    "TROLLEY_SERVING": "serving_trolley",
    "EXAM_COUCH": "exam_couch",
    "IV_STAND": "iv_stand",
    "SCREEN_DESK": "desk_screen",
    "SCREEN_FLOOR": "floor_screen",
    "ACOUSTIC_PANEL": "acoustic_panel",
    "PHONE_BOOTH": "phone_booth",
    "GLASS_PARTITION_M2": "glass_wall",
    "WHITEBOARD": "whiteboard",
    "GLASSBOARD": "glassboard",
    "NOTICEBOARD": "noticeboard",
    "LAMP_DESK": "desk_lamp",
    "LAMP_FLOOR": "floor_lamp",
    "LAMP_PENDANT": "pendant",
    "CARPET_TILE_M2": "carpet_tile",
    "KITCHEN_UNIT": "kitchen_unit",
    "PLANTER": "planter",
    "WASTE_STATION": "waste_station",
    "MONITOR_ARM": "monitor_arm",
    "BENCH_OUTDOOR": "outdoor_bench",
    "PICNIC_TABLE": "picnic_table",
    "OTHER_KG": "cartons",
    "EQUIP_MEDICAL": "patient_monitor",
    "EQUIP_AID": "wheelchair",
    "EQUIP_ROLLING": "flat_trolley",
    "EQUIP_AV": "display",
    "EQUIP_KITCHEN": "fridge",
    "EQUIP_OTHER": "cartons",
}


def draw(kind: str, colour: str, seed: int) -> bytes:
    """A JPEG of 1200 x 900 pixels, the same bytes for the same arguments.

    ``colour`` is a name from ``COLOURS`` or ``#rrggbb``; it is what meets the eye: upholstery,
    fronts, a screen's cloth. ``seed`` varies wood, metal, backdrop and small features.

    Raises:
        KeyError: There is no such kind or colour.
    """
    dice = Random(f"{kind} {colour} {seed}")
    look = Look(
        main=colour_of(colour if colour.startswith("#") else COLOURS[colour]),
        wood=colour_of(dice.choice(_WOODS)),
        metal=colour_of(dice.choice(_METALS)),
        dark=colour_of("#33363d"),
        white=colour_of("#f2f1ed"),
        dice=dice,
    )
    scene = Scene()
    KINDS[kind](scene, look)
    into = BytesIO()
    paint(scene, colour_of(dice.choice(_TINTS))).save(into, "JPEG", quality=90, subsampling=0)
    return into.getvalue()
