"""Networks of organisations that see each other's offers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.chance import new_id
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import PlatformModel, TenantModel
from app.networks.rules import MEMBER_MACHINE, MemberState

MEMBERS_ONLY = text("state = 'member'")


class Network(PlatformModel):
    """Belongs to no organisation; its host admits members. Who knows ``code`` may ask to join."""

    __tablename__ = "network"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    text: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    host_org_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NetworkMember(TenantModel):
    """An organisation's standing in a network, since ``since``; one row for each, for ever.

    ``shares_savings``: its savings are in the sums that the members see of the whole network.
    """

    __tablename__ = "network_member"
    machine = MEMBER_MACHINE

    network_id: Mapped[UUID] = mapped_column(ForeignKey("network.id"))
    state: Mapped[MemberState] = mapped_column(EnumText(MemberState))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    shares_savings: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("network_id", "org_id"),
            Index(
                "ix_network_member_org",
                "org_id",
                "network_id",
                sqlite_where=MEMBERS_ONLY,
                postgresql_where=MEMBERS_ONLY,
            ),
        )
