"""What is asked about one promised piece for a like one."""

from uuid import UUID

from app.marketplace.commands import Command


class Exchange(Command):
    """The reservation holds another piece, which is free and like the one it held."""

    reservation_id: UUID
    item_id: UUID
