"""Cabinets, shelves, lockers and other things to put things in (cm)."""

from collections.abc import Sequence

from app.demo.drawing_scene import (
    Colour,
    Kind,
    Look,
    Point,
    Scene,
    ellipse,
    lit,
    mixed,
    rectangle,
)

_BOOKS = ("#8c5a4a", "#4f6b7a", "#c7a25a", "#5f7a63", "#d8d2c4", "#6a5a7c", "#b5533f")


def _handle(look: Look, front: Colour) -> Colour:
    """A handle that can be seen: pale on dark fronts."""
    return look.dark if sum(front) > 270 else (186, 190, 196)


def _front(scene: Scene, low: Point, high: Point, colour: Colour, *, handle: Colour) -> None:
    """The front of a drawer, its handle along the top."""
    (x0, y, z0), (x1, _, z1) = low, high
    scene.box((x0, y - 1.6, z0), (x1, y, z1), colour)
    length = min(18.0, (x1 - x0) * 0.36)
    middle, z = (x0 + x1) / 2, z1 - min(5.0, (z1 - z0) * 0.3)
    scene.box((middle - length / 2, y - 3.2, z), (middle + length / 2, y - 1.6, z + 1.3), handle)


def drawers(
    scene: Scene,
    low: Point,
    high: Point,
    shares: Sequence[float],
    colour: Colour,
    look: Look,
) -> None:
    """A carcass with drawers from the top down, each with its share of the height."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    scene.box((x0, y0 + 1.7, z0), (x1, y1, z1), mixed(colour, look.dark, 0.12))
    z = z1 - 1.0
    for share in shares:
        height = share * (z1 - z0 - 2)
        front_low, front_high = (x0 + 0.8, y0 + 1.6, z - height + 0.5), (x1 - 0.8, y1, z - 0.3)
        _front(scene, front_low, front_high, colour, handle=_handle(look, colour))
        z -= height


def doors(
    scene: Scene, low: Point, high: Point, count: int, colour: Colour, body: Colour, look: Look
) -> None:
    (x0, y0, z0), (x1, y1, z1) = low, high
    scene.box((x0, y0 + 1.7, z0), (x1, y1, z1), body)
    width = (x1 - x0 - 1.6) / count
    for i in range(count):
        left = x0 + 0.8 + i * width
        at, to = (left + 0.3, y0 + 1.6, z0 + 0.9), (left + width - 0.3, y1, z1 - 0.9)
        scene.box((at[0], y0, at[2]), (to[0], y0 + 1.6, to[2]), colour)
        z = (z0 + z1) / 2
        x = at[0] + 3 if count > 1 and i == count - 1 else to[0] - 4.4
        scene.box((x, y0 - 1.5, z - 8), (x + 1.4, y0, z + 8), _handle(look, colour))


def _plinth(scene: Scene, look: Look, half: float, front: float, rear: float) -> None:
    scene.box((-half + 2, front + 3, 0), (half - 2, rear - 1, 6), look.dark)


def pedestal(scene: Scene, look: Look) -> None:
    for x in (-15.0, 15.0):
        for y in (-22.0, 22.0):
            scene.prism("x", ellipse(y, 2.6, 2.6), x - 1.4, x + 1.4, look.dark)
    colour = look.either(look.white, look.main, look.wood)
    drawers(scene, (-21, -28, 5), (21, 28, 56), (0.2, 0.36, 0.44), colour, look)
    if look.dice.random() < 0.5:
        scene.prism("z", rectangle(-20.5, -27, 20.5, 27, 4), 56, 60, look.main, soft=1.6)


def low_cabinet(scene: Scene, look: Look) -> None:
    half = look.about(60)
    _plinth(scene, look, half, -21, 21)
    doors(scene, (-half, -21, 6), (half, 21, 76), 2, look.main, look.wood, look)
    scene.prism("z", rectangle(-half - 0.6, -22, half + 0.6, 21.4, 0.6), 76, 78.4, look.wood)


def tall_cabinet(scene: Scene, look: Look) -> None:
    half = look.about(48)
    _plinth(scene, look, half, -22, 22)
    doors(scene, (-half, -22, 6), (half, 22, 192), 2, look.main, look.wood, look)
    scene.prism("z", rectangle(-half - 0.5, -22.6, half + 0.5, 22.4, 0.6), 192, 194.5, look.wood)


def tambour(scene: Scene, look: Look) -> None:
    _plinth(scene, look, 60, -22, 22)
    scene.box((-60, -20, 6), (60, 22, 120), look.wood)
    for x0 in (-57.6, 0.4):
        for i in range(18):
            x = x0 + i * 3.18
            shade = 1.04 if i % 2 else 0.95
            scene.box((x, -22, 9), (x + 3.1, -20, 117), lit(look.main, shade), casts=False)
    for x in (-3.6, 2.2):
        scene.box((x, -23.4, 52), (x + 1.4, -22, 74), look.dark)
    scene.box((-60.6, -22.4, 120), (60.6, 22.4, 122.6), look.wood)


def steel_cabinet(scene: Scene, look: Look) -> None:
    _plinth(scene, look, 46, -20, 20)
    body = mixed(look.metal, look.white, 0.3) if sum(look.metal) > 300 else look.metal
    doors(scene, (-46, -20, 6), (46, 20, 180), 2, look.main, body, look)
    for x0 in (-36.0, 12.0):
        for i in range(4):
            z = 164 - i * 3.4
            scene.box((x0, -20.3, z), (x0 + 24, -20, z + 1.2), lit(look.main, 0.7), casts=False)


def filing_cabinet(scene: Scene, look: Look) -> None:
    scene.box((-22, -28, 0), (22, 30, 4), look.dark)
    drawers(scene, (-24, -31, 4), (24, 31, 132), (0.25, 0.25, 0.25, 0.25), look.main, look)
    for i in range(4):
        z = 131 - 0.25 * 126 * i - 18
        scene.box((-6, -31.5, z), (6, -31, z + 4.4), look.white, casts=False)


def _locker(scene: Scene, look: Look, half: float, doors_at: Sequence[tuple[float, float]]) -> None:
    body = mixed(look.white, look.metal, 0.35)
    scene.box((-half, -24, 12), (half, 25, 178), body)
    for z0, z1 in doors_at:
        scene.box((1 - half, -25.6, z0), (half - 1, -24, z1), look.main)
        for i in range(4):
            z = z1 - 9 - i * 3.4
            slit = lit(look.main, 0.68)
            scene.box((8 - half, -26, z), (half - 8, -25.6, z + 1.2), slit, casts=False)
        z = (z0 + z1) / 2
        grip = _handle(look, look.main)
        scene.box((half - 6, -27.2, z - 4), (half - 3.4, -25.6, z + 4), grip)
    for x in (2 - half, half - 5):
        for y in (-20.0, 18.0):
            scene.box((x, y, 0), (x + 3, y + 3, 12), look.dark)


def locker(scene: Scene, look: Look) -> None:
    _locker(scene, look, 20, ((13.5, 176.5),))


def locker_split(scene: Scene, look: Look) -> None:
    _locker(scene, look, 20, ((13.5, 94.0), (95.0, 176.5)))


def _books(scene: Scene, look: Look, x0: float, x1: float, y: float, z: float) -> None:
    """A row of books with a gap here and there; the same row for the same piece."""
    x = x0
    while x < x1 - 3:
        if look.dice.random() < 0.16:
            x += look.dice.uniform(4, 14)
            continue
        thick, high = look.dice.uniform(2.2, 5), look.dice.uniform(18, 26)
        code = look.either(*_BOOKS)
        colour = (int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16))
        end = min(x + thick, x1)
        scene.box((x, y, z), (end - 0.3, y + 16, z + high), mixed(colour, look.white, 0.12))
        x = end


def _shelf_unit(
    scene: Scene, look: Look, half: float, depth: float, levels: Sequence[float], *, books: bool
) -> None:
    height = levels[-1] + 2.4
    front, rear = -depth / 2, depth / 2
    back = mixed(look.wood, look.dark, 0.22)
    scene.box((-half + 2, rear - 1, levels[0]), (half - 2, rear, height), back)
    for x in (-half, half - 2):
        scene.box((x, front, 0), (x + 2, rear, height), look.wood)
    for i, z in enumerate(levels):
        scene.box((-half + 2, front + 0.4, z), (half - 2, rear - 1, z + 2.2), look.wood)
        if books and i < len(levels) - 1 and look.dice.random() < 0.85:
            _books(scene, look, -half + 4, half - 6, front + 6, z + 2.2)


def bookcase(scene: Scene, look: Look) -> None:
    _shelf_unit(scene, look, look.about(42), 32, (6, 43, 79, 115, 151, 186), books=True)


def library_shelf(scene: Scene, look: Look) -> None:
    _shelf_unit(scene, look, 50, 34, (8, 42, 75, 108, 141), books=True)
    scene.box((-52, -19, 143.4), (52, 19, 148), look.main)


def steel_shelf(scene: Scene, look: Look) -> None:
    for x in (-50.0, 46.0):
        for y in (-25.0, 21.0):
            scene.box((x, y, 0), (x + 4, y + 4, 195), look.main)
    carton = (198, 160, 116)
    for z in (14.0, 68.0, 124.0, 186.0):
        scene.box((-46, -25, z), (46, 25, z + 4), look.metal)
        if z < 180:
            at = -42.0
            while at < 26:
                wide, high = look.dice.uniform(18, 28), look.dice.uniform(18, 34)
                shade = look.dice.uniform(0.94, 1.03)
                if look.dice.random() < 0.8:
                    scene.box((at, -20, z + 4), (at + wide, 16, z + 4 + high), lit(carton, shade))
                at += wide + 4


def wardrobe(scene: Scene, look: Look) -> None:
    _plinth(scene, look, 50, -29, 29)
    doors(scene, (-50, -29, 6), (50, 29, 200), 2, look.wood, lit(look.wood, 0.94), look)
    scene.box((-51, -30, 200), (51, 29.6, 203), look.wood)


def chest_drawers(scene: Scene, look: Look) -> None:
    for x in (-36.0, 36.0):
        for y in (-17.0, 17.0):
            scene.rod((x, y, 14), (x * 1.06, y * 1.1, 1), 2, look.wood, 1.2)
    drawers(scene, (-42, -22, 13), (42, 22, 88), (0.28, 0.36, 0.36), look.main, look)
    scene.prism("z", rectangle(-43, -23, 43, 22.6, 1), 88, 91, look.wood)


def coat_stand(scene: Scene, look: Look) -> None:
    scene.prism("z", ellipse(0, 0, 21), 0, 2.4, look.metal)
    scene.rod((0, 0, 2), (0, 0, 178), 2.1, look.wood)
    for turn, z in ((0.4, 168), (2.5, 168), (4.6, 168), (1.4, 150), (3.6, 150), (5.7, 150)):
        end = (15 * _COS[turn], 15 * _SIN[turn], z + 9)
        scene.rod((0, 0, z), end, 1.1, look.wood)
        scene.ball(end, 1.9, look.main)
    scene.ball((0, 0, 179), 2.8, look.main)


_COS = {0.4: 0.92, 2.5: -0.80, 4.6: -0.11, 1.4: 0.17, 3.6: -0.90, 5.7: 0.83}
_SIN = {0.4: 0.39, 2.5: 0.60, 4.6: -0.99, 1.4: 0.99, 3.6: -0.44, 5.7: -0.55}


def shoe_bench(scene: Scene, look: Look) -> None:
    for x in (-54.0, 50.0):
        for y in (-17.0, 14.0):
            scene.box((x, y, 0), (x + 3.4, y + 3.4, 42), look.metal)
    for i in range(5):
        y = -15.4 + i * 6.2
        scene.box((-50, y, 15), (50, y + 2, 16.6), look.metal)
    for i in range(3):
        y = -19 + i * 12.8
        scene.box((-58, y, 42), (58, y + 12, 45), look.wood)


def kitchen_unit(scene: Scene, look: Look) -> None:
    _plinth(scene, look, 30, -29, 29)
    drawers(scene, (-30, -29, 8), (30, 29, 84), (0.24, 0.38, 0.38), look.main, look)
    scene.box((-31, -31, 84), (31, 30, 88), look.wood)


def nightstand(scene: Scene, look: Look) -> None:
    for x in (-18.0, 18.0):
        for y in (-15.0, 15.0):
            scene.rod((x, y, 22), (x * 1.1, y * 1.1, 1), 1.7, look.wood, 1.1)
    drawers(scene, (-22, -19, 21), (22, 19, 46), (1.0,), look.main, look)
    scene.prism("z", rectangle(-23, -20, 23, 19.6, 1.5), 46, 48.4, look.wood)


STORAGE: dict[str, Kind] = {
    "pedestal": pedestal,
    "low_cabinet": low_cabinet,
    "tall_cabinet": tall_cabinet,
    "tambour": tambour,
    "steel_cabinet": steel_cabinet,
    "filing_cabinet": filing_cabinet,
    "locker": locker,
    "locker_split": locker_split,
    "bookcase": bookcase,
    "library_shelf": library_shelf,
    "steel_shelf": steel_shelf,
    "wardrobe": wardrobe,
    "chest_drawers": chest_drawers,
    "coat_stand": coat_stand,
    "shoe_bench": shoe_bench,
    "kitchen_unit": kitchen_unit,
    "nightstand": nightstand,
}
