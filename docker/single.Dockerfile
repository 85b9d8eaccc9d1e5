# The starting point of every guide: the full base image, pip, everything in one stage, root.
# Kept as the guides have it, to compare with; multi.Dockerfile is the one to use.
ARG PYTHON_VERSION=3.13
FROM python:${PYTHON_VERSION} AS final

ARG SOURCE=src/demo
ARG WORK=/app
ARG REQUIREMENTS=requirements/app.txt
ARG SETTINGS=config.settings
ARG WSGI=config.wsgi:application

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=${SETTINGS} \
    WSGI_APPLICATION=${WSGI}

WORKDIR /app
COPY ${REQUIREMENTS} requirements.txt
# The secrets are a proxy's certificate authority and an index's credentials; neither stays behind.
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt pip install --no-cache-dir -r requirements.txt
COPY docker/gunicorn.conf.py docker/healthcheck.py docker/migrate.py /opt/djdock/
COPY ${SOURCE} .
WORKDIR ${WORK}
RUN DJANGO_SECRET_KEY=only-for-this-step python manage.py collectstatic --noinput

EXPOSE 8000
CMD ["gunicorn", "--config", "/opt/djdock/gunicorn.conf.py"]

# For `invoke up --dev`, which mounts the source over /app; multi.Dockerfile has more to say.
FROM final AS dev
ARG DEV_REQUIREMENTS=${REQUIREMENTS}
ARG WATCHFILES_VERSION=1.3.0
COPY ${DEV_REQUIREMENTS} /tmp/dev-requirements.txt
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    export PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    && pip install --no-cache-dir "watchfiles==${WATCHFILES_VERSION}" \
    && pip install --no-cache-dir -r /tmp/dev-requirements.txt

# What is built when no stage is named.
FROM final
