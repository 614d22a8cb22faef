package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.polyseme.encoder.EncoderOptions.Device;
import io.polyseme.encoder.EncoderOptions.Precision;
import io.polyseme.encoder.ExecutionProvider.Placement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExecutionProviderTest {
  private static JsonObject operator(String type, String provider, String output) {
    return JsonParser.parseString(
            """
            {"op_name": "%s", "provider": "%sExecutionProvider",
             "output_type_shape": [{"%s": [1, 4]}], "dur": 12}"""
                .formatted(type, provider, output))
        .getAsJsonObject();
  }

  @Test
  void operatorsThatStayedOnTheCpuAreCounted() {
    Placement shapes =
        Placement.of(
            List.of(
                operator("Shape", "CPU", "int64"),
                operator("Gather", "CPU", "int64"),
                operator("Gather", "CPU", "int64"),
                operator("MemcpyFromHost", "CUDA", "int64"),
                operator("MatMul", "CUDA", "float")));
    assertEquals(new Placement(4, Map.of("Gather", 2, "Shape", 1), 0), shapes);
    assertEquals(
        "3 of 4 operators run on the CPU (2 Gather, 1 Shape), all of them on shapes and numbers of"
            + " tokens",
        shapes.toString());
    Placement data =
        Placement.of(
            List.of(
                operator("DynamicQuantizeLinear", "CPU", "uint8"),
                operator("Erf", "CPU", "float16"),
                operator("MatMul", "CUDA", "float")));
    assertEquals(
        "2 of 3 operators run on the CPU (1 DynamicQuantizeLinear, 1 Erf), 1 of them on data, which"
            + " is copied there and back",
        data.toString());
    assertEquals(
        "none of 1 operators runs on the CPU",
        Placement.of(List.of(operator("MatMul", "CUDA", "float"))).toString());
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Device.Cuda(-1));
    assertThrows(IllegalArgumentException.class, () -> new Device.Cuda(0).withMemoryBytes(-1));
    assertEquals(
        new Device.Cuda(2, 5, Precision.FP16),
        new Device.Cuda(2).withMemoryBytes(5).withPrecision(Precision.FP16));
    assertEquals(new Device.Cuda(0), new Device.Auto().cuda());
  }
}
