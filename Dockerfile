# Omløp as an image: front-end packages, then the Python environment, then only what runs.
# tests/test_dockerfile.py runs the build steps in a clean folder.

FROM node:24-bookworm-slim AS front-end
WORKDIR /srv/omlop
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.13-slim-bookworm AS build
WORKDIR /srv/omlop
RUN python -m venv .venv
COPY requirements.txt requirements-pdf.txt ./
RUN .venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.txt
# `--build-arg PDF=1` for an image that makes PDFs of its documents.
ARG PDF=
RUN if [ -n "$PDF" ]; then .venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements-pdf.txt; fi
COPY pyproject.toml requirements.in requirements-heic.in requirements-pdf.in README.md LICENSE ./
COPY app app
COPY labels labels
COPY migrations migrations
COPY templates templates
COPY static static
RUN .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
COPY --from=front-end /srv/omlop/node_modules node_modules
RUN .venv/bin/omlop assets
RUN rm -rf node_modules

FROM python:3.13-slim-bookworm
WORKDIR /srv/omlop
COPY --from=build /srv/omlop /srv/omlop
ARG PDF=
RUN if [ -n "$PDF" ]; then apt-get update -q && apt-get install -q -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core && rm -rf /var/lib/apt/lists/*; fi
RUN .venv/bin/omlop --help
# As root: a user of its own, who may write its data and nothing else.
RUN useradd --system --uid 10001 --no-create-home omlop && install -d -o omlop /var/lib/omlop
USER omlop
ENV PATH=/srv/omlop/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    OMLOP_BIND_HOST=0.0.0.0 OMLOP_BIND_PORT=8000 OMLOP_DATA_DIR=/var/lib/omlop
VOLUME /var/lib/omlop
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["omlop", "serve"]
