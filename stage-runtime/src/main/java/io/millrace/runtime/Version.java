package io.millrace.runtime;

/** The version of Millrace. */
public final class Version {
  private Version() {}

  /** Of the jar that this stands in; {@code unpackaged} where it stands in none. */
  public static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }
}
