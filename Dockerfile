# One of the services as an image, or the millrace command (local-stack), from what Maven has built:
#
#   mvn -q -DskipTests -Dcyclonedx.skip=false package
#   docker build --build-arg SERVICE=sink-service -t millrace/sink-service .
#
# Layers, from what rarely changes to what often does: Java, libraries, our jars, the AOT cache.
ARG JAVA=eclipse-temurin:25-jre
FROM ${JAVA} AS jars
ARG SERVICE
COPY ${SERVICE}/target/app /app/lib
COPY local-stack/src/main/resources/shop/pipeline.yaml /tmp/
# The class path is spelled out: an AOT cache holds for just this list of jars.
RUN set -eu; \
    case ${SERVICE} in \
      cdc-connector) main=io.millrace.cdc.CdcConnector ;; \
      cdc-mariadb) main=io.millrace.cdc.mariadb.MariaDbCdcConnector ;; \
      cdc-mysql) main=io.millrace.cdc.mysql.MySqlCdcConnector ;; \
      enrichment-service) main=io.millrace.enrichment.EnrichmentService ;; \
      aggregation-service) main=io.millrace.aggregation.AggregationService ;; \
      sink-service) main=io.millrace.sink.SinkService ;; \
      local-stack) main=io.millrace.local.Millrace ;; \
      *) echo "no such service: ${SERVICE}" >&2; exit 1 ;; \
    esac; \
    log=; [ ${SERVICE} != local-stack ] || log=-Dlogback.configurationFile=millrace-logback.xml; \
    mkdir /app/millrace; \
    mv /app/lib/*-SNAPSHOT.jar /app/millrace/; \
    own=$(ls /app/millrace/${SERVICE}-*.jar); \
    others=$(ls /app/millrace/*.jar /app/lib/*.jar | grep -vxF "$own" | tr '\n' ':'); \
    printf '%s\n' -cp "$own:${others%:}" -XX:+UseSerialGC -XX:MaxRAMPercentage=50 -XX:+ExitOnOutOfMemoryError \
      -Duser.timezone=UTC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${log} "$main" >/app/run
# A run without servers loads what a start needs; it starts in a third of the CPU time.
RUN KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:1 SCHEMA_REGISTRY_URL=http://127.0.0.1:1 MILLRACE_STATE_DIR=/tmp/state \
      timeout -s TERM 30 \
      java -XX:AOTCacheOutput=/app/aot @/app/run /tmp/pipeline.yaml >/tmp/training.log 2>&1 || [ -s /app/aot ]

FROM ${JAVA}
ARG SERVICE
COPY --from=jars /app/lib /app/lib
COPY --from=jars /app/millrace /app/millrace
COPY --from=jars /app/run /app/aot /app/
COPY LICENSE ${SERVICE}/target/bom.json /app/
RUN mkdir -p /var/lib/millrace && chown 10001:10001 /var/lib/millrace
ENV MILLRACE_PIPELINE_FILE=/etc/millrace/pipeline.yaml \
    MILLRACE_STATE_DIR=/var/lib/millrace \
    MILLRACE_HTTP_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/${MILLRACE_HTTP_PORT:-8080} && printf 'GET /health/readiness HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
# java is process 1 and takes SIGTERM itself.
ENTRYPOINT ["java", "-XX:AOTCache=/app/aot", "@/app/run"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="millrace ${SERVICE}" \
      org.opencontainers.image.description="Keeps an Apache Iceberg lakehouse true to an operational database" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
