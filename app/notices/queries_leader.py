"""What waits for a person as leader or deputy of a unit."""

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.kit.i18n import gettext, ngettext
from app.marketplace.models import Request
from app.marketplace.models_approval import Approval
from app.marketplace.queries_approval import waiting_for_leader
from app.notices.tasks import OF_EACH_KIND, Task, Waiting


def to_approve(session: Session, actor: Actor) -> list[Waiting]:
    """Requests of one's own people that go nowhere before one has said yes, the oldest first."""
    if actor.person_id is None or not actor.may(Permission.REQUEST_MAKE):
        return []
    rows = session.execute(
        waiting_for_leader(actor)
        .join(Person, Person.id == Request.person_id)
        .with_only_columns(
            Request.id, Request.number, Person.name, Approval.pieces, Approval.asked_at
        )
        .order_by(Approval.asked_at, Approval.id)
        .limit(OF_EACH_KIND + 1)
    ).all()
    found = [
        Waiting(
            task=Task.APPROVE_AS_LEADER,
            title=gettext("Si ja eller nei som leder: bestilling %(number)s", number=row.number),
            text=ngettext(
                "%(num)s møbel til %(name)s",
                "%(num)s møbler til %(name)s",
                row.pieces,
                name=row.name,
            ),
            since=row.asked_at,
            route="requests:show",
            params={"request_id": row.id},
            icon="check",
            tone="warning",
        )
        for row in rows[:OF_EACH_KIND]
    ]
    if len(rows) > OF_EACH_KIND:
        more = gettext("Flere bestillinger venter på deg som leder")
        since = rows[OF_EACH_KIND].asked_at
        found.append(Waiting(Task.APPROVE_AS_LEADER, more, None, since, "leaders:browse", "list"))
    return found
