package io.polyseme.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import io.polyseme.vector.Similarity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeTest {
  @TempDir Path temp;

  @Test
  void readsWhatItWrites() {
    Recipe recipe =
        Recipe.of("words:en")
            .withDescription("词 = words # all of them")
            .withModel("bge-small-en-v1.5")
            .withLayer("sum(1,2)")
            .withPooling("cls")
            .withRole("passage")
            .withText("gloss")
            .withLabel("sense")
            .withLemmatise(true)
            .withOptions(new IndexOptions(Similarity.DOT_PRODUCT, Encoding.INT4, 24, 200));
    assertEquals(recipe, Recipe.parse(recipe.toString()));
    assertEquals(Recipe.of("lines"), Recipe.parse("source=lines"));
  }

  @Test
  void readsAFile() throws IOException {
    Path file = temp.resolve("a.recipe");
    Files.writeString(
        file,
        "\uFEFF# a comment\r\n\r\n  source =  wordnet-glosses \r\nsimilarity = Dot-Product\r\nm=32");
    Recipe recipe = Recipe.read(file);
    assertEquals("wordnet-glosses", recipe.source());
    assertEquals(Similarity.DOT_PRODUCT, recipe.options().similarity());
    assertEquals(32, recipe.options().m());
    assertEquals(200, recipe.options().efConstruction());
  }

  @Test
  void saysWhatIsWrongAndWhere() throws IOException {
    Map<String, String> wrong =
        Map.of(
            "source = x\nmodl = y", "line 2: unknown key \"modl\"; did you mean model?",
            "source = x\nzzzzzzzzz = y", "known are description, source",
            "source = x\nsource = y", "line 2: \"source\" is there a second time",
            "just text", "expected \"key = value\"",
            "", "needs a source",
            "source = x\nlemmatise = yes", "lemmatise must be true or false, and is \"yes\"",
            "source = x\nm = many", "m must be a whole number, and is \"many\"",
            "source = x\nm = 1000", "m must be from 2 to 512, and is 1000",
            "source = x\nefConstruction = 0", "efConstruction must be from 1 to 3200",
            "source = x\nsimilarity = near", "one of cosine, dot-product, euclidean");
    for (Map.Entry<String, String> each : wrong.entrySet()) {
      String message =
          assertThrows(PolysemeException.class, () -> Recipe.parse(each.getKey())).getMessage();
      assertTrue(message.contains(each.getValue()), message);
    }
    Path file = temp.resolve("b.recipe");
    assertMessage("there is no recipe", file);
    Files.write(file, new byte[] {'s', (byte) 0xFF, (byte) 0xFE, 0});
    assertMessage("UTF-8", file);
    assertMessage("cannot read the recipe", temp);
    Files.writeString(file, "nothing");
    assertMessage(file + ", line 1", file);
  }

  private static void assertMessage(String part, Path file) {
    String message = assertThrows(PolysemeException.class, () -> Recipe.read(file)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void aValueIsOneLine() {
    assertThrows(
        IllegalArgumentException.class, () -> Recipe.of("x").withDescription("a\nsource = y"));
    assertThrows(IllegalArgumentException.class, () -> Recipe.of(" "));
    assertThrows(IllegalArgumentException.class, () -> Recipe.of(""));
  }
}
