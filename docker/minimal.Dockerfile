# The smallest: FROM scratch, with the interpreter, its library, the packages, the shared libraries and
# the data that the site needs. docs/minimal.md says what is kept, what goes and why.
ARG PYTHON_VERSION=3.13
# How the files that say what is needed are found: `file`, one that names no other, or `chain`, all else.
ARG DEPENDENCIES=file
# Debian packages: of the finished image, and of the builder only.
ARG SYSTEM_PACKAGES=
ARG BUILD_PACKAGES=
# `node` where a front end is built.
ARG FRONTEND_STAGE=none
ARG NODE_VERSION=22

# The same as multi's, word for word, so that both share its layers.
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
COPY docker/site_steps.py docker/site_commands.py docker/own_package.py \
    docker/first_migrations.py docker/djdock_settings.py /

# Shell patterns on absolute paths, separated by blanks: what stays, and what goes, whatever the rules say.
FROM builder AS tools
ARG KEEP=
ARG DROP=
# Whose sources stay beside the byte code: `site` (the project's own), `all`, `none`.
ARG SOURCES=site
ENV KEEP=${KEEP} DROP=${DROP} SOURCES=${SOURCES} OUT=/out PYTHONPATH=/build PYTHONDONTWRITEBYTECODE=1

# The site, its collected static files, and the facts that decide what it needs.
FROM tools AS site
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
    PYTHONPATH=/build:${PYTHON_PATH} PYTHONDONTWRITEBYTECODE=1 \
    /opt/venv/bin/python -m djdock_minimal site

# What is expensive depends on the packages and the facts only: a changed line of code changes neither.
FROM tools AS prune
RUN --mount=type=bind,from=site,source=/out/facts.json,target=/out/facts.json \
    --mount=type=bind,from=scripts,target=/build \
    /opt/venv/bin/python -m djdock_minimal prune

FROM scratch AS final
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
COPY --from=prune /out/base /
COPY --from=prune /out/venv /
COPY --from=site /out/root /
WORKDIR ${WORK}
# A number, so that Kubernetes' runAsNonRoot and scanners can tell that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# The process is alive; whether the database is, too, is the stack's question (compose.yaml).
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["python", "-I", "/opt/djdock/healthcheck.py", "health"]
CMD ["gunicorn", "--config", "/opt/djdock/gunicorn.conf.py"]

# The site's own tests on the same layers: docker build --target test.
FROM final AS test
COPY --from=site /out/tests /

# What is built when no stage is named.
FROM final
