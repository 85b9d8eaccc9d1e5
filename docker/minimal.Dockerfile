# The smallest: FROM scratch, with the interpreter, its library, the packages, the shared libraries and
# the data that the site needs. docs/minimal.md says what is kept, what goes and why.
ARG PYTHON_VERSION=3.13

# The same as multi's, word for word, so that both share its layers.
FROM python:${PYTHON_VERSION}-slim AS builder
ARG UV_VERSION=0.13.8
# The certificate authorities are the base's own unless a build secret is mounted over them: a proxy
# that intercepts TLS brings its own. The `pip` secret carries an index and its credentials. Byte code is
# valid by its source's hash: by time it would be another one in each build.
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    PYC_INVALIDATION_MODE=CHECKED_HASH \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=cache,target=/root/.cache/pip \
    pip install "uv==${UV_VERSION}" \
    && uv venv --no-project /opt/venv
ARG REQUIREMENTS=requirements/app.txt
COPY ${REQUIREMENTS} /tmp/requirements.txt
COPY docker/slim.py docker/settle.py /tmp/
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=uv,target=/etc/uv/uv.toml \
    --mount=type=cache,target=/root/.cache/uv \
    VIRTUAL_ENV=/opt/venv uv pip install --requirement /tmp/requirements.txt \
    && python /tmp/slim.py venv /opt/venv \
    && python /tmp/settle.py /out/packages /opt/venv

# Shell patterns on absolute paths, separated by blanks: what stays, and what goes, whatever the rules say.
FROM builder AS tools
ARG KEEP=
ARG DROP=
# Whose sources stay beside the byte code: `site` (the project's own), `all`, `none`.
ARG SOURCES=site
ENV KEEP=${KEEP} DROP=${DROP} SOURCES=${SOURCES} OUT=/out PYTHONPATH=/build PYTHONDONTWRITEBYTECODE=1
# A name that no project has for a package of its own.
COPY docker/minimal docker/settle.py /build/djdock_minimal/
RUN python -m compileall -q /build

# The site, its collected static files, and the facts that decide what it needs.
FROM tools AS site
ARG SOURCE=src/demo
ARG SETTINGS=config.settings
WORKDIR /app
COPY ${SOURCE} .
COPY docker/gunicorn.conf.py docker/healthcheck.py docker/migrate.py /opt/djdock/
# The key is for this step only: it is in no layer and in no environment.
RUN DJANGO_SECRET_KEY=only-for-this-step DJANGO_SETTINGS_MODULE=${SETTINGS} \
    /opt/venv/bin/python -m djdock_minimal site

# What is expensive depends on the packages and the facts only: a changed line of code changes neither.
FROM tools AS prune
COPY --from=site /out/facts.json /out/facts.json
RUN /opt/venv/bin/python -m djdock_minimal prune

FROM scratch AS final
ARG SETTINGS=config.settings
ARG WSGI=config.wsgi:application
ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=${SETTINGS} \
    WSGI_APPLICATION=${WSGI}
COPY --from=prune /out/base /
COPY --from=prune /out/venv /
COPY --from=site /out/root /
WORKDIR /app
# A number, so that Kubernetes' runAsNonRoot and scanners can tell that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# The process is alive; whether the database is, too, is the stack's question (compose.yaml).
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["python", "-I", "/opt/djdock/healthcheck.py", "/healthz"]
CMD ["gunicorn", "--config", "/opt/djdock/gunicorn.conf.py"]

# The site's own tests on the same layers: docker build --target test.
FROM final AS test
COPY --from=site /out/tests /

# What is built when no stage is named.
FROM final
