package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The weights of a model, mapped from wherever they lie: in its file or in files beside it. Nothing
 * outside its folder is read. For one thread; closed by whoever opened it, and what it gave is gone
 * then.
 */
final class Weights implements AutoCloseable {
  /** How ONNX writes a float32. */
  static final ValueLayout.OfFloat FLOATS =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final Path folder;
  private final Arena arena = Arena.ofConfined();
  private final Map<Path, MemorySegment> mapped = new HashMap<>();

  /**
   * @param file the model, for messages
   * @param folder in which its weights are to be looked for, without links
   */
  Weights(Path file, Path folder) {
    this.file = file;
    this.folder = folder;
  }

  /** The numbers of a float32 tensor. */
  float[] floats(TensorProto tensor) throws IOException {
    MemorySegment bytes = bytes(tensor);
    var values = new float[Math.toIntExact(bytes.byteSize() / Float.BYTES)];
    MemorySegment.copy(bytes, FLOATS, 0, values, 0, values.length);
    return values;
  }

  /**
   * The bytes of a tensor, as many as its shape says.
   *
   * @throws PolysemeException if they lie outside the model's folder, or are fewer or more
   */
  MemorySegment bytes(TensorProto tensor) throws IOException {
    MemorySegment bytes =
        tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL
            ? external(tensor)
            : MemorySegment.ofArray(inline(tensor));
    long size = size(tensor);
    if (size >= 0 && size != bytes.byteSize()) {
      throw damaged(
          "the weights %s have %d bytes, and by their shape %s %d"
              .formatted(tensor.getName(), bytes.byteSize(), tensor.getDimsList(), size));
    }
    return bytes;
  }

  /** A tensor that is written with the bytes that it has here. */
  OnnxWriter.Large copy(TensorProto tensor, Cancel cancel, LongConsumer written)
      throws IOException {
    MemorySegment bytes = bytes(tensor);
    return new OnnxWriter.Large(
        tensor.toBuilder().clearDataLocation().clearExternalData().build(),
        bytes.byteSize(),
        out -> {
          var part = new byte[1 << 18];
          for (long at = 0; at < bytes.byteSize(); at += part.length) {
            cancel.check();
            int length = (int) Math.min(part.length, bytes.byteSize() - at);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, part, 0, length);
            out.write(part, 0, length);
            written.accept(length);
          }
        });
  }

  /** Whether a tensor's bytes lie in a file. */
  static boolean isElsewhere(TensorProto tensor) {
    return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  /** Whether a graph keeps weights in files that are none of its initializers: not found here. */
  static boolean isHidden(GraphProto graph) {
    if (graph.getSparseInitializerList().stream()
        .anyMatch(sparse -> isElsewhere(sparse.getValues()))) {
      return true;
    }
    for (NodeProto node : graph.getNodeList()) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (isElsewhere(attribute.getT())
            || attribute.getTensorsList().stream().anyMatch(Weights::isElsewhere)
            || isHiddenInside(attribute.getG())
            || attribute.getGraphsList().stream().anyMatch(Weights::isHiddenInside)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isHiddenInside(GraphProto inner) {
    return inner.getInitializerList().stream().anyMatch(Weights::isElsewhere) || isHidden(inner);
  }

  private static byte[] inline(TensorProto tensor) {
    if (tensor.getFloatDataCount() == 0) {
      return tensor.getRawData().toByteArray();
    }
    var bytes =
        ByteBuffer.allocate(tensor.getFloatDataCount() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    tensor.getFloatDataList().forEach(bytes::putFloat);
    return bytes.array();
  }

  private MemorySegment external(TensorProto tensor) throws IOException {
    Map<String, String> entries = new HashMap<>();
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      entries.put(entry.getKey(), entry.getValue());
    }
    MemorySegment all = map(entries.getOrDefault("location", ""));
    long offset = number(entries, "offset", 0, tensor);
    long size = size(tensor);
    long length = number(entries, "length", size < 0 ? all.byteSize() - offset : size, tensor);
    if (offset < 0 || length < 0 || offset > all.byteSize() - length) {
      throw damaged(
          "the weights %s end beyond %s"
              .formatted(tensor.getName(), entries.getOrDefault("location", "")));
    }
    return all.asSlice(offset, length);
  }

  private long number(Map<String, String> entries, String key, long otherwise, TensorProto tensor) {
    String value = entries.get(key);
    try {
      return value == null ? otherwise : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw damaged(
          "the %s of the weights %s is \"%s\", no number".formatted(key, tensor.getName(), value));
    }
  }

  private MemorySegment map(String location) throws IOException {
    Path where;
    try {
      where = folder.resolve(location).normalize();
    } catch (InvalidPathException e) {
      throw damaged(
          "it names a file of weights \"%s\", which no file can be called".formatted(location));
    }
    MemorySegment known = mapped.get(where);
    if (known != null) {
      return known;
    }
    // As the runtime does: no way leads out of the folder, and no link either.
    if (location.isEmpty()
        || !where.startsWith(folder)
        || !where.toRealPath().startsWith(folder.toRealPath())) {
      throw new PolysemeException(
          "%s names weights outside of its folder: \"%s\"".formatted(file, location));
    }
    try (FileChannel channel = FileChannel.open(where)) {
      MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      mapped.put(where, all);
      return all;
    }
  }

  /** The bytes that a tensor's shape asks for; -1 where its type has no whole number of bytes. */
  private long size(TensorProto tensor) {
    int width =
        switch (DataType.forNumber(tensor.getDataType())) {
          case DOUBLE, INT64, UINT64, COMPLEX64 -> 8;
          case FLOAT, INT32, UINT32 -> 4;
          case FLOAT16, BFLOAT16, INT16, UINT16 -> 2;
          case INT8, UINT8, BOOL -> 1;
          case null, default -> 0;
        };
    if (width == 0) {
      return -1;
    }
    try {
      long size = width;
      for (long dimension : tensor.getDimsList()) {
        if (dimension < 0) {
          throw new ArithmeticException("negative");
        }
        size = Math.multiplyExact(size, dimension);
      }
      return size;
    } catch (ArithmeticException e) {
      throw damaged(
          "the weights %s cannot have the shape %s"
              .formatted(tensor.getName(), tensor.getDimsList()));
    }
  }

  /** The size of the model's file and of the files beside it that were looked at. */
  long fileBytes() throws IOException {
    Path real = file.toRealPath();
    long bytes = Files.size(real);
    for (Map.Entry<Path, MemorySegment> entry : mapped.entrySet()) {
      bytes += entry.getKey().equals(real) ? 0 : entry.getValue().byteSize();
    }
    return bytes;
  }

  PolysemeException damaged(String how) {
    return new PolysemeException("%s is damaged: %s".formatted(file, how));
  }

  @Override
  public void close() {
    arena.close();
  }
}
