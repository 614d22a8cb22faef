package io.polyseme.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.EncoderGraph;
import io.polyseme.encoder.graph.Quantisation;
import io.polyseme.model.ModelFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Measures how fast a model encodes on this machine, by which settings it is fastest, where the
 * time goes, and how much of it the model's matrix products would take alone. Nothing else should
 * run meanwhile.
 */
public final class EncodingSpeed {
  private static final int ROWS = 512;
  private static final int PROFILED_TEXTS = 400;

  private final ModelFiles files;
  private final EncoderOptions options;
  private final EncodeRequest request;
  private final List<TextInput> texts;
  private final Progress progress;
  private final Cancel cancel;

  /**
   * One setting and its speed.
   *
   * @param padding the share of places in the batches that hold no token, from 0 to 1
   */
  public record Setting(
      int threads,
      int batchTokens,
      double textsPerSecond,
      double tokensPerSecond,
      double padding) {}

  /**
   * What was measured.
   *
   * @param texts how many different texts there were
   * @param tokens of all of them together, special tokens included
   * @param settings fastest first
   * @param shares where the time of the threads goes with the fastest setting: a share from 0 to 1
   *     for each part of the work, and for waiting
   * @param productsPerSecond how many floating-point operations a second the model's own matrix
   *     products reach with nothing around them, on as many threads; 0 where that cannot be told (a
   *     model that is quantised, or not understood)
   * @param bound how many of these texts a second those products alone would allow; 0 likewise
   */
  public record Report(
      int texts,
      long tokens,
      List<Setting> settings,
      Map<String, Double> shares,
      double productsPerSecond,
      double bound) {
    public Setting fastest() {
      return settings.getFirst();
    }
  }

