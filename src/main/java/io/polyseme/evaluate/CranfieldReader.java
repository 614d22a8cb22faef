package io.polyseme.evaluate;

import io.polyseme.PolysemeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cranfield as SMART's distribution has it: records that begin with {@code .I} and a number, their
 * fields with {@code .T} (title), {@code .A}, {@code .B} and {@code .W} (text) alone on a line.
 */
final class CranfieldReader {
  static final String DOCUMENTS = "cran.all.1400";
  private static final String QUERIES = "cran.qry";
  private static final String JUDGEMENTS = "QRelsCorrectedforTRECeval";
  private static final String EXPECTED = "a file of the Cranfield collection";
  private static final Set<String> FIELDS = Set.of(".T", ".A", ".B", ".W");

  private final Path folder;

  CranfieldReader(Path folder) {
    this.folder = folder;
  }

  /**
   * @param number what stands behind {@code .I}
   * @param fields by their marks; white space is one space
   */
  private record Record(TestFile.Line start, String number, Map<String, StringBuilder> fields) {
    String field(String mark) {
      StringBuilder text = fields.get(mark);
      return text == null ? "" : text.toString().strip().replaceAll("\\s+", " ");
    }
  }

  RetrievalSet read() {
    var builder = new RetrievalSet.Builder("cranfield");
    TestFile documents = TestFile.read(folder.resolve(DOCUMENTS), EXPECTED);
    for (Record record : records(documents)) {
      if (!builder.document(record.number, record.field(".T"), record.field(".W"))) {
        throw documents.malformed(record.start, "there is a document of this number already");
      }
    }
    int ordinal = 0;
    for (Record record : records(TestFile.read(folder.resolve(QUERIES), EXPECTED))) {
      builder.query(Integer.toString(++ordinal), record.field(".W"));
    }
    readJudgements(builder, ordinal);
    return builder.build(folder);
  }

  private static List<Record> records(TestFile file) {
    var records = new ArrayList<Record>();
    StringBuilder field = null;
    for (TestFile.Line line : file.lines()) {
      String text = line.text().stripTrailing();
      if (text.equals(".I")) {
        field = new StringBuilder(); // a mark of the file's end
      } else if (text.matches("\\.I \\d{1,9}")) {
        records.add(new Record(line, text.substring(3), new LinkedHashMap<>()));
        field = null;
      } else if (FIELDS.contains(text) && !records.isEmpty()) {
        field = records.getLast().fields.computeIfAbsent(text, _ -> new StringBuilder());
      } else if (field != null) {
        field.append(text).append(' ');
      } else if (!text.isBlank()) {
        throw file.malformed(line, "it stands in no field; records begin with .I and a number");
      }
    }
    if (records.isEmpty()) {
      throw new PolysemeException(
          "%s has no record; %s is expected there".formatted(file.path(), EXPECTED));
    }
    return records;
  }

  private void readJudgements(RetrievalSet.Builder builder, int queries) {
    TestFile file = TestFile.read(folder.resolve(JUDGEMENTS), EXPECTED);
    for (TestFile.Line line : file.lines()) {
      if (line.text().isBlank()) {
        continue;
      }
      String[] columns = line.text().strip().split("\\s+");
      if (columns.length != 4 || !columns[0].matches("\\d{1,9}") || !isGrade(columns[3])) {
        throw file.malformed(line, "a query, 0, a document and a grade are expected");
      }
      if (Integer.parseInt(columns[0]) > queries) {
        throw file.malformed(line, "there are only %d queries".formatted(queries));
      }
      builder.judge(columns[0], columns[2], Integer.parseInt(columns[3]));
    }
  }

  static boolean isGrade(String text) {
    return text.matches("-?\\d{1,9}");
  }
}
