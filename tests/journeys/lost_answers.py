"""Answers that are lost on their way: the server did it, and the phone is not told."""

from contextlib import suppress

from playwright.sync_api import Error, Route


def is_lost(route: Route) -> None:
    """The server does what it is asked; the connection drops before its answer arrives.

    A page that is left meanwhile takes its request along. Then nothing is left to break off,
    and the answer is as lost as it should be.
    """
    with suppress(Error):
        route.fetch(max_redirects=0)
    with suppress(Error):
        route.abort("connectionreset")
