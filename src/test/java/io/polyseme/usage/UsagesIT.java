package io.polyseme.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.search.Indexing;
import io.polyseme.sense.WordNetInventory;
import io.polyseme.train.WordSpaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class UsagesIT {
  @TempDir Path folder;

  @Test
  void usagesByMeaning() throws IOException {
    Path file = folder.resolve("texts.txt");
    Files.write(
        file,
        List.of(
            "The banks of the river were muddy.",
            "We fished from the grassy bank of the stream.",
            "Willows grow along the bank of the canal.",
            "The bank lends money to small firms.",
            "She opened an account at the bank.",
            "Banks raised their interest rates."));
    var models = ModelStore.standard();
    var options = EncoderOptions.DEFAULT;
    Path at = folder.resolve("index");
    new Indexing(models, new WordSpaces(models, options), options)
        .build(at, Recipe.of("usages:bank"), file, Progress.NONE, Cancel.create());
    try (Usages usages = Usages.open(VectorIndex.open(at), models, options, Progress.NONE)) {
      assertEquals(6, usages.lemmas().get("bank"));
      assertEquals("bank", usages.lemma("Banks"));
      Meaning river = usages.meaning("bank", "He sat on the bank of the river.");
      List<RankedUsage> near = usages.nearest(river, "bank", 3);
      for (RankedUsage usage : near) {
        assertTrue(usage.usage().text().matches(".*(river|stream|canal).*"), usage::toString);
      }
      try (WordNetInventory wordNet = WordNetInventory.open()) {
        Meaning money = usages.meaning(wordNet.sense("bank%1:14:00::").orElseThrow());
        RankedUsage first = usages.nearest(money, "bank", 1).getFirst();
        assertTrue(first.usage().text().matches(".*(money|account|rates).*"), first::toString);
      }
    }
  }
}
