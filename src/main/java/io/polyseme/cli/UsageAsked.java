package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.index.OpenOptions;
import io.polyseme.search.FilterFields;
import io.polyseme.usage.Usage;
import io.polyseme.usage.Usages;
import io.polyseme.vector.Filter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Parameters;

/** A command that asks an index of usages. */
abstract class UsageAsked extends SenseAsked {
  private static final int COLUMNS = 100;

  @Parameters(
      index = "0",
      paramLabel = "INDEX",
      description = "An index of usages: a name under indexes/, or a folder.")
  String index = "";

  UsageAsked(Terminal terminal) {
    super(terminal);
  }

  /** The caller's to close. */
  Usages usages(Bars bars) {
    return Usages.open(
        Asked.catalog().open(index, OpenOptions.DEFAULT.withName(index)),
        models(),
        encoderOptions(),
        bars);
  }

  /**
   * The usages that --filter lets through.
   *
   * @throws PolysemeException if the usages have no such field: an answer of none would mislead
   */
  Filter filter(Usages usages, List<String> filters) {
    Filter filter = Asked.filter(this, filters);
    new FilterFields(usages.index()).require(filter);
    return filter;
  }

  static String score(double score) {
    return String.format(Locale.ROOT, "%.3f", score);
  }

  /** The sentence with the word in the middle of what is shown of it, and set off. */
  String shown(Usage usage) {
    return shown(usage, COLUMNS);
  }

  String shown(Usage usage, int columns) {
    return Table.around(usage.text(), usage.span(), columns);
  }

  static void describe(JsonObject result, Usage usage) {
    result.addProperty("label", usage.label());
    result.addProperty("text", usage.text());
    result.add("span", Answers.span(usage.span()));
    result.addProperty("document", usage.document());
    result.addProperty("line", usage.line());
    result.addProperty("word", usage.word());
    result.addProperty("lemma", usage.lemma());
    if (usage.pos() != null) {
      result.addProperty("pos", usage.pos().toString());
    }
    var fields = new JsonObject();
    usage.fields().forEach(fields::addProperty);
    result.add("fields", fields);
  }
}
