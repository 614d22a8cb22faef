package io.polyseme.document;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.apache.tika.detect.EncodingDetector;
import org.apache.tika.exception.EncryptedDocumentException;
import org.apache.tika.exception.TikaException;
import org.apache.tika.exception.ZeroByteFileException;
import org.apache.tika.extractor.EmbeddedDocumentExtractor;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.Property;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.parser.ParseContext;
import org.apache.tika.parser.Parser;
import org.apache.tika.parser.epub.EpubParser;
import org.apache.tika.parser.html.HtmlEncodingDetector;
import org.apache.tika.parser.html.HtmlMapper;
import org.apache.tika.parser.html.IdentityHtmlMapper;
import org.apache.tika.parser.html.JSoupParser;
import org.apache.tika.parser.microsoft.OfficeParser;
import org.apache.tika.parser.microsoft.ooxml.OOXMLParser;
import org.apache.tika.parser.microsoft.rtf.RTFParser;
import org.apache.tika.parser.odf.OpenDocumentParser;
import org.apache.tika.parser.pdf.PDFParser;
import org.apache.tika.parser.pdf.PDFParserConfig;
import org.apache.tika.sax.SecureContentHandler;
import org.jspecify.annotations.Nullable;
import org.xml.sax.ContentHandler;
import org.xml.sax.SAXException;

/**
 * Runs one parser of Apache Tika on one file: no optical character recognition, no other programs,
 * nothing that is embedded, no network. What grows beyond all measure while it is unpacked is given
 * up.
 */
final class TikaText {
  /** How deep HTML may be nested, which is not packed. */
  private static final int DEPTH = 1 << 12;

  /** What XML may unpack to in any case, in bytes; else how many times what it is packed. */
  private static final long MODEST = 20_000_000;

  private static final int MOST_RATIO = 100;

  /** How much memory a byte of XML may need. */
  private static final int MEMORY_A_BYTE = 12;

  static {
    // PDFBox keeps a list of the machine's fonts, by default in the person's home folder.
    if (System.getProperty("pdfbox.fontcache") == null) {
      System.setProperty("pdfbox.fontcache", System.getProperty("java.io.tmpdir"));
    }
  }

  private TikaText() {}

  /** PDF, with its pages. */
  static void pdf(Path file, Outline outline, Map<String, String> fields) throws IOException {
    var config = new PDFParserConfig();
    config.setOcrStrategy(PDFParserConfig.OCR_STRATEGY.NO_OCR);
    config.setExtractInlineImages(false);
    config.setExtractBookmarksText(false);
    config.setExtractAcroFormContent(true);
    config.setCatchIntermediateIOExceptions(false);
    var context = new ParseContext();
    context.set(PDFParserConfig.class, config);
    try (TikaInputStream in = TikaInputStream.get(file)) {
      parse(new PDFParser(), in, context, outline, true, fields);
    }
  }

  /** Office files of all kinds, by what is in them. */
  static void office(Path file, byte[] head, Outline outline, Map<String, String> fields)
      throws IOException {
    Parser parser;
    if (Characters.begins(head, 0xD0, 0xCF, 0x11, 0xE0)) {
      parser = new OfficeParser();
    } else if (Characters.begins(head, '{', '\\', 'r', 't', 'f')) {
      parser = new RTFParser();
    } else {
      parser = packed(file);
    }
    try (TikaInputStream in = TikaInputStream.get(file)) {
      parse(parser, in, new ParseContext(), outline, true, fields);
    }
  }

