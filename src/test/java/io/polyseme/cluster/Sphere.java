package io.polyseme.cluster;

import java.util.ArrayList;
import java.util.List;

/** Points that another program can make, too, to be compared with. */
public final class Sphere {
  private Sphere() {}

  private static double pseudorandom(int i, int d) {
    double x = Math.sin(i * 12.9898 + d * 78.233) * 43758.5453;
    return 2 * (x - Math.floor(x)) - 1;
  }

  /** Four groups on a sphere, of different density, and thirty points anywhere. */
  public static List<float[]> points() {
    double[][] centres = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {-1, -1, 0}};
    double[] spreads = {0.2, 0.35, 0.3, 0.5};
    var points = new ArrayList<float[]>();
    for (int i = 0; i < 150; i++) {
      var point = new double[3];
      double squares = 0;
      for (int d = 0; d < 3; d++) {
        point[d] =
            i < 120 ? centres[i % 4][d] + spreads[i % 4] * pseudorandom(i, d) : pseudorandom(i, d);
        squares += point[d] * point[d];
      }
      var unit = new float[3];
      for (int d = 0; d < 3; d++) {
        unit[d] = (float) (point[d] / Math.sqrt(squares));
      }
      points.add(unit);
    }
    return points;
  }
}
