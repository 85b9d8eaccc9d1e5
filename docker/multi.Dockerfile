# The default: packages are installed by uv in a builder, the virtual environment is copied whole
# into a slim base, and the site runs as a numeric user who owns nothing.
ARG PYTHON_VERSION=3.13
# How the files that say what is needed are found: `file`, one that names no other, or `chain`, all else.
ARG DEPENDENCIES=file
# Debian packages: of the finished image, and of the builder only.
ARG SYSTEM_PACKAGES=
ARG BUILD_PACKAGES=
# `node` where a front end is built.
ARG FRONTEND_STAGE=none
ARG NODE_VERSION=22

FROM python:${PYTHON_VERSION}-slim AS uv
ARG UV_VERSION=0.13.8
# The certificate authorities are the base's own unless a build secret is mounted over them: a proxy
# that intercepts TLS brings its own. The `pip` secret carries an index and its credentials.
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,source=docker/get_uv.py,target=/build/get_uv.py \
    python -B /build/get_uv.py "${UV_VERSION}" /out

# What the stages run is mounted, not copied: a step less for each of them, and nothing to take out again.
FROM scratch AS system-scripts
COPY docker/apt.sh docker/libraries.py docker/precompile.py docker/settle.py docker/slim.py /

FROM system-scripts AS scripts
COPY docker/linked.py docker/make_packages.py /
COPY docker/dependencies /djdock_dependencies/
COPY docker/minimal docker/settle.py /djdock_minimal/

# Byte code of the standard library, which bases bring without: each start would compile it anew, here and in
# containers.
FROM python:${PYTHON_VERSION}-slim AS stdlib
RUN --network=none --mount=type=bind,from=system-scripts,target=/build \
    python -B /build/precompile.py /out

# The files that say what is needed, and nothing else: while they stay as they are, so do the packages.
FROM scratch AS dependencies-file
ARG REQUIREMENTS=requirements/app.txt
COPY ${REQUIREMENTS} /${REQUIREMENTS}

FROM python:${PYTHON_VERSION}-slim AS collector
ARG REQUIREMENTS=requirements/app.txt
ARG LOCK=
RUN --mount=type=bind,source=docker/dependencies,target=/build/djdock_dependencies \
    --mount=type=bind,target=/context \
    PYTHONPATH=/build python -B -m djdock_dependencies collect /context /out

FROM scratch AS dependencies-chain
COPY --from=collector /out /

# hadolint ignore=DL3006
FROM dependencies-${DEPENDENCIES} AS dependencies

# The base with the Debian packages that libraries open by name.
FROM python:${PYTHON_VERSION}-slim AS system
FROM python:${PYTHON_VERSION}-slim AS system-packages
ARG SYSTEM_PACKAGES
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=bind,from=system-scripts,target=/build \
    sh /build/apt.sh ${SYSTEM_PACKAGES}

# ... and with those for what has no wheel. Packages wait for this: it does not wait for the stage above.
# hadolint ignore=DL3006
FROM system${SYSTEM_PACKAGES:+-packages} AS compilers
FROM python:${PYTHON_VERSION}-slim AS compilers-packages
ARG SYSTEM_PACKAGES
ARG BUILD_PACKAGES
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=bind,from=system-scripts,target=/build \
    sh /build/apt.sh ${SYSTEM_PACKAGES} -- ${BUILD_PACKAGES}

# The standard library's byte code is put there by the same step: one of its own would cost a second.
# hadolint ignore=DL3006
FROM compilers${BUILD_PACKAGES:+-packages} AS builder
ENV PATH=/opt/uv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never
ARG REQUIREMENTS=requirements/app.txt
ARG LOCK=
ARG EXTRAS=
ARG LOCK_GROUPS=
ARG PACKAGES=
ARG INDEX=
ARG SERVER=wsgi
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=uv,target=/etc/uv/uv.toml \
    --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,from=uv,source=/out,target=/opt/uv \
    --mount=type=bind,from=stdlib,source=/out,target=/stdlib \
    --mount=type=bind,from=scripts,target=/build \
    --mount=type=bind,from=dependencies,target=/dependencies,rw \
    cp -a /stdlib/. / && PYTHONPATH=/build:/opt/uv python -B /build/make_packages.py

# What npm, yarn or pnpm makes of the front end's sources.
FROM scratch AS frontend-none
WORKDIR /out

# A changed line of Python makes no other front end: these are the files that one is made of.
FROM node:${NODE_VERSION}-slim AS frontend-sources
ARG FRONTEND=.
RUN --network=none --mount=type=bind,target=/context \
    --mount=type=bind,source=docker/frontend.sh,target=/build/frontend.sh \
    sh /build/frontend.sh sources /context /out

FROM node:${NODE_VERSION}-slim AS frontend-node
ARG NODE_VERSION
ARG FRONTEND=.
ARG FRONTEND_BUILD=build
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
COPY docker/frontend.sh /build/
WORKDIR /src/${FRONTEND}
COPY ${FRONTEND}/package.json ${FRONTEND}/package-lock.jso[n] ${FRONTEND}/npm-shrinkwrap.jso[n] \
    ${FRONTEND}/yarn.loc[k] ${FRONTEND}/.yarnrc.ym[l] ${FRONTEND}/pnpm-lock.yam[l] ${FRONTEND}/.npmr[c] ./
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=cache,target=/root/.npm \
    sh /build/frontend.sh install
# hadolint ignore=DL3067
COPY --from=frontend-sources /out /
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=cache,target=/root/.npm \
    sh /build/frontend.sh build /src /out

