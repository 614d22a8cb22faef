package io.polyseme.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.Rows;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A sink that keeps everything, and checks what the contract of sinks promises. */
final class Collected implements WordSink {
  final List<String> words = new ArrayList<>();
  final List<float[]> vectors = new ArrayList<>();
  final List<Long> frequencies = new ArrayList<>();
  int dimension;
  long expected;
  SubwordRule rule;
  Rows buckets;
  private long filled;

  static ReadReport read(Path file, ReadOptions options, Collected into) {
    try {
      ReadReport report = VectorReader.read(file, options, into, Progress.NONE, Cancel.create());
      assertEquals(report.words(), into.words.size());
      assertEquals(report.dimension(), into.dimension);
      if (into.rule != null) {
        assertEquals(into.buckets.memory().byteSize(), into.filled);
      }
      return report;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  float[] vector(String word) {
    return vectors.get(words.indexOf(word));
  }

  /** As fastText gives it: known, or by its n-grams, or zeros. */
  float[] known(String word) {
    if (words.contains(word)) {
      return vector(word);
    }
    Optional<float[]> unseen =
        rule == null ? Optional.empty() : new Subwords(rule, buckets).vector(word);
    return unseen.orElse(new float[dimension]);
  }

  @Override
  public void begin(int dimension, long words) {
    assertEquals(0, this.dimension);
    assertTrue(dimension >= 1 && words >= -1);
    this.dimension = dimension;
    this.expected = words;
  }

  @Override
  public void add(Block block) {
    assertTrue(dimension > 0 && block.count() > 0 && rule == null);
    for (int i = 0; i < block.count(); i++) {
      int start = block.start(i);
      int end = block.ends()[i];
      assertTrue(end > start && Utf8.valid(block.labels(), start, end));
      words.add(new String(block.labels(), start, end - start, StandardCharsets.UTF_8));
      float[] vector = Arrays.copyOfRange(block.vectors(), i * dimension, (i + 1) * dimension);
      for (float x : vector) {
        assertTrue(Float.isFinite(x));
      }
      vectors.add(vector);
      if (block.frequencies() != null) {
        frequencies.add(block.frequencies()[i]);
      }
    }
  }

  @Override
  public void subwords(SubwordRule rule) {
    this.rule = rule;
    buckets = Rows.allocate(Arena.ofAuto(), rule.buckets(), dimension);
  }

  @Override
  public void addBuckets(MemorySegment vectors) {
    MemorySegment.copy(vectors, 0, buckets.memory(), filled, vectors.byteSize());
    filled += vectors.byteSize();
  }
}
