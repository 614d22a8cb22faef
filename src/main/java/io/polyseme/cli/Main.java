package io.polyseme.cli;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The entry of the command line. */
@CommandLine.Command(
    name = "polyseme",
    versionProvider = Main.Version.class,
    description = "Word meaning in context.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Start with:  polyseme demo",
      "Every command has examples:  polyseme analogy --help",
      "",
      "Models and word spaces are kept in POLYSEME_HOME, by default the system's place for caches."
    })
public final class Main implements Runnable {
  private static final int FAILED = 1;
  private static final int WRONG_USE = 2;
  private static final int INTERRUPTED = 130;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  Main() {}

  /** Configures {@code java.util.logging}, if that is ever started, to say nothing. */
  public static final class Silence {
    public Silence() throws IOException {
      LogManager.getLogManager()
          .readConfiguration(
              new ByteArrayInputStream(".level=OFF".getBytes(StandardCharsets.UTF_8)));
    }
  }

  /** Reads {@code Implementation-Version} of the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"polyseme " + (version == null ? "(unpacked)" : version)};
    }
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is needed");
  }

  /**
   * Runs one command and ends the process: 0 done, 1 failed, 2 wrong use, 130 interrupted.
   *
   * @param arguments the command and its options
   */
  public static void main(String[] arguments) {
    var err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    // Libraries print to standard output as they load, where only answers belong.
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    boolean terminal = System.console() != null && System.console().isTerminal();
    boolean plain = System.getenv("NO_COLOR") != null || "dumb".equals(System.getenv("TERM"));
    Cancel cancel = Cancel.create();
    var ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  cancel.cancel();
                  try {
                    // To take back what is half done, or save it.
                    if (!ended.await(30, TimeUnit.SECONDS)) {
                      // Not by exit: native libraries would be torn down under who uses them.
                      Runtime.getRuntime().halt(INTERRUPTED);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    var screen =
        new Terminal(
            System.in,
            new PrintStream(
                // Not over a PrintStream, which would keep to itself that nobody reads any more.
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
                false,
                StandardCharsets.UTF_8),
            err,
            isInteractive(System.in, terminal),
            terminal && !plain,
            terminal && !plain,
            cancel);
    int code = run(screen, arguments);
    screen.out().flush();
    ended.countDown();
    err.flush();
    Runtime.getRuntime().halt(code); // native threads need not be waited for
  }

  private static boolean isInteractive(InputStream in, boolean terminal) {
    try {
      return terminal && in.available() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Runs one command without ending the process. */
  static int run(Terminal terminal, String... arguments) {
    boolean debug = List.of(arguments).contains("--debug");
    if (!debug) {
      // By name, and not by calling it: most commands need no logging, and never start it.
      System.setProperty("java.util.logging.config.class", Silence.class.getName());
    }
    IFactory factory =
        new IFactory() {
          @Override
          public <K> K create(Class<K> type) throws Exception {
            if (Command.class.isAssignableFrom(type)) {
              return type.cast(type.getDeclaredConstructor(Terminal.class).newInstance(terminal));
            }
            return CommandLine.defaultFactory().create(type);
          }
        };
    var line = new CommandLine(new Main(), factory);
    // Only the command that is asked for, where that is plain: reading what all of them take makes
    // a good part of a short command's time.
    Map<String, Supplier<CommandLine>> commands = commands(terminal, factory);
    String first = arguments.length == 0 ? "" : arguments[0];
    if (commands.containsKey(first)) {
      line.addSubcommand(commands.get(first).get());
    } else {
      commands.values().forEach(command -> line.addSubcommand(command.get()));
    }
    helpEverywhere(line);
    line.setOut(new java.io.PrintWriter(terminal.out(), true));
    line.setErr(new java.io.PrintWriter(terminal.err(), true));
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(terminal.colour() ? Ansi.ON : Ansi.OFF));
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(100);
    line.setParameterExceptionHandler((error, _) -> wrongUse(terminal, error, debug));
    line.setExecutionExceptionHandler((error, _, _) -> failed(terminal, error, debug));
    return line.execute(arguments);
  }

  /** All commands by name, in the order in which help lists them. */
  private static Map<String, Supplier<CommandLine>> commands(Terminal terminal, IFactory factory) {
    var commands = new LinkedHashMap<String, Supplier<CommandLine>>();
    commands.put("demo", () -> new CommandLine(new DemoCommand(terminal), factory));
    commands.put("similar", () -> new CommandLine(new SimilarCommand(terminal), factory));
    commands.put("analogy", () -> new CommandLine(new AnalogyCommand(terminal), factory));
    commands.put("compare", () -> new CommandLine(new CompareCommand(terminal), factory));
    commands.put("odd-one-out", () -> new CommandLine(new OddOneOutCommand(terminal), factory));
    commands.put("encode", () -> new CommandLine(new EncodeCommand(terminal), factory));
    commands.put("senses", () -> new CommandLine(new SensesCommand(terminal), factory));
    commands.put("sense", () -> new CommandLine(new SenseCommand(terminal), factory));
    commands.put("search", () -> new CommandLine(new SearchCommand(terminal), factory));
    commands.put("mine", () -> new CommandLine(new MineCommand(terminal), factory));
    commands.put("cluster", () -> new CommandLine(new ClusterCommand(terminal), factory));
    commands.put("dedupe", () -> new CommandLine(new DedupeCommand(terminal), factory));
    commands.put("outliers", () -> new CommandLine(new OutliersCommand(terminal), factory));
    commands.put("classify", () -> new CommandLine(new ClassifyCommand(terminal), factory));
    commands.put("usages", () -> new CommandLine(new UsagesCommand(terminal), factory));
    commands.put("induce", () -> new CommandLine(new InduceCommand(terminal), factory));
    commands.put("substitutes", () -> new CommandLine(new SubstitutesCommand(terminal), factory));
    commands.put("shift", () -> new CommandLine(new ShiftCommand(terminal), factory));
    commands.put("polysemy", () -> new CommandLine(new PolysemyCommand(terminal), factory));
    commands.put("predict", () -> new CommandLine(new PredictCommand(terminal), factory));
    commands.put("adapt", () -> new CommandLine(new AdaptCommand(terminal), factory));
    commands.put(
        "train-encoder", () -> new CommandLine(new TrainEncoderCommand(terminal), factory));
    commands.put("train-head", () -> new CommandLine(new TrainHeadCommand(terminal), factory));
    commands.put(
        "inspect",
        () ->
            new CommandLine(new InspectCommand(terminal), factory)
                .addSubcommand(new InspectAttentionCommand(terminal))
                .addSubcommand(new InspectLayersCommand(terminal))
                .addSubcommand(new InspectLensCommand(terminal))
                .addSubcommand(new InspectHeadsCommand(terminal))
                .addSubcommand(new InspectAblationCommand(terminal))
                .addSubcommand(new InspectFactsCommand(terminal))
                .addSubcommand(new InspectNeuronsCommand(terminal)));
    commands.put("relate", () -> new CommandLine(new RelateCommand(terminal), factory));
    commands.put(
        "index",
        () ->
            new CommandLine(new IndexCommand(terminal), factory)
                .addSubcommand(new IndexBuildCommand(terminal))
                .addSubcommand(new IndexWatchCommand(terminal))
                .addSubcommand(new IndexCommand.ListAll(terminal))
                .addSubcommand(new IndexCommand.Info(terminal))
                .addSubcommand(new IndexCommand.Check(terminal))
                .addSubcommand(new IndexChangeCommands.Remove(terminal))
                .addSubcommand(new IndexChangeCommands.Reembed(terminal))
                .addSubcommand(new IndexChangeCommands.BackUp(terminal))
                .addSubcommand(new IndexCommand.Delete(terminal)));
    commands.put(
        "words",
        () ->
            new CommandLine(new WordsCommand(terminal), factory)
                .addSubcommand(new WordsCommand.Distil(terminal))
                .addSubcommand(new WordsCommand.Convert(terminal))
                .addSubcommand(new WordsCommand.Info(terminal))
                .addSubcommand(new ProcessCommand(terminal))
                .addSubcommand(new AlignCommand(terminal))
                .addSubcommand(new CombineCommand(terminal))
                .addSubcommand(new RetrofitCommand(terminal)));
    commands.put("train", () -> new CommandLine(new TrainCommand(terminal), factory));
    commands.put(
        "models",
        () ->
            new CommandLine(new ModelsCommand(terminal), factory)
                .addSubcommand(new ModelsCommand.ListAll(terminal))
                .addSubcommand(new ModelsCommand.Info(terminal))
                .addSubcommand(new ModelsCommand.Pull(terminal))
                .addSubcommand(new QuantiseCommand(terminal)));
    commands.put(
        "evaluate",
        () ->
            new CommandLine(new EvaluateCommand(terminal), factory)
                .addSubcommand(new EvaluateCommand.AnalogySet(terminal))
                .addSubcommand(new EvaluateCommand.SimilaritySet(terminal))
                .addSubcommand(new CoarseCommand(terminal))
                .addSubcommand(new InductionCommand(terminal))
                .addSubcommand(new RetrievalCommand(terminal))
                .addSubcommand(new WicCommand(terminal))
                .addSubcommand(new ScwsCommand(terminal))
                .addSubcommand(new WsdCommand(terminal))
                .addSubcommand(new EvaluateCommand.SentenceSet(terminal)));
    commands.put(
        "bench",
        () ->
            new CommandLine(new BenchCommand(terminal), factory)
                .addSubcommand(new BenchCommand.Encode(terminal))
                .addSubcommand(new BenchSearchCommand(terminal))
                .addSubcommand(new BenchCommand.Memory(terminal)));
    return commands;
  }

  private static void helpEverywhere(CommandLine line) {
    line.getCommandSpec().mixinStandardHelpOptions(true);
    line.getSubcommands().values().forEach(Main::helpEverywhere);
  }

  private static int wrongUse(Terminal terminal, ParameterException error, boolean debug) {
    String name = error.getCommandLine().getCommandSpec().qualifiedName();
    say(terminal, error.getMessage(), error, debug);
    UnmatchedArgumentException.printSuggestions(error, error.getCommandLine().getErr());
    terminal.err().println("Try: " + name + " --help");
    return WRONG_USE;
  }

  private static int failed(Terminal terminal, Throwable error, boolean debug) {
    switch (error) {
      case ParameterException e -> {
        return wrongUse(terminal, e, debug);
      }
      case CancelledException e -> {
        if (terminal.out().checkError()) {
          return 0; // whoever read the output has seen enough
        }
        say(terminal, e.getMessage(), e, debug);
        return INTERRUPTED;
      }
      case PolysemeException e -> say(terminal, e.getMessage(), e, debug);
      case IllegalArgumentException e -> {
        say(terminal, e.getMessage(), e, debug);
        return WRONG_USE;
      }
      case UncheckedIOException e -> say(terminal, describe(e.getCause()), e, debug);
      case IOException e -> say(terminal, describe(e), e, debug);
      case OutOfMemoryError e ->
          say(
              terminal,
              "there is not enough memory; POLYSEME_JAVA_OPTS=-Xmx4g gives more",
              e,
              debug);
      default ->
          say(
              terminal,
              "internal error: " + error + (debug ? "" : " (--debug shows where)"),
              error,
              debug);
    }
    return FAILED;
  }

  private static String describe(IOException error) {
    return switch (error) {
      case NoSuchFileException e -> "there is no file " + e.getFile();
      case AccessDeniedException e -> "no permission to use " + e.getFile();
      case FileSystemException e -> e.getFile() + ": " + e.getReason();
      default -> String.valueOf(error.getMessage());
    };
  }

  private static void say(Terminal terminal, String message, Throwable error, boolean debug) {
    terminal.out().flush();
    String shown =
        String.valueOf(message)
            .lines()
            .map(Table::printable)
            .reduce((a, b) -> a + "\n" + b)
            .orElse("");
    terminal.err().println("polyseme: " + shown);
    if (debug) {
      error.printStackTrace(terminal.err());
    }
  }
}
