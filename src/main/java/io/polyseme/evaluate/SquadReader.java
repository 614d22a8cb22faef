package io.polyseme.evaluate;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Questions on paragraphs, in the layout of SQuAD. */
final class SquadReader {
  private static final String EXPECTED =
      "a JSON file of questions on paragraphs (SQuAD, XQuAD, CMRC), or a folder of Cranfield or of"
          + " BEIR's layout,";

  private final Path path;

  SquadReader(Path path) {
    this.path = path;
  }

  RetrievalSet read() {
    var builder = new RetrievalSet.Builder(TestFile.stem(path));
    Map<String, String> ids = new HashMap<>();
    int questions = 0;
    int unanswerable = 0;
    int article = 0;
    for (JsonElement data : array(root(), "data", "the file")) {
      String where = "article %d".formatted(++article);
      int number = 0;
      for (JsonElement paragraph : array(object(data, where), "paragraphs", where)) {
        String at = where + ", paragraph %d".formatted(++number);
        JsonObject object = object(paragraph, at);
        String own = object.has("id") ? string(object, "id", at) : article + "." + number;
        // A paragraph that is there twice is one document.
        String id = ids.computeIfAbsent(string(object, "context", at).strip(), _ -> own);
        if (id.equals(own) && !builder.document(id, "", string(object, "context", at).strip())) {
          throw malformed(at, "there is another paragraph of the id " + id);
        }
        for (JsonElement asked : array(object, "qas", at)) {
          questions++;
          JsonObject question = object(asked, at + ", question");
          if (isUnanswerable(question)) {
            unanswerable++;
            continue;
          }
          // Ids of questions are not always different; their ordinals are.
          String query = Integer.toString(questions);
          builder.query(query, string(question, "question", at).strip());
          builder.judge(query, id, 1);
        }
      }
    }
    if (unanswerable > 0) {
      builder.note(
          "%s: %,d of %,d questions have no answer, and are left out"
              .formatted(TestFile.stem(path), unanswerable, questions));
    }
    return builder.build(path);
  }

  private static boolean isUnanswerable(JsonObject question) {
    return question.get("is_impossible") instanceof JsonElement flag
        && flag.isJsonPrimitive()
        && flag.getAsBoolean();
  }

  private JsonObject root() {
    String text =
        TestFile.read(path, EXPECTED).lines().stream()
            .map(TestFile.Line::text)
            .collect(Collectors.joining("\n"));
    try {
      return object(JsonParser.parseString(text), "the file");
    } catch (JsonParseException e) {
      throw new PolysemeException(
          "%s is no JSON (%s); %s is expected there".formatted(path, e.getMessage(), EXPECTED), e);
    }
  }

  private JsonObject object(JsonElement element, String where) {
    if (!element.isJsonObject()) {
      throw malformed(where, "it is no JSON object");
    }
    return element.getAsJsonObject();
  }

  private JsonArray array(JsonObject object, String name, String where) {
    if (!(object.get(name) instanceof JsonArray array)) {
      throw malformed(where, "it has no list \"%s\"".formatted(name));
    }
    return array;
  }

  private String string(JsonObject object, String name, String where) {
    if (!(object.get(name) instanceof JsonElement value) || !value.isJsonPrimitive()) {
      throw malformed(where, "it has no \"%s\"".formatted(name));
    }
    return value.getAsString();
  }

  private PolysemeException malformed(String where, String problem) {
    return new PolysemeException(
        "%s: %s: %s; %s is expected there".formatted(path, where, problem, EXPECTED));
  }
}
