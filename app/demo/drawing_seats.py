"""Chairs, stools, sofas and benches, each a few solids with the measures of a real one (cm)."""

import math

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


def swivel_base(scene: Scene, look: Look, reach: float, top: float, *, wheels: bool = True) -> None:
    """A five-armed base with its column, wheels or glides below."""
    count = 5 if wheels else 4
    foot = 6.0 if wheels else 1.6
    for i in range(count):
        turn = 2 * math.pi * i / count + math.radians(20)
        x, y = reach * math.cos(turn), reach * math.sin(turn)
        scene.rod((0, 0, foot + 4.5), (x, y, foot + 1), 2.5, look.metal, 1.7)
        if wheels:
            scene.prism("x", ellipse(y, 3, 3), x - 1.8, x + 1.8, look.dark)
        else:
            scene.prism("z", ellipse(x, y, 2), 0, 2, look.dark)
    scene.prism("z", ellipse(0, 0, 3.6), foot + 3, foot + 9, look.metal)
    scene.prism("z", ellipse(0, 0, 2.2), foot + 9, top, lit(look.metal, 0.9))


def legs(
    scene: Scene,
    colour: Colour,
    *,
    at: tuple[float, float],
    height: float,
    splay: float = 0,
    radius: float = 1.3,
    tip: float = 0,
) -> None:
    """Four legs below (±x, ±y), wider apart at the floor by ``splay``."""
    for sx in (-1, 1):
        for sy in (-1, 1):
            foot = (sx * (at[0] + splay), sy * (at[1] + splay), tip or radius)
            scene.rod((sx * at[0], sy * at[1], height), foot, radius, colour, tip)


def task_chair(scene: Scene, look: Look) -> None:
    swivel_base(scene, look, 31, 42)
    scene.prism("z", rectangle(-12, -10, 12, 14, 4), 41, 44.5, look.dark)
    scene.prism("z", rectangle(-25, -24, 25, 23, 13), 44.5, 52, look.main, soft=2.6)
    spine = thick_line(bend([(12, 43), (27, 45), (27.5, 58.4)], 7), 3)
    scene.prism("x", spine, -3, 3, look.dark)
    top = look.about(106, 0.04)
    outline = rounded([(-22, 59), (22, 59), (19.5, top), (-19.5, top)], [9, 9, 12, 12])
    scene.prism("y", outline, 23, 29, look.main, soft=2.0, lean=0.13)
    if look.dice.random() < 0.35:
        head = rectangle(-13, top + 3, 13, top + 17, 6)
        scene.prism("y", head, 29.5, 34, look.main, soft=1.6, lean=0.13)
        scene.box((-2, 31, top - 4), (2, 33, top + 8), look.dark)
    for side in (-1, 1):
        x = side * 28.5
        arm = thick_line(bend([(2, 46), (4, 56), (3, 67)], 6), 3.4)
        scene.prism("x", arm, x - 1.2, x + 1.2, look.dark)
        scene.prism("z", rectangle(x - 4, -12, x + 4, 13, 3.6), 66.5, 69.5, look.dark, soft=0.7)


def meeting_chair(scene: Scene, look: Look) -> None:
    swivel_base(scene, look, 31, 42, wheels=False)
    shell = [(-23, 45), (-18, 44), (14, 43), (22, 50), (27, 84)]
    scene.prism("x", thick_line(bend(shell, 12), 5), -23, 23, look.main, soft=1.7)
    scene.prism("z", rectangle(-20, -20, 20, 15, 9), 46.5, 49.5, lit(look.main, 1.06), soft=1.2)
    for x in (-26.5, 24.0):
        arm = thick_line(bend([(-18, 46), (-16, 63), (19, 66), (22, 58)], 7), 2.6)
        scene.prism("x", arm, x, x + 2.5, look.dark)


def visitor_chair(scene: Scene, look: Look) -> None:
    for x in (-25.0, 25.0):
        frame = [(24, 1.3), (-25, 1.3), (-25, 44), (20, 42.5), (27, 84)]
        scene.prism("x", thick_line(bend(frame, 7), 2.6), x - 1.3, x + 1.3, look.metal)
    scene.rod((-25, 24, 1.3), (25, 24, 1.3), 1.3, look.metal)
    scene.prism("z", rectangle(-23.5, -25, 23.5, 19, 6), 43.5, 50, look.main, soft=2)
    outline = rectangle(-23.5, 54, 23.5, 87, 8)
    scene.prism("y", outline, 16.5, 22, look.main, soft=1.8, lean=0.17)
    if look.dice.random() < 0.6:
        for x in (-27.0, 25.0):
            arm = thick_line(bend([(-24, 45), (-23, 66), (22, 67)], 6), 2.4)
            scene.prism("x", arm, x, x + 2.2, look.metal)
            scene.prism("z", rectangle(x - 1.6, -20, x + 3.4, 12, 2), 67.5, 69.5, look.wood)


