package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.polyseme.encoder.graph.Wiring.NotUnderstood;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells what is hidden by a value that is added to an attention's scores: what the mask says, and,
 * in a causal model, what stands to the right. It is read from the operators that make it, in any
 * of the ways that exporters write; of what is not wholly understood nothing is told.
 */
final class BertMask {
  /** Less than this is as good as no attention at all. */
  private static final double LOW = -1e4;

  private static final Set<String> STILL = Set.of("Cast", "Identity", "Expand");
  private static final Set<String> GREATER = Set.of("Greater", "GreaterOrEqual");
  private static final Set<String> LESS = Set.of("Less", "LessOrEqual");

  /** How many operators a mask is made of, at most, one after the other; ways may multiply. */
  private static final int STEPS = 14;

  /** What an axis stands for. */
  private enum Axis {
    ONE,
    BATCH,
    /** Tokens: those that are looked at if it is the last axis, else those that look. */
    TOKENS
  }

  private final Wiring wiring;
  private final String mask;

  /**
   * @param mask the input that is 1 for what is no padding
   */
  BertMask(Wiring wiring, String mask) {
    this.wiring = wiring;
    this.mask = mask;
  }

  /** What is hidden, and the axes that it is told for. */
  private record Hidden(boolean padding, boolean causal, List<Axis> axes) {
    Hidden and(Hidden other) {
      return new Hidden(padding || other.padding, causal || other.causal, spread(axes, other.axes));
    }
  }

  /**
   * Whether what is added to scores hides, beside padding, all that stands to the right.
   *
   * @throws NotUnderstood if it hides something else, or is not a mask
   */
  boolean isCausal(String added) {
    Hidden hidden = added(added, STEPS);
    if (hidden == null || !hidden.padding) {
      throw new NotUnderstood(
          "what it adds to the scores of its attention is no mask of padding that is known (a bias"
              + " by distance, or a window?)");
    }
    var axes = new ArrayList<>(hidden.axes);
    while (axes.size() < 4) {
      axes.addFirst(Axis.ONE);
    }
    Axis looking = hidden.causal ? Axis.TOKENS : Axis.ONE;
    if (!axes.equals(List.of(Axis.BATCH, Axis.ONE, looking, Axis.TOKENS))) {
      throw new NotUnderstood("its mask hides other tokens than those of padding");
    }
    return hidden.causal;
  }

  /** A value that is 0 for what can be seen, and very low for what is hidden. */
  private @Nullable Hidden added(String value, int steps) {
    NodeProto node = steps == 0 ? null : wiring.producer(value);
    if (node == null) {
      return null;
    }
    switch (node.getOpType()) {
      case "Cast", "Identity", "Expand" -> {
        return added(node.getInput(0), steps - 1);
      }
      case "Unsqueeze" -> {
        return unsqueezed(added(node.getInput(0), steps - 1), node);
      }
      case "Mul" -> {
        for (int side = 0; side < 2; side++) {
          if (isLow(node.getInput(side))) {
            return truth(node.getInput(1 - side), true, steps - 1);
          }
        }
        return null;
      }
      case "Add", "Min" -> {
        return both(added(node.getInput(0), steps - 1), added(node.getInput(1), steps - 1));
      }
      case "Where" -> {
        boolean hides = isLow(node.getInput(1));
        String other = node.getInput(hides ? 2 : 1);
        if (!hides && !isLow(node.getInput(2))) {
          return null;
        }
        Hidden hidden = truth(node.getInput(0), hides, steps - 1);
        if (isNumber(other, 0) || hidden == null) {
          return hidden;
        }
        // PyTorch's masked_fill of 1 - mask: where nothing is hidden, that is 0.
        Hidden same = truth(other, true, steps - 1);
        return hidden.equals(same) ? hidden : both(hidden, added(other, steps - 1));
      }
      default -> {
        return null;
      }
    }
  }

  /**
   * @param hides whether true, or 1, stands for what is hidden, and not for what can be seen
   */
  private @Nullable Hidden truth(String value, boolean hides, int steps) {
    if (value.equals(mask)) {
      return hides ? null : new Hidden(true, false, List.of(Axis.BATCH, Axis.TOKENS));
    }
    NodeProto node = steps == 0 ? null : wiring.producer(value);
    if (node == null) {
      return null;
    }
    String type = node.getOpType();
    if (STILL.contains(type)) {
      return truth(node.getInput(0), hides, steps - 1);
    }
    if (GREATER.contains(type) || LESS.contains(type)) {
      return compared(node, hides);
    }
    switch (type) {
      case "Unsqueeze" -> {
        return unsqueezed(truth(node.getInput(0), hides, steps - 1), node);
      }
      case "Not" -> {
        return truth(node.getInput(0), !hides, steps - 1);
      }
      case "Sub" -> {
        return isNumber(node.getInput(0), 1) ? truth(node.getInput(1), !hides, steps - 1) : null;
      }
      case "Equal" -> {
        return isNumber(node.getInput(1), 0) ? truth(node.getInput(0), !hides, steps - 1) : null;
      }
      case "Max", "Or", "And", "Mul", "Min" -> {
        boolean either = type.equals("Max") || type.equals("Or");
        return node.getInputCount() != 2 || either != hides
            ? null
            : both(
                truth(node.getInput(0), hides, steps - 1),
                truth(node.getInput(1), hides, steps - 1));
      }
      default -> {
        return null;
      }
    }
  }

