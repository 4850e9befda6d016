"""Desks and tables (cm)."""

from app.demo.drawing_scene import (
    Colour,
    Flat,
    Kind,
    Look,
    Scene,
    ellipse,
    lit,
    mixed,
    rectangle,
)
from app.demo.drawing_seats import legs
from app.demo.drawing_storage import drawers


def top(scene: Scene, outline: list[Flat], z: float, colour: Colour, thick: float = 2.5) -> None:
    """A table top: the board, and the thin paler edge that catches the light."""
    scene.prism("z", outline, z - thick, z - 0.7, lit(colour, 0.9))
    scene.prism("z", outline, z - 0.7, z, colour)


def _board(look: Look) -> Colour:
    return look.either(look.wood, look.wood, look.white)


def fixed_desk(scene: Scene, look: Look) -> None:
    half = look.about(76, 0.08)
    for x in (-half + 6, half - 10):
        for y in (-34.0, 30.0):
            scene.box((x, y, 0), (x + 4, y + 4, 70), look.metal)
        scene.box((x, -30, 67), (x + 4, 30, 70), look.metal)
    scene.box((-half + 10, 28, 44), (half - 10, 30, 70), look.main)
    top(scene, rectangle(-half, -40, half, 40, 2), 73, _board(look))


def sit_stand_desk(scene: Scene, look: Look) -> None:
    half, z = look.about(80, 0.06), look.either(76.0, 92.0, 104.0)
    for x in (-half + 20, half - 28):
        scene.prism("z", rectangle(x - 0.5, -36, x + 8.5, 36, 3), 0, 3.4, look.metal)
        scene.box((x, -4, 3), (x + 8, 5, z * 0.58), look.metal)
        scene.box((x + 1.2, -3, z * 0.58), (x + 6.8, 4, z - 5), lit(look.metal, 1.1))
        scene.box((x, -30, z - 5.5), (x + 8, 30, z - 2.5), look.metal)
    scene.box((-half + 28, -3, z - 8), (half - 28, 4, z - 3), look.metal)
    top(scene, rectangle(-half, -40, half, 40, 4), z, _board(look))
    scene.box((half - 40, -41, z - 4.6), (half - 30, -38, z - 2.6), look.dark)
    scene.prism("z", ellipse(-half + 14, 26, 4), z, z + 0.3, look.dark, casts=False)


def teacher_desk(scene: Scene, look: Look) -> None:
    for x in (-66.0,):
        scene.box((x, -32, 0), (x + 3, 30, 70), look.metal)
    scene.box((-63, 26, 30), (66, 28, 70), look.main)
    drawers(scene, (24, -32, 6), (66, 26, 70), (0.3, 0.3, 0.4), _board(look), look)
    top(scene, rectangle(-70, -35, 70, 35, 2), 73, look.wood)


def meeting_table(scene: Scene, look: Look) -> None:
    if look.dice.random() < 0.5:
        scene.prism("z", ellipse(0, 0, 34), 0, 2, look.metal)
        scene.prism("z", ellipse(0, 0, 5), 2, 70, look.metal)
        top(scene, ellipse(0, 0, 60, steps=90), 73, look.wood, 3)
    else:
        legs(scene, look.metal, at=(70, 34), height=70, splay=4, radius=2.4, tip=1.6)
        top(scene, rectangle(-80, -45, 80, 45, 24), 73, look.wood, 3)


def meeting_table_long(scene: Scene, look: Look) -> None:
    for x in (-105.0, 0.0, 105.0):
        scene.box((x - 4, -30, 3), (x + 4, 30, 70), look.metal)
        scene.box((x - 5, -42, 0), (x + 5, 42, 3), look.metal)
    outline = rectangle(-160, -60, 160, 60, 44)
    top(scene, outline, 73.5, look.wood, 3.5)
    for x in (-55.0, 55.0):
        scene.prism("z", rectangle(x - 13, -6, x + 13, 6, 1.5), 73.5, 73.9, look.dark, casts=False)


def canteen_table(scene: Scene, look: Look) -> None:
    legs(scene, look.metal, at=(62, 30), height=71, splay=3, radius=2)
    scene.box((-60, -28, 66), (60, 28, 71), lit(look.metal, 0.9))
    top(scene, rectangle(-70, -38, 70, 38, 6), 74, look.either(look.main, look.wood, look.white))


def cafe_table(scene: Scene, look: Look) -> None:
    scene.prism("z", ellipse(0, 0, 22), 0, 1.6, look.metal)
    scene.prism("z", ellipse(0, 0, 3.2), 1.6, 71, look.metal)
    shape = look.either(ellipse(0, 0, 35, steps=80), rectangle(-33, -33, 33, 33, 8))
    top(scene, shape, 74, look.either(look.wood, look.main), 2.6)


def coffee_table(scene: Scene, look: Look) -> None:
    if look.dice.random() < 0.5:
        legs(scene, look.wood, at=(26, 26), height=42, splay=6, radius=2, tip=1.3)
        top(scene, ellipse(0, 0, 42, steps=80), 45, look.main, 2.8)
    else:
        legs(scene, look.wood, at=(50, 24), height=42, splay=5, radius=2.1, tip=1.3)
        scene.prism("z", rectangle(-50, -24, 50, 24, 4), 20, 21.6, look.wood)
        top(scene, rectangle(-60, -32, 60, 32, 10), 45, look.either(look.wood, look.main), 2.8)


