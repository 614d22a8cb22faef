package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.bulk.BulkEncoding;
import io.polyseme.bulk.BulkProgress;
import io.polyseme.bulk.BulkReport;
import io.polyseme.bulk.EncodedJson;
import io.polyseme.bulk.OutputFormat;
import io.polyseme.bulk.WholeTextEncoding;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.WholeText;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedPart;
import io.polyseme.encoder.EncodedPassage;
import io.polyseme.encoder.EncodedStream;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.LongTexts;
import io.polyseme.encoder.Occurrences;
import io.polyseme.encoder.Passages;
import io.polyseme.encoder.PiecePooling;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.model.ModelStore;
import io.polyseme.model.Pooling;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "encode",
    description = "The vectors of a text, or of its words, from any layer of a model.",
    footer = {
      "",
      "Examples:",
      "  polyseme encode \"He sat on the bank of the river.\" --json",
      "  polyseme encode \"He sat on the bank of the river.\" --word bank --layer 4 --layer last",
      "  polyseme encode \"他在河边的银行里。\" --words",
      "  polyseme encode --in texts.txt --out vectors.jsonl     (a text a line)",
      "  polyseme encode --in corpus.jsonl.gz --field body --out vectors.npy",
      "  polyseme encode --in texts.txt --words --layer 8 --out vectors.parquet",
      "  polyseme encode --in book.txt --whole --chunks 200 --overlap 40 --late --out chunks.jsonl"
    })
final class EncodeCommand extends Command {
  /** How much of a file the choice of a model is made by, in characters. */
  private static final int SAMPLE = 4096;

