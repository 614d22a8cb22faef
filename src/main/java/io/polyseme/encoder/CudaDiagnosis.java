package io.polyseme.encoder;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncoderOptions.Device;
import io.polyseme.encoder.EncoderOptions.Precision;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a GPU can be used, and what is in the way. Looked for in the order in which things must
 * be there: an ONNX Runtime with CUDA, alone on the class path; NVIDIA's driver; the libraries that
 * the CUDA provider names as needed; the device itself; and at last what ONNX Runtime says.
 */
final class CudaDiagnosis {
  private static final Pattern RUNTIME = Pattern.compile("(?:lib)?cudart(?:\\.so\\.|64_)(\\d+).*");

  /** What was found. */
  sealed interface Finding {
    /**
     * It can be used.
     *
     * @param gpu the device's name
     */
    record Usable(String gpu) implements Finding {}

    /**
     * It cannot.
     *
     * @param what is wrong, to follow "CUDA cannot be used: "
     * @param remedy what to do, a sentence of its own
     */
    record Unusable(String what, String remedy) implements Finding {}
  }

  private CudaDiagnosis() {}

  static Finding of(Device.Cuda cuda) {
    Finding.Unusable problem = runtime();
    if (problem != null) {
      return problem;
    }
    CudaDriver.Devices devices;
    try {
      devices = CudaDriver.devices(CudaDriver.load());
    } catch (IllegalArgumentException e) {
      return noDriver(CudaDriver.libraryName());
    } catch (CudaDriver.Refused e) {
      return refused(e.getMessage(), System.getenv("CUDA_VISIBLE_DEVICES"));
    }
    Path provider = NativeLibraries.prepareCuda();
    if (provider != null && provider.toString().endsWith(".so")) {
      try {
        List<String> needed = SharedObject.needed(provider);
        problem = libraries(needed, SharedObject.missing(needed), devices.version());
      } catch (IOException e) {
        throw new PolysemeException(
            "%s cannot be read (delete its folder, and it is unpacked again): %s"
                .formatted(provider, e.getMessage()),
            e);
      }
    }
    if (problem == null) {
      problem = device(cuda.id(), devices.devices());
    }
    if (problem == null) {
      problem = session(cuda);
    }
    return problem == null ? new Finding.Usable(devices.devices().get(cuda.id())) : problem;
  }

