# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements.lock

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --create-home twinbase
COPY --from=build /venv /venv
WORKDIR /app
COPY exceptions exceptions
COPY domain domain
COPY repository repository
COPY api api
COPY service service
COPY migrations migrations
COPY LICENSE README.md pyproject.toml ./
# The command twinbase, of this very folder.
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --editable . \
    && python -m compileall -q .
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TWINBASE_HOST=0.0.0.0 \
    TWINBASE_DATA_DIR=/data/twinbase
USER twinbase
VOLUME /data
EXPOSE 7990
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 7990, timeout=2); c.request('GET', '/readyz'); exit(c.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
CMD ["twinbase", "serve"]
