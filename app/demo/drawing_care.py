"""Beds, wards and what rolls through them (cm)."""

from app.demo.drawing_scene import (
    Colour,
    Kind,
    Look,
    Scene,
    bend,
    ellipse,
    lit,
    mixed,
    rectangle,
    rounded,
    thick_line,
)
from app.demo.drawing_storage import drawers


def castors(
    scene: Scene, look: Look, xs: tuple[float, float], ys: tuple[float, float], radius: float
) -> None:
    for x in xs:
        for y in ys:
            scene.prism("x", ellipse(y, radius, radius), x - 1.8, x + 1.8, look.dark)
            hub = ellipse(y, radius, radius * 0.45)
            scene.prism("x", hub, x + 1.8, x + 2.2, look.metal, casts=False)


def _linen(scene: Scene, look: Look, low: float, half: float, ends: tuple[float, float]) -> None:
    """Mattress, pillow and a folded blanket; the head is to the left."""
    x0, x1 = ends
    scene.box((x0, -half, low), (x1, half, low + 13), look.white, soft=2.2)
    pillow = (x0 + 7, -half + 9, low + 13.1), (x0 + 47, half - 9, low + 23)
    scene.box(*pillow, mixed(look.white, look.main, 0.25), soft=3.6)
    blanket = (x0 + 97, -half - 0.8, low + 5), (x1 + 0.6, half + 0.8, low + 15.4)
    scene.box(*blanket, look.main, soft=1.7)
    # Only on top of the mattress: a box that cut through it could not be put in order.
    fold = (x0 + 80, -half - 0.6, low + 13.05), (x0 + 97, half + 0.6, low + 17)
    scene.box(*fold, lit(look.main, 1.12), soft=1.2)


def _board(
    scene: Scene, x: float, half: float, low: float, top: float, colour: Colour, rim: Colour
) -> None:
    """A head or foot board, seen from the side of the bed."""
    outline = rectangle(-half, low, half, top, 9)
    scene.prism("x", outline, x, x + 4, rim, soft=0.6)
    scene.prism("x", rectangle(-half + 6, low + 6, half - 6, top - 6, 5), x + 4, x + 4.4, colour)


def hospital_bed(scene: Scene, look: Look) -> None:
    castors(scene, look, (-86, 86), (-36, 36), 7)
    grey = mixed(look.metal, look.white, 0.5)
    for y in (-38.0, 33.0):
        scene.box((-92, y, 14), (92, y + 5, 19), grey)
    for x in (-60.0, 46.0):
        scene.rod((x, 0, 22), (x + 16, 0, 33), 4.5, grey)
    scene.box((-98, -44, 38), (98, 44, 46), grey)
    _board(scene, -106, 46, 36, 98, look.wood, mixed(look.wood, look.dark, 0.15))
    _board(scene, 102, 46, 36, 84, look.wood, mixed(look.wood, look.white, 0.1))
    _linen(scene, look, 46, 43, (-99, 99))
    for y in (-47.0, 45.4):
        for z in (62.0, 74.0):
            scene.rod((-70, y, z), (24, y, z), 1.5, grey)
        for x in (-70.0, -23.0, 24.0):
            scene.rod((x, y, 46), (x, y, 74), 1.3, grey)
    scene.rod((-102, 30, 90), (-102, 30, 168), 1.7, grey)
    hook = thick_line(bend([(-102, 168), (-100, 186), (-60, 184)], 12), 3)
    scene.prism("y", hook, 28.6, 31.4, grey)
    scene.rod((-62, 30, 183), (-62, 30, 156), 0.6, look.dark)
    scene.prism(
        "y", thick_line([(-72, 150), (-62, 158), (-52, 150), (-72, 150)], 2), 29, 31, look.dark
    )


def care_bed(scene: Scene, look: Look) -> None:
    castors(scene, look, (-84, 84), (-34, 34), 5)
    scene.box((-90, -32, 11), (90, 32, 17), look.metal)
    for x in (-50.0, 38.0):
        scene.rod((x, 0, 16), (x + 14, 0, 34), 4, look.metal)
    scene.box((-100, -46, 32), (100, -43, 48), look.wood)
    scene.box((-100, 43, 32), (100, 46, 48), look.wood)
    _board(scene, -106, 47, 14, 92, look.wood, mixed(look.wood, look.dark, 0.1))
    _board(scene, 102, 47, 14, 78, look.wood, mixed(look.wood, look.white, 0.1))
    _linen(scene, look, 44, 42, (-99, 99))
    scene.box((-60, -49, 58), (40, -46.4, 64), look.wood)
    scene.box((-60, -49, 68), (40, -46.4, 74), look.wood)
    for x in (-52.0, 26.0):
        scene.box((x, -46.6, 44), (x + 5, -46.2, 74), mixed(look.wood, look.dark, 0.2))


