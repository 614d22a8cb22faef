package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** NVIDIA's driver, as its interface is documented, with functions that give what it would. */
@SuppressWarnings("restricted") // it makes a driver of its own, of functions of Java
class CudaDriverTest {
  /** A machine with these GPUs. */
  static final class Machine {
    private static final int INVALID_DEVICE = 101;

    final List<String> gpus;
    final int initialised;

    Machine(int initialised, String... gpus) {
      this.initialised = initialised;
      this.gpus = List.of(gpus);
    }

    int init(int flags) {
      return initialised;
    }

    int version(MemorySegment version) {
      version.reinterpret(4).set(ValueLayout.JAVA_INT, 0, 12080);
      return 0;
    }

    int count(MemorySegment count) {
      count.reinterpret(4).set(ValueLayout.JAVA_INT, 0, gpus.size());
      return 0;
    }

    int device(MemorySegment device, int number) {
      if (number >= gpus.size()) {
        return INVALID_DEVICE;
      }
      device.reinterpret(4).set(ValueLayout.JAVA_INT, 0, 70 + number);
      return 0;
    }

    int name(MemorySegment name, int length, int device) {
      name.reinterpret(length).setString(0, gpus.get(device - 70));
      return 0;
    }

    int error(int code, MemorySegment text) {
      text.reinterpret(8)
          .set(
              ValueLayout.ADDRESS,
              0,
              Arena.global().allocateFrom(code == 100 ? "CUDA_ERROR_NO_DEVICE" : "CUDA_ERROR"));
      return 0;
    }

    SymbolLookup library(Arena arena) throws ReflectiveOperationException {
      Map<String, MemorySegment> functions = new HashMap<>();
      functions.put("cuInit", function(arena, "init", int.class));
      functions.put("cuDriverGetVersion", function(arena, "version", MemorySegment.class));
      functions.put("cuDeviceGetCount", function(arena, "count", MemorySegment.class));
      functions.put("cuDeviceGet", function(arena, "device", MemorySegment.class, int.class));
      functions.put(
          "cuDeviceGetName", function(arena, "name", MemorySegment.class, int.class, int.class));
      functions.put("cuGetErrorName", function(arena, "error", int.class, MemorySegment.class));
      return name -> Optional.ofNullable(functions.get(name));
    }

    private MemorySegment function(Arena arena, String method, Class<?>... types)
        throws ReflectiveOperationException {
      return Linker.nativeLinker()
          .upcallStub(
              MethodHandles.lookup()
                  .findVirtual(Machine.class, method, MethodType.methodType(int.class, types))
                  .bindTo(this),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  Arrays.stream(types)
                      .map(type -> type == int.class ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS)
                      .toArray(java.lang.foreign.MemoryLayout[]::new)),
              arena);
    }
  }

  @Test
  void tellsItsVersionAndItsDevices() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      CudaDriver.Devices devices =
          CudaDriver.devices(new Machine(0, "NVIDIA L4", "NVIDIA A10G").library(arena));
      assertEquals(12080, devices.version());
      assertEquals(List.of("NVIDIA L4", "NVIDIA A10G"), devices.devices());
      assertEquals(
          List.of(), CudaDriver.devices(new Machine(0).library(arena)).devices(), "no device");
    }
  }

  @Test
  void whatItRefusesIsSaidByItsName() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup library = new Machine(100).library(arena);
      var refused = assertThrows(CudaDriver.Refused.class, () -> CudaDriver.devices(library));
      assertEquals("cuInit: CUDA_ERROR_NO_DEVICE", refused.getMessage());
      // One that has not even the function that names errors.
      var older =
          assertThrows(
              CudaDriver.Refused.class,
              () ->
                  CudaDriver.devices(
                      name ->
                          name.equals("cuGetErrorName") ? Optional.empty() : library.find(name)));
      assertEquals("cuInit: error 100", older.getMessage());
      var none =
          assertThrows(CudaDriver.Refused.class, () -> CudaDriver.devices(_ -> Optional.empty()));
      assertTrue(none.getMessage().contains("cuInit"), none.getMessage());
    }
  }
}
