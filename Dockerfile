# One image for web, worker, beat and every command; docker-compose.yml says which is which.

FROM node:22-slim AS browser
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && mkdir .browser \
    && for file in sigma/dist/sigma.min.js graphology/dist/graphology.umd.min.js htmx.org/dist/htmx.min.js; \
       do sed '/^\/\/# sourceMappingURL=/d' node_modules/$file > .browser/${file##*/}; done

FROM python:3.13-slim AS packages
RUN python -m venv /venv
COPY requirements/production.txt .
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r production.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data STATIC_ROOT=/app/staticfiles
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin bzpeer \
    && install -d -o bzpeer -g bzpeer /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
COPY --from=browser /app/.browser .browser
# The secret of this one step signs nothing; a running site is given its own.
RUN SECRET_KEY=for-collecting-static-files django-admin collectstatic --settings bzpeer.settings --pythonpath . --no-input -v 0
USER bzpeer
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import httpx; httpx.get('http://127.0.0.1:8000/healthz', timeout=2).raise_for_status()"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "bzpeer.wsgi:application"]
