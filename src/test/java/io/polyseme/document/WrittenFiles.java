package io.polyseme.document;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.apache.poi.poifs.crypt.EncryptionInfo;
import org.apache.poi.poifs.crypt.EncryptionMode;
import org.apache.poi.poifs.crypt.Encryptor;
import org.apache.poi.poifs.filesystem.POIFSFileSystem;
import org.apache.poi.xslf.usermodel.XMLSlideShow;
import org.apache.poi.xslf.usermodel.XSLFTextBox;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;
import org.apache.poi.xwpf.usermodel.XWPFDocument;
import org.apache.poi.xwpf.usermodel.XWPFParagraph;

/** Real files, written by the libraries of their formats. */
final class WrittenFiles {
  private WrittenFiles() {}

  /** A PDF with a page for each text, a line for each of its lines. */
  static Path pdf(Path file, String title, String password, String... pages) throws IOException {
    try (var document = new PDDocument()) {
      document.getDocumentInformation().setTitle(title);
      for (String text : pages) {
        var page = new PDPage();
        document.addPage(page);
        try (var content = new PDPageContentStream(document, page)) {
          content.beginText();
          content.setFont(new PDType1Font(Standard14Fonts.FontName.HELVETICA), 11);
          content.setLeading(14);
          content.newLineAtOffset(50, 700);
          for (String line : text.split("\n")) {
            content.showText(line);
            content.newLine();
          }
          content.endText();
        }
      }
      if (!password.isEmpty()) {
        document.protect(new StandardProtectionPolicy("owner", password, new AccessPermission()));
      }
      document.save(file.toFile());
    }
    return file;
  }

  /** A Word document; paragraphs that begin with # are headings of the first level. */
  static byte[] docx(String title, String... paragraphs) throws IOException {
    try (var document = new XWPFDocument();
        var out = new ByteArrayOutputStream()) {
      document.getProperties().getCoreProperties().setTitle(title);
      document.getProperties().getCoreProperties().setCreator("Ada Writer");
      document.getProperties().commit();
      for (String text : paragraphs) {
        XWPFParagraph paragraph = document.createParagraph();
        if (text.startsWith("# ")) {
          paragraph.setStyle("Heading1");
        }
        paragraph.createRun().setText(text.startsWith("# ") ? text.substring(2) : text);
      }
      document.write(out);
      return out.toByteArray();
    }
  }

  static byte[] encryptedDocx(String password) throws Exception {
    try (var system = new POIFSFileSystem();
        var out = new ByteArrayOutputStream()) {
      Encryptor encryptor = new EncryptionInfo(EncryptionMode.agile).getEncryptor();
      encryptor.confirmPassword(password);
      try (OutputStream encrypted = encryptor.getDataStream(system)) {
        encrypted.write(docx("Secret", "Nobody reads this."));
      }
      system.writeFilesystem(out);
      return out.toByteArray();
    }
  }

  static byte[] xlsx(String sheet, String[][] rows) throws IOException {
    try (var book = new XSSFWorkbook();
        var out = new ByteArrayOutputStream()) {
      var page = book.createSheet(sheet);
      for (int r = 0; r < rows.length; r++) {
        var row = page.createRow(r);
        for (int c = 0; c < rows[r].length; c++) {
          row.createCell(c).setCellValue(rows[r][c]);
        }
      }
      book.write(out);
      return out.toByteArray();
    }
  }

  static byte[] pptx(String... slides) throws IOException {
    try (var show = new XMLSlideShow();
        var out = new ByteArrayOutputStream()) {
      for (String text : slides) {
        XSLFTextBox box = show.createSlide().createTextBox();
        box.setText(text);
      }
      show.write(out);
      return out.toByteArray();
    }
  }

  static byte[] zip(Map<String, String> entries) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(out)) {
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return out.toByteArray();
  }

  /** A Word document whose text, packed to a few hundred kilobytes, has so many megabytes. */
  static void bomb(Path file, byte[] docx, int megabytes) throws IOException {
    Path whole = Files.write(file, docx);
    Map<String, byte[]> parts = new java.util.LinkedHashMap<>();
    try (var zip = new java.util.zip.ZipFile(whole.toFile())) {
      for (var entry : java.util.Collections.list(zip.entries())) {
        parts.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    byte[] line =
        "<w:p><w:r><w:t>aaaaaaaaaaaaaaaaaaaaaaaa</w:t></w:r></w:p>"
            .getBytes(StandardCharsets.UTF_8);
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (var part : parts.entrySet()) {
        zip.putNextEntry(new ZipEntry(part.getKey()));
        if (part.getKey().equals("word/document.xml")) {
          String xml = new String(part.getValue(), StandardCharsets.UTF_8);
          int body = xml.indexOf("<w:body>") + "<w:body>".length();
          zip.write(xml.substring(0, body).getBytes(StandardCharsets.UTF_8));
          for (long n = 0; n < megabytes * 1_000_000L; n += line.length) {
            zip.write(line);
          }
          zip.write(xml.substring(body).getBytes(StandardCharsets.UTF_8));
        } else {
          zip.write(part.getValue());
        }
        zip.closeEntry();
      }
    }
  }

  static Path gzip(Path file, String text) throws IOException {
    try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }
}
