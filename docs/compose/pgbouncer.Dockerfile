# PgBouncer for docker-compose.yml, profile pgbouncer. Debian's package; nothing else is added.
FROM debian:13-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends pgbouncer \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10002 --no-create-home pooler
COPY --chmod=0755 start-pgbouncer.sh /usr/local/bin/start-pgbouncer
USER pooler
EXPOSE 6432
CMD ["start-pgbouncer", "/etc/pgbouncer/pgbouncer.ini"]