  private EncodingSpeed(
      ModelFiles files,
      EncoderOptions options,
      EncodeRequest request,
      List<String> texts,
      Progress progress,
      Cancel cancel) {
    this.files = files;
    this.options = options;
    this.request = request;
    this.texts = texts.stream().map(TextInput::of).toList();
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Measures every pair of a number of threads and a token budget, each at least this long.
   *
   * @param options all but threads and token budget
   * @param texts at least one; they are encoded again and again
   * @param time of each setting, after a first pass over the texts
   * @throws PolysemeException if a text cannot be encoded, or the model fails
   * @throws CancelledException if cancelled or interrupted
   */
  public static Report measure(
      ModelFiles files,
      EncoderOptions options,
      EncodeRequest request,
      List<String> texts,
      List<Integer> threads,
      List<Integer> batchTokens,
      Duration time,
      Progress progress,
      Cancel cancel) {
    if (texts.isEmpty() || threads.isEmpty() || batchTokens.isEmpty()) {
      throw new IllegalArgumentException(
          "there must be a text, a number of threads and a token budget to measure");
    }
    return new EncodingSpeed(files, options, request, texts, progress, cancel)
        .measure(threads, batchTokens, time);
  }

  private Report measure(List<Integer> threads, List<Integer> batchTokens, Duration time) {
    var settings = new ArrayList<Setting>();
    Map<Setting, Map<String, Double>> stages = new LinkedHashMap<>();
    long tokens = 0;
    int total = threads.size() * batchTokens.size() + 2;
    for (int thread : threads) {
      for (int budget : batchTokens) {
        progress.update("measuring", settings.size(), total);
        try (Encoder encoder =
            Encoder.open(files, options.withThreads(thread).withBatchTokens(budget))) {
          pass(encoder);
          Stages clock = encoder.stages();
          clock.clear();
          long start = System.nanoTime();
          long passes = 0;
          do {
            pass(encoder);
            passes++;
          } while (System.nanoTime() - start < time.toNanos());
          double nanos = System.nanoTime() - start;
          tokens = clock.tokens.sum() / passes;
          var setting =
              new Setting(
                  thread,
                  budget,
                  texts.size() * passes * 1e9 / nanos,
                  clock.tokens.sum() * 1e9 / nanos,
                  1 - (double) clock.tokens.sum() / clock.places.sum());
          settings.add(setting);
          stages.put(setting, stages(clock, nanos * thread));
        }
      }
    }
    settings.sort(Comparator.comparingDouble(Setting::textsPerSecond).reversed());
    Setting fastest = settings.getFirst();
    progress.update("measuring", total - 2L, total);
    Map<String, Double> shares = shares(stages.get(fastest), operators(fastest));
    progress.update("measuring", total - 1L, total);
    EncoderGraph graph = EncoderGraph.read(files.onnx());
    EncoderGraph.Products products =
        graph.understood() && graph.quantisation() == Quantisation.NONE ? graph.products() : null;
    double speed = products == null ? 0 : productsPerSecond(products, fastest.threads());
    double bound =
        products == null ? 0 : speed / ((double) tokens / texts.size() * products.operations());
    progress.update("measuring", total, total);
    return new Report(texts.size(), tokens, List.copyOf(settings), shares, speed, bound);
  }

  private void pass(Encoder encoder) {
    encoder.encodeAll(
        texts.iterator(),
        request,
        result -> {
          if (result instanceof EncodeResult.Failed failed) {
            throw failed.error();
          }
        },
        cancel);
  }

  private static Map<String, Double> stages(Stages clock, double nanos) {
    Map<String, Double> shares = new LinkedHashMap<>();
    shares.put("tokenising", clock.tokenising.sum() / nanos);
    shares.put("running", clock.running.sum() / nanos);
    shares.put("copying and pooling", clock.pooling.sum() / nanos);
    shares.put(
        "waiting",
        Math.max(
            0, 1 - (clock.tokenising.sum() + clock.running.sum() + clock.pooling.sum()) / nanos));
    return shares;
  }

  /** The stages, with the run of the model told apart by what its operators do. */
  private static Map<String, Double> shares(
      Map<String, Double> stages, Map<String, Double> operators) {
    Map<String, Double> shares = new LinkedHashMap<>();
    stages.forEach(
        (stage, share) -> {
          if (stage.equals("running") && !operators.isEmpty()) {
            operators.forEach((kind, part) -> shares.put(kind, part * share));
          } else {
            shares.put(stage, share);
          }
        });
    return Collections.unmodifiableMap(shares);
  }

  /** Which share of a run each kind of operator takes, by ONNX Runtime's own profile. */
  private Map<String, Double> operators(Setting setting) {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("polyseme-profile");
      Path prefix = folder.resolve("run");
      try (Encoder encoder =
          Encoder.profiled(
              files,
              options.withThreads(1).withBatchTokens(setting.batchTokens()),
              prefix.toString())) {
        List<TextInput> some = texts.subList(0, Math.min(PROFILED_TEXTS, texts.size()));
        encoder.encodeAll(some.iterator(), request, _ -> {}, cancel);
      }
      Map<String, Double> nanos = new LinkedHashMap<>();
      List<Path> profiles;
      try (var all = Files.list(folder)) {
        profiles = all.toList();
      }
      for (Path profile : profiles) {
        add(JsonParser.parseString(Files.readString(profile)), nanos);
      }
      double sum = nanos.values().stream().mapToDouble(Double::doubleValue).sum();
      Map<String, Double> shares = new LinkedHashMap<>();
      nanos.entrySet().stream()
          .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
          .forEach(entry -> shares.put(entry.getKey(), entry.getValue() / sum));
      return shares;
    } catch (IOException | JsonParseException | IllegalStateException e) {
      throw new PolysemeException("ONNX Runtime's profile cannot be read: " + e, e);
    } finally {
      delete(folder);
    }
  }

