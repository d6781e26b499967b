package io.millrace.cdc.binlog;

/**
 * A place in a server's binary log.
 *
 * @param file name of the log file: a base name, a dot and its number
 * @param position in the file
 */
record BinlogPosition(String file, long position) implements Comparable<BinlogPosition> {
  private static final int POSITION_BITS = 40;

  /** Number of the file: files follow one another by it. */
  long fileNumber() {
    return Long.parseLong(file.substring(file.lastIndexOf('.') + 1));
  }

  /**
   * As one number, whose order is the log's: sixteen million files of a terabyte each.
   *
   * @throws ArithmeticException when the place is beyond that
   */
  long asNumber() {
    long number = fileNumber();
    if (number >>> (63 - POSITION_BITS) != 0 || position >>> POSITION_BITS != 0) {
      throw new ArithmeticException("binary log " + this + " has no position");
    }
    return number << POSITION_BITS | position;
  }

  /** The place of {@link #asNumber}; the base name of its file is not known. */
  static BinlogPosition of(long number) {
    return new BinlogPosition("." + (number >>> POSITION_BITS), number & (1L << POSITION_BITS) - 1);
  }

  /** {@link #asNumber} as people read it. */
  static String text(long number) {
    return "%06d:%d".formatted(number >>> POSITION_BITS, number & (1L << POSITION_BITS) - 1);
  }

  @Override
  public int compareTo(BinlogPosition other) {
    int byFile = Long.compare(fileNumber(), other.fileNumber());
    return byFile == 0 ? Long.compare(position, other.position) : byFile;
  }

  @Override
  public String toString() {
    return file + ":" + position;
  }
}
