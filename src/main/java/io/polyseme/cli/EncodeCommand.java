package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.PiecePooling;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.model.ModelStore;
import io.polyseme.model.Pooling;
import io.polyseme.vector.Span;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
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
      "  polyseme encode --in texts.txt --out vectors.jsonl     (a text a line)"
    })
final class EncodeCommand extends Command {
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
      names = "--pool",
      paramLabel = "HOW",
      description =
          "With --word or --words, how the pieces of a word become one: mean, first, last, max"
              + " (default: mean). Otherwise how a text's tokens do: mean, cls, max, last (default: the"
              + " model's own way).")
  @Nullable String pool;

  @Option(names = "--lines", description = "Each line of the input is a text of its own.")
  boolean lines;

  @Option(names = "--in", paramLabel = "FILE", description = "Read texts from a file, one a line.")
  @Nullable Path in;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write to a file, one JSON object a line; it appears whole or not at all.")
  @Nullable Path out;

  EncodeCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    EncodeRequest request = request();
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
        print(answers(called, encoded).toString());
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
        EncodeRequest.ofWords()
            .withSentence(true)
            .withWords(which)
            .withSentence(sentence || which == Words.NONE)
            .withLayers(all);
    if (pool == null) {
      return request;
    }
    return which == Words.NONE
        ? request.withSentencePooling(option("--pool", pool, Pooling.class))
        : request.withPiecePooling(option("--pool", pool, PiecePooling.class));
  }

  private TextInput input(String text, EncodeRequest request) {
    return request.words() == Words.GIVEN
        ? new TextInput(text, Occurrences.of(word, text))
        : TextInput.of(text);
  }

  private static Answers answers(String model, Encoded encoded) {
    var answers = new Answers("encode", encoded.text()).of("model", model);
    for (LayerVector vector : encoded.sentence()) {
      JsonObject result = answers.result();
      result.addProperty("text", encoded.text());
      whole(result, encoded);
      result.addProperty("layer", vector.layer());
      result.add("vector", Answers.vector(vector.vector()));
    }
    for (EncodedWord word : encoded.words()) {
      for (LayerVector vector : word.vectors()) {
        JsonObject result = answers.result();
        result.addProperty("word", word.text());
        result.add("span", Answers.span(word.span()));
        result.addProperty("layer", vector.layer());
        result.add("pieces", Answers.strings(word.pieces()));
        result.add("vector", Answers.vector(vector.vector()));
      }
    }
    return answers.warn(encoded.warnings());
  }

  private static void whole(JsonObject result, Encoded encoded) {
    var span = new JsonArray(2);
    span.add(0);
    span.add(encoded.text().length());
    result.add("span", span);
    result.addProperty("tokens", encoded.tokens());
    result.addProperty("unknownTokens", encoded.unknownTokens());
    result.addProperty("windows", encoded.windows());
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
    for (EncodedWord word : encoded.words()) {
      for (LayerVector vector : word.vectors()) {
        table.row(
            span(word.span()),
            Table.shortened(word.text(), 40),
            vector.layer(),
            norm(vector.vector()),
            beginning(vector.vector()),
            Table.shortened(String.join(" ", word.pieces()), 40));
      }
    }
    print(table.lines());
    print(terminal.dim("(the first numbers of each vector; --json prints them all)"));
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

  private void bulk(EncodeRequest request) throws IOException {
    if (text != null) {
      throw wrongUse("a text and --in, --out or --lines cannot both be given");
    }
    if (out != null && !Files.isDirectory(out.toAbsolutePath().getParent())) {
      throw new PolysemeException(
          "there is no folder " + out.toAbsolutePath().getParent() + " to write to");
    }
    Path temporary = null;
    try (BufferedReader reader =
        in == null ? input("a text a line") : Files.newBufferedReader(in)) {
      long total = in == null ? -1 : count(in);
      PrintWriter writer;
      if (out == null) {
        writer = new PrintWriter(terminal.out(), false, java.nio.charset.StandardCharsets.UTF_8);
      } else {
        Path folder = out.toAbsolutePath().getParent();
        temporary = Files.createTempFile(folder, ".polyseme-", ".part");
        BufferedWriter file = Files.newBufferedWriter(temporary);
        writer = new PrintWriter(file);
      }
      try (writer) {
        run(new Lines(reader, request), request, writer, total);
        writer.flush();
        if (writer.checkError() && out != null) {
          throw new PolysemeException("cannot write " + out + " (is the disk full?)");
        }
      }
      if (out != null) {
        Files.move(
            temporary, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        temporary = null;
      }
    } catch (CharacterCodingException | UncheckedIOException e) {
      throw new PolysemeException(
          (in == null ? "standard input" : in) + " is not text in UTF-8", e);
    } catch (NoSuchFileException e) {
      throw new PolysemeException("there is no file " + e.getFile(), e);
    } finally {
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  private static long count(Path file) throws IOException {
    try (var all = Files.lines(file)) {
      return all.count();
    }
  }

  private void run(Lines inputs, EncodeRequest request, PrintWriter writer, long total) {
    if (!inputs.hasNext()) {
      throw new PolysemeException("there is nothing to encode: the input is empty");
    }
    String name = model == null ? ModelStore.defaultFor(inputs.peek()) : model;
    try (Bars bars = bars();
        Encoder encoder = Encoder.open(model(name), encoderOptions())) {
      var failed = new long[1];
      Consumer<EncodeResult> sink =
          result -> {
            bars.update("encoding", result.index() + 1, total);
            switch (result) {
              case EncodeResult.Done(_, Encoded encoded) ->
                  writer.println(answers(encoder.info().card().name(), encoded));
              case EncodeResult.Failed(long index, TextInput text, PolysemeException error) -> {
                failed[0]++;
                writer.println(
                    new Answers("encode", text.text())
                        .of("model", encoder.info().card().name())
                        .warn(List.of("line " + (index + 1) + ": " + error.getMessage())));
              }
            }
            if (out == null && writer.checkError()) {
              terminal.cancel().cancel(); // nobody reads on
            }
          };
      encoder.encodeAll(inputs, request, sink, terminal.cancel());
      if (failed[0] > 0 && !quiet) {
        terminal
            .err()
            .println(
                "note: " + failed[0] + " lines could not be encoded; their \"warnings\" say why");
      }
    }
  }

  /** The lines of the input, read as they are needed. */
  private final class Lines implements Iterator<TextInput> {
    private final BufferedReader reader;
    private final EncodeRequest request;
    private @Nullable String next;
    private boolean ended;

    Lines(BufferedReader reader, EncodeRequest request) {
      this.reader = reader;
      this.request = request;
    }

    String peek() {
      return String.valueOf(next);
    }

    @Override
    public boolean hasNext() {
      if (next == null && !ended) {
        try {
          next = reader.readLine();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        ended = next == null;
      }
      return next != null;
    }

    @Override
    public TextInput next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      String line = next;
      next = null;
      if (request.words() != Words.GIVEN) {
        return TextInput.of(line);
      }
      try {
        return new TextInput(line, Occurrences.of(word, line));
      } catch (PolysemeException e) {
        return TextInput.of(""); // fails in its place, and the others go on
      }
    }
  }
}
