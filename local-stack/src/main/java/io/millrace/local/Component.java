package io.millrace.local;

import java.util.Locale;

/** The kinds of process in a stack, in the order in which they depend on each other. */
enum Component {
  POSTGRES("", 0),
  KAFKA("io.millrace.local.Broker", 320),
  REGISTRY("", 224),
  OBJECT_STORE("org.gaul.s3proxy.Main", 192),
  REST_CATALOG("io.millrace.restcatalog.RestCatalog", 160),
  CDC_CONNECTOR("io.millrace.cdc.CdcConnector", 256),
  ENRICHMENT_SERVICE("io.millrace.enrichment.EnrichmentService", 256),
  AGGREGATION_SERVICE("io.millrace.aggregation.AggregationService", 256),
  SINK_SERVICE("io.millrace.sink.SinkService", 320);

  private final String mainClass;
  private final int heapMebibytes;

  Component(String mainClass, int heapMebibytes) {
    this.mainClass = mainClass;
    this.heapMebibytes = heapMebibytes;
  }

  /** The name that users see: of its first process and, for a service, its module. */
  String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String mainClass() {
    return mainClass;
  }

  int heapMebibytes() {
    return heapMebibytes;
  }

  boolean isService() {
    return compareTo(CDC_CONNECTOR) >= 0;
  }

  /** Whether a stack that keeps its lake there has it. */
  boolean isOf(LakePlace lake) {
    return lake == LakePlace.S3 || (this != OBJECT_STORE && this != REST_CATALOG);
  }
}
