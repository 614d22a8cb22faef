package io.polyseme.encoder;

import io.polyseme.PolysemeException;

/** The outcome for one of many texts. One that fails does not keep the others from their answer. */
public sealed interface EncodeResult {
  /** The place of the text among the inputs, from 0. */
  long index();

  record Done(long index, Encoded encoded) implements EncodeResult {}

  record Failed(long index, TextInput input, PolysemeException error) implements EncodeResult {}
}
