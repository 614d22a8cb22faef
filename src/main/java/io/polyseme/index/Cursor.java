package io.polyseme.index;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.StoredFields;
import org.jspecify.annotations.Nullable;

/** Reads entries of a snapshot by document, in any order. Not thread-safe. */
final class Cursor implements Best.Labels {
  private final List<LeafReaderContext> segments;
  private final @Nullable Segment[] opened;
  private @Nullable Segment current;

  Cursor(Snapshot snapshot) {
    this.segments = snapshot.segments();
    this.opened = new Segment[segments.size()];
  }

  /** Of the index itself: valid until the next call. */
  float[] vector(int doc) throws IOException {
    Segment segment = segment(doc);
    return segment.vectors().vectorValue(doc - segment.base);
  }

  @Override
  public String of(int doc) throws IOException {
    Segment segment = segment(doc);
    String label = segment.labels.string(doc - segment.base);
    if (label == null) {
      throw new IOException("its entry %d has no label".formatted(doc));
    }
    return label;
  }

  /** What the vector was made of, as a hash; null where nothing was said. */
  @Nullable String content(int doc) throws IOException {
    Segment segment = segment(doc);
    return segment.contents.string(doc - segment.base);
  }

  Map<String, String> fields(int doc) throws IOException {
    Segment segment = segment(doc);
    return Entries.decode(
        segment.stored().document(doc - segment.base).getBinaryValue(Entries.FIELDS));
  }

  private Segment segment(int doc) throws IOException {
    Segment last = current;
    if (last != null && doc >= last.base && doc < last.limit) {
      return last;
    }
    int number = ReaderUtil.subIndex(doc, segments);
    Segment segment = opened[number];
    if (segment == null) {
      segment = new Segment(segments.get(number));
      opened[number] = segment;
    }
    current = segment;
    return segment;
  }

  private static final class Segment {
    final int base;
    final int limit;
    final LeafReader reader;
    final Column labels;
    final Column contents;
    private @Nullable FloatVectorValues vectors;
    private @Nullable StoredFields stored;

    Segment(LeafReaderContext context) {
      this.base = context.docBase;
      this.reader = context.reader();
      this.limit = base + reader.maxDoc();
      this.labels = new Column(reader, Entries.LABEL);
      this.contents = new Column(reader, Entries.CONTENT);
    }

    FloatVectorValues vectors() throws IOException {
      FloatVectorValues values = vectors;
      if (values == null) {
        values = reader.getFloatVectorValues(Entries.VECTOR);
        if (values == null) {
          throw new IOException("its vectors are missing");
        }
        vectors = values;
      }
      return values;
    }

    StoredFields stored() throws IOException {
      StoredFields fields = stored;
      if (fields == null) {
        fields = reader.storedFields();
        stored = fields;
      }
      return fields;
    }
  }

  /** The values of a binary column in any order; Lucene's iterators only go forward. */
  private static final class Column {
    private final LeafReader leaf;
    private final String field;
    private @Nullable BinaryDocValues values;

    Column(LeafReader leaf, String field) {
      this.leaf = leaf;
      this.field = field;
    }

    @Nullable String string(int doc) throws IOException {
      BinaryDocValues column = values;
      if (column == null || column.docID() > doc) {
        column = leaf.getBinaryDocValues(field);
        values = column;
      }
      if (column == null || !column.advanceExact(doc)) {
        return null;
      }
      return column.binaryValue().utf8ToString();
    }
  }
}
