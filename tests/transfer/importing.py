"""One organisation's imports, through the same steps as page, API and command line."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app.accounts.actor import Actor
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.transfer import service_apply, service_undo
from app.transfer.models import ImportRun
from app.transfer.service import How
from app.transfer.upload import previewed

HEAD = "Inventarnr;Benevnelse;Kategori;Bredde (cm);Vekt (kg)"
CHAIR = "1;Kontorstol blå;Kontorstol;60;12"
TABLE = "2;Møtebord stort;Møtebord;160;45"


def sheet(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join((head, *lines)).encode()


class Importing:
    """One organisation's imports, through the same steps as page, API and command line."""

    def __init__(self, database: Database, actor: Actor, clock: MovedClock) -> None:
        self.database, self.actor, self.clock = database, actor, clock

    def preview(self, content: bytes, how: How | None = None) -> UUID:
        return previewed(self.database, self.actor, content, "ark.csv", how or How())

    def apply(self, run_id: UUID, *, skip_bad: bool = False) -> ImportRun:
        with self.database.read() as session:
            ready = service_apply.prepare(session, self.actor, run_id)
        with self.database.write() as session:
            run = service_apply.apply(session, self.actor, ready, skip_bad=skip_bad)
        self.clock.move(timedelta(minutes=1))
        return run

    def whole(self, *lines: str, head: str = HEAD, how: How | None = None) -> ImportRun:
        return self.apply(self.preview(sheet(*lines, head=head), how))

    def undo(self, run: ImportRun) -> ImportRun:
        with self.database.write() as session:
            undone = service_undo.undo(session, self.actor, run.id)
        self.clock.move(timedelta(minutes=1))
        return undone

    def pieces(self) -> list[Item]:
        with self.database.read() as session:
            query = select(Item).where(
                Item.org_id == self.actor.org_id,
                Item.state.not_in([ItemState.DELETED, ItemState.MERGED]),
            )
            return list(session.scalars(query.order_by(Item.name)))


def counts(run: ImportRun) -> tuple[int, int, int]:
    return run.report["created"], run.report["updated"], run.report["unchanged"]
