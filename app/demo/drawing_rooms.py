"""Screens, boards, lamps, plants and the rest of a room (cm)."""

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
from app.demo.drawing_storage import doors

_GLASS: Colour = (196, 222, 226)
_LEAVES: Colour = (92, 134, 94)
_GLOW: Colour = (255, 236, 190)


def desk_screen(scene: Scene, look: Look) -> None:
    scene.prism("y", rectangle(-80, 4, 80, 66, 6), -2, 2, look.main, soft=1.0)
    seam = mixed(look.main, look.dark, 0.16)
    scene.box((-0.4, -2.2, 7), (0.4, -2, 63), seam, casts=False)
    for x in (-54.0, 50.0):
        scene.box((x, -6, 0), (x + 5, 6, 5), look.metal)
        scene.box((x, -3.4, 4), (x + 5, -2.2, 14), look.metal)


def floor_screen(scene: Scene, look: Look) -> None:
    pale = mixed(look.main, look.white, 0.25)
    for x0, colour in ((-82.0, look.main), (1.0, pale)):
        scene.prism("y", rectangle(x0, 6, x0 + 81, 150, 7), -2.6, 2.6, colour, soft=1.1)
    for x in (-62.0, -20.0, 20.0, 62.0):
        scene.box((x - 3, -19, 0), (x + 3, 19, 2), look.metal)
        scene.box((x - 1.6, -1.6, 2), (x + 1.6, 1.6, 8), look.metal)


def acoustic_panel(scene: Scene, look: Look) -> None:
    shades = (look.main, lit(look.main, 1.12), mixed(look.main, look.dark, 0.18))
    for i in range(3):
        for j in range(2):
            x, z = -62 + i * 42, j * 42
            outline = rectangle(x, z, x + 40, z + 40, 4)
            scene.prism("y", outline, 0, 5, shades[(i + 2 * j) % 3], soft=1.4)


def phone_booth(scene: Scene, look: Look) -> None:
    inside = mixed(look.main, look.dark, 0.35)
    scene.box((-50, -46, 0), (50, 48, 5), look.dark)
    scene.box((-50, 44, 5), (50, 48, 214), inside)
    scene.box((-50, -46, 5), (-44, 48, 214), look.main)
    scene.box((-43, 12, 96), (43, 44, 100), look.wood)
    scene.prism("z", ellipse(4, -6, 16), 58, 63, look.wood)
    scene.prism("z", ellipse(4, -6, 3), 5, 58, look.metal)
    scene.box((44, -46, 5), (50, 48, 214), look.main)
    scene.box((-50, -46, 214), (50, 48, 222), lit(look.main, 0.95))
    scene.box((-43, -45, 5), (43, -43.4, 214), _GLASS, opacity=0.36)
    for x in (-44.0, 41.0):
        scene.box((x, -46.4, 5), (x + 3, -43, 214), look.dark)
    scene.box((-44, -46.4, 210), (44, -43, 214), look.dark)
    scene.box((30, -49, 96), (32.4, -46.4, 122), look.metal)


def glass_wall(scene: Scene, look: Look) -> None:
    for x0 in (-96.0, -31.0, 34.0):
        scene.box((x0 + 3, -1, 4), (x0 + 62, 1, 206), _GLASS, opacity=0.5)
        film = mixed(look.main, look.white, 0.3)
        scene.box((x0 + 3, -1.3, 84), (x0 + 62, -1, 112), film, opacity=0.6, casts=False)
    for x in (-97.0, -33.0, 32.0, 96.0):
        scene.box((x, -3, 0), (x + 4, 3, 208), look.dark)
    scene.box((-97, -3, 206), (100, 3, 211), look.dark)
    scene.box((-97, -3, 0), (100, 3, 4), look.dark)


def _board(scene: Scene, face: Colour, frame: Colour) -> None:
    scene.box((-100, 0, 0), (100, 3, 118), frame)
    scene.box((-97, -0.6, 3), (97, 0, 115), face, casts=False)
    scene.box((-40, -8, 0), (40, 0, 2), frame)