def _shell(scene: Scene, colour: Colour, middle: float, half: float) -> None:
    """A thin moulded seat that bends up into a back with round corners."""
    seat = thick_line(bend([(-23, 42.5), (-18, 45), (14, 42.5), (20, 47), (23, 58)], 9), 2.4)
    scene.prism("x", seat, middle - half, middle + half, colour, soft=0.9)
    outline = rounded(
        [(-half, 55), (half, 55), (half - 2, 83), (2 - half, 83)], [0, 0, half * 0.45, half * 0.45]
    )
    placed = [(middle + x, z) for x, z in outline]
    scene.prism("y", placed, 20.6, 23, colour, soft=0.7, lean=0.22)


def stacking_chair(scene: Scene, look: Look) -> None:
    legs(scene, look.metal, at=(17, 15), height=42, splay=5, radius=1.1)
    _shell(scene, look.main, 0, 22.5)


def wooden_chair(scene: Scene, look: Look) -> None:
    legs(scene, look.wood, at=(17, 16), height=43, splay=3.4, radius=1.9, tip=1.3)
    scene.prism("z", rectangle(-22, -21, 22, 20, 7), 42.5, 46, look.wood, soft=0.6)
    for x in (-17.0, 17.0):
        scene.rod((x, 17, 45), (x * 1.06, 25, 82), 1.7, look.wood, 1.4)
    for z in (57.0, 67.0):
        slat = rectangle(-17, z, 17, z + 4, 1)
        scene.prism("y", slat, 19 + (z - 45) * 0.2, 20.6 + (z - 45) * 0.2, look.wood)
    rail = rounded([(-20, 76), (20, 76), (19, 86), (-19, 86)], [2, 2, 5, 5])
    scene.prism("y", rail, 24, 26.4, look.wood, soft=0.5, lean=0.15)
    if look.dice.random() < 0.7:
        scene.prism("z", rectangle(-19, -18, 19, 17, 6), 46, 48.5, look.main, soft=1.1)


def child_chair(scene: Scene, look: Look) -> None:
    legs(scene, look.wood, at=(11, 10), height=25, splay=3, radius=1.6, tip=1.2)
    scene.prism("z", rectangle(-15, -14, 15, 14, 6), 25, 27.6, look.main, soft=0.6)
    for x in (-9.0, 9.0):
        scene.rod((x, 12, 27), (x, 16, 44), 1.3, look.wood)
    outline = rounded([(-14, 40), (14, 40), (13, 52), (-13, 52)], [3, 3, 7, 7])
    scene.prism("y", outline, 14, 16.2, look.main, soft=0.5, lean=0.15)


def school_chair(scene: Scene, look: Look) -> None:
    for x in (-17.0, 17.0):
        frame = [(20, 1.2), (-20, 1.2), (-8, 26), (-14, 43), (16, 42), (22, 60)]
        scene.prism("x", thick_line(bend(frame, 5), 2.3), x - 1.2, x + 1.2, look.metal)
    scene.rod((-17, 19, 1.2), (17, 19, 1.2), 1.2, look.metal)
    scene.prism("z", rectangle(-19, -20, 19, 17, 6), 43.4, 45.6, look.main, soft=0.7)
    outline = rectangle(-18.5, 60, 18.5, 79, 6)
    scene.prism("y", outline, 17.4, 19.4, look.main, soft=0.6, lean=0.18)


def care_chair(scene: Scene, look: Look) -> None:
    for x in (-30.0, 27.0):
        back = thick_line(bend([(26, 0), (20, 44), (30, 92)], 14), 4)
        front = thick_line([(-25, 0), (-22, 64)], 4)
        arm = thick_line(bend([(-29, 62), (-20, 66), (22, 63)], 6), 3.4)
        for outline in (back, front, arm):
            scene.prism("x", outline, x, x + 3, look.wood)
    scene.box((-27, -24, 33), (27, -21, 39), look.wood)
    scene.prism("z", rectangle(-26, -26, 26, 22, 5), 39, 50, look.main, soft=2.8)
    outline = rounded([(-26, 52), (26, 52), (24, 104), (-24, 104)], [4, 4, 9, 9])
    scene.prism("y", outline, 14, 22, look.main, soft=2.6, lean=0.17)