  /** The ONNX Runtime that is on the class path. */
  private static Finding.@Nullable Unusable runtime() {
    List<String> jars;
    try {
      jars =
          Collections.list(
                  CudaDiagnosis.class
                      .getClassLoader()
                      .getResources("ai/onnxruntime/OrtEnvironment.class"))
              .stream()
              .map(CudaDiagnosis::jar)
              .toList();
    } catch (IOException e) {
      throw new PolysemeException("the class path cannot be read: " + e, e);
    }
    Finding.Unusable problem = alone(jars);
    if (problem != null) {
      return problem;
    }
    NativeLibraries.prepareRuntime();
    try {
      // With the environment comes the log that a provider's library writes to as it is loaded.
      OrtEnvironment.getEnvironment();
      return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)
          ? null
          : withoutCuda(jars);
    } catch (LinkageError e) {
      throw new PolysemeException(
          "ONNX Runtime cannot be loaded on %s %s (onnxruntime_gpu is made for x64 with Linux or Windows): %s"
              .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), e),
          e);
    }
  }

  /** The name of the file that a class comes from. */
  private static String jar(URL resource) {
    String path = resource.getPath();
    int end = path.indexOf('!');
    return end < 0 ? path : path.substring(path.lastIndexOf('/', end) + 1, end);
  }

  static Finding.@Nullable Unusable alone(List<String> jars) {
    return jars.size() < 2
        ? null
        : new Finding.Unusable(
            "there is more than one ONNX Runtime on the class path, of which any may be loaded: "
                + String.join(", ", jars),
            "Leave only com.microsoft.onnxruntime:onnxruntime_gpu there");
  }

  static Finding.Unusable withoutCuda(List<String> jars) {
    return new Finding.Unusable(
        "the ONNX Runtime on the class path (%s) was built for the CPU only"
            .formatted(String.join(", ", jars)),
        "Put com.microsoft.onnxruntime:onnxruntime_gpu in the place of onnxruntime: the Maven"
            + " profile gpu does so (mvn -Pgpu), and POLYSEME_GPU=1 for the polyseme command");
  }

  static Finding.Unusable noDriver(String library) {
    return new Finding.Unusable(
        "there is no NVIDIA driver (%s cannot be loaded)".formatted(library),
        "Install NVIDIA's driver; a container has it where it is started with the GPUs (docker run"
            + " --gpus all)");
  }

  /**
   * @param visible the environment's CUDA_VISIBLE_DEVICES
   */
  static Finding.Unusable refused(String answer, @Nullable String visible) {
    return new Finding.Unusable(
        "the NVIDIA driver finds no GPU that can be used (%s)".formatted(answer),
        (visible == null
                ? "See"
                : "CUDA_VISIBLE_DEVICES is \"%s\": are those the numbers of GPUs? See"
                    .formatted(visible))
            + " what nvidia-smi says; a container must be started with the GPUs (docker run --gpus"
            + " all)");
  }

  /**
   * @param driver the version of CUDA that the driver is made for
   */
  static Finding.@Nullable Unusable libraries(
      List<String> needed, List<String> missing, int driver) {
    int major =
        needed.stream()
            .map(RUNTIME::matcher)
            .filter(Matcher::matches)
            .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
            .findFirst()
            .orElse(0);
    if (driver / 1000 < major) {
      return new Finding.Unusable(
          String.format(
              Locale.ROOT,
              "the NVIDIA driver is made for CUDA %d.%d, and this ONNX Runtime needs CUDA %d",
              driver / 1000,
              driver % 1000 / 10,
              major),
          "Install a newer driver");
    }
    return missing.isEmpty()
        ? null
        : new Finding.Unusable(
            "ONNX Runtime's CUDA provider needs libraries that cannot be loaded here: "
                + String.join(", ", missing),
            "Install the libraries of %s, or start Java with LD_LIBRARY_PATH naming the folders that they are in"
                .formatted(major == 0 ? "CUDA" : "CUDA " + major));
  }

  static Finding.@Nullable Unusable device(int id, List<String> devices) {
    if (id < devices.size()) {
      return null;
    }
    var known = new StringBuilder();
    for (int i = 0; i < devices.size(); i++) {
      known.append(i == 0 ? "" : ", ").append("cuda:").append(i);
      known.append(" (").append(devices.get(i)).append(")");
    }
    return new Finding.Unusable(
        "there is no GPU number " + id,
        devices.isEmpty() ? "The driver sees none" : "There is " + known);
  }

  private static Finding.@Nullable Unusable session(Device.Cuda cuda) {
    try (var settings = new OrtSession.SessionOptions()) {
      configure(settings, cuda);
      return null;
    } catch (OrtException e) {
      return new Finding.Unusable(
          "ONNX Runtime cannot use cuda:%d".formatted(cuda.id()),
          "It says: " + ModelSession.firstLine(e));
    }
  }

  /** Has sessions run on a GPU. */
  static void configure(OrtSession.SessionOptions settings, Device.Cuda cuda) throws OrtException {
    try (var options = new OrtCUDAProviderOptions(cuda.id())) {
      // Otherwise each growth of the arena is twice the last, and half of the memory lies idle.
      options.add("arena_extend_strategy", "kSameAsRequested");
      // Trying out each algorithm for each new length would take longer than the texts.
      options.add("cudnn_conv_algo_search", "HEURISTIC");
      options.add("use_tf32", cuda.precision() == Precision.TF32 ? "1" : "0");
      if (cuda.memoryBytes() > 0) {
        options.add("gpu_mem_limit", Long.toString(cuda.memoryBytes()));
      }
      settings.addCUDA(options);
    }
  }
}