def whiteboard(scene: Scene, look: Look) -> None:
    _board(scene, (250, 250, 249), mixed(look.metal, look.white, 0.2))
    marks = (look.main, look.dark, (186, 84, 74))
    for i, z in enumerate((94.0, 80.0, 66.0)):
        wave = [(-82 + step * 6.0, z + 3.0 * math.sin(step * 1.7 + i)) for step in range(8 + 2 * i)]
        scene.prism("y", thick_line(wave, 1.6), -0.9, -0.6, marks[i], casts=False)
    for x, high, colour in ((24, 30, marks[0]), (42, 48, marks[1]), (60, 38, marks[2])):
        scene.box(
            (x, -0.9, 24), (x + 12, -0.6, 24 + high), mixed(colour, look.white, 0.25), casts=False
        )
    for i, colour in enumerate(marks):
        scene.rod((-24 + i * 16, -5, 3), (-13 + i * 16, -5, 3), 1, colour)


def glassboard(scene: Scene, look: Look) -> None:
    tint = mixed(look.main, look.white, 0.55)
    scene.prism("y", rectangle(-100, 0, 100, 100, 3), 0, 1.6, tint, soft=0.3)
    shine = [(-60.0, 2.0), (-20.0, 2.0), (30.0, 98.0), (-10.0, 98.0)]
    scene.prism("y", shine, -0.3, 0, (255, 255, 255), opacity=0.22, casts=False)
    for x in (-92.0, 92.0):
        for z in (8.0, 92.0):
            scene.prism("y", ellipse(x, z, 2.4), -1.6, 0, look.metal, casts=False)
    scene.box((-30, -7, -1), (30, 0, 1), look.metal)


def noticeboard(scene: Scene, look: Look) -> None:
    scene.box((-75, 0, 0), (75, 3, 100), look.wood)
    scene.box((-72, -0.6, 3), (72, 0, 97), look.main, casts=False)
    notes = (
        (-60, 56, 26, 30),
        (-26, 48, 22, 38),
        (6, 60, 30, 24),
        (44, 44, 20, 30),
        (-54, 14, 34, 30),
        (-8, 12, 24, 28),
        (28, 10, 30, 24),
    )
    papers = (look.white, (240, 222, 160), look.white, (206, 224, 214), look.white)
    for i, (x, z, wide, high) in enumerate(notes):
        scene.box((x, -0.9, z), (x + wide, -0.6, z + high), papers[i % 5], casts=False)
        pin = (190, 70, 60) if i % 2 else look.dark
        scene.prism("y", ellipse(x + wide / 2, z + high - 3, 1.4), -2, -0.9, pin, casts=False)


def desk_lamp(scene: Scene, look: Look) -> None:
    scene.prism("z", ellipse(0, 0, 10), 0, 2, look.main)
    scene.rod((0, 0, 2), (-13, 0, 26), 1, look.metal)
    scene.rod((-13, 0, 26), (9, 0, 46), 1, look.metal)
    scene.ball((-13, 0, 26), 1.9, look.dark)
    scene.ball((9, 0, 46), 1.9, look.dark)
    scene.prism("z", ellipse(16, 0, 11), 36, 38, lit(look.main, 0.95))
    scene.prism("z", ellipse(16, 0, 11), 38, 46, look.main, end_outline=ellipse(14, 0, 4.5))
    scene.prism("z", ellipse(16, 0, 8), 35.6, 36, _GLOW, casts=False)


def floor_lamp(scene: Scene, look: Look) -> None:
    scene.prism("z", ellipse(0, 0, 16), 0, 2.2, look.metal)
    scene.rod((0, 0, 2), (0, 0, 132), 1.3, look.metal)
    scene.prism(
        "z",
        ellipse(0, 0, 23),
        126,
        160,
        mixed(look.main, look.white, 0.3),
        end_outline=ellipse(0, 0, 16),
    )
    scene.prism("z", ellipse(0, 0, 13), 160, 160.4, _GLOW, casts=False)


def pendant(scene: Scene, look: Look) -> None:
    scene.prism("z", ellipse(0, 0, 6), 96, 99, look.metal, casts=False)
    scene.rod((0, 0, 44), (0, 0, 97), 0.5, look.dark)
    scene.prism("z", ellipse(0, 0, 30), 8, 34, look.main, end_outline=ellipse(0, 0, 7), casts=False)
    scene.prism("z", ellipse(0, 0, 7), 34, 44, look.main, end_outline=ellipse(0, 0, 4), casts=False)
    scene.prism("z", ellipse(0, 0, 30), 6, 8, lit(look.main, 1.1), casts=False)


