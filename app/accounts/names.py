"""What people read for what the program calls by a value."""

from collections.abc import Mapping

from app.accounts.rules import Role
from app.kit.i18n import N_

ROLES: Mapping[Role, str] = {
    Role.EMPLOYEE: N_("Ansatt"),
    Role.SURVEYOR: N_("Registrerer"),
    Role.MOVER: N_("Flytter"),
    Role.FURNITURE_MANAGER: N_("Møbelforvalter"),
    Role.PROJECT_MANAGER: N_("Prosjektleder"),
    Role.APPROVER: N_("Godkjenner"),
    Role.CONTROLLER: N_("Controller"),
    Role.ADMIN: N_("Administrator"),
}
