package io.polyseme.encoder;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.graph.EncoderGraph;
import io.polyseme.encoder.graph.EncoderGraph.Operators;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.model.ModelFiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX Runtime session that gives certain hidden states of a model and computes nothing beyond
 * them. Runs may go on in many threads at once; closed after the last.
 */
final class ModelSession implements AutoCloseable {
  private enum Input {
    IDS,
    MASK,
    TYPES,
    POSITIONS,
    /** Keys or values of earlier tokens, which a decoder may be given; here there are none. */
    PAST
  }

  /**
   * @param shape as declared; -1 for what is not fixed
   */
  private record InputSlot(String name, Input role, OnnxJavaType type, long[] shape) {
    boolean wide() {
      return type == OnnxJavaType.INT64;
    }
  }

  /** A table of more rows than this is none of token types. */
  private static final int MOST_TYPES = 16;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<InputSlot> inputs;
  private final List<Integer> layers;
  private final List<String> outputs;
  private final int dimension;

  private ModelSession(
      OrtEnvironment environment,
      OrtSession session,
      List<InputSlot> inputs,
      List<Integer> layers,
      List<String> outputs,
      int dimension) {
    this.environment = environment;
    this.session = session;
    this.inputs = inputs;
    this.layers = layers;
    this.outputs = outputs;
    this.dimension = dimension;
  }

  /**
   * @param layers the hidden states that every run is to give; where the graph was not understood
   *     the one number 0 stands for the model's own output
   * @param profile the beginning of the path of a profile that is written when the session is
   *     closed; null for none
   */
  static ModelSession open(
      ModelFiles files,
      EncoderGraph graph,
      SortedSet<Integer> layers,
      EncoderOptions options,
      @Nullable String profile) {
    NativeLibraries.prepareRuntime();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession session = null;
    try (var settings = new OrtSession.SessionOptions()) {
      settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      // Texts run beside one another rather than one text on several threads.
      settings.setIntraOpNumThreads(1);
      settings.setInterOpNumThreads(1);
      if (profile != null) {
        settings.enableProfiling(profile);
      }
      // A plan is kept for each input shape otherwise, and memory grows with every new length.
      settings.setMemoryPatternOptimization(false);
      useDevice(settings, options.device());
      var names = new ArrayList<String>();
      if (!graph.understood()) {
        session = environment.createSession(files.onnx().toString(), settings);
        names.add(hiddenStateOutput(session, files));
      } else {
        var taps = new LinkedHashSet<Tap>();
        layers.forEach(layer -> taps.add(new Tap.HiddenState(layer)));
        EncoderGraph.Tapped tapped;
        if (options.device() instanceof EncoderOptions.Device.Cpu) {
          tapped = graph.tap(taps, Operators.FAST_ON_CPU);
          settings.addConfigEntry(
              "optimization.disable_specified_optimizers", EncoderGraph.UNWANTED_OPTIMISERS);
          if (!Instructions.BYTES_SUM_EXACTLY) {
            // Makes both sides unsigned, which is slower and exact.
            settings.addConfigEntry("session.x64quantprecision", "1");
          }
        } else {
          tapped = graph.tap(taps);
        }
        settings.addConfigEntry(
            "session.model_external_initializers_file_folder_path",
            tapped.weightsFolder().toString());
        session = environment.createSession(tapped.model(), settings);
        taps.forEach(tap -> names.add(tapped.outputs().get(tap)));
      }
      int dimension =
          graph.understood()
              ? graph.dimension()
              : declaredDimension(session, names.getFirst(), files);
      return new ModelSession(
          environment,
          session,
          inputs(session, graph, files),
          List.copyOf(layers),
          List.copyOf(names),
          dimension);
    } catch (OrtException e) {
      closeQuietly(session);
      throw new PolysemeException(
          "ONNX Runtime cannot load %s: %s".formatted(files.onnx(), firstLine(e)), e);
    } catch (RuntimeException e) {
      closeQuietly(session);
      throw e;
    }
  }

