package io.polyseme.encoder;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * What NVIDIA's driver says of itself and its devices, through the few functions of its C interface
 * that tell.
 */
final class CudaDriver {
  private static final int NAME_BYTES = 256;

  private final SymbolLookup library;

  /**
   * @param version of CUDA that the driver is made for: 1000 times the major number and ten times
   *     the minor one
   * @param devices their names, by number
   */
  record Devices(int version, List<String> devices) {}

  /** What the driver answered instead. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message, null, false, false);
    }
  }

  private CudaDriver(SymbolLookup library) {
    this.library = library;
  }

  /** The name of the driver's library on this system. */
  static String libraryName() {
    return System.getProperty("os.name").startsWith("Windows") ? "nvcuda.dll" : "libcuda.so.1";
  }

  /**
   * The driver of this machine. It stays loaded.
   *
   * @throws IllegalArgumentException if there is none
   */
  @SuppressWarnings("restricted") // see NativeLibraries
  static SymbolLookup load() {
    return SymbolLookup.libraryLookup(libraryName(), Arena.global());
  }

  /**
   * @throws Refused if the driver cannot be used: by its words
   */
  static Devices devices(SymbolLookup library) throws Refused {
    return new CudaDriver(library).devices();
  }

  private Devices devices() throws Refused {
    try (Arena arena = Arena.ofConfined()) {
      check("cuInit", call("cuInit", 0));
      MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
      check("cuDriverGetVersion", call("cuDriverGetVersion", number));
      int version = number.get(ValueLayout.JAVA_INT, 0);
      check("cuDeviceGetCount", call("cuDeviceGetCount", number));
      int count = number.get(ValueLayout.JAVA_INT, 0);
      var names = new ArrayList<String>();
      MemorySegment name = arena.allocate(NAME_BYTES);
      for (int i = 0; i < count; i++) {
        check("cuDeviceGet", call("cuDeviceGet", number, i));
        int device = number.get(ValueLayout.JAVA_INT, 0);
        check("cuDeviceGetName", call("cuDeviceGetName", name, NAME_BYTES, device));
        names.add(name.getString(0));
      }
      return new Devices(version, List.copyOf(names));
    }
  }

  @SuppressWarnings("restricted") // see NativeLibraries
  private void check(String function, int result) throws Refused {
    if (result == 0) {
      return;
    }
    String name = "error " + result;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ValueLayout.ADDRESS);
      if (call("cuGetErrorName", result, address) == 0) {
        name = address.get(ValueLayout.ADDRESS, 0).reinterpret(NAME_BYTES).getString(0);
      }
    } catch (Refused e) {
      // A driver that cannot name its error: the number has to do.
    }
    throw new Refused(function + ": " + name);
  }

  /** Calls a function whose arguments are integers and pointers, and whose result is an integer. */
  @SuppressWarnings("restricted") // see NativeLibraries
  private int call(String function, Object... arguments) throws Refused {
    MemorySegment address =
        library
            .find(function)
            .orElseThrow(() -> new Refused("it has no function " + function + ": it is too old"));
    var types = new MemoryLayout[arguments.length];
    for (int i = 0; i < types.length; i++) {
      types[i] = arguments[i] instanceof Integer ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS;
    }
    MethodHandle handle =
        Linker.nativeLinker()
            .downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT, types));
    try {
      return (int) handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("NVIDIA's driver cannot be called: " + function, e);
    }
  }
}
