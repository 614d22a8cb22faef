package io.polyseme.encoder;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which hidden states are wanted, and whether they are joined into one. Layer 0 is the output of
 * the embeddings, layer n that of the last block; a negative number counts from the end (-1 is the
 * last). Immutable.
 *
 * @param selection layer numbers as they were given, at least one, none twice
 * @param join how the selected layers become one vector, or not
 */
public record Layers(List<Integer> selection, Join join) {
  /** How several layers become one vector. */
  public enum Join {
    /** They do not: each layer gives a vector of its own. */
    EACH,
    SUM,
    MEAN
  }

  /** Stands in {@link #selection} for every layer of whichever model it is. */
  private static final int ALL = Integer.MIN_VALUE;

  /**
   * A vector that is asked for, once the model is known.
   *
   * @param name as answers show it: {@code 4}, {@code sum(11,12)}
   * @param layers the hidden states it is made of, from 0 to n
   */
  record Resolved(String name, int[] layers, Join join) {}

  public Layers {
    selection = List.copyOf(new LinkedHashSet<>(selection));
    if (selection.isEmpty()) {
      throw new IllegalArgumentException("at least one layer must be asked for");
    }
  }

  /** The last layer. */
  public static Layers last() {
    return of(-1);
  }

  /** Each of these layers. */
  public static Layers of(int... layers) {
    return new Layers(IntStream.of(layers).boxed().toList(), Join.EACH);
  }

  /** Every layer from the embeddings to the last. */
  public static Layers all() {
    return new Layers(List.of(ALL), Join.EACH);
  }

  /** The last {@code count} layers, each. */
  public static Layers lastN(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("the number of last layers must be at least 1: " + count);
    }
    return new Layers(IntStream.rangeClosed(-count, -1).boxed().toList(), Join.EACH);
  }

  /** The element-wise sum of these layers. */
  public static Layers sum(int... layers) {
    return of(layers).joined(Join.SUM);
  }

  /** The element-wise mean of these layers. */
  public static Layers mean(int... layers) {
    return of(layers).joined(Join.MEAN);
  }

  /** The same layers, joined in this way. */
  public Layers joined(Join join) {
    return new Layers(selection, join);
  }

  /**
   * Reads {@code 4}, {@code -1}, {@code last}, {@code last4}, {@code all}, {@code 0-3}, lists of
   * these with commas, and {@code sum(...)} or {@code mean(...)} of such a list.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public static Layers parse(String text) {
    String t = text.strip().toLowerCase(Locale.ROOT);
    for (Join join : List.of(Join.SUM, Join.MEAN)) {
      String name = join.name().toLowerCase(Locale.ROOT) + "(";
      if (t.startsWith(name) && t.endsWith(")")) {
        return new Layers(list(t.substring(name.length(), t.length() - 1), text), join);
      }
    }
    return new Layers(list(t, text), Join.EACH);
  }

  private static List<Integer> list(String text, String whole) {
    var numbers = new ArrayList<Integer>();
    for (String part : text.split(",", -1)) {
      String p = part.strip();
      if (p.equals("all")) {
        numbers.add(ALL);
      } else if (p.equals("last")) {
        numbers.add(-1);
      } else if (p.matches("last[1-9]\\d{0,2}")) {
        numbers.addAll(lastN(Integer.parseInt(p.substring(4))).selection);
      } else if (p.matches("\\d{1,3}-\\d{1,3}")) {
        int dash = p.indexOf('-');
        int from = Integer.parseInt(p.substring(0, dash));
        int to = Integer.parseInt(p.substring(dash + 1));
        if (to < from) {
          throw malformed(whole);
        }
        IntStream.rangeClosed(from, to).forEach(numbers::add);
      } else if (p.matches("-?\\d{1,3}")) {
        numbers.add(Integer.parseInt(p));
      } else {
        throw malformed(whole);
      }
    }
    return numbers;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "not a layer: \"%s\" (try 4, -1, last, last4, 0-3, all, sum(1,2) or mean(last4))"
            .formatted(text));
  }

  /**
   * The layers that are selected of a model with this many, each from 0 to {@code layers}, in the
   * order of the selection.
   *
   * @throws IllegalArgumentException if the model has no such layer
   */
  public List<Integer> numbers(int layers) {
    var numbers = new LinkedHashSet<Integer>();
    for (int number : selection) {
      if (number == ALL) {
        IntStream.rangeClosed(0, layers).forEach(numbers::add);
        continue;
      }
      int layer = number < 0 ? layers + 1 + number : number;
      if (layer < 0 || layer > layers) {
        throw new IllegalArgumentException(
            "there is no layer %d: the model has layers 0 (embeddings) to %d"
                .formatted(number, layers));
      }
      numbers.add(layer);
    }
    return List.copyOf(numbers);
  }

  /**
   * The vectors that are wanted of a model with this many layers.
   *
   * @throws IllegalArgumentException if the model has no such layer
   */
  List<Resolved> resolve(int layers) {
    List<Integer> numbers = numbers(layers);
    if (join == Join.EACH) {
      return numbers.stream()
          .map(n -> new Resolved(Integer.toString(n), new int[] {n}, Join.EACH))
          .toList();
    }
    String name = numbers.stream().map(String::valueOf).collect(Collectors.joining(",", "(", ")"));
    int[] which = numbers.stream().mapToInt(Integer::intValue).toArray();
    return List.of(new Resolved(join.name().toLowerCase(Locale.ROOT) + name, which, join));
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    String list =
        selection.stream()
            .map(n -> n == ALL ? "all" : n == -1 ? "last" : Integer.toString(n))
            .collect(Collectors.joining(","));
    return join == Join.EACH ? list : join.name().toLowerCase(Locale.ROOT) + "(" + list + ")";
  }
}
