package io.polyseme.usage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.search.Indexing;
import io.polyseme.train.WordSpaces;
import io.polyseme.usage.WordShift.Measure;
import io.polyseme.vector.Filter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ShiftIT {
  private static final double SIGNIFICANT = 0.05;

  @TempDir static Path folder;
  private static Usages usages;

  @BeforeAll
  static void build() throws IOException {
    var models = ModelStore.standard();
    var options = EncoderOptions.DEFAULT;
    Path at = folder.resolve("index");
    new Indexing(models, new WordSpaces(models, options), options)
        .build(
            at,
            Recipe.of("usages:" + PlantedCorpus.WORDS).withModel("all-minilm-l6-v2"),
            PlantedCorpus.write(folder.resolve("texts.jsonl")),
            Progress.NONE,
            Cancel.create());
    usages = Usages.open(VectorIndex.open(at), models, options, Progress.NONE);
  }

  @AfterAll
  static void close() {
    if (usages != null) {
      usages.close();
    }
  }

  private static Shift shift(String field, String before, String after) {
    return new Shift(
        usages,
        PartOfCorpus.parse(field, before),
        PartOfCorpus.parse(field, after),
        ShiftOptions.DEFAULT);
  }

  @Test
  void whatChangedIsFoundAndWhatDidNotIsNot() {
    for (Measure measure : Measure.values()) {
      List<WordShift> ranked =
          shift("year", "1950", "2000").ranked(measure, Progress.NONE, Cancel.create());
      // The giraffe, with one usage, is in no comparison.
      assertEquals(List.of("mouse", "bread"), ranked.stream().map(WordShift::lemma).toList());
      WordShift mouse = ranked.getFirst();
      assertEquals(16, mouse.before());
      assertEquals(16, mouse.after());
      assertEquals(16, mouse.compared());
      assertTrue(mouse.p(measure) < 0.002, mouse::toString);
      assertTrue(mouse.value(measure) > 1.2 * mouse.control(measure), mouse::toString);
      WordShift bread = ranked.get(1);
      assertTrue(bread.p(measure) > 0.5, bread::toString); // the same sentences in both parts
      assertTrue(bread.excess(measure) < 0.1 * mouse.excess(measure), ranked::toString);
    }
  }

  @Test
  void aRangeOfNumbersIsAPart() {
    WordShift byValue = shift("year", "1950", "2000").of("mouse", Cancel.create());
    WordShift byRange = shift("year", "1900..1975", "1976..2010").of("mouse", Cancel.create());
    // The same usages; the last digits are the vector kernels'.
    assertEquals(byValue.before(), byRange.before());
    assertEquals(byValue.after(), byRange.after());
    assertEquals(byValue.apd(), byRange.apd(), 1e-6);
    assertEquals(byValue.prt(), byRange.prt(), 1e-6);
    assertEquals(byValue.apdP(), byRange.apdP(), 0.01);
  }

  @Test
  void partsAtRandomAreSeldomSignificant() {
    double[] p =
        IntStream.range(0, PlantedCorpus.SPLITS)
            .mapToObj(it -> shift("split" + it, "a", "b"))
            .flatMap(it -> it.ranked(Measure.APD, Progress.NONE, Cancel.create()).stream())
            .mapToDouble(it -> it.p(Measure.APD))
            .sorted()
            .toArray();
    assertTrue(p.length >= PlantedCorpus.SPLITS, p.length + " comparisons");
    long significant = IntStream.range(0, p.length).filter(i -> p[i] < SIGNIFICANT).count();
    assertTrue(significant <= 3, () -> java.util.Arrays.toString(p));
    double mean = IntStream.range(0, p.length).mapToDouble(i -> p[i]).average().orElseThrow();
    assertEquals(0.5, mean, 0.25);
  }

  @Test
  void tooFewUsagesAndPartsThatAreNoneAreRefused() {
    Shift years = shift("year", "1950", "2000");
    String few =
        assertThrows(PolysemeException.class, () -> years.of("giraffe", Cancel.create()))
            .getMessage();
    assertTrue(few.contains("0 usages in \"1950\" and 1 in \"2000\""), few);
    String none =
        assertThrows(PolysemeException.class, () -> shift("year", "1950", "2050")).getMessage();
    assertTrue(none.contains("\"2050\""), none);
    String both =
        assertThrows(
                PolysemeException.class,
                () -> shift("year", "1950", "1900..2000").of("mouse", Cancel.create()))
            .getMessage();
    assertTrue(both.contains("overlap"), both);
  }

  @Test
  void falseDiscoveriesAreCounted() {
    // The example of the procedure: p times the number of tests by rank, from the last on no more.
    assertArrayEquals(
        new double[] {0.04, 0.2, 0.0533333, 0.0533333},
        Shift.falseDiscoveryRates(new double[] {0.01, 0.2, 0.03, 0.04}),
        1e-6);
    assertEquals(0, Shift.falseDiscoveryRates(new double[0]).length);
  }

  @Test
  void aWordOfTwoMeaningsVariesMore() {
    var options = PolysemyOptions.DEFAULT;
    List<WordSpread> ranked =
        new Polysemy(usages, options).ranked(Filter.ALL, Progress.NONE, Cancel.create());
    assertEquals(List.of("mouse", "bread"), ranked.stream().map(WordSpread::lemma).toList());
    WordSpread mouse = ranked.get(0);
    WordSpread bread = ranked.get(1);
    assertEquals(32, mouse.usages());
    assertTrue(mouse.spread() > 1.2 * bread.spread(), ranked::toString);
    assertTrue(mouse.clusters() >= 2, ranked::toString);
    // In the texts of one time alone it has one meaning.
    WordSpread animal =
        new Polysemy(usages, options.withLeast(16))
            .ranked(Filter.equal("year", "1950"), Progress.NONE, Cancel.create()).stream()
                .filter(it -> it.lemma().equals("mouse"))
                .findFirst()
                .orElseThrow();
    assertEquals(16, animal.usages());
    assertTrue(animal.spread() < mouse.spread(), animal::toString);
    assertTrue(
        new Polysemy(usages, options.withLeast(33))
            .ranked(Filter.ALL, Progress.NONE, Cancel.create())
            .isEmpty());
  }
}
