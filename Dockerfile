# The server alone: its database is elsewhere (AET_DATABASE_URL). Runs with a read-only root:
#   docker run --read-only --tmpfs /tmp -e AET_DATABASE_URL=… -e AET_SECRET_KEY=… -e AET_PUBLIC_URL=https://… -p 8000:8000 IMAGE

FROM python:3.13-slim AS wheels
COPY requirements.lock .
RUN pip wheel --no-cache-dir --require-hashes --wheel-dir /wheels --requirement requirements.lock

FROM python:3.13-slim
WORKDIR /srv/aet
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --no-deps --compile /wheels/*.whl \
    && useradd --system --uid 10001 --no-create-home --home-dir /nonexistent aet
COPY pyproject.toml .
COPY alembic alembic
COPY app app
RUN python -m compileall -q app alembic

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONPATH=/srv/aet \
    AET_ENVIRONMENT=production AET_HOST=0.0.0.0 AET_PORT=8000 AET_LOG_FORMAT=json
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "-m", "app.probe"]
CMD ["python", "-m", "app.cli", "serve", "--no-demo", "--host", "0.0.0.0"]
