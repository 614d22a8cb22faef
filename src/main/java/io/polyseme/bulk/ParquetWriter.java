package io.polyseme.bulk;

import com.github.luben.zstd.Zstd;
import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedPart;
import io.polyseme.encoder.EncodedPassage;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.EncoderInfo;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.Passages;
import io.polyseme.encoder.Words;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.impl.ColumnWriteStoreV1;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriteStore;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.statistics.geospatial.GeospatialStatistics;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.ListType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/**
 * {@link OutputFormat#PARQUET}, and the only class that touches parquet-column, which is optional.
 * Parquet's library encodes the columns into pages. Its own writer of files, which wants Hadoop's
 * classes, is not used: the pages are put one after the other here, as the format's description
 * lays them out (magic number, row groups, footer, its length, magic number).
 *
 * <p>A part ends with a whole row group; what the footer says of it is kept in a second file until
 * the footer is written.
 */
final class ParquetWriter implements VectorWriter {
  private static final byte[] MAGIC = {'P', 'A', 'R', '1'};
  private static final int VERSION = 1;

  /** What is held back in memory before it becomes a row group. */
  private static final long GROUP_BYTES = 64L << 20;

  private static final int ZSTD_LEVEL = 3;

  private final GrowingFile file;
  private final GrowingFile groups;
  private final Map<String, String> maker = new LinkedHashMap<>();
  private final MessageType schema;
  private final ParquetProperties properties;
  private Group group;

