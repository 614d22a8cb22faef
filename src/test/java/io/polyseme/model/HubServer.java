package io.polyseme.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server on the loopback address with the paths of Hugging Face's, as its documentation of the
 * Hub's API and its own client library use them, and with the troubles that real ones have.
 */
public final class HubServer implements AutoCloseable {
  /** Every path that was asked for, with the first byte wanted. */
  public final List<String> asked = new CopyOnWriteArrayList<>();

  /** What happens to a file on its way. */
  public enum Trouble {
    BREAKS_OFF,
    FLIPS_A_BIT,
    STANDS_STILL,
    IS_GONE,
    IGNORES_RANGES
  }

  private final Map<String, Map<String, byte[]>> commits = new ConcurrentHashMap<>();
  private final Map<String, String> revisions = new ConcurrentHashMap<>();
  private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private final String id;

  public HubServer(String id) throws IOException {
    this.id = id;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  public String address() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  /** Adds a commit, to which the branch main moves. Returns its name. */
  public String commit(Map<String, byte[]> files) {
    String commit = hex("SHA-1", files.keySet().toString().getBytes(StandardCharsets.UTF_8));
    for (byte[] file : files.values()) {
      commit = hex("SHA-1", (commit + hex("SHA-1", file)).getBytes(StandardCharsets.UTF_8));
    }
    commits.put(commit, new TreeMap<>(files));
    revisions.put("main", commit);
    revisions.put(commit, commit);
    return commit;
  }

  /** Gives a file trouble until {@link #calm()}. */
  public void trouble(String file, Trouble trouble) {
    troubles.put(file, trouble);
  }

  public void calm() {
    troubles.clear();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String range = exchange.getRequestHeaders().getFirst("Range");
    asked.add(path + (range == null ? "" : " " + range));
    try (exchange) {
      String api = "/api/models/" + id + "/revision/";
      String resolve = "/" + id + "/resolve/";
      if (path.startsWith(api) && revisions.containsKey(path.substring(api.length()))) {
        tell(exchange, revisions.get(path.substring(api.length())));
      } else if (path.startsWith(resolve)) {
        String[] parts = path.substring(resolve.length()).split("/", 2);
        // Large files are kept elsewhere, as on the real server.
        exchange.getResponseHeaders().set("Location", "/cdn/" + parts[0] + "/" + parts[1]);
        exchange.sendResponseHeaders(302, -1);
      } else if (path.startsWith("/cdn/")) {
        String[] parts = path.substring(5).split("/", 2);
        send(exchange, parts[1], commits.get(parts[0]).get(parts[1]), range);
      } else {
        exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private void tell(HttpExchange exchange, String commit) throws IOException {
    var siblings = new JsonArray();
    commits
        .get(commit)
        .forEach(
            (path, bytes) -> {
              var file = new JsonObject();
              file.addProperty("rfilename", path);
              file.addProperty("size", bytes.length);
              byte[] head = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII);
              byte[] blob = Arrays.copyOf(head, head.length + bytes.length);
              System.arraycopy(bytes, 0, blob, head.length, bytes.length);
              file.addProperty("blobId", hex("SHA-1", blob));
              if (bytes.length > 10_000) {
                var lfs = new JsonObject();
                lfs.addProperty("sha256", hex("SHA-256", bytes));
                file.add("lfs", lfs);
              }
              siblings.add(file);
            });
    var card = new JsonObject();
    card.addProperty("license", "mit");
    var answer = new JsonObject();
    answer.addProperty("id", id);
    answer.addProperty("sha", commit);
    answer.add("siblings", siblings);
    answer.add("cardData", card);
    byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private void send(HttpExchange exchange, String path, byte[] bytes, String range)
      throws IOException {
    Trouble trouble = troubles.get(path);
    int from =
        range == null || trouble == Trouble.IGNORES_RANGES
            ? 0
            : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    if (trouble == Trouble.IS_GONE) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    if (from > 0) {
      if (from >= bytes.length) {
        exchange.sendResponseHeaders(416, -1);
        return;
      }
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
    }
    byte[] sent = bytes.clone();
    if (trouble == Trouble.FLIPS_A_BIT) {
      sent[sent.length / 2] ^= 1;
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
    OutputStream out = exchange.getResponseBody();
    int end =
        trouble == Trouble.BREAKS_OFF || trouble == Trouble.STANDS_STILL
            ? from + (bytes.length - from) / 2
            : bytes.length;
    out.write(sent, from, end - from);
    out.flush();
    if (trouble == Trouble.STANDS_STILL) {
      try {
        closing.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  static String hex(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
