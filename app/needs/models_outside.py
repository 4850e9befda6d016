"""What a step of the ladder has asked other organisations for."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.schema import SchemaItem

from app.kit.tenancy import TenantModel, other_org, same_org


class LadderRequest(TenantModel):
    """The request that a decision at the network's step became; the request is the giver's row."""

    __tablename__ = "ladder_request"

    ladder_step_id: Mapped[UUID]
    giver_org_id: Mapped[UUID]
    outside_request_id: Mapped[UUID]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("ladder_step_id", "ladder_step"),
            other_org("giver_org_id", "outside_request_id", "outside_request"),
            UniqueConstraint("org_id", "ladder_step_id"),
            UniqueConstraint("giver_org_id", "outside_request_id"),
        )
