# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements/production.txt requirements/production.txt
RUN python -m venv .venv && .venv/bin/python -m pip install --require-hashes -r requirements/production.txt
COPY manage.py ./
COPY portal portal
COPY mitigations mitigations
COPY accounts accounts
COPY audit audit
COPY templates templates
COPY static static
# What exports are given along.
COPY docs/audit-format.md docs/verify_export.py docs/
# The key signs nothing here: collecting files needs some key, and the image must hold none.
RUN SECRET_KEY=only-to-collect-static .venv/bin/python manage.py collectstatic --no-input

FROM python:3.11-slim-bookworm
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin breakwater
# Each person reads times in their own zone: an image without the system's tzdata must not be built.
RUN python -c "from zoneinfo import ZoneInfo; ZoneInfo('Asia/Kolkata')"
WORKDIR /app
COPY --from=build --chown=root:root /app /app
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
