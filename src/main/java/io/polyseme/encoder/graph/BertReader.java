package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.graph.BertParts.Weight;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The weights of a BERT encoder out of an ONNX model, whoever exported it: the graph is understood
 * by how it is joined, so that {@link BertWriter} writes an encoder that computes the same. What
 * else the graph gives, as a pooler does, is left out.
 *
 * <p>Thread-safe as long as nobody changes the weights.
 */
public final class BertReader {
  private static final Set<Integer> OTHER_FLOATS =
      Set.of(
          DataType.FLOAT16.getNumber(), DataType.BFLOAT16.getNumber(), DataType.DOUBLE.getNumber());

  private static final ValueLayout.OfLong LONGS =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final BertShape shape;
  private final SequencedMap<String, float[]> weights;

  private BertReader(BertShape shape, SequencedMap<String, float[]> weights) {
    this.shape = shape;
    this.weights = weights;
  }

  /**
   * Reads a model: its sizes, and all weights.
   *
   * @param onnx the file; its weights may lie in files beside it
   * @throws PolysemeException if the file is missing or damaged, or the graph is not that of a
   *     float32 BERT encoder, saying why
   */
  public static BertReader read(Path onnx) {
    Path file = onnx.toAbsolutePath();
    OnnxFile.Contents contents = OnnxFile.read(file);
    try (var weights = new Weights(file, contents.folder())) {
      return read(contents.model(), weights);
    } catch (Wiring.NotUnderstood e) {
      throw new PolysemeException(
          "%s cannot be trained on: %s. That needs the float32 ONNX model of a BERT encoder"
              .formatted(file, e.getMessage()),
          e);
    } catch (IOException e) {
      throw new PolysemeException(
          "the weights of %s cannot be read: %s (is a file beside it missing?)".formatted(file, e),
          e);
    } catch (IndexOutOfBoundsException | ArithmeticException | IllegalArgumentException e) {
      throw new PolysemeException(
          file + " is damaged: a node or a tensor lacks what it should have: " + e.getMessage(), e);
    }
  }

  private static BertReader read(ModelProto model, Weights weights) throws IOException {
    if (Quantisation.of(model) != Quantisation.NONE) {
      throw new Wiring.NotUnderstood("it is quantised");
    }
    if (model.getGraph().getInitializerList().stream()
        .anyMatch(tensor -> OTHER_FLOATS.contains(tensor.getDataType()))) {
      throw new Wiring.NotUnderstood("it has floats of another width than 32 bits");
    }
    var wiring = new Wiring(model.getGraph());
    Anatomy anatomy = Anatomy.of(wiring);
    var structure =
        new BertStructure(
            wiring, anatomy, OnnxFile.opset(model), tensor -> isCounted(tensor, weights));
    BertShape shape = structure.read();
    Weight projection = structure.head();
    SequencedMap<String, float[]> values = new LinkedHashMap<>();
    shape.weights(false).forEach((name, sizes) -> read(name, sizes, structure, weights, values));
    if (projection != null) {
      var tied = new LinkedHashMap<String, float[]>();
      long[] sizes = {shape.vocabulary(), shape.dimension()};
      if (projection.tensor().equals(structure.weights().get(BertShape.WORDS).tensor())
          || Arrays.equals(
              values.get(BertShape.WORDS), floats("the head", sizes, projection, weights))) {
        shape
            .weights(true)
            .forEach(
                (name, wanted) -> {
                  if (!values.containsKey(name)) {
                    read(name, wanted, structure, weights, tied);
                  }
                });
      }
      values.putAll(tied);
    }
    return new BertReader(shape, Collections.unmodifiableSequencedMap(values));
  }

  private static void read(
      String name,
      long[] sizes,
      BertStructure structure,
      Weights weights,
      Map<String, float[]> values) {
    Weight weight = structure.weights().get(name);
    if (weight == null) {
      throw new Wiring.NotUnderstood("it has no " + name);
    }
    values.put(name, floats(name, sizes, weight, weights));
  }

  private static float[] floats(String name, long[] sizes, Weight weight, Weights weights) {
    List<Long> dimensions = weight.tensor().getDimsList();
    long[] own =
        (weight.turned() ? dimensions.reversed() : dimensions)
            .stream().mapToLong(Long::longValue).toArray();
    if (!Arrays.equals(own, sizes)) {
      throw new Wiring.NotUnderstood(
          "what would be %s is %s, and should be %s"
              .formatted(name, Arrays.toString(own), Arrays.toString(sizes)));
    }
    float[] values;
    try {
      values = weights.floats(weight.tensor());
    } catch (IOException e) {
      throw weights.damaged("the weights %s cannot be read: %s".formatted(name, e));
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw weights.damaged("the weights %s are not all finite numbers".formatted(name));
      }
    }
    return weight.turned() ? turned(values, Math.toIntExact(sizes[0])) : values;
  }

  /** [in × out] as [out × in]. */
  private static float[] turned(float[] values, int out) {
    int in = values.length / out;
    var turned = new float[values.length];
    for (int row = 0; row < out; row++) {
      for (int column = 0; column < in; column++) {
        turned[row * in + column] = values[column * out + row];
      }
    }
    return turned;
  }

  /** Whether a tensor has the numbers 0, 1, 2 … along its last axis, and no other axis. */
  private static boolean isCounted(TensorProto tensor, Weights weights) {
    if (tensor.getDataType() != DataType.INT64.getNumber()
        || tensor.getDimsList().stream().filter(size -> size != 1).count() > 1) {
      return false;
    }
    long[] numbers;
    try {
      numbers =
          tensor.getInt64DataCount() > 0
              ? tensor.getInt64DataList().stream().mapToLong(Long::longValue).toArray()
              : longs(weights.bytes(tensor));
    } catch (IOException e) {
      throw weights.damaged("its positions cannot be read: " + e);
    }
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] != i) {
        return false;
      }
    }
    return numbers.length > 0;
  }

  private static long[] longs(MemorySegment bytes) {
    var numbers = new long[Math.toIntExact(bytes.byteSize() / Long.BYTES)];
    MemorySegment.copy(bytes, LONGS, 0, numbers, 0, numbers.length);
    return numbers;
  }

  /** The sizes of the encoder. */
  public BertShape shape() {
    return shape;
  }

  /**
   * The weights in the order and by the names of {@link BertShape#weights}, row by row; with those
   * of the head that predicts words from the last hidden state, where the graph has one that is
   * BERT's. The map cannot be changed; the arrays are not copied.
   */
  public SequencedMap<String, float[]> weights() {
    return weights;
  }
}
