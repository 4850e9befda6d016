"""Import preview: 50,000 CSV rows read, mapped and judged; and the share that finds a category.

The rows are those of a real catalogue, again and again with ids of their own; what the program
remembers of earlier sheets is forgotten before each round. Writing the staged rows is not in it.
"""

import csv
import io
import time
from datetime import date

from app.transfer import classify, headers, numbers
from app.transfer.classify import is_wide
from app.transfer.mapping import Mapping, built_in
from app.transfer.reading import read
from app.transfer.rules import Preview, preview
from bench.harness import ROUNDS, Figure, cpu_seconds, figure
from tools import shared_data

TODAY = date(2026, 11, 21)

ROWS = 50_000
_KINDS = ("Kontorstol", "Møtebord", "Skap", "Hev/senk pult", "Sofa", "Reol", "Krakk")


def catalogue() -> tuple[list[str], list[list[str]], str]:
    """Header, rows and where they come from; the id is the second column."""
    folder = shared_data.folder()
    if folder is None:
        header = [
            "X1",
            "item_id",
            "name",
            "category",
            "price",
            "short_description",
            "depth",
            "height",
            "width",
        ]
        rows = [
            [
                *(str(n), str(n), "Modell", _KINDS[n % 7], "100,0", f"{_KINDS[n % 7]} {n % 900}"),
                *(str(40 + n % 90), str(60 + n % 60), str(50 + n % 120)),
            ]
            for n in range(3_694)
        ]
        return header, rows, "generated rows"
    text = (folder / "inventory" / "ikea_catalogue.csv").read_text("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, ""), delimiter=";")
    return header, rows, "real catalogue"


def content(header: list[str], rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(header)
    # The long text of the catalogue is cut: 50,000 rows of it would pass the limit of 10 MB.
    for number in range(ROWS):
        row = [cell[:60] for cell in rows[number % len(rows)]]
        writer.writerow([row[0], str(10_000_000 + number), *row[2:]])
    return text.getvalue().encode()


def forget() -> None:
    for remembered in (
        classify._classified,  # noqa: SLF001
        classify._rule,  # noqa: SLF001
        headers.recognise,
        numbers.amount,
    ):
        remembered.cache_clear()


def run(sheet: bytes, mapping: Mapping | None) -> Preview:
    found = preview(read(sheet, "catalogue.csv"), mapping, today=TODAY)
    if len(found.good) != ROWS or found.bad:
        raise AssertionError(found.as_json()["bad"])
    return found


def measure() -> list[Figure]:
    header, rows, source = catalogue()
    sheet = content(header, rows)
    mapping = built_in("ikea") if source == "real catalogue" else None
    walls, cpus = [], []
    found = run(sheet, mapping)
    for _ in range(ROUNDS):
        forget()
        began, spent = time.perf_counter(), cpu_seconds()
        found = run(sheet, mapping)
        walls.append(ROWS / (time.perf_counter() - began))
        cpus.append(ROWS / (cpu_seconds() - spent))
    clear = sum(not is_wide(good.piece.category_code or "OTHER_KG") for good in found.good)
    note = f"{ROWS:,} rows, {source}, {len(sheet) / 1e6:.1f} MB, before staging"
    return [
        figure(
            "import preview, CSV", walls, "rows/s",
            must=10_000, reach=25_000, better="higher", note=note,
        ),
        figure("import preview, CSV", cpus, "rows/CPU s", better="higher", note=note),
        figure(
            "rows that find a category", [100 * found.with_category / found.rows], "%",
            must=95, better="higher", note=f"{100 * clear / found.rows:.0f} % more than OTHER_KG",
        ),
    ]  # fmt: skip
