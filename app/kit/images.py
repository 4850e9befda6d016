"""Photos: whatever a phone sends becomes four small files that hold the picture and nothing else.

``render`` makes all sizes at once. Where somebody waits for the answer, ``first_size`` makes the
one that is stored before the answer, and ``other_sizes`` the rest in a job, from the stored one.
Photos are decoded in child processes (``image_pool``); what they did not make is never stored.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from app.kit.errors import Problem, Unavailable
from app.kit.i18n import N_
from app.kit.image_child import ALL, FIRST, OTHERS, SIZES, WANTED, format_of
from app.kit.image_pool import ChildFault, ChildSlow, ChildUnavailable, Limits, Pool

__all__ = [
    "FIRST_SIZE",
    "SIZES",
    "Limits",
    "PhotoBroken",
    "PhotoNotSupported",
    "PhotoRefused",
    "PhotoTooLarge",
    "PhotoTooManyPixels",
    "PhotoTooSlow",
    "PhotosUnavailable",
    "Rendition",
    "close",
    "configure",
    "first_size",
    "other_sizes",
    "pids",
    "reads_heic",
    "render",
]

FIRST_SIZE = WANTED[FIRST][0]
"""The one that the others can be made from."""

_MEDIA_TYPES = {"image/jpeg": "jpg", "image/webp": "webp"}


class PhotoRefused(Problem):
    """A photo that can not be used; nothing of it is stored."""

    status = 422
    title = N_("Bildet kan ikke brukes.")


class PhotoTooLarge(PhotoRefused):
    status = 413
    title = N_("Bildefilen er for stor.")


class PhotoNotSupported(PhotoRefused):
    status = 415
    title = N_("Bildeformatet støttes ikke.")


class PhotoTooManyPixels(PhotoRefused):
    status = 422
    title = N_("Bildet har for mange piksler.")


class PhotoBroken(PhotoRefused):
    status = 422
    title = N_("Bildefilen er ødelagt.")


class PhotoTooSlow(PhotoRefused):
    status = 422
    title = N_("Bildet tok for lang tid å lese.")


class PhotosUnavailable(Unavailable):
    title = N_("Bilder kan ikke behandles akkurat nå. Prøv igjen om litt.")


@dataclass(frozen=True)
class Rendition:
    """One stored size of a photo: ``large_jpeg``, ``large``, ``medium`` or ``small``."""

    name: str
    width: int
    height: int
    media_type: str
    content: bytes = field(repr=False)
    sha256: str

    @property
    def suffix(self) -> str:
        """What the file's name ends in, without the dot."""
        return _MEDIA_TYPES[self.media_type]


_pool = Pool()


def configure(limits: Limits) -> None:
    """Replaces the limits, when the program starts and before the first photo."""
    global _pool  # noqa: PLW0603 - the pool is the one thing of its kind in a process
    _pool.close()
    _pool = Pool(limits)


def close() -> None:
    """Ends the child processes; called when the server stops, and by itself at exit."""
    _pool.close()


def reads_heic() -> bool:
    """Whether the optional extra is installed, in a version that is safe to use."""
    return _pool.limits.heic


def pids() -> list[int]:
    """The child processes that run now, for those who measure."""
    return _pool.pids


def render(content: bytes) -> list[Rendition]:
    """All four sizes of a photo as it came: 1600 px JPEG, and WebP of 1600, 800 and 320 px.

    Raises:
        PhotoRefused: By its kind, with a message that names the limit.
        PhotosUnavailable: All child processes are busy, or none can be started.
    """
    return _ask(ALL, content)


def first_size(content: bytes) -> Rendition:
    """The 1600 px JPEG alone, for the answer that somebody waits for; raises as ``render``."""
    return _ask(FIRST, content)[0]


def other_sizes(first: bytes) -> list[Rendition]:
    """The three WebP sizes, from the bytes of ``first_size``; raises as ``render``."""
    return _ask(OTHERS, first)


def _ask(job: bytes, content: bytes) -> list[Rendition]:
    limits = _pool.limits
    if len(content) > limits.file_bytes:
        raise PhotoTooLarge(
            N_("Bildefilen er på %(megabytes)s MB. Grensen er %(limit)s MB."),
            values={
                "megabytes": -(-len(content) // 1_000_000),
                "limit": limits.file_bytes // 1_000_000,
            },
            limit_bytes=limits.file_bytes,
        )
    if format_of(content) is None:
        raise _refusal("format")
    try:
        told, blobs = _pool.ask(job, content)
    except ChildSlow as fault:
        raise PhotoTooSlow(
            N_("Bildet kunne ikke leses på %(seconds)s sekunder, som er grensen."),
            values={"seconds": round(limits.seconds)},
        ) from fault
    except ChildUnavailable as fault:
        raise PhotosUnavailable(headers={"Retry-After": "10"}) from fault
    except ChildFault as fault:
        raise _refusal("broken") from fault
    if "refused" in told:
        raise _refusal(str(told["refused"]))
    return _taken_over(job, told, blobs)


def _taken_over(job: bytes, told: dict[str, Any], blobs: bytes) -> list[Rendition]:
    """What the child says it made, measured again on our side of the wall."""
    made: list[Rendition] = []
    at = 0
    for name, each in zip(WANTED[job], told["sizes"], strict=True):
        content = blobs[at : at + each["length"]]
        at += each["length"]
        made.append(
            Rendition(
                name,
                int(each["width"]),
                int(each["height"]),
                "image/jpeg" if name == "large_jpeg" else "image/webp",
                content,
                hashlib.sha256(content).hexdigest(),
            )
        )
    return made


def _refusal(reason: str) -> PhotoRefused:
    limits = _pool.limits
    if reason == "format":
        return PhotoNotSupported(N_("Bildet må være JPEG, PNG eller WebP."))
    if reason == "heic":
        return PhotoNotSupported(
            N_(
                "HEIC-bilder kan ikke leses her. Lagre bildet som JPEG først, eller velg «Mest "
                "kompatibelt» under Innstillinger – Kamera – Formater på iPhone."
            )
        )
    if reason == "pixels":
        return PhotoTooManyPixels(
            N_(
                "Bildet har for mange piksler. Grensen er %(limit)s megapiksler, og "
                "%(webp)s for WebP."
            ),
            values={
                "limit": limits.pixels // 1_000_000,
                "webp": limits.webp_pixels // 1_000_000,
            },
            limit_pixels=limits.pixels,
        )
    if reason == "memory":
        return PhotoTooManyPixels(
            N_("Bildet trenger mer enn %(limit)s MB minne. Gjør det mindre og prøv igjen."),
            values={"limit": limits.memory_bytes // (1024 * 1024)},
        )
    return PhotoBroken(N_("Bildefilen er ødelagt eller ikke hel. Ta bildet på nytt."))
