"""Label sheets and QR matrices: CPU time, bytes, memory; every measured label is read back."""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pypdfium2  # type: ignore[import-untyped]
import zxingcpp

from bench.harness import ROUNDS, Figure, cpu_ms, figure
from labels import pdf
from labels.draw import Label, drawing
from labels.fonts import Fonts
from labels.qr import CODE_LETTERS, Encoder
from labels.stock import Stock, stock

PREFIX = "HTTPS://OMBRUK.KOMMUNE.NO/I/"
FONTS = Path(__file__).resolve().parents[1] / "static" / "vendor" / "fonts"
MATRICES = 50_000
COMPARED = 200
READ_DPI = 150
KINDS = ("Kontorstol", "Skrivebord", "Møtebord", "Reol", "Besøksstol", "Skap", "Sofa", "Lampe")
MAKERS = ("HÅG", "Kinnarps", "Savo", "EFG", "Fora Form", "Edsbyn", "Lammhults", "Martela")


def labels(number: int, *, is_each_named: bool = False) -> list[Label]:
    """Labels as a real print has them: some hundred names, or a name of its own for each."""
    draw = random.Random(number)
    return [
        Label(
            "".join(draw.choices(CODE_LETTERS, k=11)),
            PREFIX,
            f"{draw.choice(KINDS)} {draw.choice(MAKERS)} {at if is_each_named else at % 4}",
            "Helseforetaket Sør",
        )
        for at in range(number)
    ]


def fonts() -> Fonts:
    found = Fonts.find(FONTS)
    if found.is_fallback:
        sys.exit(f"Inter is not in {FONTS}: run `make assets` first")
    return found


def check_read(document: bytes, printed: list[Label], sheet: Stock) -> None:
    """Every label is read once, on the page where it belongs; anything else ends the run."""
    opened = pypdfium2.PdfDocument(document)
    for at, page in enumerate(opened):
        picture = page.render(scale=READ_DPI / 72, grayscale=True).to_pil()
        wanted = printed[at * sheet.per_page : (at + 1) * sheet.per_page]
        qr = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        found = sorted(one.text for one in zxingcpp.read_barcodes(picture, formats=qr))
        if found != sorted(one.address for one in wanted):
            sys.exit(f"page {at + 1}: {len(found)} of {len(wanted)} labels were read")
    opened.close()


def repeated(work: Callable[[], object]) -> list[float]:
    work()
    return [cpu_ms(work) for _ in range(ROUNDS)]


def bench_matrices() -> list[Figure]:
    encoder = Encoder.for_prefix(PREFIX)
    codes = [one.code for one in labels(MATRICES)]
    for code in codes[:COMPARED]:
        if encoder.matrix(code) != encoder.plain(code):
            sys.exit(f"the table's matrix of {code} differs from qrcode's own")

    def run() -> None:
        for code in codes:
            encoder.matrix(code)

    rates = [MATRICES / spent * 1000 for spent in repeated(run)]
    return [
        figure(
            "QR matrices per core-second",
            rates,
            "1/s",
            must=10_000,
            reach=100_000,
            better="higher",
            note=f"{COMPARED} compared with qrcode's own",
        )
    ]


def bench_table() -> list[Figure]:
    spent = repeated(lambda: Encoder(PREFIX, "Q", 3, 0).matrix("0" * 11))
    return [figure("QR table of one host, made once", spent, "ms", note="mask given")]


def bench_thousand() -> list[Figure]:
    sheet, inter = stock("L7160"), fonts()
    rows = []
    for text, is_each_named in (("", False), (", every name different", True)):
        printed = labels(1_000, is_each_named=is_each_named)

        def run(printed: list[Label] = printed) -> bytes:
            drawing.cache_clear()  # a print is seldom the last one again
            return pdf.sheets(printed, sheet, fonts=inter)

        document = run()
        check_read(document, printed, sheet)
        one = len(pdf.sheets(printed[: sheet.per_page], sheet, fonts=inter))
        each = (len(document) - one) / (len(printed) - sheet.per_page)
        rows += [
            figure(
                f"label sheet of 1,000{text}",
                repeated(run),
                "ms CPU",
                must=900,
                reach=90,
                note="L7160, all read back",
            ),
            figure(
                f"label file{text}",
                [each],
                "bytes a label",
                must=600,
                reach=200,
                note=f"beside {one / 1000:.0f} kB for the fonts and the first sheet",
            ),
        ]
    return rows


def bench_ten_thousand() -> list[Figure]:
    sheet, inter, printed = stock("L7160"), fonts(), labels(10_000, is_each_named=True)
    process = psutil.Process()
    resident = process.memory_info().rss
    most = resident
    for _ in pdf.stream(printed, sheet, fonts=inter):
        most = max(most, process.memory_info().rss)
    first = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        stream = pdf.stream(printed, sheet, fonts=inter)
        next(stream)
        next(stream)
        first.append((time.perf_counter() - began) * 1000)
    check_read(pdf.sheets(printed, sheet, fonts=inter), printed, sheet)

    def run() -> bytes:
        drawing.cache_clear()
        return pdf.sheets(printed, sheet, fonts=inter)

    spent = repeated(run)
    note = "L7160, every name different, all read back"
    return [
        figure("label sheet of 10,000", spent, "ms CPU", must=5_000, reach=1_000, note=note),
        figure("label sheet of 10,000, first page", first, "ms", note="streamed, wall time"),
        figure(
            "label sheet of 10,000, memory above idle",
            [(most - resident) / 2**20],
            "MiB",
            must=64,
            note="streamed",
        ),
    ]


def measure() -> list[Figure]:
    return [*bench_ten_thousand(), *bench_thousand(), *bench_matrices(), *bench_table()]
