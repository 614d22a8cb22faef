package io.polyseme.train.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.polyseme.encoder.Layers;
import java.lang.reflect.RecordComponent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each option is set by its own method of the builder, and nothing else with it. */
class OptionsTest {
  @ParameterizedTest
  @ValueSource(classes = {AdaptOptions.class, PretrainOptions.class})
  void anOptionIsSetAlone(Class<?> type) throws ReflectiveOperationException {
    Object defaults = build(type.getMethod("builder").invoke(null));
    for (RecordComponent set : type.getRecordComponents()) {
      Object builder = type.getMethod("builder").invoke(null);
      Object value = another(set, set.getAccessor().invoke(defaults));
      builder.getClass().getMethod(set.getName(), set.getType()).invoke(builder, value);
      Object options = build(builder);
      for (RecordComponent read : type.getRecordComponents()) {
        Object found = read.getAccessor().invoke(options);
        if (read.getName().equals(set.getName())) {
          assertEquals(value, found, set.getName());
          assertNotEquals(read.getAccessor().invoke(defaults), found, set.getName());
        } else {
          assertEquals(
              read.getAccessor().invoke(defaults), found, set.getName() + ": " + read.getName());
        }
      }
    }
  }

  private static Object build(Object builder) throws ReflectiveOperationException {
    return builder.getClass().getMethod("build").invoke(builder);
  }

  /** A value in its range that is not the default. */
  private static Object another(RecordComponent option, Object value) {
    Class<?> type = option.getType();
    if (type == double.class) {
      double x = (Double) value;
      return x == 0 ? 0.5 : 0.75 * x;
    } else if (type == int.class) {
      return (Integer) value + 1;
    } else if (type == long.class) {
      return (Long) value + 1;
    } else if (type == boolean.class) {
      return !(Boolean) value;
    } else if (type == Layers.class) {
      return Layers.of(3);
    }
    Object[] constants = type.getEnumConstants();
    return constants[0].equals(value) ? constants[1] : constants[0];
  }
}
