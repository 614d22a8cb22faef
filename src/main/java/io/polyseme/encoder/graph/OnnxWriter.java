package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.polyseme.PolysemeException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Writes an ONNX file whose large tensors are made only as they are written. */
final class OnnxWriter {
  private OnnxWriter() {}

  /**
   * A tensor whose bytes are not held.
   *
   * @param header the tensor without its data
   * @param length how many bytes the source writes
   */
  record Large(TensorProto header, long length, Source source) {
    private long size() {
      return header.getSerializedSize()
          + CodedOutputStream.computeTagSize(TensorProto.RAW_DATA_FIELD_NUMBER)
          + CodedOutputStream.computeUInt64SizeNoTag(length)
          + length;
    }
  }

  /** Writes a tensor's bytes. */
  interface Source {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a new file, which is removed where it cannot be completed.
   *
   * @param model all but the large tensors
   * @return the file's size in bytes
   * @throws PolysemeException if something is there already, or it would have 2 GiB or more;
   *     nothing is written then
   */
  static long write(Path to, ModelProto model, List<Large> tensors) throws IOException {
    GraphProto graph = model.getGraph();
    ModelProto rest = model.toBuilder().clearGraph().build();
    long graphSize = graph.getSerializedSize();
    for (Large tensor : tensors) {
      graphSize +=
          CodedOutputStream.computeTagSize(GraphProto.INITIALIZER_FIELD_NUMBER)
              + CodedOutputStream.computeUInt64SizeNoTag(tensor.size())
              + tensor.size();
    }
    long size =
        rest.getSerializedSize()
            + CodedOutputStream.computeTagSize(ModelProto.GRAPH_FIELD_NUMBER)
            + CodedOutputStream.computeUInt64SizeNoTag(graphSize)
            + graphSize;
    if (size > Integer.MAX_VALUE) {
      throw new PolysemeException(
          "%s would have %d bytes, and an ONNX file has less than 2 GiB".formatted(to, size));
    }
    OutputStream file;
    try {
      file = Files.newOutputStream(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new PolysemeException(to + " is there already: give a path where nothing is", e);
    }
    boolean whole = false;
    try {
      write(file, rest, graph, graphSize, tensors);
      whole = true;
    } finally {
      if (!whole) {
        remove(to);
      }
    }
    return size;
  }

  private static void write(
      OutputStream file, ModelProto rest, GraphProto graph, long graphSize, List<Large> tensors)
      throws IOException {
    try (OutputStream out = new BufferedOutputStream(file, 1 << 20)) {
      CodedOutputStream coded = CodedOutputStream.newInstance(out);
      rest.writeTo(coded);
      begin(coded, ModelProto.GRAPH_FIELD_NUMBER, graphSize);
      graph.writeTo(coded);
      for (Large tensor : tensors) {
        begin(coded, GraphProto.INITIALIZER_FIELD_NUMBER, tensor.size());
        tensor.header.writeTo(coded);
        begin(coded, TensorProto.RAW_DATA_FIELD_NUMBER, tensor.length);
        coded.flush();
        tensor.source.writeTo(out);
      }
      coded.flush();
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      System.getLogger(OnnxWriter.class.getName())
          .log(System.Logger.Level.WARNING, "cannot remove " + file, e);
    }
  }

  private static void begin(CodedOutputStream coded, int field, long length) throws IOException {
    coded.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    coded.writeUInt64NoTag(length);
  }
}
