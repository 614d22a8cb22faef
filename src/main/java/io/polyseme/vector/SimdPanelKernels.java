package io.polyseme.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Panels by {@code jdk.incubator.vector}. Named only in {@link PanelKernels}, as a string.
 *
 * <p>The tile is six vectors by two registers of rows: twelve sums, two registers of the panel and
 * one of a vector's number are fifteen, which AVX2 has and AVX-512 has twice. A loaded register of
 * the panel serves six multiplications, a number of a vector two.
 */
final class SimdPanelKernels extends PanelKernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int TILE = 6;

  @Override
  int strip() {
    return 2 * LANES;
  }

  @Override
  int tile() {
    return TILE;
  }

  @Override
  void multiply(
      float[] panel,
      int from,
      float[] vectors,
      int at,
      int dimension,
      float[][] table,
      int vector,
      int row) {
    FloatVector s00 = FloatVector.zero(SPECIES);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s40 = s00;
    FloatVector s41 = s00;
    FloatVector s50 = s00;
    FloatVector s51 = s00;
    for (int j = 0; j < dimension; j++) {
      int column = from + j * 2 * LANES;
      int number = at + j * TILE;
      FloatVector p0 = FloatVector.fromArray(SPECIES, panel, column);
      FloatVector p1 = FloatVector.fromArray(SPECIES, panel, column + LANES);
      FloatVector v = FloatVector.broadcast(SPECIES, vectors[number]);
      s00 = v.fma(p0, s00);
      s01 = v.fma(p1, s01);
      v = FloatVector.broadcast(SPECIES, vectors[number + 1]);
      s10 = v.fma(p0, s10);
      s11 = v.fma(p1, s11);
      v = FloatVector.broadcast(SPECIES, vectors[number + 2]);
      s20 = v.fma(p0, s20);
      s21 = v.fma(p1, s21);
      v = FloatVector.broadcast(SPECIES, vectors[number + 3]);
      s30 = v.fma(p0, s30);
      s31 = v.fma(p1, s31);
      v = FloatVector.broadcast(SPECIES, vectors[number + 4]);
      s40 = v.fma(p0, s40);
      s41 = v.fma(p1, s41);
      v = FloatVector.broadcast(SPECIES, vectors[number + 5]);
      s50 = v.fma(p0, s50);
      s51 = v.fma(p1, s51);
    }
    s00.intoArray(table[vector], row);
    s01.intoArray(table[vector], row + LANES);
    s10.intoArray(table[vector + 1], row);
    s11.intoArray(table[vector + 1], row + LANES);
    s20.intoArray(table[vector + 2], row);
    s21.intoArray(table[vector + 2], row + LANES);
    s30.intoArray(table[vector + 3], row);
    s31.intoArray(table[vector + 3], row + LANES);
    s40.intoArray(table[vector + 4], row);
    s41.intoArray(table[vector + 4], row + LANES);
    s50.intoArray(table[vector + 5], row);
    s51.intoArray(table[vector + 5], row + LANES);
  }

  @Override
  int firstAtLeast(float[] numbers, int from, int to, float least) {
    FloatVector bound = FloatVector.broadcast(SPECIES, least);
    int i = from;
    // Most blocks have none: four registers are asked at once.
    for (; i + 4 * LANES <= to; i += 4 * LANES) {
      VectorMask<Float> first = atLeast(numbers, i, bound);
      VectorMask<Float> second = atLeast(numbers, i + LANES, bound);
      VectorMask<Float> third = atLeast(numbers, i + 2 * LANES, bound);
      VectorMask<Float> fourth = atLeast(numbers, i + 3 * LANES, bound);
      if (first.or(second).or(third.or(fourth)).anyTrue()) {
        break;
      }
    }
    for (; i < to; i++) {
      if (numbers[i] >= least) {
        return i;
      }
    }
    return to;
  }

  private static VectorMask<Float> atLeast(float[] numbers, int at, FloatVector bound) {
    return FloatVector.fromArray(SPECIES, numbers, at).compare(VectorOperators.GE, bound);
  }
}
