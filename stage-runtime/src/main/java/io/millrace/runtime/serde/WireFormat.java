package io.millrace.runtime.serde;

import org.apache.kafka.common.errors.SerializationException;

/** The Confluent wire format: a zero byte, a four-byte big-endian schema id, Avro binary. */
final class WireFormat {
  static final int HEADER = 5;

  private WireFormat() {}

  /**
   * The schema id of a record.
   *
   * @throws SerializationException when the bytes are not in this format
   */
  static int schemaId(byte[] bytes) {
    if (bytes.length < HEADER || bytes[0] != 0) {
      throw new SerializationException(
          "not in the Confluent wire format: "
              + (bytes.length < HEADER
                  ? bytes.length + " bytes are too few for a schema id"
                  : "it starts with byte " + bytes[0] + " where 0 was expected"));
    }
    return ((bytes[1] & 0xff) << 24)
        | ((bytes[2] & 0xff) << 16)
        | ((bytes[3] & 0xff) << 8)
        | (bytes[4] & 0xff);
  }
}
