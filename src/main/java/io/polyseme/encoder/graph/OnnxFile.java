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

  static ModelProto read(Path file) {
    long size;
    try {
      size = Files.size(file);
    } catch (IOException e) {
      throw new PolysemeException("cannot read the model " + file + ": " + e, e);
    }
    if (size > Integer.MAX_VALUE) {
      throw new PolysemeException(
          "%s has %d bytes, and an ONNX file has less than 2 GiB: larger models keep their weights in files beside it"
              .formatted(file, size));
    }
    try (FileChannel channel = FileChannel.open(file)) {
      MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
      ModelProto model = model(CodedInputStream.newInstance(bytes), file, bytes);
      if (model.getGraph().getNodeCount() == 0) {
        throw new PolysemeException(notOnnx(file) + ": it has no graph");
      }
      return model;
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      throw new PolysemeException(notOnnx(file) + " (truncated or damaged?): " + e.getMessage(), e);
    }
  }

  private static String notOnnx(Path file) {
    return file + " is not an ONNX model that can be read";
  }

  private static ModelProto model(CodedInputStream in, Path file, ByteBuffer bytes)
      throws IOException {
    var model = ModelProto.newBuilder();
    var rest = new Rest(bytes);
    for (int tag = rest.next(in); tag != 0; tag = rest.next(in)) {
      if (tag == lengthDelimited(ModelProto.GRAPH_FIELD_NUMBER)) {
        int limit = in.pushLimit(in.readRawVarint32());
        model.setGraph(graph(in, file, bytes));
        in.popLimit(limit);
      } else {
        rest.keep(tag, in);
      }
    }
    return model.mergeFrom(rest.fields()).build();
  }

  private static GraphProto graph(CodedInputStream in, Path file, ByteBuffer bytes)
      throws IOException {
    var graph = GraphProto.newBuilder();
    var rest = new Rest(bytes);
    for (int tag = rest.next(in); tag != 0; tag = rest.next(in)) {
      if (tag == lengthDelimited(GraphProto.INITIALIZER_FIELD_NUMBER)) {
        int limit = in.pushLimit(in.readRawVarint32());
        graph.addInitializer(tensor(in, file, bytes));
        in.popLimit(limit);
      } else if (tag == lengthDelimited(GraphProto.NODE_FIELD_NUMBER)) {
        graph.addNode(NodeProto.parseFrom(in.readByteArray()));
      } else if (tag == lengthDelimited(GraphProto.VALUE_INFO_FIELD_NUMBER)) {
        in.skipField(tag); // what the runtime infers itself
      } else {
        rest.keep(tag, in);
      }
    }
    return graph.mergeFrom(rest.fields()).build();
  }

  private static TensorProto tensor(CodedInputStream in, Path file, ByteBuffer bytes)
      throws IOException {
    var tensor = TensorProto.newBuilder();
    var rest = new Rest(bytes);
    for (int tag = rest.next(in); tag != 0; tag = rest.next(in)) {
      if (tag == lengthDelimited(TensorProto.RAW_DATA_FIELD_NUMBER)) {
        int length = in.readRawVarint32();
        long offset = in.getTotalBytesRead();
        if (length >= 0 && length < INLINE) {
          tensor.setRawData(ByteString.copyFrom(in.readRawBytes(length)));
        } else {
          in.skipRawBytes(length);
          tensor
              .setDataLocation(TensorProto.DataLocation.EXTERNAL)
              .addExternalData(entry("location", file.getFileName().toString()))
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

  /** The fields that are kept as they are, to be read by their message's own parser. */
  private static final class Rest {
    private final ByteBuffer bytes;
    private final List<ByteString> parts = new ArrayList<>();
    private int start;

    Rest(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    int next(CodedInputStream in) throws IOException {
      start = in.getTotalBytesRead();
      return in.readTag();
    }

    void keep(int tag, CodedInputStream in) throws IOException {
      if (!in.skipField(tag)) {
        throw new IOException("an end of group without its beginning");
      }
      parts.add(ByteString.copyFrom(bytes.slice(start, in.getTotalBytesRead() - start)));
    }

    ByteString fields() {
      return ByteString.copyFrom(parts);
    }
  }
}
