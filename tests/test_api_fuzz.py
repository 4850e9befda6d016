"""Generated requests over the whole OpenAPI document: whatever comes, the answer is never a 5xx."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.accounts.actor import hashed
from app.accounts.models import ApiToken
from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.kit.files import Files
from app.main import create_app
from app.settings import Settings
from tests.databases import START
from tests.factories import some_items
from tests.people import organised

# More with OMLOP_FUZZ_EXAMPLES: the release's run takes hundreds for each operation.
EXAMPLES = int(os.environ.get("OMLOP_FUZZ_EXAMPLES", "6"))
TOKEN = "fuzz"
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture(scope="module")
def api_document(
    module_database: Callable[[MovedClock], Database], tmp_path_factory: pytest.TempPathFactory
) -> schemathesis.schemas.BaseSchema:
    folder = Path(tmp_path_factory.mktemp("fuzz"))
    database = module_database(MovedClock(START))
    with database.write() as session:
        org = organised(session, database.clock)
        session.add(
            ApiToken(
                org_id=org.org_id,
                person_id=org.person_ids[Role.ADMIN],
                name="fuzz",
                token_hash=hashed(TOKEN),
                created_at=database.clock.now(),
            )
        )
    with database.write() as session:
        some_items(session, org, quantity=3)
    app = create_app(
        Settings(
            data_dir=folder,
            database_url=database.url,
            public_url="http://localhost",
            allowed_hosts="testserver",
            run_jobs=False,
        ),
        database=database,
        files=Files.local(folder / "files"),
    )
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


def test_no_generated_request_is_answered_with_a_server_error(
    api_document: schemathesis.schemas.BaseSchema,
) -> None:
    failures, tried = [], 0
    for result in api_document.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        tried += 1

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        )
        @given(case=operation.as_strategy())
        def check(case: "schemathesis.Case[Any]") -> None:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            case.call_and_validate(headers=headers, checks=list(CHECKS))

        try:
            check()
        except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001  (every one is tried)
            failures.append(f"{operation.label}: {failure!r} {failure}"[:1500])

    assert failures == []
    assert tried > 40
