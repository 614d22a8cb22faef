package io.polyseme.model;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Fetches the files of a model from a server with Hugging Face's paths: {@code
 * /api/models/ID/revision/REVISION} tells the commit and its files, {@code /ID/resolve/COMMIT/FILE}
 * gives one. Only files that are needed, by names that are known; each is resumed where it broke
 * off, and held against its size and SHA-256.
 */
final class HuggingFace {
  private static final List<String> MODELS = List.of("onnx/model.onnx", "model.onnx");
  private static final List<String> OTHERS =
      List.of(
          "config.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "modules.json",
          "1_Pooling/config.json",
          "sentence_bert_config.json",
          "config_sentence_transformers.json");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final int ANSWER_BYTES = 64 << 20;
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private final URI endpoint;
  private final Duration idle;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();

  /**
   * A commit of a repository.
   *
   * @param onnx the model's path in it
   * @param files what is to be fetched
   */
  record Snapshot(String id, String commit, String licence, String onnx, List<RemoteFile> files) {
    long bytes() {
      return files.stream().mapToLong(file -> Math.max(0, file.size)).sum();
    }
  }

  /**
   * A file of a commit.
   *
   * @param size -1 where the server does not say
   * @param sha256 of large files; empty where the server does not say
   * @param blobId the SHA-1 by which Git names the file; empty where the server does not say
   */
  record RemoteFile(String path, long size, String sha256, String blobId) {}

  /**
   * @param idle how long a download may stand still
   */
  HuggingFace(URI endpoint, Duration idle) {
    this.endpoint = endpoint;
    this.idle = idle;
  }

  static boolean isId(String text) {
    return text.matches("[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")
        && !text.contains("..");
  }

  Snapshot snapshot(String id, String revision, Cancel cancel) {
    URI uri = uri("/api/models/" + id + "/revision/" + revision + "?blobs=true");
    String commit;
    String licence;
    Map<String, RemoteFile> files = new TreeMap<>();
    try (InputStream body = get(uri, 0, id, cancel).body()) {
      JsonObject answer =
          JsonParser.parseString(new String(body.readNBytes(ANSWER_BYTES), StandardCharsets.UTF_8))
              .getAsJsonObject();
      commit = answer.get("sha").getAsString();
      licence = text(object(answer, "cardData"), "license");
      for (JsonElement element : answer.getAsJsonArray("siblings")) {
        JsonObject file = element.getAsJsonObject();
        String path = file.get("rfilename").getAsString();
        long size = file.has("size") ? file.get("size").getAsLong() : -1;
        String sha256 = text(object(file, "lfs"), "sha256");
        files.put(path, new RemoteFile(path, size, sha256, text(file, "blobId")));
      }
    } catch (IOException | PolysemeException e) {
      cancel.check();
      throw e instanceof PolysemeException known
          ? known
          : new PolysemeException("%s broke off: %s".formatted(uri, e.getMessage()), e);
    } catch (RuntimeException e) { // Gson throws many kinds
      throw new PolysemeException(
          "%s does not answer as Hugging Face does: is the address right?".formatted(uri), e);
    }
    if (!COMMIT.matcher(commit).matches()) {
      throw new PolysemeException(uri + " does not name a commit");
    }
    String onnx =
        MODELS.stream()
            .filter(files::containsKey)
            .findFirst()
            .orElseThrow(
                () ->
                    new PolysemeException(
                        "%s has no ONNX model (onnx/model.onnx or model.onnx) at %s"
                            .formatted(id, revision)));
    if (!files.containsKey("tokenizer.json")) {
      throw new PolysemeException("%s has no tokenizer.json at %s".formatted(id, revision));
    }
    // Models over 2 GiB keep their weights beside them: model.onnx_data and the like.
    Pattern data = Pattern.compile(Pattern.quote(onnx) + "[._]data[A-Za-z0-9._-]*");
    List<RemoteFile> wanted =
        Stream.of(
                Stream.of("tokenizer.json"),
                OTHERS.stream().filter(files::containsKey),
                files.keySet().stream().filter(path -> data.matcher(path).matches()),
                Stream.of(onnx))
            .flatMap(names -> names)
            .map(files::get)
            .toList();
    return new Snapshot(id, commit, licence, onnx, wanted);
  }

  private static JsonObject object(JsonObject object, String key) {
    return object.has(key) && object.get(key).isJsonObject()
        ? object.getAsJsonObject(key)
        : new JsonObject();
  }

  private static String text(JsonObject object, String key) {
    return object.has(key) && object.get(key).isJsonPrimitive()
        ? object.get(key).getAsString()
        : "";
  }

  /** Fetches what is not in the folder yet. Parts of files that are there are gone on with. */
  void fetch(Snapshot snapshot, Path folder, Progress progress, Cancel cancel) throws IOException {
    long total = snapshot.bytes();
    var done = new AtomicLong();
    String task = "fetching " + snapshot.id;
    for (RemoteFile file : snapshot.files) {
      Path target = folder.resolve(file.path);
      Files.createDirectories(target.getParent());
      if (!Files.exists(target)) {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        fetch(
            snapshot,
            file,
            part,
            bytes -> progress.update(task, Math.min(done.get() + bytes, total), total),
            cancel);
        check(file, part);
        Files.move(part, target);
      }
      done.addAndGet(Math.max(0, file.size));
    }
  }

