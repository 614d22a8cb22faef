package io.polyseme.index;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.util.IOUtils;

/** Copies an index that may be changed meanwhile. */
final class Backup {
  private static final int TRIES = 10;
  private static final int BLOCK = 1 << 20;

  private Backup() {}

  static void run(String name, Path folder, Path target, Progress progress, Cancel cancel) {
    Path place = target.toAbsolutePath();
    Path part = place.resolveSibling(place.getFileName() + ".part");
    boolean done = false;
    try {
      IndexFiles.deleteFolder(Files.createDirectories(part));
      Files.createDirectories(part);
      Marker.put(part);
      try (Directory from = FSDirectory.open(folder);
          Directory to = FSDirectory.open(part)) {
        copy(from, to, progress, cancel);
      }
      try (VectorIndex copy = VectorIndex.open(part, OpenOptions.DEFAULT.withName(name))) {
        Sound.check(copy.snapshot());
      }
      Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
      done = true;
    } catch (IOException e) {
      throw Trouble.io("the index %s could not be copied to %s".formatted(name, target), e);
    } finally {
      if (!done) {
        IndexFiles.deleteFolder(part);
      }
    }
  }

  private static void copy(Directory from, Directory to, Progress progress, Cancel cancel)
      throws IOException {
    for (int tried = 1; ; tried++) {
      Map<String, IndexInput> files = new LinkedHashMap<>();
      try (DirectoryReader reader = DirectoryReader.open(from)) {
        // What is open can be read to its end, whatever the writer deletes.
        for (String file : reader.getIndexCommit().getFileNames()) {
          files.put(file, from.openInput(file, IOContext.READONCE));
        }
        copy(files, to, progress, cancel);
        return;
      } catch (NoSuchFileException | FileNotFoundException e) {
        if (tried == TRIES) {
          throw e;
        }
        // The writer was faster: there is a newer commit.
      } finally {
        IOUtils.close(files.values());
      }
    }
  }

  private static void copy(
      Map<String, IndexInput> files, Directory to, Progress progress, Cancel cancel)
      throws IOException {
    long total = files.values().stream().mapToLong(IndexInput::length).sum();
    long copied = 0;
    var block = new byte[BLOCK];
    for (Map.Entry<String, IndexInput> file : files.entrySet()) {
      IndexInput in = file.getValue();
      try (IndexOutput out = to.createOutput(file.getKey(), IOContext.DEFAULT)) {
        for (long left = in.length(); left > 0; ) {
          cancel.check();
          int length = (int) Math.min(left, block.length);
          in.readBytes(block, 0, length);
          out.writeBytes(block, 0, length);
          left -= length;
          copied += length;
          progress.update("copying", copied, total);
        }
      }
    }
    to.sync(files.keySet());
    to.syncMetaData();
  }
}
