"""Which measurements a category asks for: the few that somebody who needs one will ask about.

A table of our own. ``source`` names the standard that defines the measurement where there is one;
elsewhere it is what has to fit the room, the door or the person. Every other measurement can still
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
class Asked:
    """``fields`` in the order they are asked for, under the ``heading``; ``source`` is why these."""

    fields: tuple[str, ...]
    source: str
    heading: str = N_("Mål")


_TOP = N_("Mål på plata")
_ROOM = "what has to fit the room and the door"
_WORK_CHAIR = Asked((K.SEAT_HEIGHT, K.SEAT_WIDTH, K.SEAT_DEPTH), "EN 1335-1:2020")
_SCHOOL_CHAIR = Asked((K.SEAT_HEIGHT,), "EN 1729-1:2015, size mark by seat height")
_CHAIR = Asked((K.SEAT_HEIGHT, WIDTH), "seat height as EN 1335-1 measures it; width for the row")
_STOOL = Asked((K.SEAT_HEIGHT, K.DIAMETER), "seat height as EN 1335-1 measures it")
_SOFT = Asked((WIDTH, DEPTH, K.SEAT_HEIGHT), "what has to fit the room; seat height for rising")
_DESK = Asked((WIDTH, DEPTH, HEIGHT), "EN 527-1:2011", _TOP)
_LIFTED = Asked((WIDTH, DEPTH, K.HEIGHT_MIN, K.HEIGHT_MAX), "EN 527-1:2011, types A and B", _TOP)
_SCHOOL_TABLE = Asked((HEIGHT, WIDTH, DEPTH), "EN 1729-1:2015, size mark by height", _TOP)
_TABLE = Asked((WIDTH, DEPTH, HEIGHT), "as desks, EN 527-1:2011", _TOP)
_ROUND = Asked((K.DIAMETER, HEIGHT, WIDTH, DEPTH), "diameter, else as desks", _TOP)
_STORAGE = Asked(SIZE, _ROOM)
_BED = Asked((K.LENGTH, WIDTH), "EN 1334:1996")
_LIFTED_BED = Asked((K.LENGTH, WIDTH, K.HEIGHT_MIN, K.HEIGHT_MAX), "EN 1334:1996; height for care")
_UPRIGHT = Asked((WIDTH, HEIGHT), "EN 1023-1:1996")
_BOARD = Asked((WIDTH, HEIGHT), "what has to fit the wall")
_TALL = Asked((HEIGHT,), _ROOM)
_OUT = Asked((K.LENGTH, K.SEAT_HEIGHT), _ROOM)
_OTHERWISE = Asked(SIZE, _ROOM)

_GROUPS: Mapping[Asked, str] = {
    _WORK_CHAIR: "CHAIR_TASK CHAIR_TASK_247 CHAIR_MEETING",
    _SCHOOL_CHAIR: "CHAIR_SCHOOL CHAIR_CHILD",
    _CHAIR: "CHAIR_VISITOR CHAIR_STACK CHAIR_WOOD CHAIR_CARE",
    _STOOL: "STOOL_BAR STOOL_LOW STOOL_SADDLE POUF",
    _SOFT: "ARMCHAIR SOFA_2 SOFA_3 SOFA_HIGHBACK WAIT_BENCH3 RECLINER_PATIENT SHOE_BENCH",
    _DESK: "DESK_FIXED DESK_TEACHER DESK_RECEPTION WORKBENCH",
    _LIFTED: "DESK_SITSTAND TABLE_CHANGING OVERBED_TABLE",
    _SCHOOL_TABLE: "TABLE_SCHOOL",
    _TABLE: "TABLE_MEETING_S TABLE_MEETING_L TABLE_CANTEEN TABLE_FOLD",
    _ROUND: "TABLE_CAFE TABLE_COFFEE TABLE_HIGH",
    _STORAGE: "PEDESTAL CABINET_LOW CABINET_TALL CABINET_TAMBOUR CABINET_STEEL FILING_CABINET"
    " LOCKER_1 LOCKER_Z SHELF_STEEL BOOKCASE SHELF_LIBRARY WARDROBE CHEST_DRAWERS NIGHTSTAND"
    " NIGHTSTAND_CARE KITCHEN_UNIT PHONE_BOOTH PLANTER WASTE_STATION TROLLEY_MED TROLLEY_SERVING",
    _BED: "BED_SINGLE MATTRESS",
    _LIFTED_BED: "BED_HOSPITAL BED_CARE EXAM_COUCH",
    _UPRIGHT: "SCREEN_DESK SCREEN_FLOOR ACOUSTIC_PANEL GLASS_PARTITION_M2",
    _BOARD: "WHITEBOARD GLASSBOARD NOTICEBOARD",
    _TALL: "COAT_STAND IV_STAND LAMP_DESK LAMP_FLOOR LAMP_PENDANT MONITOR_ARM",
    _OUT: "BENCH_OUTDOOR PICNIC_TABLE",
    Asked((), "counted by area or weight"): "CARPET_TILE_M2 OTHER_KG",
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
