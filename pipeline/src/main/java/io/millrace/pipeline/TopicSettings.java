package io.millrace.pipeline;

import java.time.Duration;

/**
 * Settings of the topics that stages create.
 *
 * @param partitions of every change, view and aggregate topic; fixed for a topic's life
 * @param replicationFactor of every topic
 * @param compactionLag how long a record is safe from compaction, so that bronze sees it
 */
public record TopicSettings(int partitions, short replicationFactor, Duration compactionLag) {}