  private interface Bytes {
    void arrived(long sum);
  }

  private void fetch(Snapshot snapshot, RemoteFile file, Path part, Bytes bytes, Cancel cancel)
      throws IOException {
    long have = Files.exists(part) ? Files.size(part) : 0;
    if (file.size >= 0 && have > file.size) {
      Files.delete(part);
      have = 0;
    }
    if (have == file.size) {
      return;
    }
    URI uri = uri("/" + snapshot.id + "/resolve/" + snapshot.commit + "/" + file.path);
    HttpResponse<InputStream> response = get(uri, have, snapshot.id, cancel);
    String range = response.headers().firstValue("Content-Range").orElse("");
    if (response.statusCode() != 206 || !range.startsWith("bytes " + have + "-")) {
      if (response.statusCode() == 206) {
        throw new PolysemeException(uri + " sends another part than was asked for");
      }
      have = 0; // the server sends it all
    }
    long last = have;
    var arrived = new AtomicLong(have);
    InputStream body = response.body();
    Thread watch = watch(body, arrived, cancel);
    try (body;
        OutputStream out =
            Files.newOutputStream(
                part,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                have > 0 ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING)) {
      var buffer = new byte[1 << 16];
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        cancel.check();
        out.write(buffer, 0, n);
        last += n;
        if (file.size >= 0 && last > file.size) {
          throw new IOException("more bytes came than the %,d announced".formatted(file.size));
        }
        arrived.set(last);
        bytes.arrived(last);
      }
    } catch (IOException e) {
      cancel.check();
      throw new PolysemeException(
          "%s broke off after %,d bytes: %s (asked again, it goes on from there)"
              .formatted(uri, last, e.getMessage()),
          e);
    } finally {
      watch.interrupt();
    }
  }

  /** Closes a download that is cancelled or stands still, which its reader then notices. */
  private Thread watch(InputStream body, AtomicLong arrived, Cancel cancel) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                long seen = -1;
                long since = System.nanoTime();
                while (true) {
                  Thread.sleep(100);
                  if (arrived.get() != seen) {
                    seen = arrived.get();
                    since = System.nanoTime();
                  }
                  boolean still = System.nanoTime() - since > idle.toNanos();
                  if (still || cancelled(cancel)) {
                    body.close();
                    return;
                  }
                }
              } catch (InterruptedException | IOException e) {
                // the download has ended
              }
            });
  }

  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  private static boolean cancelled(Cancel cancel) {
    try {
      cancel.check();
      return false;
    } catch (CancelledException e) {
      return true;
    }
  }

  private static void check(RemoteFile file, Path part) throws IOException {
    long size = Files.size(part);
    if (file.size >= 0 && size != file.size) {
      throw new PolysemeException(
          "%s has %,d bytes instead of %,d: ask again, and it goes on from there"
              .formatted(file.path, size, file.size));
    }
    String expected = file.sha256;
    String found = "";
    if (!file.sha256.isEmpty()) {
      found = Sha256.of(part);
    } else if (file.blobId.matches("[0-9a-f]{40}")) {
      expected = file.blobId;
      found = blobId(part, size);
    }
    if (!found.equals(expected)) {
      Files.delete(part);
      throw new PolysemeException(
          "%s did not arrive as it was sent: its checksum is %s instead of %s; ask again"
              .formatted(file.path, found, expected));
    }
  }

  /** The name that Git gives to a file: the SHA-1 of its length and its bytes. */
  private static String blobId(Path file, long size) throws IOException {
    if (size > 64 << 20) {
      throw new PolysemeException(file.getFileName() + " is too large for a file of its kind");
    }
    try {
      var digest = MessageDigest.getInstance("SHA-1");
      digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-1", e);
    }
  }

  private HttpResponse<InputStream> get(URI uri, long from, String id, Cancel cancel) {
    cancel.check();
    var request = HttpRequest.newBuilder(uri).timeout(ANSWER);
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    HttpResponse<InputStream> response;
    try {
      response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot reach %s: %s (is there a network, and is the address right?)"
              .formatted(uri, e.getMessage() == null ? e : e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted");
    }
    int status = response.statusCode();
    if (status == 200 || status == 206 && from > 0) {
      return response;
    }
    closeQuietly(response.body());
    if (status == 416 && from > 0) {
      return get(uri, 0, id, cancel); // there is no more than we have: it is another file
    }
    throw new PolysemeException(
        switch (status) {
          case 401, 403 -> "%s is not open to everybody (HTTP %d)".formatted(id, status);
          case 404 ->
              "there is no %s (HTTP 404): is the name right, and the revision?".formatted(uri);
          default -> "%s answered HTTP %d: try again later".formatted(uri, status);
        });
  }

  private static void closeQuietly(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // nothing of it is wanted
    }
  }

  private URI uri(String path) {
    String base = endpoint.toString();
    return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
  }
}