  ParquetWriter(GrowingFile file, GrowingFile groups, BulkEncoding job, EncoderInfo info)
      throws IOException {
    this.file = file;
    this.groups = groups;
    boolean words = job.request().words() != Words.NONE;
    boolean passages = !(job.request().passages() instanceof Passages.None);
    boolean parts = words || passages;
    this.schema = schema(words, passages);
    // Each text is there once, or once for each of its parts: only then has it use of a dictionary.
    this.properties =
        ParquetProperties.builder()
            .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_1_0)
            .withStatisticsEnabled(false)
            .withSizeStatisticsEnabled(false)
            .withDictionaryEncoding("vector.list.element", false)
            .withByteStreamSplitEncoding("vector.list.element", true)
            .withDictionaryEncoding("index", parts)
            .withDictionaryEncoding("text", parts)
            .build();
    maker.put("polyseme.model", info.card().name());
    maker.put("polyseme.fingerprint", info.fingerprint());
    maker.put("polyseme.layer", job.request().layers().toString());
    this.group = new Group();
    Zstd.maxCompressionLevel(); // loads it now
    if (file.length() == 0) {
      file.write(MAGIC);
    }
  }

  private static MessageType schema(boolean words, boolean passages) {
    Types.MessageTypeBuilder message = Types.buildMessage();
    message.required(PrimitiveTypeName.INT64).named("index");
    message.optional(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType()).named("id");
    message.required(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType()).named("text");
    if (words) {
      message
          .optional(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named("word");
    }
    if (passages) {
      message
          .optional(PrimitiveTypeName.BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named("passage");
    }
    if (words || passages) {
      message.optional(PrimitiveTypeName.INT32).named("start");
      message.optional(PrimitiveTypeName.INT32).named("end");
    }
    if (words) {
      message.addField(strings("pieces"));
    }
    message
        .optional(PrimitiveTypeName.BINARY)
        .as(LogicalTypeAnnotation.stringType())
        .named("layer");
    message.addField(list("vector", Types.required(PrimitiveTypeName.FLOAT).named("element")));
    message.optional(PrimitiveTypeName.INT32).named("tokens");
    message.addField(strings("warnings"));
    message
        .optional(PrimitiveTypeName.BINARY)
        .as(LogicalTypeAnnotation.stringType())
        .named("error");
    return message.named("vectors");
  }

  private static GroupType strings(String name) {
    return list(
        name,
        Types.required(PrimitiveTypeName.BINARY)
            .as(LogicalTypeAnnotation.stringType())
            .named("element"));
  }

  private static GroupType list(String name, org.apache.parquet.schema.Type element) {
    return Types.optionalGroup()
        .as(LogicalTypeAnnotation.listType())
        .addField(Types.repeatedGroup().addField(element).named("list"))
        .named(name);
  }

  @Override
  public void done(CorpusText text, Encoded encoded) throws IOException {
    for (LayerVector vector : encoded.sentence()) {
      row(text, null, vector, encoded, "");
    }
    for (EncodedWord word : encoded.words()) {
      for (LayerVector vector : word.vectors()) {
        row(text, word, vector, encoded, "");
      }
    }
    for (EncodedPassage passage : encoded.passages()) {
      for (LayerVector vector : passage.vectors()) {
        row(text, passage, vector, encoded, "");
      }
    }
    if (encoded.sentence().isEmpty() && encoded.words().isEmpty() && encoded.passages().isEmpty()) {
      row(text, null, null, encoded, "there is no word in the text");
    }
  }

  @Override
  public void failed(CorpusText text, String why) throws IOException {
    row(text, null, null, null, why);
  }

  private void row(
      CorpusText text,
      @Nullable EncodedPart part,
      @Nullable LayerVector vector,
      @Nullable Encoded encoded,
      String error)
      throws IOException {
    var row = new Row(group.records, schema);
    row.records.startMessage();
    row.integer64("index", text.index());
    row.string("id", text.id());
    row.string("text", text.text());
    if (part != null) {
      row.string(part instanceof EncodedWord ? "word" : "passage", part.text());
      row.integer("start", part.span().start());
      row.integer("end", part.span().end());
      if (part instanceof EncodedWord word) {
        row.strings("pieces", word.pieces());
      }
    }
    if (vector != null) {
      row.string("layer", vector.layer());
      row.floats("vector", vector.vector());
    }
    if (encoded != null) {
      row.integer("tokens", encoded.tokens());
      row.strings("warnings", encoded.warnings());
    }
    row.string("error", error.isEmpty() ? null : error);
    row.records.endMessage();
    group.rows++;
    if (group.columns.getBufferedSize() > GROUP_BYTES) {
      endPart();
    }
  }

  /** Writes the fields of one row. */
  private record Row(RecordConsumer records, MessageType schema) {
    void string(String name, @Nullable String value) {
      if (value != null) {
        start(name);
        records.addBinary(Binary.fromReusedByteArray(value.getBytes(StandardCharsets.UTF_8)));
        end(name);
      }
    }

    void integer(String name, int value) {
      start(name);
      records.addInteger(value);
      end(name);
    }

    void integer64(String name, long value) {
      start(name);
      records.addLong(value);
      end(name);
    }

    void strings(String name, List<String> values) {
      start(name);
      records.startGroup();
      if (!values.isEmpty()) {
        records.startField("list", 0);
        for (String value : values) {
          records.startGroup();
          records.startField("element", 0);
          records.addBinary(Binary.fromReusedByteArray(value.getBytes(StandardCharsets.UTF_8)));
          records.endField("element", 0);
          records.endGroup();
        }
        records.endField("list", 0);
      }
      records.endGroup();
      end(name);
    }

    void floats(String name, float[] values) {
      start(name);
      records.startGroup();
      records.startField("list", 0);
      for (float value : values) {
        records.startGroup();
        records.startField("element", 0);
        records.addFloat(value);
        records.endField("element", 0);
        records.endGroup();
      }
      records.endField("list", 0);
      records.endGroup();
      end(name);
    }

    private void start(String name) {
      records.startField(name, schema.getFieldIndex(name));
    }

    private void end(String name) {
      records.endField(name, schema.getFieldIndex(name));
    }
  }

  @Override
  public void endPart() throws IOException {
    if (group.rows == 0) {
      return;
    }
    RowGroup written = group.write();
    group.columns.close();
    group = new Group();
    var footer = new ByteArrayOutputStream();
    Util.writeFileMetaData(metaData(List.of(written)), footer);
    new DataOutputStream(groups).writeInt(footer.size());
    footer.writeTo(groups);
  }

  @Override
  public void finish(long texts) throws IOException {
    var all = new ArrayList<RowGroup>();
    try (InputStream in = groups.read()) {
      var lengths = new DataInputStream(in);
      for (long left = groups.length(); left > 0; ) {
        int length = lengths.readInt();
        byte[] footer = in.readNBytes(length);
        all.addAll(Util.readFileMetaData(new ByteArrayInputStream(footer)).getRow_groups());
        left -= Integer.BYTES + length;
      }
    }
    for (int i = 0; i < all.size(); i++) {
      all.get(i).setOrdinal((short) Math.min(i, Short.MAX_VALUE));
    }
    long start = file.length();
    Util.writeFileMetaData(metaData(all), file);
    int length = Math.toIntExact(file.length() - start);
    file.write(length);
    file.write(length >> 8);
    file.write(length >> 16);
    file.write(length >> 24);
    file.write(MAGIC);
  }

  private FileMetaData metaData(List<RowGroup> rowGroups) {
    var elements = new ArrayList<SchemaElement>();
    var root = new SchemaElement(schema.getName());
    root.setNum_children(schema.getFieldCount());
    elements.add(root);
    schema.getFields().forEach(field -> describe(field, elements));
    long rows = rowGroups.stream().mapToLong(RowGroup::getNum_rows).sum();
    var data = new FileMetaData(VERSION, elements, rows, rowGroups);
    data.setCreated_by("polyseme");
    maker.forEach(
        (key, value) -> {
          var pair = new KeyValue(key);
          pair.setValue(value);
          data.addToKey_value_metadata(pair);
        });
    return data;
  }

  private static void describe(org.apache.parquet.schema.Type field, List<SchemaElement> elements) {
    var element = new SchemaElement(field.getName());
    element.setRepetition_type(FieldRepetitionType.valueOf(field.getRepetition().name()));
    elements.add(element);
    LogicalTypeAnnotation annotation = field.getLogicalTypeAnnotation();
    if (field instanceof GroupType children) {
      element.setNum_children(children.getFieldCount());
      if (annotation != null) {
        element.setConverted_type(ConvertedType.LIST);
        element.setLogicalType(LogicalType.LIST(new ListType()));
      }
      children.getFields().forEach(child -> describe(child, elements));
      return;
    }
    element.setType(type(field.asPrimitiveType()));
    if (annotation != null) {
      element.setConverted_type(ConvertedType.UTF8);
      element.setLogicalType(LogicalType.STRING(new StringType()));
    }
  }

  private static Type type(PrimitiveType primitive) {
    return primitive.getPrimitiveTypeName() == PrimitiveTypeName.BINARY
        ? Type.BYTE_ARRAY
        : Type.valueOf(primitive.getPrimitiveTypeName().name());
  }

  /** Rows that become a row group. */
  private final class Group implements PageWriteStore {
    private final Map<ColumnDescriptor, Chunk> chunks = new LinkedHashMap<>();
    private final ColumnWriteStoreV1 columns;
    private final RecordConsumer records;
    private long rows;

    Group() {
      schema.getColumns().forEach(column -> chunks.put(column, new Chunk(column)));
      columns = new ColumnWriteStoreV1(schema, this, properties);
      records = new ColumnIOFactory().getColumnIO(schema).getRecordWriter(columns);
    }

    @Override
    public PageWriter getPageWriter(ColumnDescriptor column) {
      return chunks.get(column);
    }

    RowGroup write() throws IOException {
      records.flush();
      columns.flush();
      long start = file.length();
      long unpacked = 0;
      var written = new ArrayList<ColumnChunk>();
      for (Chunk chunk : chunks.values()) {
        ColumnMetaData data = chunk.write(file);
        unpacked += data.getTotal_uncompressed_size();
        var column = new ColumnChunk(0);
        column.setMeta_data(data);
        written.add(column);
      }
      var rowGroup = new RowGroup(written, unpacked, rows);
      rowGroup.setFile_offset(start);
      rowGroup.setTotal_compressed_size(file.length() - start);
      return rowGroup;
    }
  }

  /** The pages of one column of a row group, packed. */
  private static final class Chunk implements PageWriter {
    private final ColumnDescriptor column;
    private final ByteArrayOutputStream pages = new ByteArrayOutputStream();
    private final ByteArrayOutputStream dictionary = new ByteArrayOutputStream();
    private final Set<Encoding> encodings = EnumSet.noneOf(Encoding.class);
    private long values;
    private long unpacked;

    Chunk(ColumnDescriptor column) {
      this.column = column;
    }

    ColumnMetaData write(GrowingFile file) throws IOException {
      long start = file.length();
      dictionary.writeTo(file);
      long first = file.length();
      pages.writeTo(file);
      var data =
          new ColumnMetaData(
              type(column.getPrimitiveType()),
              List.copyOf(encodings),
              List.of(column.getPath()),
              CompressionCodec.ZSTD,
              values,
              unpacked,
              file.length() - start,
              first);
      if (dictionary.size() > 0) {
        data.setDictionary_page_offset(start);
      }
      return data;
    }

    private void add(PageHeader header, byte[] packed, OutputStream to) throws IOException {
      var head = new ByteArrayOutputStream();
      Util.writePageHeader(header, head);
      head.writeTo(to);
      to.write(packed);
      unpacked += head.size() + header.getUncompressed_page_size();
    }

    private Encoding encoding(org.apache.parquet.column.Encoding encoding) {
      Encoding same = Encoding.valueOf(encoding.name());
      encodings.add(same);
      return same;
    }

    @Override
    public void writePage(
        BytesInput bytes,
        int valueCount,
        int rowCount,
        Statistics<?> statistics,
        org.apache.parquet.column.Encoding repetition,
        org.apache.parquet.column.Encoding definition,
        org.apache.parquet.column.Encoding encoding)
        throws IOException {
      byte[] plain = bytes(bytes);
      byte[] packed = Zstd.compress(plain, ZSTD_LEVEL);
      var header = new PageHeader(PageType.DATA_PAGE, plain.length, packed.length);
      header.setData_page_header(
          new DataPageHeader(
              valueCount, encoding(encoding), encoding(definition), encoding(repetition)));
      add(header, packed, pages);
      values += valueCount;
    }

    @Override
    public void writePage(
        BytesInput bytes,
        int valueCount,
        int rowCount,
        Statistics<?> statistics,
        SizeStatistics sizes,
        GeospatialStatistics places,
        org.apache.parquet.column.Encoding repetition,
        org.apache.parquet.column.Encoding definition,
        org.apache.parquet.column.Encoding encoding)
        throws IOException {
      writePage(bytes, valueCount, rowCount, statistics, repetition, definition, encoding);
    }

    private static byte[] bytes(BytesInput input) throws IOException {
      var bytes = new ByteArrayOutputStream(Math.toIntExact(input.size()));
      input.writeAllTo(bytes);
      return bytes.toByteArray();
    }

    @Deprecated
    @Override
    public void writePage(
        BytesInput bytes,
        int valueCount,
        Statistics<?> statistics,
        org.apache.parquet.column.Encoding repetition,
        org.apache.parquet.column.Encoding definition,
        org.apache.parquet.column.Encoding encoding) {
      throw new UnsupportedOperationException("pages are written with the number of their rows");
    }

    @Override
    public void writeDictionaryPage(DictionaryPage page) throws IOException {
      byte[] plain = bytes(page.getBytes());
      byte[] packed = Zstd.compress(plain, ZSTD_LEVEL);
      var header = new PageHeader(PageType.DICTIONARY_PAGE, plain.length, packed.length);
      header.setDictionary_page_header(
          new DictionaryPageHeader(page.getDictionarySize(), encoding(page.getEncoding())));
      add(header, packed, dictionary);
    }

    @Override
    public void writePageV2(
        int rowCount,
        int nullCount,
        int valueCount,
        BytesInput repetition,
        BytesInput definition,
        org.apache.parquet.column.Encoding encoding,
        BytesInput data,
        Statistics<?> statistics) {
      throw new UnsupportedOperationException("pages of version 1 are written");
    }

    @Override
    public long getMemSize() {
      return pages.size() + dictionary.size();
    }

    @Override
    public long allocatedSize() {
      return getMemSize();
    }

    @Override
    public String memUsageString(String prefix) {
      return prefix + getMemSize() + " bytes";
    }
  }

  @Override
  public void close() {
    group.columns.close();
  }
}
