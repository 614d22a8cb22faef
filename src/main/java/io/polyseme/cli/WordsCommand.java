package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.model.ModelStore;
import io.polyseme.train.DistilOptions;
import io.polyseme.train.Distiller;
import io.polyseme.train.Vocabularies;
import io.polyseme.train.WordSpaces;
import io.polyseme.vector.Maker;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.words.ExportOptions;
import io.polyseme.words.ReadOptions;
import io.polyseme.words.ReadReport;
import io.polyseme.words.SubwordRule;
import io.polyseme.words.VectorFormat;
import io.polyseme.words.WordFiles;
import io.polyseme.words.WordVectors;
import io.polyseme.words.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "words",
    description =
        "Word spaces: distil one out of an encoder, convert from and to other formats, look at one,"
            + " process it, align two, combine several, retrofit one to a lexicon.",
    synopsisSubcommandLabel = "COMMAND")
final class WordsCommand extends Command {
  WordsCommand(Terminal terminal) {
    super(terminal);
  }

  /** The format that a name tells; null where it tells none. */
  static @Nullable VectorFormat format(String out) {
    String name = out.replaceFirst("\\.gz$", "");
    if (name.endsWith(".bin")) {
      return VectorFormat.WORD2VEC_BINARY;
    }
    if (name.endsWith(".txt") || name.endsWith(".vec")) {
      return VectorFormat.WORD2VEC_TEXT;
    }
    return name.endsWith(WordSpaces.EXTENSION) || !name.replaceFirst(".*[/\\\\]", "").contains(".")
        ? VectorFormat.POLYSEME
        : null;
  }

  @Override
  void run() {
    throw wrongUse(
        "words needs a command: distil, convert, info, process, align, combine or retrofit");
  }

  @CommandLine.Command(
      name = "distil",
      description = {
        "Make static word vectors out of an encoder: each word is encoded alone (or in a template) at"
            + " an early layer, and the mean of all is taken away.",
        "Chinese spaces solve what shows in the characters (大 : 最大), and little beyond it."
      },
      footer = {
        "",
        "Examples:",
        "  polyseme words distil my-words --words list.txt --layer 4",
        "  polyseme words distil big-zh --model bge-small-zh-v1.5 --add more.txt"
      })
  static final class Distil extends Command {
    @Parameters(
        paramLabel = "NAME_OR_FILE",
        description = "A name in the cache, or a file ending in " + WordSpaces.EXTENSION + ".")
    String name = "";

    @Option(
        names = "--model",
        paramLabel = "MODEL",
        description = "The encoder (default: bge-small-en-v1.5).")
    String model = ModelStore.defaultFor("");

    @Option(
        names = "--layer",
        paramLabel = "LAYER",
        description = "The layer (default: ${DEFAULT-VALUE}).")
    String layer = "4";

    @Option(
        names = "--words",
        paramLabel = "FILE",
        description =
            "The vocabulary, a word a line (default: that of the model's language: WordNet's lemmas"
                + " and the tokenizer's words, or jieba's dictionary).")
    @Nullable Path words;

    @Option(names = "--add", paramLabel = "FILE", description = "Further words, one a line.")
    @Nullable Path add;

    @Option(
        names = "--template",
        paramLabel = "TEXT",
        description = "A text with {} where the word goes (default: the word alone).")
    String template = DistilOptions.SLOT;

    @Option(names = "--keep-mean", description = "Do not take the mean away.")
    boolean keepMean;

    @Option(
        names = "--components",
        paramLabel = "N",
        description = "Keep so many principal components (default: all dimensions).")
    int components;

    @Option(names = "--rank-weight", description = "Weight vectors by the logarithm of their rank.")
    boolean rankWeight;

    Distil(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() throws IOException {
      DistilOptions options =
          DistilOptions.of(Layers.parse(layer))
              .withTemplate(template)
              .withRemoveMean(!keepMean)
              .withComponents(components)
              .withRankWeight(rankWeight);
      Path file = spaces().output(name);
      try (Encoder encoder = Encoder.open(model(model), encoderOptions());
          Bars bars = bars()) {
        Set<String> vocabulary = new LinkedHashSet<>();
        if (words != null) {
          vocabulary.addAll(Vocabularies.file(words));
        } else {
          vocabulary.addAll(
              switch (encoder.info().card().language()) {
                case "en" -> Vocabularies.english(encoder);
                case "zh" -> Vocabularies.chinese();
                default ->
                    throw new PolysemeException(
                        "the language of %s is not known: give the vocabulary with --words"
                            .formatted(encoder.info().card().name()));
              });
        }
        if (add != null) {
          vocabulary.addAll(Vocabularies.file(add));
        }
        Distiller.Report report =
            new Distiller(encoder, options).distil(name, vocabulary, file, bars, terminal.cancel());
        bars.clear();
        if (json) {
          var answers = new Answers("words distil", name).of("space", name);
          JsonObject result = answers.result();
          result.addProperty("label", name);
          result.addProperty("size", report.words());
          result.addProperty("left", report.left().size());
          result.addProperty("file", file.toString());
          print(answers.toString());
        } else {
          print(
              String.format(
                  Locale.ROOT,
                  "%,d words in %s (%,d left out: the model's vocabulary has nothing for them)",
                  report.words(),
                  file,
                  report.left().size()));
        }
      }
    }
  }