def high_table(scene: Scene, look: Look) -> None:
    if look.dice.random() < 0.5:
        scene.prism("z", ellipse(0, 0, 26), 0, 1.8, look.metal)
        scene.prism("z", ellipse(0, 0, 3.6), 1.8, 107, look.metal)
        top(scene, ellipse(0, 0, 38, steps=80), 110, look.wood, 3)
    else:
        for x in (-74.0, 68.0):
            for y in (-30.0, 24.0):
                scene.box((x, y, 0), (x + 6, y + 6, 104), look.dark)
            scene.box((x, -24, 20), (x + 6, 24, 25), look.dark)
        scene.box((-68, 24, 20), (68, 28, 25), look.dark)
        top(scene, rectangle(-84, -38, 84, 38, 3), 109, look.wood, 5)


def folding_table(scene: Scene, look: Look) -> None:
    for x in (-58.0, 55.0):
        scene.prism("z", rectangle(x - 1, -32, x + 5, 32, 2), 3, 6, look.metal)
        scene.box((x, -3, 6), (x + 4, 3, 70), look.metal)
        for y in (-29.0, 29.0):
            scene.prism("x", ellipse(y, 2.4, 2.4), x, x + 3.4, look.dark)
    scene.rod((-55, 0, 30), (57, 0, 30), 1.5, look.metal)
    top(scene, rectangle(-70, -35, 70, 35, 4), 73, look.either(look.white, look.wood))


def school_desk(scene: Scene, look: Look) -> None:
    for x in (-28.0, 28.0):
        scene.rod((x, -22, 1.4), (x, 22, 1.4), 1.5, look.metal)
        scene.rod((x, 4, 4.6), (x, 4, 67.8), 1.6, look.metal)
    scene.box((-26.3, -16, 58), (26.3, 18, 59), look.metal)
    scene.box((-26.3, 17, 59), (26.3, 18, 69), look.metal)
    top(scene, rectangle(-35, -25, 35, 25, 4), 72, look.wood)
    scene.rod((31.5, -12, 64), (31.5, -2, 64), 0.7, look.metal)


def reception(scene: Scene, look: Look) -> None:
    for i in range(14):
        x = -90 + i * 180 / 14
        shade = 0.98 if i % 2 else 1.03
        scene.box((x + 0.5, -40, 8), (x + 12.3, -36, 104), lit(look.wood, shade))
    scene.box((-90, -36, 8), (90, -33, 104), mixed(look.wood, look.dark, 0.5))
    scene.box((-86, -34, 0), (86, 34, 8), look.dark)
    scene.box((84, -33, 8), (90, 36, 104), look.main)
    scene.box((-90, -33, 8), (-84, 36, 104), look.main)
    top(scene, rectangle(-94, -46, 94, -16, 2), 110, look.white, 6)
    top(scene, rectangle(-84, -33, 84, 36), 74, look.white, 3)


def workbench(scene: Scene, look: Look) -> None:
    for x in (-78.0, 70.0):
        for y in (-32.0, 26.0):
            scene.box((x, y, 0), (x + 8, y + 6, 84), look.main)
    scene.box((-78, -30, 16), (78, 30, 19), look.metal)
    top(scene, rectangle(-85, -38, 85, 38), 90, look.wood, 5)
    for x in (-78.0, 72.0):
        scene.box((x, 32, 90), (x + 6, 36, 165), look.main)
    scene.box((-72, 34, 100), (72, 35.5, 150), lit(look.metal, 0.95))
    scene.box((-78, 20, 152), (78, 36, 154), look.metal)
    for x, colour in ((-50, look.main), (-28, look.white), (-6, look.main), (16, look.white)):
        scene.box((x, 22, 112), (x + 18, 34, 126), colour)


def changing_table(scene: Scene, look: Look) -> None:
    for x in (-58.0, 50.0):
        scene.box((x, -34, 0), (x + 8, 34, 4), look.metal)
        scene.box((x, -4, 4), (x + 8, 4, 74), look.metal)
    top(scene, rectangle(-66, -38, 66, 38, 5), 80, look.white, 5)
    scene.prism("z", rectangle(-62, -34, 62, 32, 6), 80, 85, look.main, soft=2)
    scene.box((-66, 34, 80), (66, 38, 100), look.wood)
    for x in (-66.0, 62.0):
        scene.box((x, -20, 80), (x + 4, 34, 94), look.wood)


def picnic_table(scene: Scene, look: Look) -> None:
    for x in (-62.0, 56.0):
        scene.rod((x, -14, 67), (x, -62, 3), 3.2, look.wood)
        scene.rod((x, 14, 67), (x, 62, 3), 3.2, look.wood)
        scene.box((x, -70, 38), (x + 5, 70, 43), look.wood)
    for y0, count, z in ((-36, 5, 74.0), (-76, 2, 46.0), (47, 2, 46.0)):
        for i in range(count):
            y = y0 + i * 14.6
            scene.box((-88, y, z - 3.4), (88, y + 13.6, z), look.wood)


TABLES: dict[str, Kind] = {
    "fixed_desk": fixed_desk,
    "sit_stand_desk": sit_stand_desk,
    "teacher_desk": teacher_desk,
    "meeting_table": meeting_table,
    "meeting_table_long": meeting_table_long,
    "canteen_table": canteen_table,
    "cafe_table": cafe_table,
    "coffee_table": coffee_table,
    "high_table": high_table,
    "folding_table": folding_table,
    "school_desk": school_desk,
    "reception": reception,
    "workbench": workbench,
    "changing_table": changing_table,
    "picnic_table": picnic_table,
}
