"""What more than one of the reports' services refuses for."""

from app.kit.errors import NotFound
from app.kit.i18n import N_


class ProjectNotFound(NotFound):
    title = N_("Fant ikke prosjektet.")