  /** How vectors of other programs are read. */
  static final class Reading {
    @Option(
        names = "--lenient",
        description =
            "Leave out entries that are not as they should be, and count them (default: the first"
                + " is an error).")
    boolean lenient;

    @Option(
        names = "--invalid-utf8",
        paramLabel = "POLICY",
        description =
            "Words that are no valid UTF-8: error, replace (by U+FFFD) or latin1 (a character for"
                + " each byte) (default: ${DEFAULT-VALUE}).")
    String invalidUtf8 = "error";

    @Option(names = "--limit", paramLabel = "N", description = "Take only the first N words.")
    long limit;

    @Option(
        names = "--from",
        paramLabel = "FORMAT",
        description =
            "What the file is, where its content is not to decide: word2vec-text, word2vec-binary,"
                + " glove or fasttext.")
    @Nullable String from;

    ReadOptions options(Command command) {
      if (limit < 0) {
        throw command.wrongUse("--limit must not be negative, and is " + limit);
      }
      return ReadOptions.DEFAULT
          .withThreads(command.threads)
          .withLimit(limit)
          .withStrictness(lenient ? ReadOptions.Strictness.LENIENT : ReadOptions.Strictness.STRICT)
          .withInvalidUtf8(
              command.option("--invalid-utf8", invalidUtf8, ReadOptions.InvalidUtf8.class))
          .withFormat(from == null ? null : command.option("--from", from, VectorFormat.class));
    }
  }

  @CommandLine.Command(
      name = "convert",
      description = {
        "Make a word space of vectors of another program, or the reverse.",
        "Read are word2vec's text and binary, GloVe's text, and fastText's .vec and .bin, packed with"
            + " gzip or zstd or not, found out from the content. A word space ("
            + WordSpaces.EXTENSION
            + ") opens at once and is searched fastest; written are also word2vec's and GloVe's"
            + " formats, with gzip where the name ends in .gz."
      },
      footer = {
        "",
        "Examples:",
        "  polyseme words convert glove.6B.100d.txt glove.words",
        "  polyseme words convert cc.zh.300.bin fasttext-zh          (a name in the cache)",
        "  polyseme words convert en english.txt.gz --to word2vec-text"
      })
  static final class Convert extends Command {
    @Parameters(index = "0", paramLabel = "IN", description = "A file of vectors, or a word space.")
    String in = "";

    @Parameters(
        index = "1",
        paramLabel = "OUT",
        description =
            "A name in the cache or a file ending in "
                + WordSpaces.EXTENSION
                + " for a word space; otherwise a file.")
    String out = "";

    @CommandLine.Mixin Reading reading = new Reading();

    @Option(
        names = "--to",
        paramLabel = "FORMAT",
        description =
            "polyseme, word2vec-text, word2vec-binary or glove (default: by the name of OUT: .bin is"
                + " word2vec-binary, .txt and .vec are word2vec-text; "
                + WordSpaces.EXTENSION
                + " or no ending is a word space).")
    @Nullable String to;

    @Option(
        names = "--underscores",
        description =
            "Write an underscore for each space of a word; other programs cannot read it.")
    boolean underscores;

    @Option(
        names = "--no-int8",
        description = "Leave the int8 copy out of a word space: a fifth smaller, slower searches.")
    boolean plain;

