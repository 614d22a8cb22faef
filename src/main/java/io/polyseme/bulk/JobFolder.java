package io.polyseme.bulk;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a job keeps what it has done: a folder beside its output, of one process at a time. In it
 * are
 *
 * <ul>
 *   <li>{@code job.json}: what the job is, written once;
 *   <li>files that only grow, and in the end become the output, so that it never takes twice its
 *       room;
 *   <li>{@code journal}: a line after each part, written once all of the part is on the disk, with
 *       the lengths of the files. What files have beyond the lengths of the last whole line was
 *       never finished, and is cut off when the job goes on.
 * </ul>
 *
 * <p>Not thread-safe. Closed by whoever opened it, which lets others have it.
 */
final class JobFolder implements AutoCloseable {
  private static final String JOB = "job.json";
  private static final String JOURNAL = "journal";
  private static final String LOCK = "lock";

  /** Those that this process has. */
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel lockChannel;
  private boolean removed;
  private final Map<String, GrowingFile> files = new LinkedHashMap<>();
  private JobState state = JobState.NEW;
  private @Nullable FileChannel journal;

  private JobFolder(Path folder, FileChannel lockChannel) {
    this.folder = folder;
    this.lockChannel = lockChannel;
  }

  /** The folder of the job that makes this output. */
  static Path of(Path output) {
    return output.resolveSibling("." + output.getFileName() + ".parts");
  }

  /**
   * Opens the folder of a job, or makes it. What another job has left is refused.
   *
   * @param job what the job is, by what a person calls it
   * @param anew whether what was left is removed, whatever it is
   */
  static JobFolder open(Path output, Map<String, String> job, boolean anew) throws IOException {
    Path folder = of(output);
    JobFolder opened = lock(folder, output);
    try {
      Map<String, String> old = anew ? null : opened.job();
      if (old == null) {
        opened.clear();
        opened.writeJob(job);
      } else if (!old.equals(job)) {
        throw new PolysemeException(
            "%s was begun as another job, which is not finished: %s. Ask for the same again and it goes on; --restart throws away what is there and begins anew"
                .formatted(output, differences(old, job)));
      }
      opened.readJournal();
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static JobFolder lock(Path folder, Path output) throws IOException {
    // Closing a file gives up the locks that this process has on it, on most systems, through
    // whatever channel: so a folder that we have open must not be tried again.
    if (!OPEN.add(folder)) {
      throw inUse(output);
    }
    try {
      while (true) {
        if (Files.exists(folder) && !Files.exists(folder.resolve(LOCK)) && !isEmpty(folder)) {
          throw new PolysemeException(
              "%s is where the parts of %s belong, and is something else: move it away"
                  .formatted(folder, output));
        }
        Files.createDirectories(folder);
        FileChannel channel =
            FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
          if (channel.tryLock() == null) {
            throw inUse(output);
          }
          if (isStillThere(folder.resolve(LOCK), channel)) {
            return new JobFolder(folder, channel);
          }
          channel.close();
        } catch (IOException | RuntimeException e) {
          channel.close();
          throw e;
        }
      }
    } catch (IOException | RuntimeException e) {
      OPEN.remove(folder);
      throw e;
    }
  }

  private static PolysemeException inUse(Path output) {
    return new PolysemeException(
        output + " is being made by another process; wait until it is done, or end it");
  }

  /**
   * Whether the file that was locked is the one that others see: who had the lock before may have
   * removed it after we opened it. Told by a length that it is given, since it must not be opened
   * again.
   */
  private static boolean isStillThere(Path path, FileChannel locked) throws IOException {
    int length = ThreadLocalRandom.current().nextInt(1, 1 << 16);
    locked.truncate(0);
    locked.write(ByteBuffer.wrap(new byte[length]), 0);
    return Files.exists(path) && Files.size(path) == length;
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private static String differences(Map<String, String> old, Map<String, String> now) {
    var names = new LinkedHashSet<>(now.keySet());
    names.addAll(old.keySet());
    var different = new ArrayList<String>();
    for (String name : names) {
      String was = old.getOrDefault(name, "nothing");
      String is = now.getOrDefault(name, "nothing");
      if (!was.equals(is)) {
        different.add("%s (%s before, now %s)".formatted(name, was, is));
      }
    }
    return String.join("; ", different);
  }

  /** What the job in the folder is; null where none was begun. */
  private @Nullable Map<String, String> job() throws IOException {
    Path file = folder.resolve(JOB);
    if (!Files.exists(file)) {
      return null;
    }
    var job = new LinkedHashMap<String, String>();
    try {
      JsonObject object = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
      for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
        job.put(entry.getKey(), entry.getValue().getAsString());
      }
    } catch (JsonParseException | IllegalStateException e) {
      throw new PolysemeException(
          file + " does not say what was begun here; --restart begins anew", e);
    }
    return job;
  }

  private void writeJob(Map<String, String> job) throws IOException {
    var object = new JsonObject();
    job.forEach(object::addProperty);
    Path begun = folder.resolve(JOB + ".new");
    try (FileChannel channel =
        FileChannel.open(
            begun,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      write(channel, object + "\n");
    }
    Files.move(begun, folder.resolve(JOB), StandardCopyOption.ATOMIC_MOVE);
    force(folder);
    force(folder.getParent());
  }

  private static void write(FileChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(true);
  }

  /** Makes what was renamed in a folder last, on systems where that needs saying. */
  static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no folder, and needs none of this
      System.getLogger(JobFolder.class.getName())
          .log(System.Logger.Level.DEBUG, "cannot force " + folder, e);
    }
  }

