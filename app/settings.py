"""Every setting, with a description and a default that works. They make ``docs/settings.md``.

Set by environment variables with the prefix ``OMLOP_``: ``OMLOP_PUBLIC_URL``, ``OMLOP_DATA_DIR``.
Only the composition root and the command line read this module.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.kit.i18n import N_

PREFIX = "OMLOP_"


DATABASES = ("postgresql", "postgresql+psycopg", "sqlite")
NO_DATABASE = N_("Skriv en adresse av formen postgresql://bruker:passord@vert:5432/navn.")


class Settings(BaseModel):
    """What an installation decides."""

    model_config = ConfigDict(frozen=True)

    public_url: str = Field(
        default="http://127.0.0.1:8000",
        pattern=r"^https?://[^/\s]+$",
        description="Address people use, without a path. It is printed on labels for decades.",
    )
    data_dir: Path = Field(
        default=Path("var"), description="Folder of the SQLite files and of the photos."
    )
    database_url: str = Field(
        default="",
        description="`postgresql://…` for PostgreSQL; empty means SQLite in the data folder.",
    )
    allowed_hosts: str = Field(
        default="",
        description="Further host names that are answered, with commas; the public one always is.",
    )
    bind_host: str = Field(default="127.0.0.1", description="Address the server listens on.")
    bind_port: int = Field(default=8000, ge=1, le=65535, description="Port the server listens on.")
    languages: str = Field(
        default="nb", description="Finished languages that are offered, with commas."
    )
    language: str = Field(
        default="",
        description="Language of the command line; empty: the terminal's, else the first finished.",
    )
    mail_host: str = Field(
        default="", description="SMTP server. Empty: mail is kept waiting and shown in the log."
    )
    mail_port: int = Field(default=587, ge=1, le=65535, description="Port of the SMTP server.")
    mail_user: str = Field(default="", description="User name at the SMTP server.")
    mail_password: str = Field(default="", description="Password at the SMTP server.", repr=False)
    mail_starttls: bool = Field(default=True, description="Whether the connection is encrypted.")
    mail_from: str = Field(
        default="omlop@localhost", description="Sender of the e-mails.", max_length=254
    )
    s3_bucket: str = Field(default="", description="Bucket for photos; empty: the data folder.")
    s3_endpoint: str = Field(default="", description="Address of an S3 server that is not AWS.")
    s3_region: str = Field(default="us-east-1", description="Region of the bucket.")
    s3_access_key: str = Field(default="", description="Key id for the bucket.")
    s3_secret_key: str = Field(default="", description="Secret key for the bucket.", repr=False)
    accessibility_statement_url: str = Field(
        default="", description="Address of the installation's accessibility statement."
    )
    is_demo: bool = Field(
        default=False, description="Says on every page that this is a demonstration."
    )
    show_docs: bool = Field(default=True, description="Whether the API's documentation is shown.")
    run_jobs: bool = Field(
        default=True, description="Whether the server process runs jobs (always on SQLite)."
    )
    log_format: str = Field(
        default="json", pattern="^(json|console)$", description="`json` or `console`."
    )

    @field_validator("database_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        try:
            is_known = not url or make_url(url).drivername in DATABASES
        except (ArgumentError, ValueError):
            is_known = False
        if not is_known:
            raise ValueError(NO_DATABASE)
        return url

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **given: object) -> Self:
        """The settings of this process; ``given`` wins over the environment."""
        found: dict[str, object] = {
            name: environment[PREFIX + name.upper()]
            for name in cls.model_fields
            if PREFIX + name.upper() in environment
        }
        return cls.model_validate(found | given)

    @property
    def effective_database_url(self) -> str:
        if self.database_url:
            return self.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        return f"sqlite:///{self.data_dir.absolute() / 'omlop.db'}"

    @property
    def finished_languages(self) -> list[str]:
        return [each.strip() for each in self.languages.split(",") if each.strip()]
