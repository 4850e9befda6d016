"""Codes of waste that an organisation has compared with the published lists itself."""

from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.disposals.models import WasteCode
from app.disposals.rules import Fraction
from app.disposals.service import Command
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.kit.text import ShortText

WasteCodeText = Annotated[ShortText, Field(max_length=20)]


class VerifyCode(Command):
    """Codes of a fraction, compared by the actor with the published lists on a day."""

    fraction: Fraction
    ns_code: WasteCodeText
    eal_code: WasteCodeText
    verified_on: date


def verify_code(session: Session, actor: Actor, command: VerifyCode) -> WasteCode:
    """The codes that decisions made from now on carry; those that stand keep theirs."""
    actor.must(Permission.DISPOSAL_SIGN)
    if command.verified_on > clock_of(session).today():
        raise Invalid(by_field={"verified_on": N_("Datoen kan ikke være fram i tid.")})
    row = session.scalar(
        select(WasteCode)
        .where(WasteCode.org_id == actor.org_id, WasteCode.fraction == command.fraction)
        .with_for_update()
    )
    if row is None:
        row = WasteCode(org_id=actor.org_id, fraction=command.fraction)
        session.add(row)
    row.ns_code, row.eal_code = command.ns_code, command.eal_code
    row.verified_by_id, row.verified_on = actor.person_id, command.verified_on
    session.flush()  # the answer names the row
    return row
