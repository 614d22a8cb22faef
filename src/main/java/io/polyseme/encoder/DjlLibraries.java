package io.polyseme.encoder;

/** Where DJL's native libraries go, and that it fetches and reports nothing. */
public final class DjlLibraries {
  private DjlLibraries() {}

  /** To be called before the first class of DJL's is used; what the user has set stays. */
  public static void prepare() {
    NativeLibraries.prepareDjl();
  }
}
