package io.polyseme.train.transformer;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How a training went: what was measured at some steps. Immutable.
 *
 * @param points in the order of their steps
 */
public record Curve(List<Point> points) {
  /** Nothing yet. */
  public static final Curve EMPTY = new Curve(List.of());

  /**
   * What was measured after a step.
   *
   * @param step from 1
   * @param tokens gone through so far
   * @param seconds of training so far
   * @param loss the mean on the text that is learned from, since the point before
   * @param heldOut on text held out
   */
  public record Point(int step, long tokens, double seconds, double loss, WordScores heldOut) {}

  public Curve {
    points = List.copyOf(points);
  }

  Curve with(Point point) {
    var more = new ArrayList<>(points);
    more.add(point);
    return new Curve(more);
  }

  /** The point with the smallest loss on text held out. */
  public Point best() {
    Point best = points.getFirst();
    for (Point point : points) {
      best = point.heldOut.loss() < best.heldOut.loss() ? point : best;
    }
    return best;
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(points.size());
    for (Point point : points) {
      out.writeInt(point.step);
      out.writeLong(point.tokens);
      out.writeDouble(point.seconds);
      out.writeDouble(point.loss);
      out.writeDouble(point.heldOut.loss());
      out.writeDouble(point.heldOut.accuracy());
      out.writeLong(point.heldOut.words());
    }
  }

  static Curve read(DataInputStream in) throws IOException {
    var points = new ArrayList<Point>();
    for (int i = in.readInt(); i > 0; i--) {
      points.add(
          new Point(
              in.readInt(),
              in.readLong(),
              in.readDouble(),
              in.readDouble(),
              new WordScores(in.readDouble(), in.readDouble(), in.readLong())));
    }
    return new Curve(points);
  }
}