def single_bed(scene: Scene, look: Look) -> None:
    for x in (-94.0, 94.0):
        for y in (-36.0, 36.0):
            scene.rod((x, y, 14.5), (x, y, 2.2), 3, look.wood, 2.2)
    scene.box((-102, -44, 18), (102, 44, 30), look.wood)
    scene.box((-104, -46, 18), (-100, 46, 82), look.main, soft=1.6)
    _linen(scene, look, 30, 42, (-99, 100))


def mattress(scene: Scene, look: Look) -> None:
    scene.prism(
        "z", rectangle(-100, -45, 100, 45, 7), 0, 8, mixed(look.main, look.white, 0.35), soft=2
    )
    scene.prism("z", rectangle(-100.4, -45.4, 100.4, 45.4, 7), 8, 9, look.main)
    scene.prism("z", rectangle(-100, -45, 100, 45, 7), 9, 18, look.white, soft=2.2)
    for i in range(6):
        x = -78 + i * 31
        scene.box(
            (x, -44, 18), (x + 0.5, 44, 18.1), mixed(look.white, look.dark, 0.14), casts=False
        )


def bedside_cabinet(scene: Scene, look: Look) -> None:
    castors(scene, look, (-18, 18), (-18, 18), 3.4)
    drawers(scene, (-23, -22, 8), (23, 22, 80), (0.26, 0.28, 0.46), look.main, look)
    scene.prism("z", rectangle(-25, -24, 25, 24, 3), 80, 83, look.wood)
    for y in (-23.0, 22.0):
        scene.rod((-24, y, 87), (24, y, 87), 0.7, look.metal)
    for x in (-24.0, 24.0):
        for y in (-23.0, 22.0):
            scene.rod((x, y, 83), (x, y, 87), 0.7, look.metal)


def overbed_table(scene: Scene, look: Look) -> None:
    castors(scene, look, (-30, 32), (-26, 26), 3)
    for y in (-26.0, 22.0):
        scene.box((-34, y, 6), (36, y + 4, 9.6), look.metal)
    scene.box((-34, -26, 6), (-29, 26, 9.6), look.metal)
    scene.box((-35, -5, 9), (-27, 5, 60), look.metal)
    scene.box((-34, -4, 60), (-28, 4, 84), lit(look.metal, 1.1))
    scene.box((-34, -3, 82), (20, 3, 85), look.metal)
    scene.prism("z", rectangle(-40, -20, 42, 20, 5), 85, 88, look.wood)
    scene.prism("z", rectangle(-36, -16, 20, 16, 3), 88, 88.5, lit(look.main, 1.05), casts=False)


def medical_trolley(scene: Scene, look: Look) -> None:
    castors(scene, look, (-28, 28), (-20, 20), 5)
    scene.box((-33, -25, 10), (33, 25, 15), look.dark)
    drawers(scene, (-31, -24, 15), (31, 24, 88), (0.15, 0.15, 0.2, 0.2, 0.3), look.white, look)
    scene.prism("z", rectangle(-34, -27, 34, 26, 3), 88, 92, look.main)
    for y in (-17.0, 17.0):
        scene.rod((34, y, 84), (42, y, 86), 1.3, look.metal)
    scene.rod((42, -17, 86), (42, 17, 86), 1.5, look.metal)
    scene.box((-30, 18, 92), (30, 20, 108), look.metal)
    for i in range(4):
        x = -27 + i * 14.2
        scene.box((x, 12, 96), (x + 12, 18, 106), lit(look.main, 1.12))


def serving_trolley(scene: Scene, look: Look) -> None:
    board = look.either(look.wood, look.main)
    castors(scene, look, (-42.6, 42.6), (-26.6, 26.6), 5)
    for x in (-42.6, 42.6):
        for y in (-26.6, 26.6):
            scene.rod((x, y, 11.4), (x, y, 94), 1.3, look.metal)
    for z in (22.0, 56.0, 88.0):
        scene.prism("z", rectangle(-41.25, -25.25, 41.25, 25.25, 0.6), z, z + 2.2, board)
    for y in (-26.6, 26.6):
        scene.rod((-42.6, y, 94), (42.6, y, 94), 1, look.metal)
    for x in (-42.6, 42.6):
        scene.rod((x, -26.6, 94), (x, 26.6, 94), 1.2, look.metal)
    for x, y in ((-22, -8), (-8, 8), (8, -6)):
        scene.prism("z", ellipse(x, y, 4.2), 90.2, 98, look.white)


