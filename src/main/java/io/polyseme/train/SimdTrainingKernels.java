package io.polyseme.train;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Training by {@code jdk.incubator.vector}. Named only in {@link TrainingKernels}, as a string. */
final class SimdTrainingKernels extends TrainingKernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final VectorShuffle<Float> BY_1 = rotation(1);

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(SPECIES, lane -> (lane + by) % LANES);
  }

  /**
   * The sum of all lanes, always in the same order: that of {@code reduceLanes} changes when the
   * code is compiled, so that a training would not be the same each time.
   */
  private static float sum(FloatVector v) {
    FloatVector sum = v;
    if (LANES > 8) {
      sum = sum.add(sum.rearrange(BY_8));
    }
    if (LANES > 4) {
      sum = sum.add(sum.rearrange(BY_4));
    }
    if (LANES > 2) {
      sum = sum.add(sum.rearrange(BY_2));
    }
    if (LANES > 1) {
      sum = sum.add(sum.rearrange(BY_1));
    }
    return sum.lane(0);
  }

  @Override
  int lanes() {
    return Math.max(4, LANES);
  }

  @Override
  void step(
      float[] from,
      int[] inputs,
      int first,
      int count,
      float[] into,
      int[] places,
      float[] outs,
      int[] outputs,
      float[] labels,
      float[] weights,
      int width,
      float[] gradients) {
    int o0 = outputs[0];
    int o1 = outputs[1];
    int o2 = outputs[2];
    int o3 = outputs[3];
    int o4 = outputs[4];
    int o5 = outputs[5];
    for (int n = 0; n < count; n++) {
      int x = inputs[first + n];
      FloatVector s0 = FloatVector.zero(SPECIES);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      FloatVector s4 = s0;
      FloatVector s5 = s0;
      for (int d = 0; d < width; d += LANES) {
        FloatVector v = FloatVector.fromArray(SPECIES, from, x + d);
        s0 = FloatVector.fromArray(SPECIES, outs, o0 + d).fma(v, s0);
        s1 = FloatVector.fromArray(SPECIES, outs, o1 + d).fma(v, s1);
        s2 = FloatVector.fromArray(SPECIES, outs, o2 + d).fma(v, s2);
        s3 = FloatVector.fromArray(SPECIES, outs, o3 + d).fma(v, s3);
        s4 = FloatVector.fromArray(SPECIES, outs, o4 + d).fma(v, s4);
        s5 = FloatVector.fromArray(SPECIES, outs, o5 + d).fma(v, s5);
      }
      int at = n * TILE;
      gradients[at] = weights[0] * (labels[0] - logistic(sum(s0)));
      gradients[at + 1] = weights[1] * (labels[1] - logistic(sum(s1)));
      gradients[at + 2] = weights[2] * (labels[2] - logistic(sum(s2)));
      gradients[at + 3] = weights[3] * (labels[3] - logistic(sum(s3)));
      gradients[at + 4] = weights[4] * (labels[4] - logistic(sum(s4)));
      gradients[at + 5] = weights[5] * (labels[5] - logistic(sum(s5)));
    }
    for (int d = 0; d < width; d += LANES) {
      FloatVector w0 = FloatVector.fromArray(SPECIES, outs, o0 + d);
      FloatVector w1 = FloatVector.fromArray(SPECIES, outs, o1 + d);
      FloatVector w2 = FloatVector.fromArray(SPECIES, outs, o2 + d);
      FloatVector w3 = FloatVector.fromArray(SPECIES, outs, o3 + d);
      FloatVector w4 = FloatVector.fromArray(SPECIES, outs, o4 + d);
      FloatVector w5 = FloatVector.fromArray(SPECIES, outs, o5 + d);
      FloatVector u0 = w0;
      FloatVector u1 = w1;
      FloatVector u2 = w2;
      FloatVector u3 = w3;
      FloatVector u4 = w4;
      FloatVector u5 = w5;
      for (int n = 0; n < count; n++) {
        int x = places[first + n] + d;
        int at = n * TILE;
        FloatVector v = FloatVector.fromArray(SPECIES, from, inputs[first + n] + d);
        FloatVector s = FloatVector.fromArray(SPECIES, into, x);
        FloatVector g = FloatVector.broadcast(SPECIES, gradients[at]);
        s = w0.fma(g, s);
        u0 = v.fma(g, u0);
        g = FloatVector.broadcast(SPECIES, gradients[at + 1]);
        s = w1.fma(g, s);
        u1 = v.fma(g, u1);
        g = FloatVector.broadcast(SPECIES, gradients[at + 2]);
        s = w2.fma(g, s);
        u2 = v.fma(g, u2);
        g = FloatVector.broadcast(SPECIES, gradients[at + 3]);
        s = w3.fma(g, s);
        u3 = v.fma(g, u3);
        g = FloatVector.broadcast(SPECIES, gradients[at + 4]);
        s = w4.fma(g, s);
        u4 = v.fma(g, u4);
        g = FloatVector.broadcast(SPECIES, gradients[at + 5]);
        s = w5.fma(g, s);
        u5 = v.fma(g, u5);
        s.intoArray(into, x);
      }
      u0.intoArray(outs, o0 + d);
      u1.intoArray(outs, o1 + d);
      u2.intoArray(outs, o2 + d);
      u3.intoArray(outs, o3 + d);
      u4.intoArray(outs, o4 + d);
      u5.intoArray(outs, o5 + d);
    }
  }

  @Override
  void mean(float[] from, int[] rows, int count, float[] into, int width) {
    float inverse = 1f / count;
    for (int d = 0; d < width; d += LANES) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = 0; i < count; i++) {
        sum = sum.add(FloatVector.fromArray(SPECIES, from, rows[i] + d));
      }
      sum.mul(inverse).intoArray(into, d);
    }
  }

  @Override
  void add(float[] vector, float factor, float[] into, int[] rows, int count, int width) {
    for (int d = 0; d < width; d += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, vector, d).mul(factor);
      for (int i = 0; i < count; i++) {
        int at = rows[i] + d;
        FloatVector.fromArray(SPECIES, into, at).add(v).intoArray(into, at);
      }
    }
  }
}
