package io.polyseme.encoder;

import io.polyseme.PolysemeException;
import io.polyseme.model.ModelStore;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks native libraries once into the cache instead of at each start, and keeps what comes with
 * them from phoning home. Properties that are already set stay as they are.
 */
final class NativeLibraries {
  private static final String ORT_PATH = "onnxruntime.native.path";
  private static final String NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";
  private static final String CUDA_PROVIDER = "onnxruntime_providers_cuda";
  private static boolean runtimeReady;
  private static boolean unpacked;

  private NativeLibraries() {}

  /** To be called before the first class of DJL's is used. */
  static void prepareDjl() {
    setUnlessSet("RUST_FLAVOR", "cpu");
    setUnlessSet("OPT_OUT_TRACKING", "true");
    setUnlessSet("ai.djl.offline", "true");
    setUnlessSet("ENGINE_CACHE_DIR", home().resolve("djl").toString());
  }

  static void prepareTokenizers() {
    prepareDjl();
    try {
      Class.forName(
          "ai.djl.huggingface.tokenizers.HuggingFaceTokenizer",
          false,
          NativeLibraries.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new PolysemeException(
          "encoding text needs Hugging Face tokenizers on the class path: add"
              + " ai.djl.huggingface:tokenizers",
          e);
    }
  }

  /** To be called before the first class of ONNX Runtime's is used. */
  static synchronized void prepareRuntime() {
    if (runtimeReady) {
      return;
    }
    keepRuntimeSilent();
    String platform = platform();
    URL first = resource(platform, System.mapLibraryName("onnxruntime"));
    if (first == null) {
      if (NativeLibraries.class.getResource("/ai/onnxruntime/OrtEnvironment.class") == null) {
        throw new PolysemeException(
            "encoding text needs ONNX Runtime on the class path: add"
                + " com.microsoft.onnxruntime:onnxruntime (or onnxruntime_gpu)");
      }
    } else if (System.getProperty(ORT_PATH) == null) {
      System.setProperty(ORT_PATH, unpack(platform, first).toString());
      unpacked = true;
    }
    runtimeReady = true;
  }

  /**
   * Puts ONNX Runtime's CUDA provider beside the runtime, which is where it is looked for. Not done
   * with the others: it has some 600 MB, and only a machine with a GPU needs it.
   *
   * @return the provider's library; null where it is not there, or the user has told ONNX Runtime
   *     by its own properties where to look
   */
  static synchronized @Nullable Path prepareCuda() {
    prepareRuntime();
    if (!unpacked) {
      return null;
    }
    String name = System.mapLibraryName(CUDA_PROVIDER);
    Path file = Path.of(System.getProperty(ORT_PATH)).resolve(name);
    URL library = resource(platform(), name);
    if (Files.exists(file) || library == null) {
      return library == null ? null : file;
    }
    try {
      Path temporary = Files.createTempFile(file.getParent(), name, ".part");
      try (InputStream in = library.openStream()) {
        Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
      return file;
    } catch (IOException e) {
      throw cannotUnpack(file, e);
    }
  }

  /**
   * ONNX Runtime's builds for Linux and macOS send usage data to their maker as soon as the library
   * is loaded, before a call could switch it off; only the process's environment can. A user who
   * has set the variable has decided for himself.
   */
  @SuppressWarnings(
      "restricted") // the launcher gives native access; without it the JVM warns, as for JNI
  private static void keepRuntimeSilent() {
    if (System.getenv(NO_TELEMETRY) != null) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    linker
        .defaultLookup()
        .find("setenv")
        .ifPresent(
            address -> {
              MethodHandle setenv =
                  linker.downcallHandle(
                      address,
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT,
                          ValueLayout.ADDRESS,
                          ValueLayout.ADDRESS,
                          ValueLayout.JAVA_INT));
              try (Arena arena = Arena.ofConfined()) {
                int _ =
                    (int)
                        setenv.invokeExact(
                            arena.allocateFrom(NO_TELEMETRY), arena.allocateFrom("1"), 0);
              } catch (Throwable e) {
                throw new IllegalStateException("cannot set " + NO_TELEMETRY, e);
              }
            });
  }

  private static Path unpack(String platform, URL first) {
    Path folder = home();
    try {
      // The checksum of the library in the jar tells versions and the GPU build apart.
      long crc = 0;
      if (first.openConnection() instanceof JarURLConnection jar) {
        crc = jar.getJarEntry().getCrc();
      }
      folder = folder.resolve("onnxruntime-%s-%08x".formatted(platform, crc));
      if (Files.isDirectory(folder)) {
        return folder;
      }
      Files.createDirectories(folder.getParent());
      Path temporary = Files.createTempDirectory(folder.getParent(), "unpacking");
      try {
        for (URL library : libraries(platform)) {
          String name = library.getPath().substring(library.getPath().lastIndexOf('/') + 1);
          try (InputStream in = library.openStream()) {
            Files.copy(in, temporary.resolve(name));
          }
        }
        Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
        delete(temporary); // another process was first
      } catch (IOException e) {
        delete(temporary);
        if (!Files.isDirectory(folder)) {
          throw e;
        }
      }
      return folder;
    } catch (IOException e) {
      throw cannotUnpack(folder, e);
    }
  }

  private static PolysemeException cannotUnpack(Path where, IOException e) {
    return new PolysemeException(
        "cannot unpack ONNX Runtime's native library to %s: %s (is the disk full, or the folder not"
                .formatted(where, e)
            + " writable? POLYSEME_HOME names another one)",
        e);
  }

  private static List<URL> libraries(String platform) {
    var libraries = new ArrayList<URL>();
    for (String name :
        List.of("onnxruntime", "onnxruntime4j_jni", "onnxruntime_providers_shared")) {
      URL library = resource(platform, System.mapLibraryName(name));
      if (library != null) {
        libraries.add(library);
      }
    }
    return libraries;
  }

  private static URL resource(String platform, String file) {
    return NativeLibraries.class.getResource("/ai/onnxruntime/native/" + platform + "/" + file);
  }

  /** The name of this platform as ONNX Runtime's jar has it. */
  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return (os.contains("mac") ? "osx" : os.contains("win") ? "win" : "linux")
        + "-"
        + switch (architecture) {
          case "amd64", "x86_64" -> "x64";
          default -> architecture;
        };
  }

  private static Path home() {
    return ModelStore.standard().home().resolve("native");
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private static void setUnlessSet(String name, String value) {
    if (System.getenv(name) == null && System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
