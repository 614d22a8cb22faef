package io.polyseme.evaluate;

import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder in the layout of BEIR. */
final class BeirReader {
  static final String DOCUMENTS = "corpus.jsonl";
  private static final String QUERIES = "queries.jsonl";
  private static final String JUDGEMENTS = "qrels";
  private static final String USUAL = "test.tsv";
  private static final String EXPECTED =
      "a file of judgements (query-id, corpus-id, score, with tabs between)";

  private final Path folder;

  BeirReader(Path folder) {
    this.folder = folder;
  }

  RetrievalSet read() {
    var builder = new RetrievalSet.Builder(String.valueOf(folder.toAbsolutePath().getFileName()));
    read(
        DOCUMENTS,
        (text, id) -> {
          if (!builder.document(id, text.fields().getOrDefault("title", ""), text.text())) {
            throw malformed(DOCUMENTS, text, "there is a document of the id " + id + " already");
          }
        });
    read(QUERIES, (text, id) -> builder.query(id, text.text().strip()));
    readJudgements(builder);
    return builder.build(folder);
  }

  private interface Taker {
    void take(CorpusText text, String id);
  }

  private void read(String name, Taker taker) {
    CorpusOptions options = CorpusOptions.DEFAULT.withIdField("_id").withFields(true);
    try (CorpusReader reader = CorpusReader.open(folder.resolve(name), options)) {
      while (reader.hasNext()) {
        CorpusText text = reader.next();
        @Nullable String id = text.id();
        if (!text.readable()) {
          throw malformed(name, text, text.problem());
        }
        if (id == null || id.isEmpty()) {
          throw malformed(name, text, "the object has no \"_id\"");
        }
        taker.take(text, id);
      }
    }
  }

  private PolysemeException malformed(String name, CorpusText text, String problem) {
    return new PolysemeException(
        "%s, line %d: %s".formatted(folder.resolve(name), text.line(), problem));
  }

  private void readJudgements(RetrievalSet.Builder builder) {
    TestFile file = TestFile.read(judgements(), EXPECTED);
    boolean first = true;
    for (TestFile.Line line : file.lines()) {
      if (!line.text().isBlank()) {
        String[] columns = line.text().split("\t", -1);
        if (columns.length != 3
            || !first && !CranfieldReader.isGrade(columns[2].strip())
            || columns[0].isBlank()
            || columns[1].isBlank()) {
          throw file.malformed(line, "a query, a document and a whole number are expected");
        }
        if (CranfieldReader.isGrade(columns[2].strip())) { // the first line may be a heading
          builder.judge(
              columns[0].strip(), columns[1].strip(), Integer.parseInt(columns[2].strip()));
        }
        first = false;
      }
    }
  }

  private Path judgements() {
    Path qrels = folder.resolve(JUDGEMENTS);
    if (Files.exists(qrels.resolve(USUAL)) || !Files.isDirectory(qrels)) {
      return qrels.resolve(USUAL);
    }
    try (Stream<Path> listed = Files.list(qrels)) {
      List<Path> files = listed.filter(f -> f.toString().endsWith(".tsv")).sorted().toList();
      if (files.size() == 1) {
        return files.getFirst();
      }
      throw new PolysemeException(
          "%s has no %s, and %s"
              .formatted(
                  qrels,
                  USUAL,
                  files.isEmpty()
                      ? "no other .tsv file either"
                      : "which of the others is meant is not known: "
                          + files.stream()
                              .map(f -> f.getFileName().toString())
                              .collect(Collectors.joining(", "))));
    } catch (IOException e) {
      throw new PolysemeException("cannot read the folder " + qrels + ": " + e.getMessage(), e);
    }
  }
}