  private static void add(JsonElement profile, Map<String, Double> nanos) {
    for (JsonElement element : profile.getAsJsonArray()) {
      JsonObject event = element.getAsJsonObject();
      if (!event.get("name").getAsString().endsWith("_kernel_time")) {
        continue;
      }
      JsonObject of = event.getAsJsonObject("args");
      // Weights are no inputs here: an operator with one input multiplies by them.
      int inputs = of.has("input_type_shape") ? of.getAsJsonArray("input_type_shape").size() : 1;
      nanos.merge(
          kind(of.get("op_name").getAsString(), inputs),
          event.get("dur").getAsDouble() * 1000,
          Double::sum);
    }
  }

  private static String kind(String operator, int inputs) {
    return switch (operator) {
      case "MatMul", "FusedMatMul", "Gemm", "MatMulNBits" ->
          inputs > 1 ? "attention" : "matrix products";
      case "MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "QGemm" ->
          "matrix products";
      case "Softmax", "Transpose", "MultiHeadAttention", "Attention", "QAttention", "Reshape" ->
          "attention";
      case "LayerNormalization",
          "SkipLayerNormalization",
          "EmbedLayerNormalization",
          "ReduceMean",
          "Sqrt",
          "Reciprocal",
          "Sub",
          "SimplifiedLayerNormalization" ->
          "normalisation";
      case "Gelu", "BiasGelu", "FastGelu", "QuickGelu", "Erf", "Tanh", "Sigmoid", "Relu" ->
          "activation functions";
      case "QuantizeLinear",
          "DynamicQuantizeLinear",
          "DequantizeLinear",
          "ReduceMax",
          "Abs",
          "Max",
          "Div" ->
          "quantising";
      case "Gather" -> "embeddings";
      default -> "biases and scales";
    };
  }

  private double productsPerSecond(EncoderGraph.Products products, int callers) {
    NativeLibraries.prepareRuntime();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (var settings = new OrtSession.SessionOptions()) {
      settings.setIntraOpNumThreads(1);
      settings.setInterOpNumThreads(1);
      settings.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          products.weightsFolder().toString());
      try (OrtSession session = environment.createSession(products.model(), settings);
          ExecutorService threads = Executors.newFixedThreadPool(callers)) {
        double best = 0;
        for (int trial = 0; trial < 4; trial++) {
          cancel.check();
          var running = new ArrayList<Future<Double>>();
          for (int i = 0; i < callers; i++) {
            running.add(threads.submit(caller(environment, session, products)));
          }
          double sum = 0;
          for (Future<Double> each : running) {
            sum += each.get();
          }
          best = Math.max(best, sum);
        }
        return best;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted");
    } catch (OrtException | ExecutionException e) {
      throw new PolysemeException("ONNX Runtime cannot multiply matrices: " + e.getMessage(), e);
    }
  }

  /** Operations a second of one caller. */
  private static Callable<Double> caller(
      OrtEnvironment environment, OrtSession session, EncoderGraph.Products products) {
    return () -> {
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      try {
        for (Map.Entry<String, Integer> input : products.inputs().entrySet()) {
          ByteBuffer buffer =
              ByteBuffer.allocateDirect(ROWS * input.getValue() * Float.BYTES)
                  .order(ByteOrder.nativeOrder());
          for (int i = 0; i < ROWS * input.getValue(); i++) {
            buffer.putFloat((i % 17) / 17f - 0.4f);
          }
          inputs.put(
              input.getKey(),
              OnnxTensor.createTensor(
                  environment,
                  buffer.flip().order(ByteOrder.nativeOrder()).asFloatBuffer(),
                  new long[] {ROWS, input.getValue()}));
        }
        long start = System.nanoTime();
        long runs = 0;
        do {
          session.run(inputs, Set.of(products.output())).close();
          runs++;
        } while (System.nanoTime() - start < 500_000_000);
        return runs * products.operations() * ROWS * 1e9 / (System.nanoTime() - start);
      } finally {
        inputs.values().forEach(OnnxTensor::close);
      }
    };
  }

  private static void delete(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    try (var all = Files.list(folder)) {
      for (Path file : all.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      System.getLogger(EncodingSpeed.class.getName())
          .log(System.Logger.Level.WARNING, "cannot delete {0}: {1}", folder, e);
    }
  }
}
