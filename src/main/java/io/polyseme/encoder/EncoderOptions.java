package io.polyseme.encoder;

import java.nio.file.Path;
import java.util.Objects;
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
 */
public record EncoderOptions(
    Device device, int threads, int batchTokens, long cacheBytes, @Nullable Path dictionary) {
  /** Where the model runs. */
  public sealed interface Device {
    record Cpu() implements Device {}

    /** An NVIDIA GPU, by its number; needs onnxruntime_gpu in the place of onnxruntime. */
    record Cuda(int id) implements Device {}
  }

  /** The CPU, all the processors that this process may use. */
  public static final EncoderOptions DEFAULT =
      new EncoderOptions(
          new Device.Cpu(), Math.max(1, Runtime.getRuntime().availableProcessors()), 512, 0, null);

  public EncoderOptions {
    Objects.requireNonNull(device, "device");
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
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary);
  }

  public EncoderOptions withDevice(Device device) {
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary);
  }

  public EncoderOptions withThreads(int threads) {
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary);
  }

  public EncoderOptions withBatchTokens(int batchTokens) {
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary);
  }

  public EncoderOptions withDictionary(Path dictionary) {
    return new EncoderOptions(device, threads, batchTokens, cacheBytes, dictionary);
  }
}