    Convert(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() throws IOException {
      VectorFormat format = format();
      long start = System.nanoTime();
      Path source = spaces().file(in);
      Path target = format == VectorFormat.POLYSEME ? spaces().output(out) : Path.of(out);
      WordFiles.requireOther(source, target);
      ReadReport report = null;
      long words;
      int dimension;
      try (Bars bars = bars()) {
        boolean ours = !Files.exists(source) || WordFiles.detect(source) == VectorFormat.POLYSEME;
        if (ours || format != VectorFormat.POLYSEME) {
          try (WordVectors space =
              ours
                  ? spaces().open(in, bars, terminal.cancel())
                  : WordVectors.open(source, reading.options(this), bars, terminal.cancel())) {
            report = space.report().orElse(null);
            words = space.size();
            dimension = space.dimension();
            write(space, target, format, bars);
          }
        } else {
          report =
              WordVectors.convert(
                  source, target, reading.options(this), writing(), bars, terminal.cancel());
          words = report.words();
          dimension = report.dimension();
        }
        bars.clear();
      }
      show(report, words, dimension, target, (System.nanoTime() - start) / 1e9);
    }

    private void write(WordVectors space, Path target, VectorFormat format, Bars bars) {
      if (format == VectorFormat.POLYSEME) {
        WordVectors.copy(space, target, writing(), bars, terminal.cancel());
      } else {
        if (space.subwordRule().isPresent()) {
          warn(List.of("this format has no n-grams: the vectors of those are left out"));
        }
        WordFiles.write(
            space,
            target,
            ExportOptions.of(format).withUnderscores(underscores),
            bars,
            terminal.cancel());
      }
    }

    private WriteOptions writing() {
      return WriteOptions.DEFAULT.withQuantised(!plain);
    }

    private VectorFormat format() {
      if (to != null) {
        VectorFormat format = option("--to", to, VectorFormat.class);
        if (format == VectorFormat.FASTTEXT) {
          throw wrongUse("--to cannot be fasttext: its models are not written here");
        }
        return format;
      }
      VectorFormat told = WordsCommand.format(out);
      if (told != null) {
        return told;
      }
      throw wrongUse("the name " + out + " does not tell the format: give it with --to");
    }

    private void show(
        @Nullable ReadReport report, long words, int dimension, Path target, double seconds) {
      List<String> warnings = report == null ? List.of() : report.warnings();
      if (json) {
        var answers = new Answers("words convert", in).of("space", out);
        JsonObject result = answers.result();
        result.addProperty("label", out);
        result.addProperty("size", words);
        result.addProperty("dimension", dimension);
        result.addProperty("file", target.toString());
        if (report != null) {
          result.addProperty("format", name(report.format()));
          result.addProperty("compression", report.compression());
          result.addProperty("declared", report.declaredWords());
          result.addProperty("duplicates", report.duplicates());
          result.addProperty("withSpaces", report.withSpaces());
          result.addProperty("invalidUtf8", report.invalidUtf8());
          result.addProperty("malformed", report.malformed());
          result.addProperty("notFinite", report.notFinite());
        }
        print(answers.warn(warnings).toString());
        return;
      }
      warn(warnings);
      if (report != null) {
        warn(report.examples());
      }
      print(
          String.format(
              Locale.ROOT,
              "%,d words of %d dimensions%s in %s, %.1f s",
              words,
              dimension,
              report == null ? "" : " from " + name(report.format()),
              target,
              seconds));
    }

    private static String name(VectorFormat format) {
      return format.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @CommandLine.Command(
      name = "info",
      description = "What a word space is and how it was made; any file of vectors can be named.",
      footer = {"", "Examples:", "  polyseme words info en", "  polyseme words info en --verify"})
  static final class Info extends Command {
    @Parameters(paramLabel = "SPACE", description = "en, zh, another name, or a file.")
    String name = "";

    @Option(
        names = "--verify",
        description =
            "Read the whole file and compare its checksums; damage is told with its place.")
    boolean verify;

    Info(Terminal terminal) {
      super(terminal);
    }

    @Override
    void run() {
      try (Bars bars = bars();
          WordVectors space = spaces().open(name, bars, terminal.cancel())) {
        if (verify) {
          space.verify(bars, terminal.cancel());
        }
        bars.clear();
        SpaceInfo info = space.info();
        if (json) {
          var answers = new Answers("words info", name).of("space", name);
          JsonObject result = answers.result();
          result.addProperty("label", info.name());
          result.addProperty("size", info.size());
          result.addProperty("dimension", info.dimension());
          result.addProperty("similarity", info.similarity().name().toLowerCase(Locale.ROOT));
          result.addProperty("model", info.maker().model());
          result.addProperty("layer", info.maker().layer());
          info.properties().forEach(result::addProperty);
          space.subwordRule().ifPresent(rule -> result.addProperty("subwords", describe(rule)));
          if (verify) {
            result.addProperty("sound", space.report().isEmpty());
          }
          space.report().ifPresent(report -> answers.warn(report.warnings()));
          print(answers.toString());
          return;
        }
        var table = new Table();
        table.row("words", String.format(Locale.ROOT, "%,d", info.size()));
        table.row("dimension", Integer.toString(info.dimension()));
        table.row("similarity", info.similarity().name().toLowerCase(Locale.ROOT));
        if (!info.maker().equals(Maker.UNKNOWN)) {
          table.row("model", info.maker().model());
          table.row("layer", info.maker().layer());
        }
        info.properties().forEach(table::row);
        space.subwordRule().ifPresent(rule -> table.row("subwords", describe(rule)));
        if (verify) {
          table.row(
              "checksums",
              space.report().isPresent() ? "a file of another program has none" : "right");
        }
        space.report().ifPresent(report -> warn(report.warnings()));
        table.row("file", spaces().file(name).toString());
        print(table.lines());
      }
    }

    private static String describe(SubwordRule rule) {
      return String.format(
          Locale.ROOT,
          "n-grams of %d to %d characters in %,d buckets",
          rule.minLength(),
          rule.maxLength(),
          rule.buckets());
    }
  }
}