def bar_stool(scene: Scene, look: Look) -> None:
    colour = look.either(look.wood, look.metal)
    legs(scene, colour, at=(12, 12), height=74, splay=8, radius=1.6, tip=1.2)
    for start, end in (
        ((-18, -18), (18, -18)),
        ((18, -18), (18, 18)),
        ((-18, 18), (18, 18)),
        ((-18, -18), (-18, 18)),
    ):
        scene.rod((*start, 26), (*end, 26), 1, look.metal)
    scene.prism("z", ellipse(0, 0, 19), 73, 79, look.main, soft=1.8)
    if look.dice.random() < 0.5:
        outline = rounded([(-18, 84), (18, 84), (17, 98), (-17, 98)], 5)
        scene.prism("y", outline, 15, 18, look.main, soft=1.2, lean=0.1)
        for x in (-11.0, 11.0):
            scene.rod((x, 13, 77), (x, 16.5, 88), 1, colour)


def low_stool(scene: Scene, look: Look) -> None:
    legs(scene, look.wood, at=(11, 11), height=42, splay=5, radius=2, tip=1.4)
    scene.prism("z", ellipse(0, 0, 18.5), 42, 44.6, look.wood)
    scene.prism("z", ellipse(0, 0, 18), 44.6, 48, look.main, soft=1.4)


def saddle_stool(scene: Scene, look: Look) -> None:
    swivel_base(scene, look, 28, 54)
    scene.prism("z", ellipse(0, 2, 9), 53, 56, look.dark)
    saddle = [(-21, 62), (-12, 66), (12, 64.5), (21, 58), (16, 56), (-14, 56)]
    scene.prism("y", rounded(saddle, 4), -18, 18, look.main, soft=3)


def pouf(scene: Scene, look: Look) -> None:
    radius = look.about(27)
    if look.dice.random() < 0.5:
        scene.prism("z", ellipse(0, 0, radius), 1, 36, look.main, soft=3)
        scene.prism("z", ellipse(0, 0, radius + 0.4), 35.2, 36.4, lit(look.main, 0.82))
        scene.prism("z", ellipse(0, 0, radius), 36.4, 43, lit(look.main, 1.05), soft=2)
    else:
        scene.prism("z", rectangle(-25, -25, 25, 25, 9), 1, 37, look.main, soft=3)
        scene.prism("z", rectangle(-24.6, -24.6, 24.6, 24.6, 9), 36.4, 37.4, lit(look.main, 0.8))
        scene.prism("z", rectangle(-25, -25, 25, 25, 9), 37.4, 44, lit(look.main, 1.05), soft=2)


def _sofa(scene: Scene, look: Look, seats: int, back: float, depth: float = 78) -> None:
    """``seats`` cushions between two arms; ``back`` is how high it is behind."""
    inner = 58.0 * seats if seats > 1 else 54.0
    arm = 14.0
    half, front, rear = inner / 2, -depth / 2, depth / 2
    base = mixed(look.main, look.dark, 0.16)
    for x in (-half - arm + 5, half + arm - 5):
        for y in (front + 7, rear - 7):
            scene.rod((x, y, 15), (x, y, 0.8), 2, look.wood, 1.3)
    scene.box((-half, front + 4, 14), (half, rear - 8, 25), base)
    width = inner / seats
    for i in range(seats):
        x0 = -half + i * width
        x1 = x0 + width - 0.4
        scene.box((x0 + 0.4, front, 25), (x1, rear - 22, 43), look.main, soft=3.4)
        outline = rectangle(x0 + 0.5, 44, x0 + width - 0.5, min(back - 4, 80), 6)
        scene.prism("y", outline, rear - 27, rear - 15, lit(look.main, 1.03), soft=3.6, lean=0.08)
    outer = half + arm
    scene.box((-outer, rear - 12, 14), (outer, rear, back), look.main, soft=3.2)
    for x in (-half - arm, half):
        scene.box((x, front + 1, 14), (x + arm, rear - 12, 60), look.main, soft=3.4)


def armchair(scene: Scene, look: Look) -> None:
    _sofa(scene, look, 1, 80, 76)


def sofa_2(scene: Scene, look: Look) -> None:
    _sofa(scene, look, 2, 78, 82)


