package io.polyseme.benchmarks;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How fast this machine multiplies float32 matrices through ONNX Runtime, on its CPU: the same
 * kernels as an encoder's layers, and nothing around them. A graph of one {@code MatMul} by a
 * constant matrix, which ONNX Runtime packs as it packs a model's weights, is run by several
 * callers at once, each on one thread and over buffers of its own.
 *
 * <p>Nothing is kept between calls. Measure with nothing else running.
 */
public final class MatrixSpeed {
  private static final int TRIALS = 5;
  private static final Duration TRIAL = Duration.ofMillis(200);

  private MatrixSpeed() {}

  /**
   * A product by a constant matrix: {@code [rows x inner] x [inner x columns]}, where rows are the
   * tokens of a batch.
   */
  public record Product(int inner, int columns) {
    public Product {
      if (inner < 1 || columns < 1) {
        throw new IllegalArgumentException(
            "a matrix has at least one row and one column: " + inner + " x " + columns);
      }
    }

    /** Floating-point operations of this many rows; a multiplication and an addition are two. */
    public double operations(long rows) {
      return 2.0 * rows * inner * columns;
    }
  }

  /**
   * The speed of a product.
   *
   * @param rows how many rows a call had
   * @param perSecond floating-point operations a second, of all callers together
   */
  public record Speed(Product product, int rows, double perSecond) {}

  /**
   * The best that was seen over several trials, a second or so altogether.
   *
   * @param rows of each call, at least 1
   * @param callers how many threads call at once, at least 1
   * @throws IllegalStateException if ONNX Runtime fails
   * @throws InterruptedException if interrupted while the callers work
   */
  public static Speed measure(Product product, int rows, int callers) throws InterruptedException {
    if (rows < 1 || callers < 1) {
      throw new IllegalArgumentException(
          "rows and callers must be at least 1: " + rows + ", " + callers);
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      try (OrtSession session = environment.createSession(graph(product, rows), options);
          ExecutorService threads = Executors.newFixedThreadPool(callers)) {
        double best = 0;
        for (int trial = -1; trial < TRIALS; trial++) {
          var together = new CyclicBarrier(callers);
          var running = new ArrayList<Future<Double>>();
          for (int i = 0; i < callers; i++) {
            running.add(threads.submit(caller(session, product, rows, together)));
          }
          double sum = 0;
          for (Future<Double> caller : running) {
            sum += caller.get();
          }
          if (trial >= 0) { // the first only warms up
            best = Math.max(best, sum);
          }
        }
        return new Speed(product, rows, best);
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot multiply matrices: " + e, e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "ONNX Runtime cannot multiply matrices: " + e.getCause(), e.getCause());
    }
  }

  /** The fastest of several numbers of rows. */
  public static Speed fastest(Product product, List<Integer> rows, int callers)
      throws InterruptedException {
    Speed fastest = null;
    for (int each : rows) {
      Speed speed = measure(product, each, callers);
      if (fastest == null || speed.perSecond() > fastest.perSecond()) {
        fastest = speed;
      }
    }
    if (fastest == null) {
      throw new IllegalArgumentException("no number of rows is given");
    }
    return fastest;
  }

  /** Operations a second of one caller, by its own clock, from its first call to its last. */
  private static Callable<Double> caller(
      OrtSession session, Product product, int rows, CyclicBarrier together) {
    return () -> {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      FloatBuffer in = direct(rows * product.inner());
      var random = new Random(1);
      while (in.hasRemaining()) {
        in.put(random.nextFloat() - 0.5f);
      }
      FloatBuffer out = direct(rows * product.columns());
      try (OnnxTensor left =
              OnnxTensor.createTensor(environment, in.flip(), new long[] {rows, product.inner()});
          OnnxTensor result =
              OnnxTensor.createTensor(environment, out, new long[] {rows, product.columns()})) {
        together.await();
        long start = System.nanoTime();
        long elapsed;
        long calls = 0;
        do {
          session.run(Map.of("left", left), Map.of("result", result)).close();
          calls++;
          elapsed = System.nanoTime() - start;
        } while (elapsed < TRIAL.toNanos());
        return product.operations(calls * rows) * 1e9 / elapsed;
      }
    };
  }

  private static FloatBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(floats, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private static byte[] graph(Product product, int rows) {
    ByteBuffer weights =
        ByteBuffer.allocate(
                Math.multiplyExact(
                    Float.BYTES, Math.multiplyExact(product.inner(), product.columns())))
            .order(ByteOrder.LITTLE_ENDIAN);
    var random = new Random(2);
    while (weights.hasRemaining()) {
      weights.putFloat(random.nextFloat() - 0.5f);
    }
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(
            GraphProto.newBuilder()
                .setName("product")
                .addInput(matrix("left", rows, product.inner()))
                .addOutput(matrix("result", rows, product.columns()))
                .addInitializer(
                    TensorProto.newBuilder()
                        .setName("weights")
                        .setDataType(TensorProto.DataType.FLOAT_VALUE)
                        .addDims(product.inner())
                        .addDims(product.columns())
                        .setRawData(ByteString.copyFrom(weights.flip())))
                .addNode(
                    NodeProto.newBuilder()
                        .setOpType("MatMul")
                        .addInput("left")
                        .addInput("weights")
                        .addOutput("result")))
        .build()
        .toByteArray();
  }

  private static ValueInfoProto matrix(String name, long rows, long columns) {
    var shape = TensorShapeProto.newBuilder();
    for (long size : new long[] {rows, columns}) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }
}
