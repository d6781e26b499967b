package io.millrace.sink.maintenance;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Which files a table needs, eight bytes each. Two files of one hash are taken for the same: then
 * one that could go stays.
 */
final class FileSet {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /** A local file has as many slashes as its writer liked. */
  private static final Pattern LOCAL = Pattern.compile("^file:/*|^/+");

  private static final Pattern S3 = Pattern.compile("^s3[an]://");

  private long[] hashes = new long[1024];
  private int size;
  private boolean sorted = true;

  void add(String location) {
    if (size == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * size);
    }
    hashes[size++] = hash(location);
    sorted = false;
  }

  boolean contains(String location) {
    if (!sorted) {
      Arrays.sort(hashes, 0, size);
      sorted = true;
    }
    return Arrays.binarySearch(hashes, 0, size, hash(location)) >= 0;
  }

  private static long hash(String location) {
    String name = normal(location);
    long hash = FNV_OFFSET;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * FNV_PRIME;
    }
    return hash;
  }

  /** The name of a file whichever way its store and its table write it. */
  private static String normal(String location) {
    return S3.matcher(LOCAL.matcher(location).replaceFirst("/")).replaceFirst("s3://");
  }
}
