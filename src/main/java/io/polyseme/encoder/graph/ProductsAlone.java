package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A model's projections with nothing around them; see {@link EncoderGraph#products}. */
final class ProductsAlone {
  private ProductsAlone() {}

  static EncoderGraph.Products of(Wiring wiring, String output, Path folder) {
    Set<String> wanted = Set.of(output);
    var graph = GraphProto.newBuilder().setName("products");
    Map<String, Integer> inputs = new LinkedHashMap<>();
    var parts = new ArrayList<String>();
    double operations = 0;
    Set<String> given = new HashSet<>();
    for (NodeProto node : wiring.needed(wanted)) {
      TensorProto weights =
          node.getOpType().equals("MatMul") ? wiring.initializer(node.getInput(1)) : null;
      if (weights == null || weights.getDimsCount() != 2) {
        continue;
      }
      int inner = Math.toIntExact(weights.getDims(0));
      int columns = Math.toIntExact(weights.getDims(1));
      String input = "x" + inner;
      if (inputs.put(input, inner) == null) {
        graph.addInput(floats(input, "rows", String.valueOf(inner)));
      }
      if (given.add(weights.getName())) {
        graph.addInitializer(weights);
      }
      String product = "product " + parts.size();
      graph.addNode(
          NodeProto.newBuilder()
              .setOpType("MatMul")
              .setName(product)
              .addInput(input)
              .addInput(weights.getName())
              .addOutput(product));
      // A few numbers of it are read, or it would not be computed.
      String part = "part " + parts.size();
      graph.addNode(
          NodeProto.newBuilder()
              .setOpType("Slice")
              .setName(part)
              .addAllInput(List.of(product, "from", "to"))
              .addOutput(part));
      parts.add(part);
      operations += 2.0 * inner * columns;
    }
    graph.addInitializer(integers("from", 0, 0)).addInitializer(integers("to", 1, 1));
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Concat")
            .setName("parts")
            .addAllInput(parts)
            .addOutput("parts")
            .addAttribute(Fusion.integer("axis", 0)));
    graph.addOutput(floats("parts", "rows", "1"));
    var model =
        ModelProto.newBuilder()
            .setIrVersion(7)
            .setGraph(graph)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13));
    return new EncoderGraph.Products(
        model.build().toByteArray(), folder, Map.copyOf(inputs), "parts", operations);
  }

  /** An input of floats; a size that is no number is a name of one. */
  static ValueInfoProto floats(String name, String... sizes) {
    var shape = TensorShapeProto.newBuilder();
    for (String size : sizes) {
      var dimension = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(
          Character.isDigit(size.charAt(0))
              ? dimension.setDimValue(Long.parseLong(size))
              : dimension.setDimParam(size));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT.getNumber())
                        .setShape(shape)))
        .build();
  }

  private static TensorProto integers(String name, long... values) {
    var tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64.getNumber())
            .addDims(values.length);
    for (long value : values) {
      tensor.addInt64Data(value);
    }
    return tensor.build();
  }
}