def carpet_tile(scene: Scene, look: Look) -> None:
    shades = (look.main, lit(look.main, 1.1), mixed(look.main, look.dark, 0.18))
    for i in range(3):
        for j in range(2):
            x, y = i * 51 - 76, j * 51 - 50
            colour = shades[(i * 2 + j) % 3]
            scene.prism("z", rectangle(x, y, x + 50, y + 50, 0.6), 0, 1.2, colour)
            for k in range(1, 8):
                line = mixed(colour, look.dark, 0.10)
                if (i + j) % 2:
                    scene.box(
                        (x + 1, y + k * 6.2, 1.2),
                        (x + 49, y + k * 6.2 + 0.5, 1.25),
                        line,
                        casts=False,
                    )
                else:
                    scene.box(
                        (x + k * 6.2, y + 1, 1.2),
                        (x + k * 6.2 + 0.5, y + 49, 1.25),
                        line,
                        casts=False,
                    )
    for k in range(4):
        z = 1.2 + k * 1.3
        scene.prism("z", rectangle(22, -42, 72, 8, 0.6), z, z + 1.2, shades[k % 3])


def planter(scene: Scene, look: Look) -> None:
    scene.prism("z", rectangle(-36, -15, 36, 15, 4), 0, 42, look.main, soft=0.8)
    scene.prism("z", rectangle(-33, -12, 33, 12, 3), 42, 42.4, (92, 72, 58), casts=False)
    for i in range(22):
        x = -30 + i * 2.8 + look.dice.uniform(-2, 2)
        y = look.dice.uniform(-9, 9)
        tip = x + x * 0.35 + look.dice.uniform(-9, 9)
        top, wide = 42 + look.dice.uniform(34, 74), look.dice.uniform(2.6, 4.2)
        bulge = x + (tip - x) * 0.35
        blade = rounded(
            [
                (x - wide * 0.5, 42.4),
                (x + wide * 0.5, 42.4),
                (bulge + wide, 42 + (top - 42) * 0.5),
                (tip, top),
                (bulge - wide, 42 + (top - 42) * 0.5),
            ],
            [0, 0, 6, 0.4, 6],
        )
        shade = mixed(_LEAVES, look.either(look.dark, (196, 214, 150)), look.dice.uniform(0, 0.3))
        scene.prism("y", blade, y, y + 0.8, shade)


def waste_station(scene: Scene, look: Look) -> None:
    scene.box((-62, -20, 0), (62, 20, 5), look.dark)
    signs = ((86, 124, 92), (74, 108, 150), (200, 160, 78))
    for i, colour in enumerate(signs):
        x = -62 + i * 41.5
        doors(scene, (x, -21, 5), (x + 41, 20, 84), 1, look.main, look.wood, look)
        scene.prism("y", ellipse(x + 18, 62, 7), -21.3, -21, colour, casts=False)
    scene.box((-63, -22, 84), (63, 21, 88), look.wood)
    for i in range(3):
        x = -42 + i * 41.5
        scene.prism("z", ellipse(x, 0, 10, 8), 88, 88.3, look.dark, casts=False)


def monitor_arm(scene: Scene, look: Look) -> None:
    scene.box((-26, -6, -3), (-14, 8, 0), look.dark)
    scene.rod((-20, 2, 0), (-20, 2, 26), 2, look.metal)
    scene.rod((-20, 2, 24), (-2, 10, 30), 1.7, look.metal)
    scene.rod((-2, 10, 30), (10, -4, 36), 1.7, look.metal)
    scene.prism("y", rectangle(-20, 16, 40, 54, 2), -9, -6, look.dark)
    scene.prism(
        "y",
        rectangle(-18.6, 17.6, 38.6, 52.6, 1),
        -9.3,
        -9,
        mixed(look.main, look.dark, 0.25),
        casts=False,
    )
    shine = [(-18.0, 30.0), (-2.0, 52.4), (16.0, 52.4), (-10.0, 18.0), (-18.0, 18.0)]
    scene.prism("y", shine, -9.5, -9.3, (255, 255, 255), opacity=0.12, casts=False)


