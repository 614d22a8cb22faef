package io.polyseme.index;

import io.polyseme.Sha256;
import io.polyseme.vector.FieldValues;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Similarity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.store.ByteArrayDataInput;
import org.apache.lucene.store.ByteBuffersDataOutput;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.NumericUtils;
import org.jspecify.annotations.Nullable;

/**
 * An entry as a Lucene document: {@value #LABEL} (term and doc values), {@value #VECTOR}, {@value
 * #FIELDS} (all stored fields in one, in their order), {@value #KEYWORDS} (one term for each field
 * with its value, for filters), {@value #NUMBERS} and {@value #TIMES} (points of the name of a
 * field, as a number, and its value: however many names there are, Lucene knows of two fields),
 * {@value #CONTENT} (a hash of what the vector was made of, term and doc values) and the words of
 * the text (see {@link TextAnalysis}).
 */
final class Entries {
  static final String LABEL = "label";
  static final String VECTOR = "vector";
  static final String FIELDS = "fields";
  static final String KEYWORDS = "keywords";
  static final String NUMBERS = "numbers";
  static final String TIMES = "times";
  static final String CONTENT = "content";

  /** Lucene's longest term is 32,766 bytes. */
  static final int LONGEST_LABEL = 32_000;

  /** A value longer than this, in UTF-16 units, is a term only by its hash. */
  private static final int LONGEST_KEYWORD = 64;

  private static final FieldType WORDS = new FieldType();

  static {
    WORDS.setIndexOptions(org.apache.lucene.index.IndexOptions.DOCS_AND_FREQS);
    WORDS.setTokenized(true);
    WORDS.freeze();
  }

  private static final char BETWEEN = '\0';
  private static final char HASHED = '\1';

  private Entries() {}

  static Document document(
      String label,
      float[] vector,
      FieldType vectorType,
      Map<String, String> fields,
      @Nullable String content) {
    var document = new Document();
    document.add(new StringField(LABEL, label, Field.Store.NO));
    document.add(new BinaryDocValuesField(LABEL, new BytesRef(label)));
    document.add(new KnnFloatVectorField(VECTOR, vector, vectorType));
    if (!fields.isEmpty()) {
      document.add(new StoredField(FIELDS, encode(fields)));
      fields.forEach(
          (name, value) ->
              document.add(new StringField(KEYWORDS, keyword(name, value), Field.Store.NO)));
      fields.forEach((name, value) -> points(document, name, value));
    }
    if (content != null) {
      document.add(new StringField(CONTENT, content, Field.Store.NO));
      document.add(new BinaryDocValuesField(CONTENT, new BytesRef(content)));
    }
    return document;
  }

  /**
   * Adds the words of some fields, so that they can be searched for.
   *
   * @param language as {@link TextAnalysis#field} takes it
   */
  static void addWords(
      Document document, Map<String, String> fields, List<String> texts, String language) {
    var text = new StringBuilder();
    for (String name : texts) {
      String value = fields.getOrDefault(name, "");
      if (!value.isEmpty()) {
        text.append(text.isEmpty() ? "" : "\n").append(value);
      }
    }
    if (!text.isEmpty()) {
      String all = text.toString();
      document.add(new Field(TextAnalysis.field(all, language), all, WORDS));
    }
  }

  private static void points(Document document, String name, String value) {
    FieldValues.number(value)
        .ifPresent(
            number ->
                document.add(
                    new LongPoint(
                        NUMBERS, key(name), NumericUtils.doubleToSortableLong(number + 0.0))));
    FieldValues.time(value).ifPresent(time -> document.add(new LongPoint(TIMES, key(name), time)));
  }

  /** A number that stands for a text; two texts of one number are not to be expected. */
  static long key(String text) {
    return Long.parseUnsignedLong(hash(text), 0, 16, 16);
  }

  static FieldType vectorType(int dimension, Similarity similarity) {
    return KnnFloatVectorField.createFieldType(
        dimension,
        switch (similarity) {
          // Vectors are of unit length, and the dot product is the cosine without two square roots.
          case COSINE -> VectorSimilarityFunction.DOT_PRODUCT;
          case DOT_PRODUCT -> VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT;
          case EUCLIDEAN -> VectorSimilarityFunction.EUCLIDEAN;
        });
  }

  /** The term that an entry has if its field has the value. */
  static Term term(String field, String value) {
    return field.equals(Filter.LABEL)
        ? new Term(LABEL, value)
        : new Term(KEYWORDS, keyword(field, value));
  }

  private static String keyword(String name, String value) {
    return start(name) + (value.length() <= LONGEST_KEYWORD ? value : HASHED + hash(value));
  }

  /** How the terms of a field begin. */
  static String start(String name) {
    return (name.length() <= LONGEST_KEYWORD ? name : HASHED + hash(name)) + BETWEEN;
  }

  /** The name of the field that a term is of. */
  static String name(String keyword) {
    return keyword.substring(0, keyword.indexOf(BETWEEN));
  }

  /** What sorts behind every term of a field, and before those of the next. */
  static String behind(String name) {
    return name + (char) (BETWEEN + 1);
  }

  /** Whether a value stands in its term only by its hash. */
  static boolean isHashed(String value) {
    return !value.isEmpty() && value.charAt(0) == HASHED;
  }

  /** The first half of the SHA-256, in hex. */
  static String hash(String text) {
    byte[] digest = Sha256.start().digest(text.getBytes(StandardCharsets.UTF_8));
    return java.util.HexFormat.of().formatHex(digest, 0, digest.length / 2);
  }

  private static byte[] encode(Map<String, String> fields) {
    try {
      var out = new ByteBuffersDataOutput();
      out.writeVInt(fields.size());
      for (Map.Entry<String, String> field : fields.entrySet()) {
        out.writeString(field.getKey());
        out.writeString(field.getValue());
      }
      return out.toArrayCopy();
    } catch (IOException e) {
      throw new AssertionError("in memory", e);
    }
  }

  static Map<String, String> decode(@Nullable BytesRef bytes) throws IOException {
    if (bytes == null) {
      return Map.of();
    }
    var in = new ByteArrayDataInput(bytes.bytes, bytes.offset, bytes.length);
    var fields = new LinkedHashMap<String, String>();
    for (int left = in.readVInt(); left > 0; left--) {
      fields.put(in.readString(), in.readString());
    }
    return fields;
  }
}
