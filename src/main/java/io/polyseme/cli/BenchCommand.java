package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.EncodingSpeed;
import io.polyseme.encoder.EncodingSpeed.Setting;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.lexicon.WordNet;
import io.polyseme.model.ModelFiles;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "bench",
    description = "Measures how fast this machine is, and recommends settings.",
    synopsisSubcommandLabel = "COMMAND")
final class BenchCommand extends Command {
  BenchCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    throw wrongUse("bench needs a command: encode, search or memory");
  }

  @CommandLine.Command(
      name = "encode",
      description = {
        "How many texts a second a model encodes, by number of threads and token budget of a batch;"
            + " where the time goes; and how many its matrix products alone would allow. Let nothing"
            + " else run meanwhile."
      },
      footer = {
        "",
        "Examples:",
        "  polyseme bench encode --model all-minilm-l6-v2",
        "  polyseme bench encode --model bge-small-zh-v1.5 --in texts.txt --budgets 256,512"
      })
  static final class Encode extends Command {
    @Option(
        names = "--model",
        paramLabel = "MODEL",
        description = "A model's name or folder (default: ${DEFAULT-VALUE}).",
        defaultValue = "all-minilm-l6-v2")
    String model = "";

    @Option(
        names = "--in",
        paramLabel = "FILE",
        description = "Texts to encode, one a line (default: definitions of WordNet).")
    @Nullable Path in;

    @Option(
        names = "--texts",
        paramLabel = "N",
        description = "How many texts, chosen by a fixed seed (default: ${DEFAULT-VALUE}).",
        defaultValue = "2000")
    int count;

    @Option(
        names = "--words",
        description = "Encode the vectors of all words instead of the whole text's.")
    boolean words;

    @Option(
        names = "--layer",
        paramLabel = "LAYER",
        description = "A layer, or several (default: last).",
        defaultValue = "last")
    String layer = "";

    @Option(
        names = "--budgets",
        paramLabel = "N,...",
        split = ",",
        description =
            "What to try as --batch-tokens, tokens in a batch (default: ${DEFAULT-VALUE}).",
        defaultValue = "128,256,512,1024,2048")
    List<Integer> budgets = List.of();

    @Option(
        names = "--seconds",
        paramLabel = "S",
        description = "How long each setting is measured (default: ${DEFAULT-VALUE}).",
        defaultValue = "3")
    double seconds;

    Encode(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() throws IOException {
      if (count < 1 || !(seconds > 0 && seconds <= 3600) || budgets.stream().anyMatch(b -> b < 1)) {
        throw wrongUse(
            "--texts and --budgets must be at least 1, and --seconds above 0 and at most 3600");
      }
      EncodeRequest request;
      try {
        request =
            (words ? EncodeRequest.ofWords() : EncodeRequest.ofSentences())
                .withLayers(Layers.parse(layer));
      } catch (IllegalArgumentException e) {
        throw wrongUse(e.getMessage());
      }
      EncoderOptions options = encoderOptions();
      List<String> texts = texts();
      ModelFiles files = model(model);
      List<Integer> threads =
          IntStream.rangeClosed(1, options.threads())
              .filter(n -> n == options.threads() || Integer.bitCount(n) == 1)
              .boxed()
              .toList();
      EncodingSpeed.Report report;
      try (Bars bars = bars()) {
        report =
            EncodingSpeed.measure(
                files,
                options,
                request,
                texts,
                threads,
                budgets,
                Duration.ofNanos((long) (seconds * 1e9)),
                bars,
                terminal.cancel());
      }
      if (json) {
        print(json(files, report));
      } else {
        show(files, request, report);
      }
    }

    private List<String> texts() throws IOException {
      List<String> all = new ArrayList<>();
      if (in == null) {
        try (WordNet wordNet = WordNet.open()) {
          wordNet.forEach(synset -> all.add(synset.definition()));
        }
      } else {
        try (Stream<String> lines = Files.lines(in)) {
          lines.filter(line -> !line.isBlank()).forEach(all::add);
        } catch (NoSuchFileException e) {
          throw new PolysemeException("there is no file " + in, e);
        } catch (CharacterCodingException | java.io.UncheckedIOException e) {
          throw new PolysemeException(in + " is not text in UTF-8", e);
        }
        if (all.isEmpty()) {
          throw new PolysemeException("there is no text in " + in);
        }
      }
      Collections.shuffle(all, new Random(42));
      return List.copyOf(all.subList(0, Math.min(count, all.size())));
    }

    private static String json(ModelFiles files, EncodingSpeed.Report report) {
      var answers = new Answers("bench encode", "").of("model", files.card().name());
      answers.of("processor", Processor.name());
      answers.of("device", report.provider().name());
      for (Setting setting : report.settings()) {
        JsonObject result = answers.result();
        result.addProperty("rank", report.settings().indexOf(setting) + 1);
        result.addProperty("threads", setting.threads());
        result.addProperty("batchTokens", setting.batchTokens());
        result.addProperty("textsPerSecond", setting.textsPerSecond());
        result.addProperty("tokensPerSecond", setting.tokensPerSecond());
        result.addProperty("padding", setting.padding());
      }
      var shares = new JsonObject();
      report.shares().forEach(shares::addProperty);
      answers.with("shares", shares);
      var bound = new JsonObject();
      bound.addProperty("gigaflops", report.productsPerSecond() / 1e9);
      bound.addProperty("textsPerSecond", report.bound());
      answers.with("products", bound);
      return answers.toString();
    }

    private void show(ModelFiles files, EncodeRequest request, EncodingSpeed.Report report) {
      print(
          "%s, layer %s, %s, on %s, %s"
              .formatted(
                  files.card().name(),
                  request.layers(),
                  request.words() == Words.NONE ? "whole texts" : "words",
                  report.provider().name(),
                  Processor.name()));
      print(
          String.format(
              Locale.ROOT,
              "%,d texts of %.1f tokens, special ones included",
              report.texts(),
              (double) report.tokens() / report.texts()));
      print("");
      var table = new Table().row("threads", "batch tokens", "texts/s", "tokens/s", "padding");
      for (Setting setting : report.settings()) {
        table.row(
            Integer.toString(setting.threads()),
            Integer.toString(setting.batchTokens()),
            String.format(Locale.ROOT, "%,.0f", setting.textsPerSecond()),
            String.format(Locale.ROOT, "%,.0f", setting.tokensPerSecond()),
            percent(setting.padding()));
      }
      print(table.lines());
      Setting fastest = report.fastest();
      print("");
      print(
          "fastest: --threads %d, --batch-tokens %d; a million such texts take %s"
              .formatted(
                  fastest.threads(),
                  fastest.batchTokens(),
                  duration(Math.round(1e6 / fastest.textsPerSecond()))));
      print("");
      print("where the time of the threads goes:");
      var shares = new Table();
      report.shares().forEach((part, share) -> shares.row("  " + part, percent(share)));
      print(shares.lines());
      if (report.bound() > 0) {
        print("");
        print(
            String.format(
                Locale.ROOT,
                "the model's matrix products alone: %.0f GFLOP/s, which would allow %,.0f texts/s; reached: %s",
                report.productsPerSecond() / 1e9,
                report.bound(),
                percent(fastest.textsPerSecond() / report.bound())));
      }
    }

    private static String percent(double share) {
      return String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    private static String duration(long seconds) {
      return seconds < 3600
          ? "%d min %02d s".formatted(seconds / 60, seconds % 60)
          : "%d h %02d min".formatted(seconds / 3600, seconds % 3600 / 60);
    }
  }

  @CommandLine.Command(
      name = "memory",
      description = {
        "How much memory of the machine encoding holds in the long run: texts of random length, from"
            + " a word to a few hundred, one after the other."
      },
      footer = {"", "Example:", "  polyseme bench memory --model all-minilm-l6-v2 --texts 200000"})
  static final class Memory extends Command {
    private static final int STEP = 10_000;

    @Option(
        names = "--model",
        paramLabel = "MODEL",
        description = "A model's name or folder (default: ${DEFAULT-VALUE}).",
        defaultValue = "all-minilm-l6-v2")
    String model = "";

    @Option(
        names = "--texts",
        paramLabel = "N",
        description = "How many texts (default: ${DEFAULT-VALUE}).",
        defaultValue = "200000")
    int count;

    @Option(
        names = "--longest",
        paramLabel = "N",
        description =
            "The most words of a text; each length in words is as likely as twice that length"
                + " (default: ${DEFAULT-VALUE}).",
        defaultValue = "300")
    int longest;

    Memory(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      if (count < STEP || longest < 1) {
        throw wrongUse("--texts must be at least %d, and --longest 1".formatted(STEP));
      }
      List<String> words = new ArrayList<>();
      try (WordNet wordNet = WordNet.open()) {
        wordNet.forEach(
            synset -> {
              if (words.size() < 200_000) {
                Collections.addAll(words, synset.definition().split(" "));
              }
            });
      }
      var random = new Random(42);
      var answers = new Answers("bench memory", "").of("model", model);
      var table = new Table().row("texts", "resident MB", "Java heap MB", "texts/s");
      try (Bars bars = bars();
          Encoder encoder = Encoder.open(model(model), encoderOptions())) {
        long start = System.nanoTime();
        encoder.encodeAll(
            Stream.generate(() -> TextInput.of(text(words, random))).limit(count).iterator(),
            EncodeRequest.ofSentences(),
            result -> {
              long done = result.index() + 1;
              bars.update("encoding", done, count);
              if (done % STEP == 0) {
                double megabytes = Processor.residentBytes() / 1e6;
                Runtime runtime = Runtime.getRuntime();
                double heap = (runtime.totalMemory() - runtime.freeMemory()) / 1e6;
                double speed = done * 1e9 / (System.nanoTime() - start);
                JsonObject at = answers.result();
                at.addProperty("texts", done);
                at.addProperty("residentBytes", Math.round(megabytes * 1e6));
                at.addProperty("heapBytes", Math.round(heap * 1e6));
                at.addProperty("textsPerSecond", speed);
                table.row(
                    String.format(Locale.ROOT, "%,d", done),
                    String.format(Locale.ROOT, "%.0f", megabytes),
                    String.format(Locale.ROOT, "%.0f", heap),
                    String.format(Locale.ROOT, "%.0f", speed));
              }
            },
            terminal.cancel());
      }
      if (json) {
        print(answers.toString());
      } else {
        print(table.lines());
      }
    }

    /** So many words as the logarithm's even distribution has it: most texts are short. */
    private String text(List<String> words, Random random) {
      int length = (int) Math.round(Math.exp(random.nextDouble() * Math.log(longest)));
      var text = new StringBuilder();
      for (int i = 0; i < length; i++) {
        text.append(words.get(random.nextInt(words.size()))).append(' ');
      }
      return text.toString();
    }
  }
}
