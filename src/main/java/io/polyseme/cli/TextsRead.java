package io.polyseme.cli;

import io.polyseme.corpus.CorpusFormat;
import io.polyseme.corpus.CorpusOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that read a corpus: how its files hold texts. */
final class TextsRead {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "How texts are read: lines (one a line), jsonl (an object a line), tsv (columns, their"
              + " names in the first line); packed with gzip or not (default: by the file's name;"
              + " lines).")
  @Nullable String format;

  @Option(
      names = "--field",
      paramLabel = "NAME",
      description =
          "With jsonl and tsv, where the text is (default: ${DEFAULT-VALUE}); a number is a column"
              + " of a file without names.")
  String field = CorpusOptions.DEFAULT.textField();

  CorpusOptions options(Command command) {
    CorpusFormat read =
        format == null ? null : command.option("--format", format, CorpusFormat.class);
    return CorpusOptions.DEFAULT.withFormat(read).withTextField(field);
  }
}
