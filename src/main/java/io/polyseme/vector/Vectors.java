package io.polyseme.vector;

/**
 * Arithmetic on float[] vectors, by SIMD where the JVM was started with {@code
 * --add-modules=jdk.incubator.vector} and plain Java otherwise or with {@code
 * -Dio.polyseme.scalar=true}; the two differ by rounding only. Thread-safe.
 */
public final class Vectors {
  private Vectors() {}

  /** Whether the machine's vector instructions are in use. */
  public static boolean simd() {
    return Kernels.BEST.simd();
  }

  /** The dot product of two vectors of one length. */
  public static float dot(float[] a, float[] b) {
    check(a, b);
    return Kernels.BEST.dot(a, b);
  }

  /** The square of the Euclidean length. */
  public static float squaredNorm(float[] a) {
    return Kernels.BEST.dot(a, a);
  }

  /** The cosine of the angle between two vectors, from -1 to 1; 0 where either is zero. */
  public static double cosine(float[] a, float[] b) {
    check(a, b);
    double norms = Math.sqrt(squaredNorm(a)) * Math.sqrt(squaredNorm(b));
    return norms == 0 ? 0 : Math.clamp(Kernels.BEST.dot(a, b) / norms, -1, 1);
  }

  /** Adds {@code factor * a} to {@code into}, in place. */
  public static void addScaled(float[] into, float[] a, float factor) {
    check(into, a);
    Kernels.BEST.addScaled(into, a, factor);
  }

  /** Multiplies in place. */
  public static void scale(float[] a, float factor) {
    Kernels.BEST.scale(a, factor);
  }

  /**
   * A copy of unit length.
   *
   * @throws IllegalArgumentException for the zero vector
   */
  public static float[] unit(float[] a) {
    double sum = 0;
    for (float x : a) {
      sum += (double) x * x;
    }
    if (sum == 0) {
      throw new IllegalArgumentException("the zero vector has no direction");
    }
    double norm = Math.sqrt(sum);
    var unit = new float[a.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (a[i] / norm);
    }
    return unit;
  }

  /** A vector at unit length; the zero vector, which has no direction, as it is and not copied. */
  public static float[] unitOrZero(float[] a) {
    return squaredNorm(a) == 0 ? a : unit(a);
  }

  private static void check(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "vectors of %d and %d dimensions".formatted(a.length, b.length));
    }
  }
}