  /** How many words and passages of a long text a person is shown. */
  private static final int SHOWN = 40;

  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "The text; else standard input.")
  @Nullable String text;

  @Option(names = "--model", paramLabel = "MODEL", description = "A model's name or folder.")
  @Nullable String model;

  @Option(
      names = "--layer",
      paramLabel = "LAYER",
      description =
          "A layer: 0 (embeddings) to the last, -1 or last, last4, 0-3, all; may be given again"
              + " (default: last).")
  List<String> layers = new ArrayList<>();

  @Option(
      names = "--combine",
      paramLabel = "HOW",
      description = "Make one vector of several layers: sum or mean.")
  @Nullable String combine;

  @Option(
      names = "--word",
      paramLabel = "WORD",
      description = "Only this word, wherever it stands.")
  @Nullable String word;

  @Option(names = "--words", description = "Every word of the text.")
  boolean words;

  @Option(names = "--sentence", description = "The text as a whole (the default).")
  boolean sentence;

  @Option(
      names = "--chunks",
      paramLabel = "N",
      arity = "0..1",
      fallbackValue = "200",
      description =
          "The text in chunks of at most N tokens (default: ${FALLBACK-VALUE}), cut at the ends of"
              + " sentences; each gets a vector.")
  @Nullable Integer chunks;

  @Option(
      names = "--overlap",
      paramLabel = "N",
      description =
          "With --chunks, how many tokens at most a chunk repeats of the one before it, in whole"
              + " sentences where they are short enough (default: 0).")
  @Nullable Integer overlap;

  @Option(
      names = "--late",
      description =
          "With --chunks, encode the text in long windows and pool the chunks out of them, so that"
              + " each knows what is around it (late chunking); otherwise each is encoded alone.")
  boolean late;

  @Option(
      names = "--truncate",
      description = "Cut off what of a text is beyond the model's window, instead of encoding it.")
  boolean truncate;

  @Option(
      names = "--whole",
      description =
          "The whole of --in or of standard input is one text, however long: it is encoded as it is"
              + " read. With --out, a result is a line.")
  boolean whole;

  @Option(
      names = "--pool",
      paramLabel = "HOW",
      description =
          "With --word or --words, how the pieces of a word become one: mean, first, last, max"
              + " (default: mean). Otherwise how a text's tokens do: mean, cls, max, last (default: the"
              + " model's own way).")
  @Nullable String pool;

  @Option(names = "--lines", description = "Each line of the input is a text of its own.")
  boolean lines;

  @Option(
      names = "--in",
      paramLabel = "FILE",
      description = "Read texts from a file: .txt, .jsonl, .tsv, or one of these and .gz.")
  @Nullable Path in;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Write to a file: .npy, .parquet, or else one JSON object a line. It appears when all is"
              + " done; ended before that, the same command goes on where it was.")
  @Nullable Path out;

  @Mixin final TextsRead read = new TextsRead();

  @Option(
      names = "--id-field",
      paramLabel = "NAME",
      description = "With jsonl and tsv, what a text is called, if anything (default: id).")
  String idField = CorpusOptions.DEFAULT.idField();

  @Option(
      names = "--part",
      paramLabel = "N",
      description =
          "With --in and --out, how many texts are encoded before what is done is kept (default:"
              + " ${DEFAULT-VALUE}).")
  int part = BulkEncoding.PART_TEXTS;

  @Option(
      names = "--restart",
      description = "With --in and --out, begin anew, and throw away what an earlier run has done.")
  boolean restart;

  EncodeCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    EncodeRequest request = request();
    if (whole) {
      whole(request);
      return;
    }
    if (in != null || lines || out != null) {
      bulk(request);
      return;
    }
    String given = text(text, "a text");
    if (given.isBlank()) {
      throw wrongUse("there is nothing to encode: the text is empty or only white space");
    }
    TextInput input = input(given, request);
    String name = model == null ? ModelStore.defaultFor(given) : model;
    try (Encoder encoder = Encoder.open(model(name), encoderOptions())) {
      Encoded encoded = encoder.encode(input, request);
      String called = encoder.info().card().name();
      if (json) {
        print(EncodedJson.of(called, null, encoded));
      } else {
        show(encoded);
      }
    }
  }

  private EncodeRequest request() {
    List<Layers> parsed = new ArrayList<>();
    for (String layer : layers.isEmpty() ? List.of("last") : layers) {
      parsed.add(Layers.parse(layer));
    }
    Layers all = parsed.getFirst();
    if (parsed.size() > 1) {
      if (parsed.stream().anyMatch(l -> l.join() != Layers.Join.EACH)) {
        throw wrongUse("several --layer cannot be joined layers as well; use --combine");
      }
      all =
          new Layers(
              parsed.stream().flatMap(l -> l.selection().stream()).toList(), Layers.Join.EACH);
    }
    if (combine != null) {
      all =
          all.joined(
              switch (combine) {
                case "sum" -> Layers.Join.SUM;
                case "mean" -> Layers.Join.MEAN;
                default -> throw wrongUse("--combine is sum or mean, and not \"" + combine + "\"");
              });
    }
    if (word != null && words) {
      throw wrongUse("--word and --words cannot both be given");
    }
    Words which = word != null ? Words.GIVEN : words ? Words.ALL : Words.NONE;
    EncodeRequest request =
        EncodeRequest.ofSentences()
            .withWords(which)
            .withPassages(passages())
            .withSentence(sentence || which == Words.NONE && chunks == null)
            .withLongTexts(truncate ? LongTexts.TRUNCATED : LongTexts.WINDOWS)
            .withLayers(all);
    if (pool == null) {
      return request;
    }
    return which == Words.NONE
        ? request.withSentencePooling(option("--pool", pool, Pooling.class))
        : request.withPiecePooling(option("--pool", pool, PiecePooling.class));
  }

  private Passages passages() {
    if (chunks == null) {
      if (late || overlap != null) {
        throw wrongUse((late ? "--late" : "--overlap") + " goes with --chunks");
      }
      return Passages.NONE;
    }
    Passages.Chunks cut = Passages.chunks(chunks).withOverlap(overlap == null ? 0 : overlap);
    return late ? cut.late() : cut;
  }

  private TextInput input(String text, EncodeRequest request) {
    return request.words() == Words.GIVEN
        ? new TextInput(text, Occurrences.of(word, text))
        : TextInput.of(text);
  }

  private void show(Encoded encoded) {
    warn(encoded.warnings());
    var table = new Table();
    table.row("span", "word", "layer", "norm", "vector", "pieces");
    for (LayerVector vector : encoded.sentence()) {
      table.row(
          span(new Span(0, encoded.text().length())),
          Table.shortened(encoded.text(), 40),
          vector.layer(),
          norm(vector.vector()),
          beginning(vector.vector()),
          encoded.tokens() + " tokens");
    }
    encoded.words().forEach(word -> addRows(table, word));
    encoded.passages().forEach(passage -> addRows(table, passage));
    print(table.lines());
    print(terminal.dim("(the first numbers of each vector; --json prints them all)"));
  }

  private static void addRows(Table table, EncodedPart part) {
    String pieces =
        switch (part) {
          case EncodedWord word -> String.join(" ", word.pieces());
          case EncodedPassage passage -> passage.tokens() + " tokens";
        };
    for (LayerVector vector : part.vectors()) {
      table.row(
          span(part.span()),
          Table.shortened(part.text(), 40),
          vector.layer(),
          norm(vector.vector()),
          beginning(vector.vector()),
          Table.shortened(pieces, 40));
    }
  }

  private static String span(Span span) {
    return "[" + span.start() + "," + span.end() + ")";
  }

  private static String norm(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    return String.format(Locale.ROOT, "%.3f", Math.sqrt(squares));
  }

  private static String beginning(float[] vector) {
    var text = new StringBuilder();
    for (int d = 0; d < Math.min(5, vector.length); d++) {
      text.append(String.format(Locale.ROOT, "%7.4f ", vector[d]));
    }
    return text.append("...").toString();
  }

  private void whole(EncodeRequest request) throws IOException {
    if (text != null || lines || read.format != null || restart) {
      throw wrongUse(
          "--whole reads one text from --in or standard input, with none of TEXT, --lines, --format and --restart");
    }
    if (word != null || truncate) {
      throw wrongUse(
          (truncate ? "--truncate" : "--word")
              + " is not for a text that is encoded as it is read");
    }
    if (out != null && OutputFormat.of(out) != OutputFormat.JSONL) {
      throw wrongUse("--whole writes JSON lines, and " + out + " would be another format");
    }
    try (WholeText text =
            in == null ? WholeText.of(piped("a text"), "standard input") : WholeText.open(in);
        Bars bars = bars()) {
      String name = model == null ? ModelStore.defaultFor(text.sample(SAMPLE)) : model;
      try (Encoder encoder = Encoder.open(model(name), encoderOptions())) {
        EncodedStream done;
        WholeTextEncoding.Listener listener = parts -> show(bars, text, parts);
        if (out != null) {
          done = WholeTextEncoding.lines(text, encoder, request, out, listener, terminal.cancel());
          bars.clear();
          print(summary(out.toString(), done));
        } else if (json) {
          var writer = new OutputStreamWriter(terminal.out(), StandardCharsets.UTF_8);
          done =
              WholeTextEncoding.object(text, encoder, request, writer, listener, terminal.cancel());
          bars.clear();
          print("");
        } else {
          done = showWhole(text, encoder, request, bars);
        }
        warn(done.warnings());
      }
    }
  }

  private void show(Bars bars, WholeText text, long parts) {
    if (parts % 1000 != 0) {
      return;
    }
    bars.updateBytes(
        "encoding",
        text.position(),
        text.length(),
        () -> String.format(Locale.ROOT, "%,d words and passages", parts));
    if (out == null && json && terminal.out().checkError()) {
      terminal.cancel().cancel(); // nobody reads on
    }
  }

  private EncodedStream showWhole(WholeText text, Encoder encoder, EncodeRequest request, Bars bars)
      throws IOException {
    var table = new Table();
    table.row("span", "word", "layer", "norm", "vector", "pieces");
    var parts = new long[1];
    EncodedStream done =
        encoder.encodeStream(
            text,
            request,
            part -> {
              show(bars, text, ++parts[0]);
              if (parts[0] <= SHOWN) {
                addRows(table, part);
              }
            },
            terminal.cancel());
    bars.clear();
    for (LayerVector vector : done.sentence()) {
      table.row(
          span(new Span(0, done.characters())),
          text.name(),
          vector.layer(),
          norm(vector.vector()),
          beginning(vector.vector()),
          done.tokens() + " tokens");
    }
    print(table.lines());
    if (parts[0] > SHOWN) {
      print(terminal.dim("(the first " + SHOWN + " only; --out or --json writes them all)"));
    }
    print(summary(text.name(), done));
    return done;
  }

  private static String summary(String name, EncodedStream done) {
    return String.format(
        Locale.ROOT,
        "%s: %,d characters, %,d tokens in %,d windows, %,d words, %,d passages",
        name,
        done.characters(),
        done.tokens(),
        done.windows(),
        done.words(),
        done.passages());
  }

  private void bulk(EncodeRequest request) {
    if (text != null) {
      throw wrongUse("a text and --in, --out or --lines cannot both be given");
    }
    if (restart && (in == null || out == null)) {
      throw wrongUse("--restart is for a job from a file (--in) to a file (--out)");
    }
    CorpusOptions options = read.options(this).withIdField(idField);
    try (CorpusReader texts =
        in == null
            ? CorpusReader.of(piped("a text a line"), "standard input", options)
            : CorpusReader.open(in, options)) {
      // Of a stream no more is waited for than its first text.
      String sample = texts.sample(texts.file() == null ? 1 : SAMPLE);
      String name = model == null ? ModelStore.defaultFor(sample) : model;
      BulkEncoding job = out == null ? null : job(request, out);
      try (Encoder encoder = Encoder.open(model(name), encoderOptions())) {
        if (job == null) {
          stream(texts, encoder, request);
        } else {
          run(job, texts, encoder);
        }
      }
    }
  }

  private BulkEncoding job(EncodeRequest request, Path out) {
    if (part < 1) {
      throw wrongUse("--part must be at least 1, and is " + part);
    }
    BulkEncoding job = BulkEncoding.to(out).withPartTexts(part).withRestart(restart);
    return word == null ? job.withRequest(request) : job.withRequest(request, word);
  }

  private void stream(CorpusReader texts, Encoder encoder, EncodeRequest request) {
    try (Bars bars = bars()) {
      BulkProgress.Status done =
          EncodedJson.each(
              texts,
              encoder,
              request,
              word,
              line -> {
                print(line);
                if (terminal.out().checkError()) {
                  terminal.cancel().cancel(); // nobody reads on
                }
              },
              status -> show(bars, status),
              terminal.cancel());
      bars.clear();
      if (done.failed() > 0 && !quiet) {
        terminal
            .err()
            .println(
                "note: "
                    + done.failed()
                    + " lines could not be encoded; their \"warnings\" say why");
      }
    }
  }

  private void run(BulkEncoding job, CorpusReader texts, Encoder encoder) {
    BulkReport report;
    try (Bars bars = bars()) {
      report = job.run(texts, encoder, status -> show(bars, status), terminal.cancel());
    }
    if (json) {
      var answers = new Answers("encode", texts.name()).of("model", encoder.info().card().name());
      JsonObject result = answers.result();
      result.addProperty("label", report.files().getFirst().toString());
      result.addProperty("texts", report.texts());
      result.addProperty("failed", report.failed());
      result.addProperty("tokens", report.tokens());
      result.addProperty("resumedAt", report.resumedAt());
      result.addProperty("seconds", report.seconds());
      result.addProperty("textsPerSecond", report.textsPerSecond());
      result.addProperty("tokensPerSecond", report.tokensPerSecond());
      result.addProperty("bytes", report.bytes());
      print(answers.warn(report.warnings()).toString());
    } else {
      print(
          String.format(
              Locale.ROOT,
              "%s: %,d texts, %,d tokens, %s%s",
              job.out(),
              report.texts(),
              report.tokens(),
              megabytes(report.bytes()),
              report.failed() > 0
                  ? String.format(Locale.ROOT, "; %,d could not be encoded", report.failed())
                  : ""));
      print(
          String.format(
              Locale.ROOT,
              "%.1f seconds; %.0f texts and %.0f tokens a second",
              report.seconds(),
              report.textsPerSecond(),
              report.tokensPerSecond()));
      warn(report.warnings());
    }
    if (report.failed() == report.texts()) {
      throw new PolysemeException(
          "none of the texts could be encoded; of the first, " + report.warnings().getFirst());
    }
  }

  private void show(Bars bars, BulkProgress.Status status) {
    if (status.resumedAt() > 0 && status.texts() == status.resumedAt()) {
      warn(
          List.of(
              String.format(
                  Locale.ROOT, "goes on after the %,d texts that are done", status.texts())));
    }
    bars.updateBytes(
        "encoding",
        status.bytes(),
        status.length(),
        () ->
            String.format(
                Locale.ROOT,
                "%.0f texts/s, %.0f tokens/s",
                status.textsPerSecond(),
                status.tokensPerSecond()));
  }
}
