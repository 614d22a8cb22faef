package io.polyseme.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PullTest {
  private static final String ID = "someone/a-model";

  @TempDir Path home;
  private final Map<String, byte[]> files = new TreeMap<>();
  private HubServer server;
  private ModelStore store;
  private PullOptions options;

  @BeforeEach
  void serve() throws IOException {
    byte[] model = new byte[300_000];
    new Random(7).nextBytes(model);
    files.put("onnx/model.onnx", model);
    files.put("onnx/model_quantized.onnx", new byte[20_000]);
    files.put("tokenizer.json", "{\"model\": {}}".getBytes(UTF_8));
    files.put("config.json", "{\"max_position_embeddings\": 256}".getBytes(UTF_8));
    files.put("1_Pooling/config.json", "{\"pooling_mode_mean_tokens\": true}".getBytes(UTF_8));
    files.put(
        "modules.json",
        "[{\"type\": \"a.Transformer\"}, {\"type\": \"a.Pooling\"}, {\"type\": \"a.Normalize\"}]"
            .getBytes(UTF_8));
    files.put("pytorch_model.bin", new byte[50_000]);
    files.put("../../escape.json", new byte[] {1});
    files.put("README.md", new byte[] {2});
    server = new HubServer(ID);
    store = ModelStore.at(home);
    options = PullOptions.standard().withEndpoint(server.address()).withRevision("main");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ModelFiles pull(String id, PullOptions options) {
    return store.pull(id, options, Progress.NONE, Cancel.create());
  }

  private String failure() {
    return assertThrows(PolysemeException.class, () -> pull(ID, options)).getMessage();
  }

  private List<String> cached() {
    return store.list().stream()
        .filter(listing -> listing.state() == ModelListing.State.CACHED)
        .map(listing -> listing.card().name())
        .toList();
  }

  private void assertWhole(ModelFiles model) throws IOException {
    assertArrayEquals(files.get("onnx/model.onnx"), Files.readAllBytes(model.onnx()));
    assertEquals(HubServer.hex("SHA-256", files.get("onnx/model.onnx")), model.fingerprint());
    assertEquals(List.of(ID), cached());
    try (Stream<Path> all = Files.list(home.resolve("models"))) {
      assertEquals(List.of("someone--a-model"), all.map(f -> f.getFileName().toString()).toList());
    }
  }

  @Test
  void aRepositoryIsFetchedWithWhatItSaysOfItself() throws IOException {
    server.commit(files);
    var told = new ArrayList<Long>();
    ModelFiles model =
        store.pull(ID, options, (task, done, total) -> told.add(total - done), Cancel.create());
    assertWhole(model);
    assertEquals(0, told.getLast());
    assertEquals(new ModelCard(ID, ID, "mit", "", Pooling.MEAN, true, 256, "", ""), model.card());
    assertEquals(model, store.open(ID, Progress.NONE, Cancel.create()));
    assertEquals(model, ModelStore.at(home).open(ID, Progress.NONE, Cancel.create()));
    for (String unwanted : List.of("pytorch", "README", "escape", "quantized")) {
      assertFalse(server.asked.toString().contains(unwanted), server.asked.toString());
    }
  }

  @Test
  void aDownloadThatBrokeOffGoesOn() throws IOException {
    String commit = server.commit(files);
    server.trouble("onnx/model.onnx", HubServer.Trouble.BREAKS_OFF);
    // Each answer is half of what is left; of its last bytes some may be lost with the connection.
    long first = cameBefore(failure());
    long second = cameBefore(failure());
    assertTrue(0 < first && first <= 150_000, () -> "first " + first);
    assertTrue(first < second && second <= 225_000, () -> "second " + second);
    assertEquals(List.of(), cached());
    assertThrows(PolysemeException.class, () -> store.open(ID, Progress.NONE, Cancel.create()));
    server.calm();
    server.asked.clear();
    assertWhole(pull(ID, options));
    assertEquals(
        List.of(
            "/api/models/" + ID + "/revision/main",
            "/%s/resolve/%s/onnx/model.onnx bytes=%d-".formatted(ID, commit, second),
            "/cdn/%s/onnx/model.onnx bytes=%d-".formatted(commit, second)),
        server.asked);
  }

  private static long cameBefore(String failure) {
    Matcher bytes = Pattern.compile("broke off after ([0-9,]+) bytes").matcher(failure);
    assertTrue(bytes.find(), failure);
    return Long.parseLong(bytes.group(1).replace(",", ""));
  }

  @Test
  void aServerWithoutRangesSendsItAllAgain() throws IOException {
    server.commit(files);
    server.trouble("onnx/model.onnx", HubServer.Trouble.BREAKS_OFF);
    failure();
    server.trouble("onnx/model.onnx", HubServer.Trouble.IGNORES_RANGES);
    assertWhole(pull(ID, options));
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx/model.onnx", "tokenizer.json"})
  void whatArrivesChangedIsNotKept(String file) throws IOException {
    server.commit(files);
    server.trouble(file, HubServer.Trouble.FLIPS_A_BIT);
    assertTrue(failure().startsWith(file + " did not arrive as it was sent"), failure());
    assertEquals(List.of(), cached());
    server.calm();
    assertWhole(pull(ID, options));
  }

  @Test
  void aDownloadThatStandsStillEnds() throws IOException {
    server.commit(files);
    server.trouble("onnx/model.onnx", HubServer.Trouble.STANDS_STILL);
    var hub = new HuggingFace(URI.create(server.address()), Duration.ofMillis(300));
    HuggingFace.Snapshot snapshot = hub.snapshot(ID, "main", Cancel.create());
    var error =
        assertThrows(
            PolysemeException.class,
            () -> hub.fetch(snapshot, home.resolve("x"), Progress.NONE, Cancel.create()));
    assertTrue(error.getMessage().contains("broke off after"), error.getMessage());
  }

  @Test
  void aDownloadThatStandsStillIsCancelled() throws IOException {
    server.commit(files);
    server.trouble("onnx/model.onnx", HubServer.Trouble.STANDS_STILL);
    Cancel cancel = Cancel.create();
    assertThrows(
        CancelledException.class,
        () ->
            store.pull(
                ID,
                options,
                (task, done, total) -> {
                  if (done > 100_000) {
                    cancel.cancel();
                  }
                },
                cancel));
    assertEquals(List.of(), cached());
  }

  @Test
  void revisionsArePinned() throws IOException {
    String first = server.commit(files);
    pull(ID, options);
    server.asked.clear();
    pull(ID, options);
    assertEquals(List.of("/api/models/" + ID + "/revision/main"), server.asked);
    files.put("onnx/model.onnx", new byte[100_000]);
    String second = server.commit(files);
    assertWhole(pull(ID, options));
    server.asked.clear();
    assertWhole(pull(ID, options.withRevision(second)));
    assertEquals(List.of(), server.asked);
    assertEquals(300_000, Files.size(pull(ID, options.withRevision(first)).onnx()));
  }

  @Test
  void weightsBesideTheModelComeWithIt() throws IOException {
    files.put("onnx/model.onnx_data", new byte[12_345]);
    server.commit(files);
    ModelFiles model = pull(ID, options);
    assertEquals(12_345, Files.size(model.onnx().resolveSibling("model.onnx_data")));
  }

  @Test
  void thePoolingThatIsNotSaidIsGivenAndKept() throws IOException {
    files.remove("1_Pooling/config.json");
    server.commit(files);
    assertNull(pull(ID, options).card().pooling());
    assertEquals(Pooling.CLS, pull(ID, options.withPooling(Pooling.CLS)).card().pooling());
    assertEquals(
        Pooling.CLS, ModelStore.at(home).open(ID, Progress.NONE, Cancel.create()).card().pooling());
    assertEquals(Pooling.CLS, pull(ID, options).card().pooling());
  }

  @Test
  void theFamiliesThatNeedPrefixesGetThem() throws IOException {
    files.remove("1_Pooling/config.json");
    try (var e5 = new HubServer("intfloat/e5-base-v2")) {
      e5.commit(files);
      ModelCard card = pull("intfloat/e5-base-v2", options.withEndpoint(e5.address())).card();
      assertEquals("query: ", card.queryPrefix());
      assertEquals("passage: ", card.passagePrefix());
      assertEquals(Pooling.MEAN, card.pooling());
    }
  }

  @Test
  void twoThatFetchTheSameDoNotMeet() throws IOException {
    String commit = server.commit(files);
    Path folder = home.resolve("models/.pulling-someone--a-model-" + commit);
    Files.createDirectories(folder);
    try (var channel =
            FileChannel.open(
                folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = channel.lock()) {
      assertTrue(failure().contains("by another process"), failure());
    }
    assertWhole(pull(ID, options));
  }

  @Test
  void whatIsNotThereIsSaid() throws IOException {
    assertTrue(failure().contains("HTTP 404"), failure());
    files.remove("tokenizer.json");
    server.commit(files);
    assertTrue(failure().contains("has no tokenizer.json"), failure());
    files.remove("onnx/model.onnx");
    server.commit(files);
    assertTrue(failure().contains("has no ONNX model"), failure());
    server.close();
    assertTrue(failure().contains("cannot reach"), failure());
  }

  @Test
  void aFileThatIsGoneIsSaid() throws IOException {
    server.commit(files);
    server.trouble("config.json", HubServer.Trouble.IS_GONE);
    assertTrue(failure().contains("config.json (HTTP 404)"), failure());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>hello</html>",
        "",
        "[]",
        "{}",
        "{\"sha\": \"../../x\", \"siblings\": []}",
        "{\"sha\": [], \"siblings\": [1]}",
        "{\"sha\": \"0123456789012345678901234567890123456789\", \"siblings\": [{\"rfilename\": 7, \"size\": \"many\"}]}"
      })
  void answersOfAnotherKindAreRefused(String body) throws IOException {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          byte[] bytes = body.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    other.start();
    try {
      PullOptions there =
          options.withEndpoint("http://localhost:" + other.getAddress().getPort() + "/");
      var error = assertThrows(PolysemeException.class, () -> pull(ID, there));
      assertTrue(
          error.getMessage().matches(".*(does not answer as|does not name a commit).*"),
          error.getMessage());
    } finally {
      other.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a/b/c", "../b", "a/..", "a b/c", "a:b", ".hidden/x", "a/b?c"})
  void whatIsNoNameIsRefused(String what) {
    var error = assertThrows(PolysemeException.class, () -> pull(what, options));
    assertTrue(error.getMessage().contains("is neither a known model"), error.getMessage());
    assertEquals(List.of(), server.asked);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://x", "x", "", "http:///y", "file:///etc", "http://a b"})
  void whatIsNoAddressIsRefused(String address) {
    assertThrows(IllegalArgumentException.class, () -> options.withEndpoint(address));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a..b", "a b", "a?b", "../x"})
  void whatIsNoRevisionIsRefused(String revision) {
    assertThrows(IllegalArgumentException.class, () -> options.withRevision(revision));
  }
}
