package io.polyseme.usage;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A corpus in which one word changes its meaning: in texts of 1950 a mouse is an animal, in those
 * of 2000 a device; bread is the same in both. Other fields part the same texts at random.
 */
public final class PlantedCorpus {
  public static final String WORDS = "mouse,bread,giraffe";

  /** So many fields, split0 and so on, part the corpus at random. */
  static final int SPLITS = 10;

  private PlantedCorpus() {}

  /** Writes it as JSON lines. */
  public static Path write(Path file) throws IOException {
    var texts = new ArrayList<JsonObject>();
    for (String animal : List.of("cat", "owl", "hawk", "fox")) {
      for (String where :
          List.of("in the barn", "under the floor", "by its hole", "in the grass")) {
        texts.add(text("1950", "The hungry %s caught a mouse %s.".formatted(animal, where)));
      }
    }
    for (String kind : List.of("left", "right", "wireless", "optical")) {
      for (String what : List.of("open the menu", "select a file", "drag the icon", "scroll")) {
        texts.add(
            text("2000", "Click the %s mouse button of the computer to %s.".formatted(kind, what)));
      }
    }
    for (String year : List.of("1950", "2000")) {
      for (String did : List.of("baked", "bought", "cut", "ate")) {
        for (String when : List.of("in the morning", "for dinner", "at noon", "with butter")) {
          texts.add(text(year, "She %s fresh bread %s.".formatted(did, when)));
        }
      }
    }
    texts.add(text("2000", "A giraffe has a long neck."));
    for (int split = 0; split < SPLITS; split++) {
      var order = new ArrayList<>(texts);
      Collections.shuffle(order, new Random(split));
      for (int i = 0; i < order.size(); i++) {
        order.get(i).addProperty("split" + split, i % 2 == 0 ? "a" : "b");
      }
    }
    Files.write(file, texts.stream().map(JsonObject::toString).toList());
    return file;
  }

  private static JsonObject text(String year, String text) {
    var object = new JsonObject();
    object.addProperty("text", text);
    object.addProperty("year", year);
    return object;
  }
}