# hadolint ignore=DL3006
FROM frontend-${FRONTEND_STAGE} AS frontend

# The site's files, and what runs beside it.
FROM scratch AS sources
ARG SOURCE=src/demo
COPY docker/gunicorn.conf.py docker/healthcheck.py docker/migrate.py /opt/djdock/
COPY ${SOURCE} /app/

FROM scripts AS site-scripts
COPY docker/site_steps.py docker/site_commands.py docker/make_site.py docker/own_package.py \
    docker/first_migrations.py docker/djdock_settings.py docker/read_settings.py docker/translations.py /
# What the site's own commands import: nothing in there may have a name that the site or a package uses.
COPY docker/djdock_told.py docker/sitecustomize.py /told/
COPY docker/minimal /told/djdock_minimal/

# The site and its collected static files.
FROM builder AS site
# The project's folder that is copied to /app, and the folder of manage.py in it.
ARG SOURCE=src/demo
ARG WORK=/app
ARG SETTINGS=config.settings
ARG PROJECT_SETTINGS=
ARG OVERRIDES=
ARG STATIC=build
ARG BUILD_STEPS=
ARG BUILD_ENV=
ARG WRITABLE=
ARG COPIES=
ARG PYTHON_PATH=
# hadolint ignore=DL3067
COPY --from=sources / /
WORKDIR ${WORK}
# The variables are for this step only: they are in no layer.
RUN --mount=type=bind,from=frontend,source=/out,target=/frontend \
    --mount=type=bind,from=site-scripts,target=/build \
    DJANGO_SETTINGS_MODULE=${SETTINGS} DJDOCK_SETTINGS=${PROJECT_SETTINGS} DJDOCK_OVERRIDES=${OVERRIDES} \
    PYTHONPATH=${PYTHON_PATH} PYTHONDONTWRITEBYTECODE=1 \
    /opt/venv/bin/python /build/make_site.py

# For `invoke up --dev`: what the site's developers need besides, all translations, and what starts Celery anew
# when its source changes.
FROM builder AS dev-packages
ARG DEV_REQUIREMENTS=${REQUIREMENTS}
ARG WATCHFILES_VERSION=1.3.0
COPY ${DEV_REQUIREMENTS} /tmp/dev-requirements.txt
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=uv,target=/etc/uv/uv.toml \
    --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,from=uv,source=/out,target=/opt/uv \
    export VIRTUAL_ENV=/opt/venv UV_COMPILE_BYTECODE=1 PYC_INVALIDATION_MODE=CHECKED_HASH \
    && uv pip install "watchfiles==${WATCHFILES_VERSION}" \
    && if [ "${DEV_REQUIREMENTS}" != "${REQUIREMENTS}" ]; then uv pip install --requirement /tmp/dev-requirements.txt; fi

# The base without what a finished image has no use for: package managers, headers, setuid bits.
# hadolint ignore=DL3006
FROM system${SYSTEM_PACKAGES:+-packages} AS runtime
# uv has no part in this: it is begun when packages begin to be fetched, as the processors have less to do then.
RUN --network=none --mount=type=bind,from=system-scripts,target=/build \
    --mount=type=bind,from=uv,source=/out,target=/uv \
    python -B /build/slim.py system

# ... and what it has besides with the libraries that the packages link to; nothing for most sites.
# hadolint ignore=DL3006
FROM system${SYSTEM_PACKAGES:+-packages} AS libraries
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=bind,from=builder,source=/out/linked,target=/linked \
    --mount=type=bind,from=runtime,target=/runtime \
    --mount=type=bind,from=system-scripts,target=/build \
    if grep -q . /linked; then python -B /build/libraries.py /linked /runtime /out; else mkdir /out; fi

# Files that were removed in a later layer would still be paid for, so the base becomes one layer; it waits
# for no package, and is the same for all sites with this Python.
FROM scratch AS final
# hadolint ignore=DL3067
COPY --from=runtime / /
ARG WORK=/app
ARG SETTINGS=config.settings
ARG PROJECT_SETTINGS=
ARG OVERRIDES=
ARG STATIC=build
ARG AFTER_MIGRATE=
ARG PYTHON_PATH=
ARG SERVER=wsgi
ARG WSGI=config.wsgi:application
ARG HEALTH_PATH=/healthz
ARG READY_PATH=/readyz
ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=${PYTHON_PATH} \
    DJANGO_SETTINGS_MODULE=${SETTINGS} \
    DJDOCK_SETTINGS=${PROJECT_SETTINGS} \
    DJDOCK_OVERRIDES=${OVERRIDES} \
    DJDOCK_STATIC=${STATIC} \
    DJDOCK_AFTER_MIGRATE="${AFTER_MIGRATE}" \
    DJDOCK_SERVER=${SERVER} \
    HEALTH_PATH=${HEALTH_PATH} \
    READY_PATH=${READY_PATH} \
    WSGI_APPLICATION=${WSGI}
COPY --from=stdlib /out /
COPY --from=builder /out/packages /
COPY --from=libraries /out /
COPY --from=site /out/shown /
COPY --from=site /out/site /
WORKDIR ${WORK}
# A number, so that Kubernetes' runAsNonRoot and scanners can tell that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# The process is alive; whether the database is, too, is the stack's question (compose.yaml).
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["python", "-I", "/opt/djdock/healthcheck.py", "health"]
CMD ["gunicorn", "--config", "/opt/djdock/gunicorn.conf.py"]

# The same with the packages above: docker build --target dev. `invoke up --dev` mounts the source over /app.
FROM final AS dev
COPY --from=dev-packages /opt/venv /opt/venv

# What is built when no stage is named.
FROM final