  private static @Nullable Hidden both(@Nullable Hidden one, @Nullable Hidden other) {
    return one == null || other == null ? null : one.and(other);
  }

  /** Whether one place is to the right of another. */
  private @Nullable Hidden compared(NodeProto node, boolean hides) {
    String left = node.getInput(0);
    String right = node.getInput(1);
    NodeProto distance = wiring.producer(left);
    if (distance != null && distance.getOpType().equals("Sub") && isNumber(right, 0)) {
      left = distance.getInput(0);
      right = distance.getInput(1);
    }
    List<Axis> first = places(left, STEPS);
    List<Axis> second = places(right, STEPS);
    if (first == null || second == null) {
      return null;
    }
    boolean greater = GREATER.contains(node.getOpType());
    boolean keysFirst = isKeys(first) && isQueries(second);
    boolean queriesFirst = isQueries(first) && isKeys(second);
    // A token sees itself: "key > query" hides, and so does "query < key"; the others let see.
    boolean strict = !node.getOpType().endsWith("OrEqual");
    boolean hidesRight = keysFirst && greater || queriesFirst && !greater;
    boolean seesLeft = keysFirst && !greater || queriesFirst && greater;
    boolean known = hides ? hidesRight && strict : seesLeft && !strict;
    return known ? new Hidden(false, true, spread(first, second)) : null;
  }

  private static boolean isKeys(List<Axis> axes) {
    return axes.getLast() == Axis.TOKENS
        && axes.stream().filter(axis -> axis == Axis.TOKENS).count() == 1;
  }

  private static boolean isQueries(List<Axis> axes) {
    return axes.size() > 1
        && axes.getLast() == Axis.ONE
        && axes.get(axes.size() - 2) == Axis.TOKENS
        && axes.stream().filter(axis -> axis == Axis.TOKENS).count() == 1;
  }

  /** The axes of the numbers 0, 1, 2 …; null of anything else. */
  private @Nullable List<Axis> places(String value, int steps) {
    NodeProto node = steps == 0 ? null : wiring.producer(value);
    if (node == null) {
      return null;
    }
    return switch (node.getOpType()) {
      case "Range" ->
          isNumber(node.getInput(0), 0) && isNumber(node.getInput(2), 1)
              ? List.of(Axis.TOKENS)
              : null;
      case "Unsqueeze" -> unsqueezed(places(node.getInput(0), steps - 1), node);
      case "Cast", "Identity" -> places(node.getInput(0), steps - 1);
      default -> null;
    };
  }

  private @Nullable Hidden unsqueezed(@Nullable Hidden hidden, NodeProto node) {
    List<Axis> axes = hidden == null ? null : unsqueezed(hidden.axes, node);
    return axes == null ? null : new Hidden(hidden.padding, hidden.causal, axes);
  }

  private @Nullable List<Axis> unsqueezed(@Nullable List<Axis> axes, NodeProto node) {
    List<Long> added = Wiring.attributes(node, "axes");
    if (added.isEmpty() && node.getInputCount() > 1) {
      long[] given = wiring.integers(node.getInput(1));
      added = given == null ? List.of() : Arrays.stream(given).boxed().toList();
    }
    if (axes == null || added.isEmpty() || added.size() > 4) {
      return null;
    }
    int size = axes.size() + added.size();
    var whole = new ArrayList<@Nullable Axis>(Collections.nCopies(size, null));
    for (long place : added) {
      long at = place < 0 ? place + size : place;
      if (at < 0 || at >= size) {
        return null;
      }
      whole.set((int) at, Axis.ONE);
    }
    var left = new ArrayList<>(axes);
    var all = new ArrayList<Axis>();
    for (Axis axis : whole) {
      if (axis != null) {
        all.add(axis);
      } else if (left.isEmpty()) {
        return null;
      } else {
        all.add(left.removeFirst());
      }
    }
    return left.isEmpty() ? all : null;
  }

  /** The axes of what is made of two values element by element. */
  private static List<Axis> spread(List<Axis> one, List<Axis> other) {
    var all = new ArrayList<Axis>();
    for (int back = 1; back <= Math.max(one.size(), other.size()); back++) {
      Axis first = back <= one.size() ? one.get(one.size() - back) : Axis.ONE;
      Axis second = back <= other.size() ? other.get(other.size() - back) : Axis.ONE;
      all.addFirst(first == Axis.ONE ? second : first);
    }
    return all;
  }

  private boolean isLow(String value) {
    Double number = number(value);
    return number != null && number <= LOW;
  }

  private boolean isNumber(String value, double wanted) {
    Double number = number(value);
    return number != null && number == wanted;
  }

  private @Nullable Double number(String value) {
    String at = wiring.source(value);
    long[] integers = wiring.integers(at);
    return integers != null && integers.length == 1
        ? Double.valueOf(integers[0])
        : wiring.number(at);
  }
}
