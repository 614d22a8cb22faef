package io.polyseme.encoder;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The libraries that a shared object of Linux (64-bit little-endian ELF) names as needed, and which
 * of them the system's loader does not find.
 */
final class SharedObject {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The kinds of a part of the file (program header) that count here. */
  private static final int PT_LOAD = 1;

  private static final int PT_DYNAMIC = 2;
  private static final int DYNAMIC_ENTRY = 16;
  private static final long DT_NULL = 0;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;

  private SharedObject() {}

  /**
   * The names of the libraries that a file needs.
   *
   * @throws IOException if it cannot be read, or is no such file
   */
  static List<String> needed(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file)) {
      MemorySegment elf = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      // 0x7f "ELF", 64-bit, little-endian.
      if (elf.get(INT, 0) != 0x464c457f || elf.get(SHORT, 4) != 0x0102) {
        throw new IOException(file + " is no 64-bit ELF file");
      }
      long headers = elf.get(LONG, 32);
      int headerSize = Short.toUnsignedInt(elf.get(SHORT, 54));
      int count = Short.toUnsignedInt(elf.get(SHORT, 56));
      var names = new ArrayList<Long>();
      long strings = -1;
      for (int i = 0; i < count; i++) {
        long header = headers + (long) i * headerSize;
        if (elf.get(INT, header) != PT_DYNAMIC) {
          continue;
        }
        long offset = elf.get(LONG, header + 8);
        long end = offset + elf.get(LONG, header + 32);
        for (long at = offset; at < end && elf.get(LONG, at) != DT_NULL; at += DYNAMIC_ENTRY) {
          long tag = elf.get(LONG, at);
          if (tag == DT_NEEDED) {
            names.add(elf.get(LONG, at + 8));
          } else if (tag == DT_STRTAB) {
            strings = elf.get(LONG, at + 8);
          }
        }
      }
      // The table of strings is given by where it will be in memory.
      for (int i = 0; i < count && !names.isEmpty(); i++) {
        long header = headers + (long) i * headerSize;
        long address = elf.get(LONG, header + 16);
        if (elf.get(INT, header) == PT_LOAD
            && strings >= address
            && strings < address + elf.get(LONG, header + 32)) {
          long table = strings - address + elf.get(LONG, header + 8);
          return names.stream().map(name -> elf.getString(table + name)).toList();
        }
      }
      return List.of();
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IOException(file + " is a damaged ELF file", e);
    }
  }

  /** Those of these libraries that cannot be loaded here. */
  @SuppressWarnings("restricted") // see NativeLibraries
  static List<String> missing(List<String> libraries) {
    var missing = new ArrayList<String>();
    for (String library : libraries) {
      try (Arena arena = Arena.ofConfined()) {
        SymbolLookup.libraryLookup(library, arena);
      } catch (IllegalArgumentException e) {
        missing.add(library);
      }
    }
    return missing;
  }
}
