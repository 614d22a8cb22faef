package io.polyseme.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.graph.EncoderGraph;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A part of a model's graph that is run alone. Thread-safe; closed after the last run. */
final class GraphPart implements AutoCloseable {
  private final EncoderGraph.Part part;
  private final String name;
  private final OrtSession session;

  private GraphPart(EncoderGraph.Part part, String name, OrtSession session) {
    this.part = part;
    this.name = name;
    this.session = session;
  }

  /**
   * @param name of the model, for messages
   * @param threads that one run may use
   */
  static GraphPart open(EncoderGraph.Part part, String name, int threads) {
    NativeLibraries.prepareRuntime();
    try (var settings = new OrtSession.SessionOptions()) {
      settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      settings.setIntraOpNumThreads(threads);
      settings.addConfigEntry(
          "session.model_external_initializers_file_folder_path", part.weightsFolder().toString());
      return new GraphPart(
          part, name, OrtEnvironment.getEnvironment().createSession(part.model(), settings));
    } catch (OrtException e) {
      throw failed(name, e);
    }
  }

  /**
   * What the part gives.
   *
   * @param input null where it is given nothing
   */
  float[] run(float @Nullable [] input, long @Nullable [] shape) {
    try (OnnxTensor given =
            input == null
                ? null
                : OnnxTensor.createTensor(
                    OrtEnvironment.getEnvironment(), FloatBuffer.wrap(input), shape);
        OrtSession.Result result =
            session.run(
                given == null ? Map.of() : Map.of(String.valueOf(part.input()), given),
                Set.of(part.output()))) {
      FloatBuffer copy = ((OnnxTensor) result.get(0)).getFloatBuffer();
      if (copy == null) {
        throw new PolysemeException(
            "the weights of %s are integers that cannot be read".formatted(name));
      }
      return copy.array();
    } catch (OrtException e) {
      throw failed(name, e);
    }
  }

  private static PolysemeException failed(String name, OrtException e) {
    return new PolysemeException(
        "ONNX Runtime cannot run a part of %s: %s".formatted(name, ModelSession.firstLine(e)), e);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw failed(name, e);
    }
  }
}
