package io.polyseme.encoder;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an encoder runs. Immutable; start at {@link #DEFAULT}.
 *
 * @param device where it runs; what is not there is an error, never a silent fall-back
 * @param threads how many texts are encoded at once by bulk calls, each by one ONNX Runtime thread;
 *     at least 1, by default the processors that this process may use
 * @param batchTokens the greatest number of tokens, padding included, in one batch; a single longer
 *     window goes alone
 * @param cacheBytes how many bytes of results are kept, so that a text that is asked for again, in
 *     the same way, is not encoded again; 0 for none, the default
 * @param dictionary further words for the Chinese segmenter, in jieba's format (a word, its
 *     frequency and a tag on each line); the segmenter's dictionary is one for the whole JVM
 * @param notes told, from any thread, what a person should know of how an encoder runs, once each:
 *     what {@link Device.Auto} chose, which operators a GPU leaves to the CPU. By default the
 *     system's logger is
 */
public record EncoderOptions(
    Device device,
    int threads,
    int batchTokens,
    long cacheBytes,
    @Nullable Path dictionary,
    Consumer<String> notes) {
  /** Where the model runs. */
  public sealed interface Device {
    /** The processors of this machine. */
    record Cpu() implements Device {}

    /**
     * An NVIDIA GPU. Needs onnxruntime_gpu on the class path in the place of onnxruntime, NVIDIA's
     * driver and the libraries of CUDA 12; what of it is missing, an error says. A model that is
     * quantised by row ({@link io.polyseme.encoder.graph.Quantisation#BY_ROW}) is computed with its
     * weights as floats there: that is right to its own rounding of weights, and no faster than the
     * model that it was made from.
     *
     * @param id the GPU's number, from 0, in the order of CUDA
     * @param memoryBytes the most that weights and intermediate values may take of the GPU's memory
     *     for each set of layers in use, in bytes; 0 for no limit. A batch that needs more fails.
     *     CUDA itself and its libraries take some hundreds of megabytes beside it
     * @param precision how numbers are rounded
     */
    record Cuda(int id, long memoryBytes, Precision precision) implements Device {
      public Cuda {
        Objects.requireNonNull(precision, "precision");
        if (id < 0) {
          throw new IllegalArgumentException("id must not be below 0: " + id);
        }
        if (memoryBytes < 0) {
          throw new IllegalArgumentException("memoryBytes must not be below 0: " + memoryBytes);
        }
      }

      /** All of its memory, in float32. */
      public Cuda(int id) {
        this(id, 0, Precision.FP32);
      }

      public Cuda withMemoryBytes(long memoryBytes) {
        return new Cuda(id, memoryBytes, precision);
      }

      public Cuda withPrecision(Precision precision) {
        return new Cuda(id, memoryBytes, precision);
      }
    }

    /**
     * A GPU where it can be used, else the CPU in float32; which it is and why is told to {@link
     * EncoderOptions#notes()} and is in {@link Encoder#executionProvider()}.
     */
    record Auto(Cuda cuda) implements Device {
      public Auto {
        Objects.requireNonNull(cuda, "cuda");
      }

      /** The first GPU, with all of its memory, in float32. */
      public Auto() {
        this(new Cuda(0));
      }
    }
  }

  /**
   * How a GPU rounds. The CPU always computes in float32.
   *
   * <p>Vectors of different precisions can be compared with each other: beside those of {@link
   * #FP32}, those of {@link #FP16} have a cosine of 0.999 and more.
   */
  public enum Precision {
    /** float32, as on the CPU, beyond the order of sums. */
    FP32,
    /** float32 whose matrix products see ten bits of each factor's fraction; on newer GPUs only. */
    TF32,
    /** float16 from the embeddings on, sums in float32; half of the memory. */
    FP16;

    /** Its name in lower case: "fp32", "tf32" or "fp16". */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The CPU, all the processors that this process may use. */
  public static final EncoderOptions DEFAULT =
      new EncoderOptions(
          new Device.Cpu(),
          Math.max(1, Runtime.getRuntime().availableProcessors()),
          512,
          0,
          null,
          note -> System.getLogger(Encoder.class.getName()).log(System.Logger.Level.INFO, note));

  public EncoderOptions {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(notes, "notes");
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
    if (batchTokens < 1) {
      throw new IllegalArgumentException("batchTokens must be at least 1: " + batchTokens);
    }
    if (cacheBytes < 0) {
      throw new IllegalArgumentException("cacheBytes must not be below 0: " + cacheBytes);
    }
  }

  public EncoderOptions withCacheBytes(long cacheBytes) {
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary, notes);
  }

  public EncoderOptions withDevice(Device device) {
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary, notes);
  }

  public EncoderOptions withThreads(int threads) {
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary, notes);
  }

  public EncoderOptions withBatchTokens(int batchTokens) {
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary, notes);
  }

  public EncoderOptions withDictionary(Path dictionary) {
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary, notes);
  }

  public EncoderOptions withNotes(Consumer<String> notes) {
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary, notes);
  }
}
