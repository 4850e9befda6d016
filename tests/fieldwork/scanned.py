"""Texts from cameras, keyboards and hardware scanners, and what each of them is.

The server's and the browser's reading are both held against this table.
"""

OURS = "7K3QWX9R2M4"

CASES: list[tuple[str, str, str]] = [
    # Text, kind, our code in it.
    (f"HTTPS://OMBRUK.KOMMUNE.NO/I/{OURS}", "piece", OURS),
    (f"https://ombruk.kommune.no/i/{OURS.lower()}", "piece", OURS),
    (f"http://127.0.0.1:8000/I/{OURS}/", "piece", OURS),
    (f"https://ombruk.kommune.no/i/{OURS}?sendt=1", "piece", OURS),
    ("https://ombruk.kommune.no/I/7K3Q-WX9R-2M4", "piece", OURS),
    (f"https://ombruk.kommune.no/P/{OURS}", "place", OURS),
    (f"HTTPSØ--OMBRUK.KOMMUNE.NO-I-{OURS}", "piece", OURS),
    (f"httpsö--ombruk.kommun.se-p-{OURS.lower()}", "place", OURS),
    (OURS, "piece", OURS),
    ("7k3q-wx9r-2m4", "piece", OURS),
    (" 7K3Q WX9R 2M4\r\n", "piece", OURS),
    ("7K3Q–WX9R–2M4", "piece", OURS),
    # Look-alikes: O for 0, I and L for 1.
    ("OI23456789T", "piece", "0123456789T"),
    ("olz3456789t".replace("z", "2"), "piece", "0123456789T"),
    ("7K3QWX9R2M5", "wrong-check", "7K3QWX9R2M5"),
    ("https://ombruk.kommune.no/I/7K3QWX9R2M5", "wrong-check", "7K3QWX9R2M5"),
    ("https://ombruk.kommune.no/I/7K3QUX9R2M4", "wrong-check", "7K3QUX9R2M4"),
    # Ten and twelve characters, and a letter outside the alphabet: no code of ours.
    ("7K3QWX9R2M", "foreign", ""),
    ("7K3QWX9R2M4A", "foreign", ""),
    ("7K3QUX9R2M4", "foreign", ""),
    ("7070000000006", "foreign", ""),
    ("INV-004711", "foreign", ""),
    ("https://ombruk.kommune.no/mobler", "foreign", ""),
    ("https://id.gs1.org/8004/7071234567", "foreign", ""),
    ("MEBKM:URL:http\\://en.wikipedia.org/wiki/Main_Page;;", "foreign", ""),
    ("http://google.com/gwt/n?u=bluenile.com", "foreign", ""),
    ("Øvre gang 3", "foreign", ""),
    ("x" * 3000, "foreign", ""),
    ("", "foreign", ""),
    ("\x00\x1d", "foreign", ""),
]