  private static Parser packed(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Parser parser = parser(zip);
      if (parser == null) {
        throw new SkipException("it is an archive, and no document");
      }
      requireModest(zip, Files.size(file));
      return parser;
    } catch (ZipException e) {
      throw new SkipException("it is damaged: " + e.getMessage(), e);
    }
  }

  private static @Nullable Parser parser(ZipFile zip) throws IOException {
    if (zip.getEntry("[Content_Types].xml") != null) {
      return new OOXMLParser();
    }
    ZipEntry type = zip.getEntry("mimetype");
    if (type == null) {
      return null;
    }
    String mime;
    try (InputStream in = zip.getInputStream(type)) {
      mime = new String(in.readNBytes(100), StandardCharsets.US_ASCII).strip();
    }
    if (mime.equals("application/epub+zip")) {
      return new EpubParser();
    }
    return mime.startsWith("application/vnd.oasis.opendocument.") ? new OpenDocumentParser() : null;
  }

  /**
   * Parsers hold a document's XML in memory as objects, so what it unpacks to is counted before.
   * The sizes that the archive tells are not believed.
   */
  private static void requireModest(ZipFile zip, long packed) throws IOException {
    long most = Runtime.getRuntime().maxMemory() / MEMORY_A_BYTE;
    long unpacked = 0;
    var buffer = new byte[1 << 16];
    for (ZipEntry entry : Collections.list(zip.entries())) {
      if (!entry.getName().matches("(?i).*\\.(xml|rels|x?html?|vml|opf|ncx)")) {
        continue;
      }
      try (InputStream in = zip.getInputStream(entry)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          unpacked += n;
          if (unpacked > MODEST && unpacked > packed * MOST_RATIO) {
            throw new SkipException("it grows beyond all measure when it is unpacked");
          }
          if (unpacked > MODEST && unpacked > most) {
            throw new SkipException("it needs more memory than there is");
          }
        }
      }
    }
  }

  /**
   * A page of HTML.
   *
   * @param charset that it is in where it does not say so itself
   * @return the charset that it was read in; null where that is not known
   */
  static @Nullable String html(
      InputStream page, Charset charset, Outline outline, Map<String, String> fields)
      throws IOException {
    var context = new ParseContext();
    var declared = new HtmlEncodingDetector();
    context.set(
        EncodingDetector.class,
        (in, metadata) -> {
          Charset told = declared.detect(in, metadata);
          return told == null ? charset : told;
        });
    context.set(HtmlMapper.class, IdentityHtmlMapper.INSTANCE);
    try (TikaInputStream in = TikaInputStream.get(page)) {
      Metadata metadata = parse(new JSoupParser(), in, context, outline, false, fields);
      return metadata.get(Metadata.CONTENT_ENCODING);
    }
  }

  private static Metadata parse(
      Parser parser,
      TikaInputStream in,
      ParseContext context,
      Outline outline,
      boolean pages,
      Map<String, String> fields)
      throws IOException {
    context.set(EmbeddedDocumentExtractor.class, new NothingEmbedded());
    var metadata = new Metadata();
    var secure = new SecureContentHandler(new XhtmlOutline(outline, pages), in);
    if (parser instanceof JSoupParser) {
      secure.setMaximumDepth(DEPTH);
    }
    try {
      try {
        parser.parse(in, secure, metadata, context);
      } catch (SAXException e) {
        rethrowSkip(e);
        secure.throwIfCauseOf(e);
        throw broken(e);
      }
    } catch (TikaException | RuntimeException e) {
      rethrowSkip(e);
      throw broken(e);
    }
    describe(metadata, fields);
    return metadata;
  }

  private static void rethrowSkip(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SkipException skip) {
        throw skip;
      }
    }
  }

  private static SkipException broken(Throwable e) {
    Throwable deepest = e;
    for (Throwable t = e; t != null; t = t.getCause()) {
      deepest = t;
      String kind = t.getClass().getSimpleName();
      if (t instanceof EncryptedDocumentException
          || kind.equals("EncryptedDocumentException")
          || kind.equals("InvalidPasswordException")) {
        return new SkipException("it is encrypted", e);
      }
      if (t instanceof ZeroByteFileException) {
        return new SkipException("it is empty", e);
      }
      if (kind.contains("ZipBomb")
          || String.valueOf(t.getMessage()).contains("zip bomb")
          || String.valueOf(t.getMessage()).contains("Zip bomb")) {
        return new SkipException("it grows beyond all measure when it is unpacked", e);
      }
    }
    String message = deepest.getMessage();
    String told = message == null ? deepest.getClass().getSimpleName() : Outline.oneLine(message);
    return new SkipException(
        "it cannot be parsed: " + (told.length() > 150 ? told.substring(0, 150) + "…" : told), e);
  }

  private static void describe(Metadata metadata, Map<String, String> fields) {
    put(fields, Document.TITLE, metadata, TikaCoreProperties.TITLE);
    put(fields, "author", metadata, TikaCoreProperties.CREATOR);
    put(fields, "date", metadata, TikaCoreProperties.CREATED);
    put(fields, "modified", metadata, TikaCoreProperties.MODIFIED);
    put(fields, "description", metadata, TikaCoreProperties.DESCRIPTION);
    put(fields, "keywords", metadata, TikaCoreProperties.SUBJECT);
    put(fields, "language", metadata, TikaCoreProperties.LANGUAGE);
    for (String name : metadata.names()) {
      String field =
          switch (name.toLowerCase(Locale.ROOT)) {
            case "author", "article:author" -> "author";
            case "date", "article:published_time", "dcterms.date" -> "date";
            case "article:modified_time" -> "modified";
            case "description", "og:description" -> "description";
            case "keywords" -> "keywords";
            default -> "";
          };
      String value = metadata.get(name);
      if (!field.isEmpty() && value != null && !value.isBlank()) {
        fields.putIfAbsent(field, Outline.oneLine(value));
      }
    }
  }

  private static void put(
      Map<String, String> fields, String name, Metadata metadata, Property property) {
    String value = Outline.oneLine(String.join(", ", metadata.getValues(property)));
    if (!value.isEmpty()) {
      fields.put(name, value);
    }
  }

  /** Pictures and attached files are no part of the text. */
  private static final class NothingEmbedded implements EmbeddedDocumentExtractor {
    @Override
    public boolean shouldParseEmbedded(Metadata metadata) {
      return false;
    }

    @Override
    public void parseEmbedded(
        InputStream stream, ContentHandler handler, Metadata metadata, boolean outputHtml) {
      // nothing
    }
  }
}
