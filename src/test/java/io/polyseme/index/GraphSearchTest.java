package io.polyseme.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The graph against exact searches. */
@Timeout(120)
class GraphSearchTest {
  private static final int K = 10;

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, COSINE, 33",
    "FLOAT32, EUCLIDEAN, 64",
    "INT8, COSINE, 100",
    "INT8, EUCLIDEAN, 7",
    "INT8, DOT_PRODUCT, 129",
    "INT4, COSINE, 101",
    "INT4, EUCLIDEAN, 64",
    "INT4, DOT_PRODUCT, 40",
    "INT1, COSINE, 130",
    "INT1, EUCLIDEAN, 192",
    "INT1, DOT_PRODUCT, 128"
  })
  void everyEncodingFindsWhatAnExactSearchFinds(
      Encoding encoding, Similarity similarity, int dimension) {
    Data data = Data.random(11, 2_500, dimension);
    IndexOptions options =
        IndexOptions.DEFAULT
            .withEncoding(encoding)
            .withSimilarity(similarity)
            .withEfConstruction(60);
    try (VectorIndex index = data.index(temp.resolve("i"), options)) {
      int ef = encoding == Encoding.INT1 ? 400 : 150;
      double recall = recall(index, queries(data, 12, 60), Filter.ALL, ef);
      assertTrue(recall >= 0.95, "recall " + recall);
    }
  }

  /** New vectors near some of those that are there. */
  private static List<float[]> queries(Data data, long seed, int count) {
    var random = new Random(seed);
    var queries = new ArrayList<float[]>();
    for (int i = 0; i < count; i++) {
      float[] query = data.vectors().get(random.nextInt(data.size())).clone();
      for (int d = 0; d < query.length; d++) {
        query[d] += 0.3f * (float) random.nextGaussian();
      }
      queries.add(query);
    }
    return queries;
  }

  private static double recall(VectorIndex index, List<float[]> queries, Filter filter, int ef) {
    double found = 0;
    double all = 0;
    for (float[] vector : queries) {
      Query query = Query.near(vector, K).withFilter(filter);
      Set<String> right = labels(index.exact().search(query));
      Answer answer = index.search(query.withPrecision(Precision.approximate(ef)));
      Set<String> hits = labels(answer);
      hits.retainAll(right);
      found += hits.size();
      all += right.size();
    }
    return found / all;
  }

  private static Set<String> labels(Answer answer) {
    var labels = new HashSet<String>();
    for (Hit hit : answer.hits()) {
      labels.add(hit.label());
    }
    return labels;
  }

  @Test
  void scoresAreThoseOfTheFullVectors() {
    Data data = Data.random(21, 1_500, 20);
    for (Encoding encoding : Encoding.values()) {
      try (VectorIndex index =
          data.index(temp.resolve(encoding.name()), IndexOptions.DEFAULT.withEncoding(encoding))) {
        for (float[] vector : queries(data, 22, 5)) {
          Query query = Query.near(vector, K).withPrecision(Precision.approximate(100));
          for (Hit hit : index.search(query).hits()) {
            double cosine = Data.similarity(vector, data.vector(hit.label()), Similarity.COSINE);
            assertEquals(cosine, hit.score(), 1e-5);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.005, 0.02, 0.1, 0.3, 0.7})
  void filtersLoseNothingWhereverTheyLeadTo(double share) {
    int size = 4_000;
    Data data = Data.random(31, size, 24);
    List<float[]> queries = queries(data, 32, 20);
    // For the first query: those farthest from it, and a choice by chance.
    float[] first = queries.getFirst();
    List<Integer> far =
        IntStream.range(0, size)
            .boxed()
            .sorted(
                Comparator.comparingDouble(
                    i -> Data.similarity(first, data.vectors().get(i), Similarity.COSINE)))
            .limit((long) (share * size))
            .toList();
    var random = new Random(33);
    var labelled = new Data(data.labels(), data.vectors(), new ArrayList<>());
    for (int i = 0; i < size; i++) {
      labelled.fields().add(new HashMap<>());
      if (random.nextDouble() < share) {
        labelled.fields().get(i).put("chance", "yes");
      }
    }
    far.forEach(i -> labelled.fields().get(i).put("far", "yes"));
    try (VectorIndex index =
        labelled.index(temp.resolve("i"), IndexOptions.DEFAULT.withEfConstruction(60))) {
      double byChance = recall(index, queries, Filter.equal("chance", "yes"), 100);
      assertTrue(byChance >= 0.95, "by chance: " + byChance);
      double farAway = recall(index, List.of(first), Filter.equal("far", "yes"), 100);
      assertTrue(farAway >= 0.9, "far away: " + farAway);
    }
  }

  @Test
  void whatWasRemovedIsNotFoundAndTheRestIs() {
    Data data = Data.random(41, 3_000, 16);
    Path folder = temp.resolve("i");
    data.build(folder, IndexOptions.DEFAULT);
    try (IndexBuilder builder = keeping(folder)) {
      for (int i = 0; i < 300; i++) {
        builder.remove(data.labels().get(7 * i));
      }
      builder.commit(Progress.NONE, Cancel.create());
    }
    try (VectorIndex index = VectorIndex.open(folder)) {
      List<float[]> queries = queries(data, 42, 40);
      assertTrue(recall(index, queries, Filter.ALL, 100) >= 0.97);
      for (int i = 0; i < 300; i++) {
        Query query =
            Query.near(data.vectors().get(7 * i), K).withPrecision(Precision.approximate(100));
        assertFalse(labels(index.search(query)).contains(data.labels().get(7 * i)));
      }
    }
  }

  private static IndexBuilder keeping(Path folder) {
    return VectorIndex.builder(
        folder, Recipe.of("test"), Data.MAKER, BuildOptions.DEFAULT.withKeep(true));
  }

  @Test
  void whatIsAddedLaterIsFoundBesideTheGraph() {
    Data data = Data.random(51, 3_000, 16);
    Path folder = temp.resolve("i");
    data.build(folder, IndexOptions.DEFAULT);
    try (IndexBuilder builder = keeping(folder)) {
      for (int i = 0; i < 20; i++) {
        builder.add("later" + i, data.vectors().get(i), Map.of());
      }
      builder.commit(Progress.NONE, Cancel.create());
    }
    try (VectorIndex index = VectorIndex.open(folder)) {
      for (int i = 0; i < 20; i++) {
        Query query = Query.near(data.vectors().get(i), 2);
        assertEquals(
            Set.of("entry" + i, "later" + i),
            labels(index.search(query.withPrecision(Precision.approximate(100)))));
      }
      assertTrue(recall(index, queries(data, 52, 40), Filter.ALL, 100) >= 0.97);
    }
  }

  @Test
  void aCrowdOfEqualVectorsHidesNoOther() {
    Data data = Data.random(61, 1_000, 12);
    var crowd = new Data(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < 3_000; i++) {
      boolean equal = i % 3 != 0;
      crowd.labels().add("entry" + i);
      crowd.vectors().add(data.vectors().get(equal ? 0 : i / 3));
      crowd.fields().add(Map.of());
    }
    try (VectorIndex index = crowd.index(temp.resolve("i"), IndexOptions.DEFAULT)) {
      for (int i = 3; i < 3_000; i += 3) {
        Query query =
            Query.near(crowd.vectors().get(i), 1).withPrecision(Precision.approximate(50));
        assertEquals("entry" + i, index.search(query).hits().getFirst().label());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Encoding.class)
  void theIndexIsTheSameForAnyNumberOfThreads(Encoding encoding) throws IOException {
    Data data = Data.random(71, 2_000, 16);
    var graphs = new ArrayList<byte[]>();
    for (int threads : new int[] {1, 3}) {
      Path folder = temp.resolve("threads" + threads);
      try (IndexBuilder builder =
          VectorIndex.builder(
              folder,
              Recipe.of("test").withOptions(IndexOptions.DEFAULT.withEncoding(encoding)),
              Data.MAKER,
              BuildOptions.DEFAULT.withThreads(threads))) {
        data.addTo(builder);
        builder.commit(Progress.NONE, Cancel.create());
      }
      byte[] file = graph(folder);
      // Lucene's header has the segment's random id, and the checksum depends on it.
      graphs.add(Arrays.copyOfRange(file, 128, file.length - 16));
    }
    assertTrue(graphs.getFirst().length > 2_000 * 4);
    assertArrayEquals(graphs.getFirst(), graphs.getLast());
  }

  private static byte[] graph(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      Path file =
          files
              .filter(path -> path.toString().endsWith("." + GraphFile.DATA))
              .findAny()
              .orElseThrow();
      return Files.readAllBytes(file);
    }
  }

  @Test
  void anIndexWithLucenesGraphIsSearchedByThat() throws IOException {
    Data data = Data.random(81, 2_000, 16);
    Path folder = temp.resolve("i");
    data.build(folder, IndexOptions.DEFAULT.withEncoding(Encoding.FLOAT32));
    var codec =
        new Lucene104Codec() {
          @Override
          public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
            return new VectorFormats.Float32();
          }
        };
    try (Directory directory = FSDirectory.open(folder)) {
      Map<String, String> commit;
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        commit = reader.getIndexCommit().getUserData();
      }
      try (var writer =
          new IndexWriter(
              directory,
              new IndexWriterConfig()
                  .setCodec(codec)
                  .setCommitOnClose(false)
                  .setMergePolicy(NoMergePolicy.INSTANCE))) {
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
          CodecReader[] leaves =
              reader.leaves().stream()
                  .map(leaf -> (CodecReader) leaf.reader())
                  .toArray(CodecReader[]::new);
          writer.deleteAll();
          writer.addIndexes(leaves);
        }
        writer.setLiveCommitData(commit.entrySet());
        writer.commit();
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith("." + GraphFile.DATA)));
    }
    try (VectorIndex index = VectorIndex.open(folder)) {
      assertTrue(recall(index, queries(data, 82, 40), Filter.ALL, 100) >= 0.95);
      assertTrue(recall(index, queries(data, 83, 10), Filter.equal("hundred", "h3"), 50) >= 0.95);
    }
  }

  @Test
  void measuringSaysWhatSettingsFindAndCost() {
    Data data = Data.random(91, 2_000, 16);
    try (VectorIndex index = data.index(temp.resolve("i"), IndexOptions.DEFAULT)) {
      TuningOptions options =
          TuningOptions.DEFAULT.withSample(50).withEfSearch(List.of(200, 5, 50, 50));
      SearchTuning tuning = index.measureSearch(options, Progress.NONE, Cancel.create());
      List<SearchTuning.Setting> settings = tuning.settings();
      // Keeping fewer than are wanted is no search.
      assertEquals(
          List.of(11, 50, 200), settings.stream().map(SearchTuning.Setting::efSearch).toList());
      assertTrue(settings.getFirst().recall() < settings.getLast().recall());
      assertTrue(settings.getFirst().meanVisited() < settings.getLast().meanVisited());
      assertTrue(settings.getLast().recall() >= 0.95);
      for (SearchTuning.Setting setting : settings) {
        assertTrue(setting.medianMicros() > 0);
        assertTrue(setting.medianMicros() <= setting.p95Micros());
        assertTrue(setting.p95Micros() <= setting.p99Micros());
      }
      SearchTuning.Setting recommended = tuning.recommended().orElseThrow();
      assertTrue(recommended.recall() >= 0.95);
      assertEquals(2_000L * 16 * 4, tuning.vectorBytes());
      assertTrue(tuning.graphBytes() > 2_000 * (16 + 8));
      assertTrue(tuning.exactMillis() > 0);
    }
  }
}
