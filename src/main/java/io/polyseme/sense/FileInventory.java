package io.polyseme.sense;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.NearNames;
import io.polyseme.PolysemeException;
import io.polyseme.Sha256;
import io.polyseme.lexicon.WordNet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Senses out of a file of the user's own, in any language. Two forms, told apart by the first
 * character of the file:
 *
 * <ul>
 *   <li>JSON Lines, an object a line: {@code {"id": "bank.river", "lemma": "bank", "pos": "noun",
 *       "gloss": "sloping land beside water", "examples": ["He sat on the bank."], "synonyms": [],
 *       "broader": ["slope"]}};
 *   <li>columns with tabs between, their names in the first line, the texts of {@code examples},
 *       {@code synonyms} and {@code broader} with {@code " | "} between.
 * </ul>
 *
 * <p>{@code lemma} and one of {@code gloss} and {@code examples} must be there; {@code id} is by
 * default the lemma and a number. A lemma's senses keep the order of the file.
 */
public final class FileInventory implements SenseInventory {
  private static final List<String> NAMES =
      List.of("id", "lemma", "pos", "gloss", "examples", "synonyms", "broader", "topic");

  private static final long LARGEST = 512L << 20;

  private final String name;
  private final String fingerprint;
  private final Map<String, Sense> byId = new LinkedHashMap<>();
  private final Map<String, List<Sense>> byLemma = new LinkedHashMap<>();
  private final Map<String, List<String>> broader = new TreeMap<>();
  private final Map<String, List<String>> narrower = new TreeMap<>();
  private @Nullable WordNet morphology;

  private FileInventory(String name, String fingerprint) {
    this.name = name;
    this.fingerprint = fingerprint;
  }

  /**
   * Reads a file, whole.
   *
   * @throws PolysemeException if it cannot be read, or a line is malformed, with its number: no
   *     lemma, neither gloss nor examples, an id that is there twice, a part of speech or a field
   *     that is not known, a broader sense that is not there or is narrower than itself
   */
  public static FileInventory read(Path file) {
    byte[] bytes;
    try {
      if (Files.isRegularFile(file) && Files.size(file) > LARGEST) {
        throw new PolysemeException(
            "%s has more than %,d bytes, which is too much for an inventory"
                .formatted(file, LARGEST));
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new PolysemeException("there is no inventory file " + file, e);
    } catch (IOException e) {
      throw new PolysemeException("cannot read the inventory " + file + ": " + e.getMessage(), e);
    }
    var inventory =
        new FileInventory(
            String.valueOf(file.getFileName()),
            HexFormat.of().formatHex(Sha256.start().digest(bytes)));
    inventory.read(new Lines(file, bytes));
    inventory.morphology = morphology(inventory.byLemma.keySet());
    return inventory;
  }

  /** English inflections are undone by WordNet's rules, where it can be had and is of use. */
  private static @Nullable WordNet morphology(Set<String> lemmas) {
    boolean latin =
        lemmas.stream().anyMatch(lemma -> lemma.chars().anyMatch(c -> c >= 'a' && c <= 'z'));
    try {
      return latin ? WordNet.open() : null;
    } catch (PolysemeException e) {
      return null; // not on the class path: forms are found as they are written
    }
  }

  /** The lines of a file of UTF-8, with their numbers. */
  private static final class Lines {
    final Path file;
    final List<String> lines = new ArrayList<>();
    int number;

    Lines(Path file, byte[] bytes) {
      this.file = file;
      String text;
      try {
        text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw new PolysemeException("the inventory " + file + " is no text in UTF-8", e);
      }
      (text.startsWith("\uFEFF") ? text.substring(1) : text).lines().forEach(lines::add);
    }

    PolysemeException malformed(String problem) {
      return new PolysemeException("%s, line %d: %s".formatted(file, number, problem));
    }
  }

  private void read(Lines lines) {
    int first = 0;
    while (first < lines.lines.size() && lines.lines.get(first).isBlank()) {
      first++;
    }
    if (first == lines.lines.size()) {
      throw new PolysemeException("the inventory " + lines.file + " is empty");
    }
    List<String> columns = List.of();
    if (!lines.lines.get(first).stripLeading().startsWith("{")) {
      lines.number = first + 1;
      columns =
          Arrays.stream(lines.lines.get(first).split("\t", -1))
              .map(column -> column.strip().toLowerCase(Locale.ROOT))
              .toList();
      for (String column : columns) {
        requireKnown(lines, column);
      }
      if (!columns.contains("lemma") || Set.copyOf(columns).size() < columns.size()) {
        throw lines.malformed(
            "the first line must name the columns, each once, with tabs between: "
                + String.join(", ", NAMES));
      }
      first++;
    }
    Map<String, Integer> places = new LinkedHashMap<>();
    for (int i = first; i < lines.lines.size(); i++) {
      String line = lines.lines.get(i);
      lines.number = i + 1;
      if (!line.isBlank()) {
        Map<String, List<String>> fields =
            columns.isEmpty() ? object(lines, line) : row(lines, columns, line);
        places.put(add(lines, fields), lines.number);
      }
    }
    requireOrder(lines, places);
  }

  private static void requireKnown(Lines lines, String field) {
    if (!NAMES.contains(field)) {
      throw lines.malformed(
          "there is no field \"%s\" in an inventory; known are %s"
              .formatted(field, String.join(", ", NAMES)));
    }
  }

  private static Map<String, List<String>> object(Lines lines, String line) {
    var fields = new LinkedHashMap<String, List<String>>();
    try {
      JsonObject object = JsonParser.parseString(line).getAsJsonObject();
      for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
        requireKnown(lines, entry.getKey());
        var values = new ArrayList<String>();
        if (entry.getValue().isJsonArray()) {
          entry.getValue().getAsJsonArray().forEach(value -> values.add(value.getAsString()));
        } else if (!entry.getValue().isJsonNull()) {
          values.add(entry.getValue().getAsString());
        }
        fields.put(entry.getKey(), values);
      }
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      throw lines.malformed("no JSON object with texts and lists of texts: " + e.getMessage());
    }
    return fields;
  }

