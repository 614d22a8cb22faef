package io.polyseme.predict;

import io.polyseme.PolysemeException;
import io.polyseme.predict.RidgeFit.Affine;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A translator for each layer: the affine map that brings its hidden state nearest to that of the
 * head's layer at the same token, so that the head can read it (Belrose et al. 2023, "Eliciting
 * Latent Predictions from Transformers with the Tuned Lens"; found here by ridge regression on the
 * states, and not by training on the predictions).
 */
final class TunedLens {
  /** In a model's folder. */
  static final String FILE = "polyseme-lens.bin";

  private static final int MAGIC = 0x504C4E53; // PLNS
  private static final int VERSION = 1;

  private final List<Affine> translators;

  /**
   * @param translators one for each layer from 0 to the last, all of one dimension
   */
  TunedLens(List<Affine> translators) {
    this.translators = List.copyOf(translators);
  }

  /** What a layer's state becomes, a new one. */
  float[] apply(int layer, float[] state) {
    return translators.get(layer).apply(state);
  }

  /**
   * Writes the file: magic, version, the fingerprint of the model, layers, dimension, for each
   * layer its map and its shift, and the CRC-32 of all before.
   */
  void write(Path file, String fingerprint) throws IOException {
    var crc = new CRC32();
    try (var out =
        new DataOutputStream(
            new CheckedOutputStream(
                new BufferedOutputStream(Files.newOutputStream(file), 1 << 16), crc))) {
      out.writeInt(MAGIC);
      out.writeInt(VERSION);
      out.writeUTF(fingerprint);
      out.writeInt(translators.size());
      out.writeInt(translators.getFirst().shift().length);
      for (Affine translator : translators) {
        for (float[] row : translator.map()) {
          write(row, out);
        }
        write(translator.shift(), out);
      }
      out.writeLong(crc.getValue());
    }
  }

  private static void write(float[] values, DataOutputStream out) throws IOException {
    for (float value : values) {
      out.writeFloat(value);
    }
  }

  /**
   * Reads the file of a model.
   *
   * @param layers how many hidden states the model has, that of the embeddings included
   * @return null where the model has none
   * @throws PolysemeException if it is damaged, of another version, or of another model
   */
  static @Nullable TunedLens read(Path folder, String fingerprint, int layers, int dimension) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    var crc = new CRC32();
    try (var in =
        new DataInputStream(
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(file), 1 << 16), crc))) {
      if (in.readInt() != MAGIC) {
        throw useless(file, "it is no such file");
      }
      int version = in.readInt();
      if (version != VERSION) {
        throw useless(
            file, "it is of version %d, and version %d is read".formatted(version, VERSION));
      }
      if (!in.readUTF().equals(fingerprint)) {
        throw useless(file, "it was learned with another model than the one beside it");
      }
      if (in.readInt() != layers || in.readInt() != dimension) {
        throw useless(file, "its layers or dimensions are not the model's");
      }
      var translators = new ArrayList<Affine>();
      for (int layer = 0; layer < layers; layer++) {
        var translator = new Affine(new float[dimension][dimension], new float[dimension]);
        for (float[] row : translator.map()) {
          read(row, in);
        }
        read(translator.shift(), in);
        translators.add(translator);
      }
      long checksum = crc.getValue();
      if (in.readLong() != checksum || in.read() >= 0) {
        throw useless(file, "it is damaged");
      }
      return new TunedLens(translators);
    } catch (EOFException e) {
      throw useless(file, "it is not whole");
    } catch (IOException e) {
      throw new PolysemeException("cannot read %s: %s".formatted(file, e), e);
    }
  }

  private static void read(float[] values, DataInputStream in) throws IOException {
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readFloat();
    }
  }

  private static PolysemeException useless(Path file, String why) {
    return new PolysemeException(
        "the tuned lens %s cannot be used: %s; learn the head again, or ask without it (--raw)"
            .formatted(file, why));
  }
}