def exam_couch(scene: Scene, look: Look) -> None:
    for x in (-62.0, 56.0):
        scene.box((x, -26, 0), (x + 6, 26, 5), look.metal)
    scene.box((-54, -12, 5), (54, 12, 14), mixed(look.metal, look.white, 0.3))
    for x in (-30.0, 18.0):
        scene.rod((x, 0, 12), (x + 12, 0, 50), 4.6, mixed(look.metal, look.white, 0.3))
    scene.box((-88, -28, 50), (92, 28, 56), look.metal)
    scene.prism("z", rectangle(-34, -32, 96, 32, 5), 56, 66, look.main, soft=2.2)
    head = rounded([(-96, 76), (-38, 56), (-36, 65), (-94, 86)], 2.5)
    scene.prism("y", head, -32, 32, look.main, soft=2.2)
    paper = mixed(look.white, (255, 255, 255), 0.6)
    scene.box((-30, -22, 66), (95, 22, 66.3), paper, casts=False)


def iv_stand(scene: Scene, look: Look) -> None:
    for dx, dy in ((28, 4), (10, -27), (-24, -16), (-24, 18), (8, 28)):
        scene.rod((0, 0, 10), (dx, dy, 6), 1.7, look.metal, 1.2)
        scene.ball((dx, dy, 3), 3, look.dark)
    scene.rod((0, 0, 8), (0, 0, 120), 1.8, look.metal)
    scene.rod((0, 0, 120), (0, 0, 196), 1.2, lit(look.metal, 1.08))
    for side in (-1, 1):
        hook = thick_line(bend([(0, 192), (side * 16, 198), (side * 19, 203)], 4), 1.6)
        scene.prism("y", hook, -0.8, 0.8, look.metal)
    bag = rounded([(-24, 166), (-10, 166), (-11, 190), (-23, 190)], 3)
    scene.prism("y", bag, -2, 2, mixed(look.main, look.white, 0.65), soft=0.8)
    scene.box((-5, -9, 104), (7, -1, 122), look.main, soft=0.8)


def patient_monitor(scene: Scene, look: Look) -> None:
    for dx, dy in ((26, 4), (9, -25), (-22, -15), (-22, 17), (8, 26)):
        scene.rod((0, 0, 9), (dx, dy, 6), 1.9, look.metal, 1.3)
        scene.ball((dx, dy, 3), 3, look.dark)
    scene.rod((0, 0, 8), (0, 0, 104), 2.2, look.metal)
    scene.prism("z", rectangle(-18, -14, 18, 14, 4), 62, 65, look.metal)
    scene.box((-24, -8, 104), (24, 8, 142), look.white, soft=1.4)
    scene.box((-20, -8.6, 109), (14, -8, 138), look.dark, casts=False)
    wave = [(-18, 126), (-10, 126), (-7, 133), (-3, 116), (0, 126), (12, 126)]
    scene.prism("y", thick_line(wave, 1.1), -8.9, -8.6, (120, 214, 160), casts=False)
    scene.box((-18, -8.9, 112.6), (-4, -8.6, 115), look.main, casts=False)
    for z in (116.0, 123.0, 130.0):
        scene.prism("y", ellipse(19, z, 1.8), -9, -8.6, look.main, casts=False)


def wheelchair(scene: Scene, look: Look) -> None:
    for x in (-29.0, 26.0):
        ring = ellipse(6, 30, 30, steps=64)
        scene.prism("x", ring, x, x + 3, look.dark)
        scene.prism(
            "x", ellipse(6, 30, 26.5, steps=64), x + 3, x + 3.2, mixed(look.metal, look.white, 0.75)
        )
        scene.prism("x", ellipse(6, 30, 4), x + 3.2, x + 4.4, look.metal)
        scene.prism("x", ellipse(-34, 9, 9), x + 0.5, x + 2.6, look.dark)
        scene.rod((x + 1.5, -30, 48), (x + 1.5, -38, 14), 1.4, look.metal)
        arm = rounded([(-16, 66), (16, 66), (16, 70), (-16, 70)], 1.8)
        scene.prism("x", arm, x - 1, x + 4, look.dark, soft=0.4)
    scene.prism("z", rectangle(-24, -24, 24, 22, 3), 46, 53, look.main, soft=2)
    scene.prism("y", rectangle(-24, 54, 24, 94, 5), 20, 24, look.main, soft=1.5, lean=0.1)
    for x in (-26.0, 26.0):
        scene.rod((x, 22, 50), (x, 28, 96), 1.5, look.metal)
        scene.rod((x, 28, 96), (x, 40, 96), 1.8, look.dark)
    for x in (-12.0, 12.0):
        scene.box((x - 9, -58, 10), (x + 9, -46, 11.6), look.dark)
        scene.rod((x, -28, 44), (x, -48, 12), 1.4, look.metal)


CARE: dict[str, Kind] = {
    "hospital_bed": hospital_bed,
    "care_bed": care_bed,
    "single_bed": single_bed,
    "mattress": mattress,
    "bedside_cabinet": bedside_cabinet,
    "overbed_table": overbed_table,
    "medical_trolley": medical_trolley,
    "serving_trolley": serving_trolley,
    "exam_couch": exam_couch,
    "iv_stand": iv_stand,
    "patient_monitor": patient_monitor,
    "wheelchair": wheelchair,
}