  private static Map<String, List<String>> row(Lines lines, List<String> columns, String line) {
    String[] cells = line.split("\t", -1);
    if (cells.length > columns.size()) {
      throw lines.malformed("%d columns instead of %d".formatted(cells.length, columns.size()));
    }
    var fields = new LinkedHashMap<String, List<String>>();
    for (int i = 0; i < cells.length; i++) {
      boolean list = List.of("examples", "synonyms", "broader").contains(columns.get(i));
      fields.put(
          columns.get(i), list ? List.of(cells[i].split(" \\| ")) : List.of(cells[i].strip()));
    }
    return fields;
  }

  private static String one(Lines lines, Map<String, List<String>> fields, String name) {
    List<String> values = fields.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw lines.malformed("\"%s\" must be one text".formatted(name));
    }
    return values.isEmpty() ? "" : values.getFirst().strip();
  }

  private static List<String> several(Map<String, List<String>> fields, String name) {
    return fields.getOrDefault(name, List.of()).stream()
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .toList();
  }

  /** Returns the id. */
  private String add(Lines lines, Map<String, List<String>> fields) {
    String lemma = one(lines, fields, "lemma").replace('_', ' ');
    if (lemma.isEmpty()) {
      throw lines.malformed("a sense needs a lemma");
    }
    String gloss = one(lines, fields, "gloss");
    List<String> examples = several(fields, "examples");
    if (gloss.isEmpty() && examples.isEmpty()) {
      throw lines.malformed(
          "a sense of \"%s\" has neither a gloss nor examples, so that nothing can be known of it"
              .formatted(lemma));
    }
    String pos = one(lines, fields, "pos");
    PartOfSpeech part =
        pos.isEmpty()
            ? null
            : PartOfSpeech.parse(pos)
                .orElseThrow(
                    () ->
                        lines.malformed(
                            "\"%s\" is no part of speech: noun, verb, adjective, adverb or other"
                                .formatted(pos)));
    List<Sense> others = byLemma.computeIfAbsent(key(lemma), _ -> new ArrayList<>());
    int number = 1 + (int) others.stream().filter(other -> other.pos() == part).count();
    String id = one(lines, fields, "id");
    if (id.isEmpty()) {
      id = lemma + "." + (others.size() + 1);
    }
    var sense =
        new Sense(
            id,
            lemma,
            part,
            number,
            -1,
            gloss,
            examples,
            several(fields, "synonyms"),
            one(lines, fields, "topic"));
    if (byId.put(id, sense) != null) {
      throw lines.malformed("the id \"%s\" is there a second time".formatted(id));
    }
    others.add(sense);
    List<String> wider = several(fields, "broader");
    if (!wider.isEmpty()) {
      broader.put(id, wider);
    }
    return id;
  }

  /** Holds that broader senses are there, and that none is broader than itself. */
  private void requireOrder(Lines lines, Map<String, Integer> places) {
    broader.forEach(
        (id, wider) -> {
          lines.number = places.getOrDefault(id, 0);
          for (String other : wider) {
            if (!byId.containsKey(other)) {
              List<String> near = NearNames.among(byId.keySet(), other, 3);
              throw lines.malformed(
                  "there is no sense \"%s\" that could be broader than \"%s\"%s"
                      .formatted(
                          other,
                          id,
                          near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?"));
            }
            narrower.computeIfAbsent(other, _ -> new ArrayList<>()).add(id);
          }
        });
    Set<String> done = new LinkedHashSet<>();
    for (String start : broader.keySet()) {
      // Depth first without recursion: a path as long as the file is no reason to overflow.
      var path = new LinkedHashMap<String, Integer>();
      String at = start;
      while (at != null) {
        int next = path.merge(at, 0, (old, zero) -> old + 1);
        List<String> wider = broader.getOrDefault(at, List.of());
        if (next >= wider.size() || done.contains(at)) {
          done.add(at);
          path.remove(at);
          at = path.isEmpty() ? null : path.lastEntry().getKey();
        } else {
          String up = wider.get(next);
          if (path.containsKey(up)) {
            lines.number = places.getOrDefault(up, 0);
            throw lines.malformed("the sense \"%s\" is broader than itself".formatted(up));
          }
          at = up;
        }
      }
    }
  }

  private static String key(String lemma) {
    return lemma.strip().replace('_', ' ').toLowerCase(Locale.ROOT);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public List<Sense> senses(String lemma, @Nullable PartOfSpeech pos) {
    return byLemma.getOrDefault(key(lemma), List.of()).stream()
        .filter(sense -> pos == null || sense.pos() == null || sense.pos() == pos)
        .toList();
  }

  @Override
  public Optional<Sense> sense(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  @Override
  public List<Sense> broader(Sense sense) {
    return broader.getOrDefault(sense.id(), List.of()).stream().map(byId::get).toList();
  }

  @Override
  public List<Sense> narrower(Sense sense) {
    return narrower.getOrDefault(sense.id(), List.of()).stream().map(byId::get).toList();
  }

  @Override
  public List<String> lemmas(String form, @Nullable PartOfSpeech pos) {
    var found = new LinkedHashSet<String>();
    if (!senses(form, pos).isEmpty()) {
      found.add(byLemma.get(key(form)).getFirst().lemma());
    }
    if (morphology != null) {
      for (PartOfSpeech part : pos == null ? PartOfSpeech.values() : new PartOfSpeech[] {pos}) {
        if (part != PartOfSpeech.OTHER) {
          for (String base : morphology.baseForms(form, part.letter())) {
            if (!senses(base, pos).isEmpty()) {
              found.add(byLemma.get(key(base)).getFirst().lemma());
            }
          }
        }
      }
    }
    return List.copyOf(found);
  }

  @Override
  public List<String> nearLemmas(String word, int limit) {
    return NearNames.among(lemmas().toList(), word, limit);
  }

  @Override
  public Stream<String> lemmas() {
    return byLemma.values().stream().map(senses -> senses.getFirst().lemma());
  }

  @Override
  public Stream<Sense> all() {
    return byId.values().stream();
  }

  @Override
  public void close() {
    if (morphology != null) {
      morphology.close();
    }
  }
}
