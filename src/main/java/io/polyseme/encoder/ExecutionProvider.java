package io.polyseme.encoder;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What runs an encoder's model, and why.
 *
 * @param device where; never {@link EncoderOptions.Device.Auto}
 * @param name for a person: "cpu", or "cuda:0 (NVIDIA L4), fp16"
 * @param reason why it is that: "asked for", or what {@link EncoderOptions.Device.Auto} found
 * @param placement what of the model runs where; null on the CPU, where all of it does
 */
public record ExecutionProvider(
    EncoderOptions.Device device, String name, String reason, @Nullable Placement placement) {

  /**
   * Which operators of a model ONNX Runtime has left on the CPU, by a run of it.
   *
   * @param nodes how many operators ran in all, copies from device to device aside
   * @param onCpu how many of each type ran on the CPU
   * @param computing how many of those on the CPU gave floats: each is waited for, and its data
   *     copied to the CPU and back. The others handle shapes and numbers of tokens, which ONNX
   *     Runtime keeps on the CPU because that is faster
   */
  public record Placement(int nodes, Map<String, Integer> onCpu, int computing) {
    private static final String CPU = "CPUExecutionProvider";
    private static final Set<String> FLOATS = Set.of("float", "float16", "bfloat16", "double");

    public Placement {
      onCpu = Collections.unmodifiableMap(new TreeMap<>(onCpu));
    }

    /**
     * @param operators see {@link RunProfile#operators()}
     */
    static Placement of(List<JsonObject> operators) {
      int nodes = 0;
      int computing = 0;
      Map<String, Integer> onCpu = new TreeMap<>();
      for (JsonObject operator : operators) {
        String type = operator.get("op_name").getAsString();
        if (type.startsWith("Memcpy")) {
          continue;
        }
        nodes++;
        if (operator.get("provider").getAsString().equals(CPU)) {
          onCpu.merge(type, 1, Integer::sum);
          computing += givesFloats(operator) ? 1 : 0;
        }
      }
      return new Placement(nodes, onCpu, computing);
    }

    private static boolean givesFloats(JsonObject operator) {
      for (JsonElement output : operator.getAsJsonArray("output_type_shape")) {
        if (output.getAsJsonObject().keySet().stream().anyMatch(FLOATS::contains)) {
          return true;
        }
      }
      return false;
    }

    /** For a person: "3 of 210 operators run on the CPU (2 Gather, 1 Shape), ...". */
    @Override
    public String toString() {
      int count = onCpu.values().stream().mapToInt(Integer::intValue).sum();
      if (count == 0) {
        return "none of %d operators runs on the CPU".formatted(nodes);
      }
      return "%d of %d operators run on the CPU (%s), %s"
          .formatted(
              count,
              nodes,
              onCpu.entrySet().stream()
                  .map(entry -> entry.getValue() + " " + entry.getKey())
                  .collect(Collectors.joining(", ")),
              computing == 0
                  ? "all of them on shapes and numbers of tokens"
                  : String.format(
                      Locale.ROOT,
                      "%d of them on data, which is copied there and back",
                      computing));
    }
  }
}
