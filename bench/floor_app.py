"""The least our own stack can do: FastAPI with no work, and a page of one row. Run by ``floor``.

``python -m bench.floor_app DATABASE_URL PORT``
"""

import sys

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from jinja2 import Environment
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    insert,
    select,
)

ROWS = 20_000
piece = Table(
    "piece",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(80)),
    Column("place", String(80)),
    Column("width_mm", Integer),
)
ONE = select(piece).where(piece.c.id == bindparam("wanted"))
PAGE = """<!doctype html>
<html lang="nb">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ row.name }}</title>
<link rel="stylesheet" href="/static/app.css">
</head>
<body>
<header><a href="/">Forsiden</a> <a href="/marked">Marked</a> <a href="/mobler">Møbler</a></header>
<main>
<h1>{{ row.name }}</h1>
<dl>
<dt>Nummer</dt><dd>{{ row.id }}</dd>
<dt>Sted</dt><dd>{{ row.place }}</dd>
<dt>Bredde</dt><dd>{{ row.width_mm }} mm</dd>
</dl>
<p>Står noe feil, gi beskjed til den som forvalter møblene i bygget.</p>
</main>
<footer><a href="/om">Om tjenesten</a></footer>
</body>
</html>
"""
"""About 680 bytes when filled in."""


def create_app(url: str) -> FastAPI:
    """The two routes, on a database of 20,000 rows that is filled here.

    A statement stands alone, so that PostgreSQL is not asked to begin and to end as well.
    """
    engine = create_engine(url)
    with engine.begin() as connection:
        piece.metadata.create_all(connection)
        rows = [
            {"id": n, "name": f"Skrivebord {n}", "place": f"Bygg A, rom {n}", "width_mm": 1600}
            for n in range(1, ROWS + 1)
        ]
        connection.execute(insert(piece), rows)
    readers = engine.execution_options(isolation_level="AUTOCOMMIT")
    page = Environment(autoescape=True).from_string(PAGE)
    app = FastAPI(openapi_url=None)

    @app.get("/nothing")
    async def nothing() -> Response:
        return PlainTextResponse("ok")

    @app.get("/page/{wanted}")
    async def one_row(wanted: int) -> Response:
        with readers.connect() as connection:
            row = connection.execute(ONE, {"wanted": wanted}).one()
        return HTMLResponse(page.render(row=row))

    return app


if __name__ == "__main__":
    app = create_app(sys.argv[1])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_config=None, access_log=False)