def sofa_3(scene: Scene, look: Look) -> None:
    _sofa(scene, look, 3, 78, 84)


def sofa_high(scene: Scene, look: Look) -> None:
    """The back and two wings stand high around it: a quiet place in an open room."""
    for x in (-64.0, 64.0):
        for y in (-32.0, 32.0):
            scene.rod((x, y, 12), (x, y, 0.8), 1.6, look.metal)
    scene.box((-60, -36, 12), (60, 28, 27), mixed(look.main, look.dark, 0.18))
    pale = mixed(look.main, look.white, 0.22)
    for x0 in (-60.0, 0.4):
        scene.box((x0, -38, 27), (x0 + 59.6, 16, 45), pale, soft=3.2)
        scene.prism("y", rectangle(x0, 46, x0 + 59.6, 84, 6), 15, 26, pale, soft=3.2)
    scene.box((-70, 28, 12), (70, 38, 138), look.main, soft=2.2)
    for x in (-70.0, 60.0):
        outline = rounded(
            [(-36, 12), (28, 12), (28, 138), (-14, 138), (-36, 116)], [2, 0, 0, 16, 16]
        )
        scene.prism("x", outline, x, x + 10, look.main, soft=2)


def wait_bench(scene: Scene, look: Look) -> None:
    scene.box((-82, -3, 34), (82, 3, 39), look.metal)
    for x in (-62.0, 62.0):
        scene.box((x - 2.5, -3, 3), (x + 2.5, 3, 34), look.metal)
        scene.box((x - 3, -28, 0), (x + 3, 28, 3), look.metal)
    for x in (-55.0, 0.0, 55.0):
        _shell(scene, look.main, x, 24)


def recliner(scene: Scene, look: Look) -> None:
    for x in (-30.0, 30.0):
        for y in (-26.0, 26.0):
            scene.prism("x", ellipse(y, 4.5, 4.5), x - 1.6, x + 1.6, look.dark)
    scene.box((-30, -30, 9), (30, 30, 24), mixed(look.main, look.dark, 0.3))
    scene.box((-27, -34, 25), (27, 16, 45), look.main, soft=3.2)
    foot = rounded([(-62, 20), (-35, 36), (-33, 44), (-40, 46), (-66, 28)], 2.5)
    scene.prism("x", foot, -26, 26, look.main, soft=2.4)
    back = rounded([(10, 44), (22, 44), (52, 112), (44, 119), (36, 114)], 5)
    scene.prism("x", back, -27, 27, look.main, soft=3)
    pillow = rounded([(31, 96), (38, 93), (45, 110), (37, 113)], 3)
    scene.prism("x", pillow, -20, 20, lit(look.main, 1.09), soft=1.6)
    for x in (-36.0, 27.0):
        scene.box((x, -28, 20), (x + 9, 24, 60), look.main, soft=2.8)
        scene.prism("z", rectangle(x + 0.5, -29, x + 8.5, 22, 3), 59.4, 62, look.wood, soft=0.5)


def outdoor_bench(scene: Scene, look: Look) -> None:
    for x in (-84.0, 79.0):
        side = thick_line(bend([(-24, 0), (-20, 42), (22, 40), (32, 82)], 6), 5)
        scene.prism("x", side, x, x + 5, look.dark)
        scene.prism("x", thick_line([(22, 40), (26, 0)], 5), x, x + 5, look.dark)
    for i in range(5):
        y = -24 + i * 9.4
        scene.box((-79, y, 43), (79, y + 8, 46.5), look.wood)
    for i in range(3):
        z = 53 + i * 11
        y = 22 + (z - 40) * 0.24
        scene.prism("y", rectangle(-79, z, 79, z + 9), y - 3, y, look.wood, lean=0.24)


SEATS: dict[str, Kind] = {
    "task_chair": task_chair,
    "meeting_chair": meeting_chair,
    "visitor_chair": visitor_chair,
    "stacking_chair": stacking_chair,
    "wooden_chair": wooden_chair,
    "child_chair": child_chair,
    "school_chair": school_chair,
    "care_chair": care_chair,
    "bar_stool": bar_stool,
    "low_stool": low_stool,
    "saddle_stool": saddle_stool,
    "pouf": pouf,
    "armchair": armchair,
    "sofa_2": sofa_2,
    "sofa_3": sofa_3,
    "sofa_high": sofa_high,
    "wait_bench": wait_bench,
    "recliner": recliner,
    "outdoor_bench": outdoor_bench,
}
