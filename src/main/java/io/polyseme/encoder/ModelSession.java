package io.polyseme.encoder;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.ExecutionProvider.Placement;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX Runtime session that gives certain inner values of a model and computes nothing beyond
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
   * What a session gives.
   *
   * @param taps where the graph was not understood, the hidden state 0 stands for the model's own
   *     output
   * @param patched values that every run may replace
   */
  record Values(Set<Tap> taps, Set<Tap> patched) {
    Values {
      taps = Set.copyOf(taps);
      patched = Set.copyOf(patched);
    }

    static Values ofLayers(Collection<Integer> layers) {
      return new Values(
          layers.stream().map(Tap.HiddenState::new).collect(Collectors.toSet()), Set.of());
    }
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
  private final Map<Tap, String> outputs;
  private final Map<Tap, EncoderGraph.Patch> patches;
  private final int dimension;

  private ModelSession(
      OrtEnvironment environment,
      OrtSession session,
      List<InputSlot> inputs,
      Map<Tap, String> outputs,
      Map<Tap, EncoderGraph.Patch> patches,
      int dimension) {
    this.environment = environment;
    this.session = session;
    this.inputs = inputs;
    this.outputs = outputs;
    this.patches = patches;
    this.dimension = dimension;
  }

  /**
   * @param values what every run is to give
   * @param provider where it runs
   * @param profile the beginning of the path of a profile that is written when the session is
   *     closed; null for none
   */
  static ModelSession open(
      ModelFiles files,
      EncoderGraph graph,
      Values values,
      ChosenProvider provider,
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
      provider.configure(settings);
      Map<Tap, String> outputs;
      Map<Tap, EncoderGraph.Patch> patches = Map.of();
      if (!graph.understood()) {
        session = environment.createSession(files.onnx().toString(), settings);
        outputs = Map.of(new Tap.HiddenState(0), hiddenStateOutput(session, files));
      } else {
        Operators operators =
            values.patched.isEmpty() || provider.operators() != Operators.HALF_PRECISION
                ? provider.operators()
                : Operators.AS_EXPORTED;
        EncoderGraph.Tapped tapped = graph.tap(values.taps, values.patched, operators);
        outputs = tapped.outputs();
        patches = tapped.patches();
        if (operators == Operators.FAST_ON_CPU) {
          settings.addConfigEntry(
              "optimization.disable_specified_optimizers", EncoderGraph.UNWANTED_OPTIMISERS);
          if (!Instructions.BYTES_SUM_EXACTLY) {
            // Makes both sides unsigned, which is slower and exact.
            settings.addConfigEntry("session.x64quantprecision", "1");
          }
        }
        settings.addConfigEntry(
            "session.model_external_initializers_file_folder_path",
            tapped.weightsFolder().toString());
        session = environment.createSession(tapped.model(), settings);
      }
      int dimension =
          graph.understood()
              ? graph.dimension()
              : declaredDimension(session, outputs.values().iterator().next(), files);
      return new ModelSession(
          environment,
          session,
          inputs(session, graph, patches.values(), files),
          outputs,
          patches,
          dimension);
    } catch (OrtException e) {
      closeQuietly(session);
      throw new PolysemeException(
          "ONNX Runtime cannot load %s on %s: %s"
              .formatted(files.onnx(), provider.info().name(), firstLine(e)),
          e);
    } catch (RuntimeException e) {
      closeQuietly(session);
      throw e;
    }
  }

  /** As {@link #open}, with a first run that tells which operators run where. */
  static ModelSession openAndPlace(
      ModelFiles files, EncoderGraph graph, Values values, ChosenProvider provider) {
    try (var profile = new RunProfile()) {
      ModelSession opened = open(files, graph, values, provider, profile.prefix());
      try {
        try (var workspace = new Workspace()) {
          opened.run(workspace, new int[1][4], new int[1][4], Map.of(), new Stop());
        }
        opened.session.endProfiling();
        provider.placed(Placement.of(profile.operators()));
        return opened;
      } catch (OrtException e) {
        opened.close();
        throw new PolysemeException(
            "ONNX Runtime cannot run %s on %s: %s"
                .formatted(files.onnx(), provider.info().name(), firstLine(e)),
            e);
      } catch (RuntimeException e) {
        opened.close();
        throw e;
      }
    }
  }

  /**
   * What each input of the model is for. The token ids are what looks up the largest table, however
   * it is called; the others are known by their names, or by the tables that they look up.
   */
  private static List<InputSlot> inputs(
      OrtSession session,
      EncoderGraph graph,
      Collection<EncoderGraph.Patch> patches,
      ModelFiles files)
      throws OrtException {
    Set<String> added = new HashSet<>();
    patches.forEach(patch -> added.addAll(List.of(patch.keep(), patch.add())));
    List<NodeInfo> infos =
        session.getInputInfo().values().stream()
            .filter(input -> !added.contains(input.getName()))
            .toList();
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
   * Runs one batch in a session that gives hidden states alone.
   *
   * @param ids the token ids of each row, special ones included
   * @param length of the longest row
   * @return for each of the session's layers float[batch × length × dimension] in the workspace's
   *     memory
   */
  Map<Integer, FloatBuffer> run(
      Workspace workspace, int[][] ids, int length, int padding, Stop stop) throws OrtException {
    int batch = ids.length;
    var tensors = new LinkedHashMap<String, OnnxTensor>();
    var results = new LinkedHashMap<String, OnnxTensor>();
    try {
      fill(tensors, workspace, ids, null, length, padding);
      var values = new LinkedHashMap<Integer, FloatBuffer>();
      for (Map.Entry<Tap, String> output : outputs.entrySet()) {
        long floats = (long) batch * length * dimension;
        FloatBuffer buffer = workspace.output(values.size(), floats * Float.BYTES).asFloatBuffer();
        results.put(
            output.getValue(),
            OnnxTensor.createTensor(environment, buffer, new long[] {batch, length, dimension}));
        values.put(output.getKey().layer(), buffer);
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

  /**
   * Runs one batch of rows of the same length.
   *
   * @param ids the token ids of each row, special ones included
   * @param types the number of the text that each token is of
   * @param replaced what replaces values that the session can replace; all others are kept
   * @return each of the session's values, all rows after one another
   */
  Map<Tap, float[]> run(
      Workspace workspace, int[][] ids, int[][] types, Map<Tap, Replacement> replaced, Stop stop)
      throws OrtException {
    var tensors = new LinkedHashMap<String, OnnxTensor>();
    try {
      fill(tensors, workspace, ids, types, ids[0].length, 0);
      for (Map.Entry<Tap, EncoderGraph.Patch> patch : patches.entrySet()) {
        Replacement replacement = replaced.getOrDefault(patch.getKey(), Replacement.NONE);
        tensors.put(patch.getValue().keep(), vector(replacement.keep()));
        tensors.put(patch.getValue().add(), vector(replacement.add()));
      }
      Map<Tap, float[]> values = new HashMap<>();
      try (var run = new OrtSession.RunOptions()) {
        stop.entered(run);
        try (OrtSession.Result result =
            session.run(tensors, Set.copyOf(outputs.values()), Map.of(), run)) {
          for (Map.Entry<Tap, String> output : outputs.entrySet()) {
            // A copy on the heap: what the runtime gives is its own, and freed with the result.
            FloatBuffer copy =
                ((OnnxTensor) result.get(output.getValue()).orElseThrow()).getFloatBuffer();
            values.put(output.getKey(), copy.array());
          }
        } finally {
          stop.left(run);
        }
      }
      return values;
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor vector(float[] values) throws OrtException {
    return OnnxTensor.createTensor(
        environment, FloatBuffer.wrap(values), new long[] {values.length});
  }

  private void fill(
      Map<String, OnnxTensor> tensors,
      Workspace workspace,
      int[][] ids,
      int @Nullable [][] types,
      int length,
      int padding)
      throws OrtException {
    int batch = ids.length;
    long[] shape = {batch, length};
    for (int i = 0; i < inputs.size(); i++) {
      InputSlot slot = inputs.get(i);
      if (slot.role == Input.PAST) {
        tensors.put(slot.name, nothing(slot, batch));
        continue;
      }
      ByteBuffer buffer =
          workspace.input(i, (long) batch * length * (slot.wide() ? Long.BYTES : Integer.BYTES));
      fill(buffer, slot, ids, types, length, padding);
      buffer.rewind();
      tensors.put(
          slot.name,
          slot.wide()
              ? OnnxTensor.createTensor(environment, buffer.asLongBuffer(), shape)
              : OnnxTensor.createTensor(environment, buffer.asIntBuffer(), shape));
    }
  }

  /** Keys or values of no tokens. */
  private OnnxTensor nothing(InputSlot slot, int batch) throws OrtException {
    long[] shape = {batch, slot.shape[1], 0, slot.shape[3]};
    return OnnxTensor.createTensor(
        environment, ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder()), shape, slot.type);
  }

  private static void fill(
      ByteBuffer buffer,
      InputSlot slot,
      int[][] ids,
      int @Nullable [][] types,
      int length,
      int padding) {
    for (int number = 0; number < ids.length; number++) {
      int[] row = ids[number];
      for (int column = 0; column < length; column++) {
        boolean real = column < row.length;
        int value =
            switch (slot.role) {
              case IDS -> real ? row[column] : padding;
              case MASK -> real ? 1 : 0;
              case TYPES -> types == null ? 0 : types[number][column];
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
