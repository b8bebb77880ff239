# docker build -t transcode-gateway .
#
# BASE is any Debian with python3 (3.11 or newer) and python3-venv; pin it by digest where it is deployed.
ARG BASE=docker.io/library/python:3.13-slim-bookworm
ARG NODE=docker.io/library/node:22-bookworm-slim

# GraphiQL, bundled.
#checkov:skip=CKV_DOCKER_7: the default of NODE has a tag
FROM ${NODE} AS assets
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY web/ ./
RUN npm run --silent build

# The gateway and what it runs on, in a virtual environment without pip. There is no compiler here: whatever
# comes as source is Python.
FROM ${BASE} AS environment
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
WORKDIR /src
RUN python3 -m venv /opt/build && python3 -m venv --without-pip /opt/gateway
COPY requirements.lock requirements-dev.lock ./
# Litestar's maker of example data is as large as the server, and only its OpenAPI pages would use it. Some wheels
# carry debugging symbols of ten times their code.
RUN /opt/build/bin/pip --python /opt/gateway/bin/python install --no-compile --require-hashes -r requirements.lock \
    && /opt/build/bin/pip --python /opt/gateway/bin/python uninstall --yes faker polyfactory \
    && find /opt/gateway -name '*.so' -exec strip --strip-debug {} +
# Of what develops, only what builds.
RUN awk '/^[^ ]/ {wanted = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/} wanted' \
    requirements-dev.lock >build.lock \
    && /opt/build/bin/pip install --require-hashes -r build.lock
COPY pyproject.toml README.md LICENSE ./
COPY gateway/ gateway/
COPY --from=assets /src/gateway/web/assets/ gateway/web/assets/
# Bytecode is written for what is imported: a read-only root cannot do it later, and the rest would be dead weight.
RUN /opt/build/bin/python -m hatchling build -t wheel \
    && /opt/build/bin/pip --python /opt/gateway/bin/python install --no-compile --no-deps --no-index dist/*.whl \
    && /opt/gateway/bin/python -P -c "import pkgutil, alibabacloud_credentials.client, gateway; \
       import uvicorn.lifespan.on, uvicorn.loops.uvloop, uvicorn.protocols.websockets.websockets_sansio_impl; \
       [__import__(m.name) for m in pkgutil.walk_packages(gateway.__path__, 'gateway.') if 'main' not in m.name]"

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="transcode-gateway" \
      org.opencontainers.image.description="One GraphQL graph over three video transcoding providers" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=environment /opt/gateway /opt/gateway
ENV PATH=/opt/gateway/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GATEWAY_SERVER_HOST=0.0.0.0
# A number: Kubernetes cannot tell that a name is not root's.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["gateway", "health"]
ENTRYPOINT ["gateway"]
CMD ["serve"]