  private static void useDevice(OrtSession.SessionOptions settings, EncoderOptions.Device device)
      throws OrtException {
    if (device instanceof EncoderOptions.Device.Cuda(int id)) {
      if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
        throw new PolysemeException(
            "CUDA was asked for, but this ONNX Runtime was built without it: put onnxruntime_gpu in"
                + " the place of onnxruntime (build with -Pgpu), or run on the CPU");
      }
      try {
        settings.addCUDA(id);
      } catch (OrtException e) {
        throw new PolysemeException(
            "CUDA device %d cannot be used: %s (is there an NVIDIA driver, and CUDA 12 with cuDNN 9?)"
                .formatted(id, firstLine(e)),
            e);
      }
    }
  }

  /**
   * What each input of the model is for. The token ids are what looks up the largest table, however
   * it is called; the others are known by their names, or by the tables that they look up.
   */
  private static List<InputSlot> inputs(OrtSession session, EncoderGraph graph, ModelFiles files)
      throws OrtException {
    Collection<NodeInfo> infos = session.getInputInfo().values();
    String ids =
        infos.stream()
            .map(NodeInfo::getName)
            .filter(name -> graph.rowsLookedUp(name) > MOST_TYPES)
            .filter(name -> role(name) == null || role(name) == Input.IDS)
            .max(Comparator.comparingInt(graph::rowsLookedUp))
            .or(
                () ->
                    infos.stream()
                        .map(NodeInfo::getName)
                        .filter(name -> role(name) == Input.IDS)
                        .findFirst())
            .orElseThrow(
                () ->
                    new PolysemeException(
                        files.onnx() + " has no input for token ids: it is no text encoder"));
    var slots = new ArrayList<InputSlot>();
    for (NodeInfo input : infos) {
      String name = input.getName();
      Input role = name.equals(ids) ? Input.IDS : role(name);
      if (role == null && graph.rowsLookedUp(name) > 0) {
        role = graph.rowsLookedUp(name) > MOST_TYPES ? Input.POSITIONS : Input.TYPES;
      }
      if (role == null
          || role == Input.IDS && !name.equals(ids)
          || !(input.getInfo() instanceof TensorInfo tensor)
          || !fits(role, tensor)) {
        throw new PolysemeException(
            "%s is not a text encoder that can be used: its input \"%s\" (%s) is none of token ids, attention mask, token types and positions, each integers [batch, tokens], nor past keys and values, floats [batch, heads, tokens, width] with fixed heads and width; export it for feature extraction, without a cache"
                .formatted(files.onnx(), name, input.getInfo()));
      }
      slots.add(new InputSlot(name, role, tensor.type, tensor.getShape()));
    }
    return slots;
  }

  private static @Nullable Input role(String input) {
    String name = input.toLowerCase(Locale.ROOT);
    if (name.contains("past") || name.contains("cache")) {
      return Input.PAST;
    }
    if (name.contains("mask")) {
      return Input.MASK;
    }
    if (name.contains("type") || name.contains("segment")) {
      return Input.TYPES;
    }
    if (name.contains("position")) {
      return Input.POSITIONS;
    }
    return name.contains("ids") || name.contains("token") ? Input.IDS : null;
  }

  private static boolean fits(Input role, TensorInfo tensor) {
    long[] shape = tensor.getShape();
    if (role == Input.PAST) {
      return (tensor.type == OnnxJavaType.FLOAT || tensor.type == OnnxJavaType.FLOAT16)
          && shape.length == 4
          && shape[1] > 0
          && shape[2] < 1
          && shape[3] > 0;
    }
    return (tensor.type == OnnxJavaType.INT64 || tensor.type == OnnxJavaType.INT32)
        && shape.length == 2;
  }

  private static String hiddenStateOutput(OrtSession session, ModelFiles files)
      throws OrtException {
    String found = null;
    for (NodeInfo output : session.getOutputInfo().values()) {
      if (output.getInfo() instanceof TensorInfo tensor
          && tensor.type == OnnxJavaType.FLOAT
          && tensor.getShape().length == 3) {
        if (output.getName().equals("last_hidden_state")) {
          return output.getName();
        }
        found = found == null ? output.getName() : found;
      }
    }
    if (found == null) {
      throw new PolysemeException(
          "%s has no output of hidden states [batch, tokens, dimension]; its outputs are %s"
              .formatted(files.onnx(), session.getOutputNames()));
    }
    return found;
  }

  private static int declaredDimension(OrtSession session, String output, ModelFiles files)
      throws OrtException {
    long[] shape = ((TensorInfo) session.getOutputInfo().get(output).getInfo()).getShape();
    if (shape[2] < 1) {
      throw new PolysemeException(
          "%s does not say how many dimensions its output \"%s\" has"
              .formatted(files.onnx(), output));
    }
    return Math.toIntExact(shape[2]);
  }

  int dimension() {
    return dimension;
  }

  /**
   * Runs one batch.
   *
   * @param ids the token ids of each row, special ones included
   * @param length of the longest row
   * @return for each of the session's layers, in their order, float[batch × length × dimension] in
   *     the workspace's memory
   */
  Map<Integer, FloatBuffer> run(
      Workspace workspace, int[][] ids, int length, int padding, Stop stop) throws OrtException {
    int batch = ids.length;
    long[] shape = {batch, length};
    var tensors = new LinkedHashMap<String, OnnxTensor>();
    var results = new LinkedHashMap<String, OnnxTensor>();
    try {
      for (int i = 0; i < inputs.size(); i++) {
        InputSlot slot = inputs.get(i);
        if (slot.role == Input.PAST) {
          tensors.put(slot.name, nothing(slot, batch));
          continue;
        }
        ByteBuffer buffer =
            workspace.input(i, (long) batch * length * (slot.wide() ? Long.BYTES : Integer.BYTES));
        fill(buffer, slot, ids, length, padding);
        buffer.rewind();
        tensors.put(
            slot.name,
            slot.wide()
                ? OnnxTensor.createTensor(environment, buffer.asLongBuffer(), shape)
                : OnnxTensor.createTensor(environment, buffer.asIntBuffer(), shape));
      }
      var values = new LinkedHashMap<Integer, FloatBuffer>();
      for (int i = 0; i < outputs.size(); i++) {
        long floats = (long) batch * length * dimension;
        FloatBuffer buffer = workspace.output(i, floats * Float.BYTES).asFloatBuffer();
        results.put(
            outputs.get(i),
            OnnxTensor.createTensor(environment, buffer, new long[] {batch, length, dimension}));
        values.put(layers.get(i), buffer);
      }
      try (var run = new OrtSession.RunOptions()) {
        stop.entered(run);
        try {
          session.run(tensors, Set.of(), results, run).close();
        } finally {
          stop.left(run);
        }
      }
      return values;
    } finally {
      tensors.values().forEach(OnnxTensor::close);
      results.values().forEach(OnnxTensor::close);
    }
  }

  /** Keys or values of no tokens. */
  private OnnxTensor nothing(InputSlot slot, int batch) throws OrtException {
    long[] shape = {batch, slot.shape[1], 0, slot.shape[3]};
    return OnnxTensor.createTensor(
        environment, ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder()), shape, slot.type);
  }

  private static void fill(
      ByteBuffer buffer, InputSlot slot, int[][] ids, int length, int padding) {
    for (int[] row : ids) {
      for (int column = 0; column < length; column++) {
        boolean real = column < row.length;
        int value =
            switch (slot.role) {
              case IDS -> real ? row[column] : padding;
              case MASK -> real ? 1 : 0;
              case TYPES -> 0;
              case POSITIONS -> column;
              case PAST -> throw new AssertionError(slot);
            };
        if (slot.wide()) {
          buffer.putLong(value);
        } else {
          buffer.putInt(value);
        }
      }
    }
  }

  static String firstLine(Exception e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  @Override
  public void close() {
    closeQuietly(session);
  }

  private static void closeQuietly(OrtSession session) {
    if (session != null) {
      try {
        session.close();
      } catch (OrtException e) {
        throw new IllegalStateException("ONNX Runtime cannot close a session", e);
      }
    }
  }
}
