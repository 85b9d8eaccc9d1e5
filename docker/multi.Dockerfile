# The default: packages are installed by uv in a builder, the virtual environment is copied whole
# into a slim base, and the site runs as a numeric user who owns nothing.
ARG PYTHON_VERSION=3.13

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

# The site and its collected static files.
FROM builder AS site
ARG SOURCE=src/demo
ARG SETTINGS=config.settings
WORKDIR /app
COPY ${SOURCE} .
COPY docker/gunicorn.conf.py docker/healthcheck.py docker/migrate.py /opt/djdock/
COPY docker/minimal/languages.py /tmp/
# The key is for this step only: it is in no layer and in no environment. Both at once: this is what a
# build after a changed line waits for. What collectstatic imports it must not compile: compileall would
# leave that as it is, valid by times that are about to change.
RUN DJANGO_SECRET_KEY=only-for-this-step DJANGO_SETTINGS_MODULE=${SETTINGS} PYTHONDONTWRITEBYTECODE=1 \
    /opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0 & collect=$! \
    && /opt/venv/bin/python -m compileall -q --invalidation-mode checked-hash . && wait "$collect" \
    && DJANGO_SECRET_KEY=only-for-this-step DJANGO_SETTINGS_MODULE=${SETTINGS} \
    /opt/venv/bin/python /tmp/languages.py > /out/languages \
    && python /tmp/settle.py /out/site /app /opt/djdock

# Packages bring translations into a hundred languages. What a changed line of code leaves as it is, the site's
# languages, is all that this depends on.
FROM builder AS packages
COPY --from=site /out/languages /tmp/languages
RUN python /tmp/slim.py languages /opt/venv /tmp/languages \
    && rm -r /out/packages && python /tmp/settle.py /out/packages /opt/venv

# For `invoke up --dev`: what the site's developers need besides, all translations, and what starts Celery anew
# when its source changes.
FROM builder AS dev-packages
ARG DEV_REQUIREMENTS=${REQUIREMENTS}
ARG WATCHFILES_VERSION=1.3.0
COPY ${DEV_REQUIREMENTS} /tmp/dev-requirements.txt
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=uv,target=/etc/uv/uv.toml \
    --mount=type=cache,target=/root/.cache/uv \
    export VIRTUAL_ENV=/opt/venv \
    && uv pip install "watchfiles==${WATCHFILES_VERSION}" \
    && uv pip install --requirement /tmp/dev-requirements.txt

# The base without what a finished image has no use for: package managers, headers, setuid bits.
FROM python:${PYTHON_VERSION}-slim AS runtime
COPY docker/slim.py docker/settle.py /djdock/
RUN started=$(date +%s) && python -B /djdock/slim.py system \
    && python -B /djdock/settle.py "$started" && rm -r /djdock

# Files that were removed in a later layer would still be paid for, so the base becomes one layer.
FROM scratch AS final
# hadolint ignore=DL3067
COPY --from=runtime / /
ARG SETTINGS=config.settings
ARG WSGI=config.wsgi:application
ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=${SETTINGS} \
    WSGI_APPLICATION=${WSGI}
COPY --from=packages /out/packages /
COPY --from=site /out/site /
WORKDIR /app
# A number, so that Kubernetes' runAsNonRoot and scanners can tell that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# The process is alive; whether the database is, too, is the stack's question (compose.yaml).
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["python", "-I", "/opt/djdock/healthcheck.py", "/healthz"]
CMD ["gunicorn", "--config", "/opt/djdock/gunicorn.conf.py"]

# The same with the packages above: docker build --target dev. `invoke up --dev` mounts the source over /app.
FROM final AS dev
COPY --from=dev-packages /opt/venv /opt/venv

# What is built when no stage is named.
FROM final