  /** Finds the last whole part, whose files are there as long as they were, and goes on from it. */
  private void readJournal() throws IOException {
    Path file = folder.resolve(JOURNAL);
    byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    int whole = 0;
    for (int start = 0, end; (end = lineEnd(bytes, start)) >= 0; start = end + 1) {
      JobState line = JobState.parse(new String(bytes, start, end - start, StandardCharsets.UTF_8));
      if (line == null) {
        break;
      }
      if (line.finished() || isThere(line)) {
        state = line;
        whole = end + 1;
      }
    }
    journal = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    journal.truncate(whole).position(whole);
  }

  private static int lineEnd(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private boolean isThere(JobState line) throws IOException {
    for (Map.Entry<String, Long> entry : line.lengths().entrySet()) {
      Path file = folder.resolve(entry.getKey());
      if (!Files.exists(file) || Files.size(file) < entry.getValue()) {
        return false;
      }
    }
    return true;
  }

  /** The last whole part. */
  JobState state() {
    return state;
  }

  /** One of the job's files, as it was after the last whole part; closed with the folder. */
  GrowingFile file(String name) throws IOException {
    GrowingFile file =
        GrowingFile.open(folder.resolve(name), state.lengths().getOrDefault(name, 0L));
    files.put(name, file);
    return file;
  }

  /**
   * Makes what the files have now a whole part.
   *
   * @param done all parts so far; the lengths are found here
   */
  void commit(JobState done) throws IOException {
    var lengths = new LinkedHashMap<String, Long>();
    for (Map.Entry<String, GrowingFile> entry : files.entrySet()) {
      entry.getValue().force();
      lengths.put(entry.getKey(), entry.getValue().length());
    }
    if (state.texts() == 0) {
      force(folder); // the files are new in it
    }
    JobState next = done.withLengths(lengths);
    write(Objects.requireNonNull(journal), next.toLine() + "\n");
    state = next;
  }

  /**
   * Puts finished files in their places, where they are not yet, and removes the folder.
   *
   * @param places by name; the last to appear is the last of them
   */
  void publish(Map<String, Path> places) throws IOException {
    closeFiles();
    for (Map.Entry<String, Path> entry : places.entrySet()) {
      Path file = folder.resolve(entry.getKey());
      // One that is not here was put in its place before the process was ended.
      if (Files.exists(file)) {
        Files.move(
            file,
            entry.getValue(),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    force(folder.getParent());
    remove();
  }

  /** Removes what is in the folder; the folder itself goes when this is closed. */
  void remove() throws IOException {
    clear();
    Files.deleteIfExists(folder.resolve(LOCK));
    removed = true;
  }

  /** Removes what is in the folder, but for the lock. */
  private void clear() throws IOException {
    closeFiles();
    // First what makes it a job: a folder that is half cleared must not be taken for one.
    Files.deleteIfExists(folder.resolve(JOB));
    try (Stream<Path> left = Files.list(folder)) {
      for (Path file : left.toList()) {
        if (!file.getFileName().toString().equals(LOCK)) {
          Files.delete(file);
        }
      }
    }
    state = JobState.NEW;
  }

  private void closeFiles() throws IOException {
    for (GrowingFile file : files.values()) {
      file.close();
    }
    files.clear();
    if (journal != null) {
      journal.close();
      journal = null;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      closeFiles();
    } finally {
      lockChannel.close();
      if (removed) {
        try {
          Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
          // another process has begun here
          System.getLogger(JobFolder.class.getName())
              .log(System.Logger.Level.DEBUG, "left " + folder, e);
        }
      }
      OPEN.remove(folder);
    }
  }
}