def display(scene: Scene, look: Look) -> None:
    for x in (-46.0, 42.0):
        scene.box((x, -26, 4), (x + 5, 26, 8), look.dark)
        for y in (-24.0, 24.0):
            scene.prism("x", ellipse(y, 3, 3), x, x + 4, look.dark)
    scene.box((-43, -3, 14), (43, 3, 18), look.dark)
    for x in (-32.0, 26.0):
        scene.box((x, -3, 8), (x + 6, 3, 120), look.metal)
    scene.box((-40, -4, 6), (46, 4, 9), look.dark)
    scene.prism("y", rectangle(-76, 84, 76, 174, 2), -10, -4, look.dark)
    picture = mixed(look.main, look.white, 0.12)
    scene.prism("y", rectangle(-73, 87, 73, 171, 1), -10.4, -10, picture, casts=False)
    shine = [(-73.0, 118.0), (-34.0, 171.0), (10.0, 171.0), (-52.0, 87.0), (-73.0, 87.0)]
    scene.prism("y", shine, -10.6, -10.4, (255, 255, 255), opacity=0.14, casts=False)


def fridge(scene: Scene, look: Look) -> None:
    scene.box((-28, -26, 0), (28, 30, 4), look.dark)
    body = mixed(look.white, look.metal, 0.12)
    scene.box((-30, -29, 4), (30, 32, 186), body, soft=0.8)
    for z0, z1 in ((6.0, 66.0), (67.6, 184.0)):
        scene.box((-29.6, -31.4, z0), (29.6, -29.2, z1), lit(body, 1.0))
    for z0, z1 in ((36.0, 62.0), (74.0, 112.0)):
        scene.rod((24, -34, z0), (24, -34, z1), 1.1, look.metal)
    scene.box((-22, -31.7, 166), (-8, -31.4, 172), look.main, casts=False)


def flat_trolley(scene: Scene, look: Look) -> None:
    for x in (-40.0, 40.0):
        for y in (-22.0, 22.0):
            scene.prism("x", ellipse(y, 6, 6), x - 2, x + 2, look.dark)
    scene.prism("z", rectangle(-52, -32, 52, 32, 3), 12, 16, look.wood)
    handle = thick_line(bend([(-28, 14), (-28, 98), (28, 98), (28, 14)], 8), 3)
    scene.prism("x", handle, -51, -48, look.main)
    for x0, y0, wide, deep, low, high in (
        (-38, -26, 40, 44, 16, 46),
        (4, -22, 40, 40, 16, 40),
        (-28, -20, 30, 32, 46, 68),
    ):
        carton(scene, x0, y0, wide, deep, low, high)


def carton(
    scene: Scene, x: float, y: float, wide: float, deep: float, low: float, high: float
) -> None:
    """A moving box with its strip of tape."""
    paper: Colour = (203, 166, 122)
    scene.box((x, y, low), (x + wide, y + deep, high), paper)
    tape = lit(paper, 0.86)
    middle = y + deep / 2
    scene.box((x, middle - 2, high), (x + wide, middle + 2, high + 0.1), tape, casts=False)
    scene.box(
        (x + wide, middle - 2, high - 8), (x + wide + 0.1, middle + 2, high), tape, casts=False
    )


def cartons(scene: Scene, look: Look) -> None:
    carton(scene, -42, -22, 46, 44, 0, 36)
    carton(scene, 8, -26, 42, 46, 0, 32)
    carton(scene, -26, -18, 40, 38, 36, 66)
    scene.box((-36, -22.3, 10), (-16, -22, 24), look.main, casts=False)
    outline = rounded([(12, 32), (46, 32), (43, 40), (15, 40)], 2)
    scene.prism("y", outline, -20, 12, look.main, soft=1.4)


ROOMS: dict[str, Kind] = {
    "desk_screen": desk_screen,
    "floor_screen": floor_screen,
    "acoustic_panel": acoustic_panel,
    "phone_booth": phone_booth,
    "glass_wall": glass_wall,
    "whiteboard": whiteboard,
    "glassboard": glassboard,
    "noticeboard": noticeboard,
    "desk_lamp": desk_lamp,
    "floor_lamp": floor_lamp,
    "pendant": pendant,
    "carpet_tile": carpet_tile,
    "planter": planter,
    "waste_station": waste_station,
    "monitor_arm": monitor_arm,
    "display": display,
    "fridge": fridge,
    "flat_trolley": flat_trolley,
    "cartons": cartons,
}
