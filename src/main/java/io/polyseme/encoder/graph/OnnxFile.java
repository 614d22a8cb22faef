package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads an ONNX file without its weights: each large initializer becomes a reference to its bytes
 * in the file itself (ONNX's external data), so that neither reading nor instrumenting a model of
 * many megabytes takes memory for them, and ONNX Runtime maps them from where they lie.
 */
final class OnnxFile {
  /** Smaller initializers stay in the graph: shapes, scales and the like. */
  private static final int INLINE = 1024;

  private OnnxFile() {}

  /**
   * A model without its weights.
   *
   * @param folder where the weights are to be looked for
   */
  record Contents(ModelProto model, Path folder) {}

  static Contents read(Path file) {
    // The runtime takes no weights from where a link leads out of their folder.
    Path real;
    long size;
    try {
      real = file.toRealPath();
      size = Files.size(real);
    } catch (IOException e) {
      throw new PolysemeException("cannot read the model " + file + ": " + e, e);
    }
    if (size > Integer.MAX_VALUE) {
      throw new PolysemeException(
          "%s has %d bytes, and an ONNX file has less than 2 GiB: larger models keep their weights in files beside it"
              .formatted(file, size));
    }
    try (FileChannel channel = FileChannel.open(real)) {
      MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
      ModelProto model = model(CodedInputStream.newInstance(bytes), new Source(real, bytes));
      if (model.getGraph().getNodeCount() == 0) {
        throw new PolysemeException(notOnnx(file) + ": it has no graph");
      }
      return new Contents(model, real.getParent());
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw new PolysemeException(notOnnx(file) + " (truncated or damaged?): " + e.getMessage(), e);
    }
  }

  /** The version of ONNX's own operators in a model. */
  static int opset(ModelProto model) {
    return model.getOpsetImportList().stream()
        .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
        .mapToInt(set -> (int) set.getVersion())
        .findFirst()
        .orElse(1);
  }

  private static String notOnnx(Path file) {
    return file + " is not an ONNX model that can be read";
  }

  private static ModelProto model(CodedInputStream in, Source source) throws IOException {
    var model = ModelProto.newBuilder();
    var rest = new Rest(source);
    for (int tag = rest.next(in); tag != 0; tag = rest.next(in)) {
      if (tag == lengthDelimited(ModelProto.GRAPH_FIELD_NUMBER)) {
        int limit = in.pushLimit(in.readRawVarint32());
        model.setGraph(graph(in, source));
        in.popLimit(limit);
      } else {
        rest.keep(tag, in);
      }
    }
    return model.mergeFrom(rest.fields()).build();
  }

  private static GraphProto graph(CodedInputStream in, Source source) throws IOException {
    var graph = GraphProto.newBuilder();
    var rest = new Rest(source);
    for (int tag = rest.next(in); tag != 0; tag = rest.next(in)) {
      if (tag == lengthDelimited(GraphProto.INITIALIZER_FIELD_NUMBER)) {
        int limit = in.pushLimit(in.readRawVarint32());
        source.take(0);
        graph.addInitializer(tensor(in, source));
        in.popLimit(limit);
      } else if (tag == lengthDelimited(GraphProto.NODE_FIELD_NUMBER)) {
        int limit = in.pushLimit(in.readRawVarint32());
        source.take(in.getBytesUntilLimit());
        graph.addNode(NodeProto.parseFrom(in.readRawBytes(in.getBytesUntilLimit())));
        in.popLimit(limit);
      } else if (tag == lengthDelimited(GraphProto.VALUE_INFO_FIELD_NUMBER)) {
        in.skipField(tag); // what the runtime infers itself
      } else {
        rest.keep(tag, in);
      }
    }
    return graph.mergeFrom(rest.fields()).build();
  }

  private static TensorProto tensor(CodedInputStream in, Source source) throws IOException {
    var tensor = TensorProto.newBuilder();
    var rest = new Rest(source);
    for (int tag = rest.next(in); tag != 0; tag = rest.next(in)) {
      if (tag == lengthDelimited(TensorProto.RAW_DATA_FIELD_NUMBER)) {
        int length = in.readRawVarint32();
        long offset = in.getTotalBytesRead();
        if (length >= 0 && length < INLINE) {
          source.take(length);
          tensor.setRawData(ByteString.copyFrom(in.readRawBytes(length)));
        } else {
          in.skipRawBytes(length);
          tensor
              .setDataLocation(TensorProto.DataLocation.EXTERNAL)
              .addExternalData(entry("location", source.file.getFileName().toString()))
              .addExternalData(entry("offset", Long.toString(offset)))
              .addExternalData(entry("length", Integer.toString(length)));
        }
      } else {
        rest.keep(tag, in);
      }
    }
    return tensor.mergeFrom(rest.fields()).build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static int lengthDelimited(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  /** A file, and how much of it may yet be taken into memory. */
  private static final class Source {
    /** What a message takes in memory beside its bytes, roughly. */
    private static final int MESSAGE = 64;

    final Path file;
    final ByteBuffer bytes;
    // Parsed messages are many times as large as their bytes.
    private long left = Runtime.getRuntime().maxMemory() / 32;

    Source(Path file, ByteBuffer bytes) {
      this.file = file;
      this.bytes = bytes;
    }

    void take(long length) throws IOException {
      left -= length + MESSAGE;
      if (left < 0) {
        throw new IOException(
            "beside raw weights it holds more than the memory allows (a larger -Xmx may help)");
      }
    }
  }

  /** The fields that are kept as they are, to be read by their message's own parser. */
  private static final class Rest {
    private final Source source;
    private final List<ByteString> parts = new ArrayList<>();
    private int start;

    Rest(Source source) {
      this.source = source;
    }

    int next(CodedInputStream in) throws IOException {
      start = in.getTotalBytesRead();
      return in.readTag();
    }

    void keep(int tag, CodedInputStream in) throws IOException {
      if (!in.skipField(tag)) {
        throw new IOException("an end of group without its beginning");
      }
      int length = in.getTotalBytesRead() - start;
      source.take(length);
      parts.add(ByteString.copyFrom(source.bytes.slice(start, length)));
    }

    ByteString fields() {
      return ByteString.copyFrom(parts);
    }
  }
}
