package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.WholeFile;
import io.polyseme.collection.Chance;
import io.polyseme.collection.Member;
import io.polyseme.collection.TextCollection;
import io.polyseme.index.OpenOptions;
import io.polyseme.index.VectorIndex;
import io.polyseme.search.FilterFields;
import io.polyseme.vector.Filter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command that asks something of all the entries of an index at once. */
abstract class CollectionAsked extends Command {
  private static final int TEXT_COLUMNS = 100;

  @Parameters(index = "0", paramLabel = "INDEX", description = "An index's name or folder.")
  String index = "";

  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description = "Only entries whose fields are so; see polyseme search --help.")
  List<String> filters = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of what is chosen at random (default: ${DEFAULT-VALUE}).")
  long seed = 42;

  CollectionAsked(Terminal terminal) {
    super(terminal);
  }

  /** The caller's to close. */
  VectorIndex open() {
    return Asked.catalog().open(index, OpenOptions.DEFAULT.withName(index));
  }

  /** The entries that --filter lets through; the caller's to close. */
  TextCollection read(VectorIndex opened, Bars bars) {
    return read(opened, filter(opened), bars);
  }

  TextCollection read(VectorIndex opened, Filter filter, Bars bars) {
    return TextCollection.read(opened, filter, encoderOptions().threads(), bars, terminal.cancel());
  }

  /**
   * What --filter lets through.
   *
   * @throws PolysemeException if nothing passes: an answer of none would mislead
   */
  Filter filter(VectorIndex opened) {
    Filter filter = Asked.filter(this, filters);
    new FilterFields(opened).require(filter);
    if (!filters.isEmpty() && opened.count(filter) == 0) {
      throw new PolysemeException("no entry of %s passes the filter".formatted(index));
    }
    return filter;
  }

  /** What is told first: how many texts, and what a score means here. */
  String heading(TextCollection texts) {
    int copies = texts.entries() - texts.size();
    return String.format(
        Locale.ROOT,
        "%s: %,d texts%s, compared %s",
        Table.printable(index),
        texts.size(),
        copies == 0
            ? ""
            : String.format(
                Locale.ROOT, " (and %,d %s of them)", copies, copies == 1 ? "copy" : "copies"),
        texts.exact() ? "all with all" : "through the graph");
  }

  String chance(TextCollection texts) {
    Chance chance = texts.chance(seed);
    return String.format(
        Locale.ROOT,
        "two at random: %.2f on average, 999 of 1,000 below %.2f",
        chance.mean(),
        chance.high());
  }

  /** The answer's part that says what was compared. */
  JsonObject described(TextCollection texts) {
    var whole = new JsonObject();
    whole.addProperty("entries", texts.entries());
    whole.addProperty("texts", texts.size());
    whole.addProperty("exact", texts.exact());
    Chance chance = texts.chance(seed);
    whole.addProperty("chance", chance.mean());
    whole.addProperty("chanceHigh", chance.high());
    return whole;
  }

  static void describe(JsonObject result, Member member) {
    result.addProperty("label", member.label());
    result.addProperty("text", member.text());
    var fields = new JsonObject();
    member.fields().forEach(fields::addProperty);
    result.add("fields", fields);
  }

  static String shown(Member member) {
    return Table.shortened(member.text(), TEXT_COLUMNS);
  }

  static String score(double score) {
    return String.format(Locale.ROOT, "%.3f", score);
  }

  static String percent(long part, long whole) {
    return String.format(Locale.ROOT, "%.0f %%", 100.0 * part / whole);
  }

  void atLeast(String option, int value, int least) {
    if (value < least) {
      throw wrongUse("%s must be at least %d, and is %d".formatted(option, least, value));
    }
  }

  double cosine(String option, double value) {
    if (!(value >= -1 && value <= 1)) {
      throw wrongUse("%s is a cosine, from -1 to 1, and not %s".formatted(option, value));
    }
    return value;
  }

  /** Writes to a file. */
  @FunctionalInterface
  interface Written {
    void to(Writer writer) throws IOException;
  }

  /** A file that is there whole, or as it was before. */
  static void write(Path file, Written content) {
    WholeFile.write(
        file,
        out -> {
          var writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          content.to(writer);
          writer.flush();
        });
  }
}
