package io.polyseme.benchmarks;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One side in a process of its own; {@code encode/transformers.mjs} does the same with other means.
 * Each set of texts is encoded once to warm up and once by the clock; the vectors of that pass are
 * written, and its time told in a line of JSON.
 */
final class SideRun {
  private SideRun() {}

  /** What a pass took. */
  record Timed(String set, int texts, double seconds) {}

  /**
   * @param args the name of a side; the folder of its model; the folder to work in; the sets of
   *     texts. Or {@code matrices} alone
   */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("matrices")) {
      measureMatrices();
      return;
    }
    Path work = Path.of(args[2]);
    try (Side side = Side.open(args[0], Path.of(args[1]))) {
      for (String set : Arrays.asList(args).subList(3, args.length)) {
        List<String> texts = Files.readAllLines(work.resolve(set + ".txt"));
        side.encode(texts);
        long start = System.nanoTime();
        List<float[]> vectors = side.encode(texts);
        double seconds = (System.nanoTime() - start) / 1e9;
        write(work.resolve(args[0] + "-" + set + ".f32"), vectors);
        System.out.println(new Gson().toJson(new Timed(set, texts.size(), seconds)));
      }
    }
  }

  private static void measureMatrices() throws InterruptedException {
    int callers = Runtime.getRuntime().availableProcessors();
    for (MatrixSpeed.Product product : EncoderWork.MINI_LM.products().keySet()) {
      MatrixSpeed.Speed speed =
          MatrixSpeed.fastest(product, List.of(64, 128, 256, 512, 1024), callers);
      System.out.println(
          new Gson()
              .toJson(
                  Map.of(
                      "inner", product.inner(),
                      "columns", product.columns(),
                      "rows", speed.rows(),
                      "perSecond", speed.perSecond())));
    }
  }

  private static void write(Path file, List<float[]> vectors) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (float[] vector : vectors) {
        ByteBuffer bytes =
            ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
      }
    }
  }

  /** The vectors that a side has written. */
  static List<float[]> read(Path file, int dimension) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    var vectors = new ArrayList<float[]>();
    while (bytes.remaining() >= dimension * Float.BYTES) {
      var vector = new float[dimension];
      bytes.asFloatBuffer().get(vector);
      bytes.position(bytes.position() + dimension * Float.BYTES);
      vectors.add(vector);
    }
    return vectors;
  }
}
