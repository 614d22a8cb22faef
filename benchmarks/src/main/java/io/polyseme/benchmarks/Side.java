package io.polyseme.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** One way to turn texts into vectors, Polyseme's or another's, as its users would call it. */
interface Side extends AutoCloseable {
  /** The i-th vector is that of the i-th text. */
  List<float[]> encode(List<String> texts) throws Exception;

  /**
   * Opens the side with this name.
   *
   * @param model a folder with the model's files in Hugging Face's layout
   */
  static Side open(String name, Path model) throws Exception {
    return switch (name) {
      case "polyseme", "polyseme-int8" -> new PolysemeSide(model);
      case "langchain4j" -> new LangChain4jSide(false);
      case "langchain4j-1" -> new LangChain4jSide(true);
      case "djl" -> new DjlSide(model, 1, false);
      case "djl-32" -> new DjlSide(model, 32, false);
      case "djl-32-sorted" -> new DjlSide(model, 32, true);
      default -> throw new IllegalArgumentException("there is no side \"" + name + '"');
    };
  }

  /** What encodes one batch. */
  @FunctionalInterface
  interface Batch {
    List<float[]> encode(List<String> texts) throws Exception;
  }

  /**
   * Encodes in batches.
   *
   * @param sorted whether texts of like length come together; the vectors are in the order of the
   *     texts either way
   */
  static List<float[]> inBatches(List<String> texts, int size, boolean sorted, Batch batch)
      throws Exception {
    List<Integer> order = new ArrayList<>(IntStream.range(0, texts.size()).boxed().toList());
    if (sorted) {
      order.sort(Comparator.comparingInt(i -> texts.get(i).length()));
    }
    var vectors = new float[texts.size()][];
    for (int from = 0; from < texts.size(); from += size) {
      List<Integer> some = order.subList(from, Math.min(from + size, texts.size()));
      List<float[]> encoded = batch.encode(some.stream().map(texts::get).toList());
      for (int i = 0; i < some.size(); i++) {
        vectors[some.get(i)] = encoded.get(i);
      }
    }
    return List.of(vectors);
  }
}
