package io.millrace.cdc;

import io.millrace.schemas.SourceMetadata;
import java.nio.charset.StandardCharsets;

/** Makes {@link SourceMetadata#postgresPosition} as bytes, without a formatter for each record. */
final class Positions {
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int LSN_DIGITS = 16;
  private static final int ORDER_DIGITS = 8;

  /** Length of a position. */
  static final int LENGTH = LSN_DIGITS + 1 + ORDER_DIGITS;

  private Positions() {}

  /**
   * Writes a position.
   *
   * @param position of {@link #LENGTH} bytes
   * @throws ArithmeticException when the order does not fit
   */
  static void write(byte[] position, long lsn, long order) {
    if (order >>> (4 * ORDER_DIGITS) != 0) {
      throw new ArithmeticException(
          "more than 4294967295 changes in one transaction or snapshot have no position");
    }
    hex(position, 0, LSN_DIGITS, lsn);
    position[LSN_DIGITS] = '-';
    hex(position, LSN_DIGITS + 1, ORDER_DIGITS, order);
  }

  private static void hex(byte[] bytes, int start, int digits, long value) {
    long rest = value;
    for (int i = start + digits - 1; i >= start; i--) {
      bytes[i] = DIGITS[(int) (rest & 0xf)];
      rest >>>= 4;
    }
  }
}
