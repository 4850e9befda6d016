"""Reads printed files back, page by page."""

import pypdfium2  # type: ignore[import-untyped]
import zxingcpp


def addresses(pdf: bytes, dpi: int = 150) -> list[list[str]]:
    """What a camera reads on each page."""
    document = pypdfium2.PdfDocument(pdf)
    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = [
        [
            code.text
            for code in zxingcpp.read_barcodes(
                page.render(scale=dpi / 72, grayscale=True).to_pil(), formats=wanted
            )
        ]
        for page in document
    ]
    document.close()
    return found


def text_of(pdf: bytes) -> str:
    """The words on all pages."""
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text
