package io.polyseme.index;

import io.polyseme.PolysemeException;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.util.Bits;

/**
 * What an index holds at one moment: Lucene's segments and what the commit says of them. Documents
 * are numbered through all segments. Thread-safe.
 */
final class Snapshot implements Closeable {
  private final DirectoryReader reader;
  private final List<LeafReaderContext> segments;
  private final Metadata metadata;
  private final Map<String, byte[]> attachments;

  private Snapshot(DirectoryReader reader, Metadata metadata, Map<String, byte[]> attachments) {
    this.reader = reader;
    this.segments = reader.leaves();
    this.metadata = metadata;
    this.attachments = attachments;
  }

  /** What a commit holds; the reader becomes the snapshot's, and stays open if this fails. */
  static Snapshot committed(String name, DirectoryReader reader) throws IOException {
    Map<String, String> data = reader.getIndexCommit().getUserData();
    Metadata metadata = Metadata.fromCommitData(name, data);
    if (reader.numDocs() != metadata.size()) {
      throw new PolysemeException(
          "the index %s was changed by another program; build it again".formatted(name));
    }
    return checked(name, new Snapshot(reader, metadata, Metadata.attachments(data)));
  }

  /** What a writer holds that has not committed all of it. */
  static Snapshot live(
      String name, DirectoryReader reader, Metadata metadata, Map<String, byte[]> attachments)
      throws IOException {
    return checked(name, new Snapshot(reader, metadata, attachments));
  }

  private static Snapshot checked(String name, Snapshot snapshot) throws IOException {
    for (LeafReaderContext segment : snapshot.segments) {
      LeafReader leaf = segment.reader();
      FloatVectorValues vectors = leaf.getFloatVectorValues(Entries.VECTOR);
      if (vectors == null
          || vectors.size() != leaf.maxDoc()
          || vectors.dimension() != snapshot.metadata.dimension()
          || leaf.terms(Entries.LABEL) == null) {
        throw new PolysemeException(
            "the index %s is damaged: it does not hold what it says; build it again"
                .formatted(name));
      }
    }
    return snapshot;
  }

  DirectoryReader reader() {
    return reader;
  }

  List<LeafReaderContext> segments() {
    return segments;
  }

  Metadata metadata() {
    return metadata;
  }

  Map<String, byte[]> attachments() {
    return attachments;
  }

  boolean hasAttachments(Map<String, byte[]> others) {
    return attachments.keySet().equals(others.keySet())
        && others.entrySet().stream()
            .allMatch(e -> Arrays.equals(e.getValue(), attachments.get(e.getKey())));
  }

  boolean isEmpty() {
    return reader.numDocs() == 0;
  }

  /** How many entries there are. */
  int size() {
    return reader.numDocs();
  }

  /** The document of a label; -1 where there is none. */
  int document(String label) throws IOException {
    if (label.length() > Entries.LONGEST_LABEL) {
      return -1;
    }
    return document(new Term(Entries.LABEL, label));
  }

  /** A document that has a term; -1 where there is none. */
  int document(Term term) throws IOException {
    for (LeafReaderContext segment : segments) {
      PostingsEnum postings = segment.reader().postings(term, PostingsEnum.NONE);
      if (postings == null) {
        continue;
      }
      Bits live = segment.reader().getLiveDocs();
      for (int doc = postings.nextDoc();
          doc != DocIdSetIterator.NO_MORE_DOCS;
          doc = postings.nextDoc()) {
        if (live == null || live.get(doc)) {
          return segment.docBase + doc;
        }
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
