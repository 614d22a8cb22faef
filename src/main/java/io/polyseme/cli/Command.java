package io.polyseme.cli;

import io.polyseme.PolysemeException;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.EncoderOptions.Device;
import io.polyseme.encoder.EncoderOptions.Precision;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.ModelTarget;
import io.polyseme.train.WordSpaces;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands share: where they write, how encoders run, where things are found. */
abstract class Command implements Callable<Integer> {
  private static final Pattern DEVICE = Pattern.compile("cpu|auto|cuda(?::(\\d{1,3}))?");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,8})([kmg]?)b?");

  final Terminal terminal;

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = "--json",
      description = "Print one JSON object, and nothing else on standard output.")
  boolean json;

  @Option(names = "--quiet", description = "Show no progress and no warnings.")
  boolean quiet;

  @Option(names = "--debug", description = "Show where an error comes from.")
  boolean debug;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads work at once (default: the processors there are).")
  int threads = EncoderOptions.DEFAULT.threads();

  @Option(
      names = "--batch-tokens",
      paramLabel = "N",
      description =
          "How many tokens a batch of texts may have, padding included (default: ${DEFAULT-VALUE};"
              + " bench encode finds the best).")
  int batchTokens = EncoderOptions.DEFAULT.batchTokens();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "Where models run: cpu, cuda or cuda:N, or auto for a GPU if it can be used (default:"
              + " cpu).")
  String device = "cpu";

  @Option(
      names = "--gpu-memory",
      paramLabel = "SIZE",
      description = "The most of a GPU's memory that a model may take: 512m, 4g (default: all).")
  @Nullable String gpuMemory;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "How a GPU computes: fp32, tf32 or fp16 (default: fp32).")
  String precision = "fp32";

  private final Set<String> noted = ConcurrentHashMap.newKeySet();

  Command(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The command's work; the exit code is 0 unless it throws. */
  abstract void run() throws IOException;

  @Override
  public Integer call() throws IOException {
    run();
    terminal.out().flush();
    return 0;
  }

  void print(String line) {
    terminal.out().println(line);
  }

  void print(List<String> lines) {
    lines.forEach(this::print);
  }

  void warn(List<String> warnings) {
    if (!quiet) {
      warnings.forEach(w -> terminal.err().println("note: " + Table.printable(w)));
    }
  }

  Bars bars() {
    return new Bars(terminal.err(), terminal.progress() && !quiet);
  }

  ParameterException wrongUse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Where a model goes, once it is known that it can: nothing is there, or it gives way. */
  ModelTarget free(ModelTarget target, boolean overwrite) {
    ModelTarget free = overwrite ? target.replacing() : target;
    models().requireFree(free);
    return free;
  }

  /** Says of a training that ended before its time that it goes on, where there is a checkpoint. */
  void tellKept(Path checkpoint) {
    if (Files.exists(checkpoint)) {
      warn(
          List.of(
              "what was trained is kept: the same command goes on with it, --restart begins anew"));
    }
  }

  /** The constant of an enumeration that an option names. */
  <E extends Enum<E>> E option(String name, String value, Class<E> type) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(value.replace('-', '_'))) {
        return constant;
      }
    }
    throw wrongUse(
        "%s is %s, and not \"%s\""
            .formatted(
                name,
                Stream.of(type.getEnumConstants())
                    .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .collect(Collectors.joining(", ")),
                value));
  }

  /** The method that {@code --method} names. */
  AnalogyMethod method(String id) {
    for (AnalogyMethod method : AnalogyMethod.values()) {
      if (method.id().equals(id)) {
        return method;
      }
    }
    throw wrongUse(
        "--method is %s, and not \"%s\""
            .formatted(
                Stream.of(AnalogyMethod.values())
                    .map(AnalogyMethod::id)
                    .collect(Collectors.joining(", ")),
                id));
  }

  static ModelStore models() {
    return ModelStore.standard();
  }

  WordSpaces spaces() {
    return new WordSpaces(models(), encoderOptions());
  }

  EncoderOptions encoderOptions() {
    if (threads < 1) {
      throw wrongUse("--threads must be at least 1, and is " + threads);
    }
    if (batchTokens < 1) {
      throw wrongUse("--batch-tokens must be at least 1, and is " + batchTokens);
    }
    EncoderOptions options =
        EncoderOptions.DEFAULT.withThreads(threads).withBatchTokens(batchTokens);
    return options.withDevice(device()).withNotes(this::note);
  }

  /** Once for all the encoders of a command. */
  private void note(String note) {
    if (noted.add(note)) {
      warn(List.of(note));
    }
  }

  private Device device() {
    Precision rounding = option("--precision", precision, Precision.class);
    long memory = gpuMemory == null ? 0 : bytes("--gpu-memory", gpuMemory);
    Matcher matcher = DEVICE.matcher(device.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw wrongUse("--device is cpu, cuda, cuda:N or auto, and not \"" + device + "\"");
    }
    if (matcher.group().equals("cpu")) {
      if (memory > 0) {
        throw wrongUse("--gpu-memory is for --device cuda or auto, and not for the CPU");
      }
      if (rounding != Precision.FP32) {
        throw wrongUse(
            "--precision %s is for --device cuda or auto: the CPU computes in fp32"
                .formatted(precision));
      }
      return new Device.Cpu();
    }
    int id = matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1));
    var cuda = new Device.Cuda(id, memory, rounding);
    return matcher.group().equals("auto") ? new Device.Auto(cuda) : cuda;
  }

  /** A number of bytes, of kibibytes (k), mebibytes (m) or gibibytes (g). */
  long bytes(String name, String value) {
    Matcher matcher = SIZE.matcher(value.toLowerCase(Locale.ROOT));
    long bytes = 0;
    if (matcher.matches()) {
      int shift =
          switch (matcher.group(2)) {
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            default -> 0;
          };
      bytes = Long.parseLong(matcher.group(1)) << shift;
    }
    if (bytes < 1) {
      throw wrongUse("%s is a size such as 512m or 4g, and not \"%s\"".formatted(name, value));
    }
    return bytes;
  }

  ModelFiles model(String nameOrPath) {
    try (Bars bars = bars()) {
      return models().open(nameOrPath, bars, terminal.cancel());
    }
  }

  /** The text that was given, or else all of standard input without its last line end. */
  String text(@Nullable String given, String what) throws IOException {
    if (given != null) {
      return given;
    }
    try (BufferedReader reader = input(what)) {
      var text = new StringBuilder();
      var buffer = new char[1 << 14];
      for (int n = reader.read(buffer); n >= 0; n = reader.read(buffer)) {
        text.append(buffer, 0, n);
      }
      int end = text.length();
      if (end > 0 && text.charAt(end - 1) == '\n') {
        end--;
        if (end > 0 && text.charAt(end - 1) == '\r') {
          end--;
        }
      }
      return text.substring(0, end);
    } catch (CharacterCodingException e) {
      throw notUtf8(e);
    }
  }

  /** Standard input, which must not be a person who knows nothing of it. */
  BufferedReader input(String what) {
    return new BufferedReader(
        new InputStreamReader(
            piped(what),
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)));
  }

  /** As {@link #input}, as bytes. */
  InputStream piped(String what) {
    if (terminal.interactiveIn()) {
      throw wrongUse("give " + what + ", or pipe it in");
    }
    return terminal.in();
  }

  static PolysemeException notUtf8(CharacterCodingException e) {
    return new PolysemeException("standard input is not text in UTF-8", e);
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
