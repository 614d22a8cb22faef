package io.polyseme.sense;

import io.polyseme.PolysemeException;
import io.polyseme.corpus.TokenText;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Texts whose words are labelled with WordNet's sense keys, from one of two kinds of files:
 *
 * <ul>
 *   <li>the unified evaluation framework's (Raganato, Camacho-Collados and Navigli 2017, "Word
 *       Sense Disambiguation: A Unified Evaluation Framework and Empirical Comparison"): {@code
 *       NAME.data.xml} with {@code NAME.gold.key.txt} beside it;
 *   <li>SemCor's (Miller, Leacock, Tengi and Bunker 1993, "A Semantic Concordance"): SGML with
 *       {@code <wf lemma= lexsn=>}, a file a document.
 * </ul>
 *
 * @param name the file's or folder's name
 * @param texts in the order of the files
 */
public record LabelledCorpus(String name, List<LabelledText> texts) {
  private static final String DATA = ".data.xml";
  private static final String KEYS = ".gold.key.txt";
  private static final Pattern ELEMENT =
      Pattern.compile("<(/?)(\\w+)([^>]*)>(?:([^<]*)</(?:wf|punc)>)?");
  private static final Pattern ATTRIBUTE =
      Pattern.compile("([\\w-]+)=(?:\"([^\"]*)\"|([^\\s>\"]+))");

  public LabelledCorpus {
    texts = List.copyOf(texts);
  }

  /**
   * Reads a file, or all files of these kinds below a folder.
   *
   * @throws PolysemeException if there are none, or one of them is malformed, with the place
   */
  public static LabelledCorpus read(Path path) {
    if (!Files.exists(path)) {
      throw new PolysemeException("there is no file or folder " + path);
    }
    var texts = new ArrayList<LabelledText>();
    boolean any = false;
    for (Path file : files(path)) {
      boolean unified = file.toString().endsWith(DATA);
      if (unified || isSemCor(file)) {
        any = true;
        texts.addAll(unified ? unified(file) : semCor(file));
      }
    }
    if (!any) {
      throw new PolysemeException(
          "%s has no text with labelled senses: NAME%s with NAME%s, or SemCor's files"
              .formatted(path, DATA, KEYS));
    }
    return new LabelledCorpus(
        String.valueOf(path.toAbsolutePath().normalize().getFileName()), texts);
  }

  /** How many labelled words there are. */
  public int size() {
    return texts.stream().mapToInt(text -> text.words().size()).sum();
  }

  /** The documents' names, sorted. */
  public List<String> documents() {
    return List.copyOf(new TreeSet<>(texts.stream().map(LabelledText::document).toList()));
  }

  private static List<Path> files(Path path) {
    if (Files.isRegularFile(path)) {
      return List.of(path);
    }
    try (Stream<Path> walk = Files.walk(path)) {
      return walk.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      throw new PolysemeException("cannot read the folder " + path + ": " + e.getMessage(), e);
    }
  }

  private static boolean isSemCor(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(200), java.nio.charset.StandardCharsets.ISO_8859_1)
          .contains("<contextfile");
    } catch (IOException e) {
      throw new PolysemeException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static String read(Path file, String expected) {
    try {
      return Files.readString(file);
    } catch (MalformedInputException e) {
      throw new PolysemeException(
          "%s is no text in UTF-8; %s is expected there".formatted(file, expected), e);
    } catch (java.nio.file.NoSuchFileException e) {
      throw new PolysemeException(
          "there is no %s; %s is expected there".formatted(file, expected), e);
    } catch (IOException e) {
      throw new PolysemeException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  // --- the unified framework ---

  private static List<LabelledText> unified(Path file) {
    Map<String, List<String>> keys = keys(file);
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    var texts = new ArrayList<LabelledText>();
    try (InputStream in = Files.newInputStream(file)) {
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      String document = "";
      var sentence = new TokenText();
      var words = new ArrayList<LabelledText.Word>();
      boolean any = false;
      while (xml.hasNext()) {
        int event = xml.next();
        if (event == XMLStreamConstants.START_ELEMENT) {
          switch (xml.getLocalName()) {
            case "text" -> document = attribute(file, xml, "id");
            case "sentence" -> {
              any = true;
              sentence = new TokenText();
              words.clear();
            }
            case "wf" -> sentence.add(xml.getElementText().strip());
            case "instance" -> words.add(instance(file, xml, sentence, keys));
            default -> {} // corpus
          }
        } else if (event == XMLStreamConstants.END_ELEMENT
            && xml.getLocalName().equals("sentence")) {
          texts.add(new LabelledText(document, sentence.toString(), words));
        }
      }
      if (!any) {
        throw new PolysemeException(file + " has no sentences; is it of the unified framework?");
      }
    } catch (XMLStreamException e) {
      throw new PolysemeException(
          "%s, line %d: no XML of the unified framework: %s"
              .formatted(
                  file,
                  e.getLocation() == null ? 0 : e.getLocation().getLineNumber(),
                  String.valueOf(e.getMessage()).lines().reduce((a, b) -> b).orElse("")),
          e);
    } catch (IOException e) {
      throw new PolysemeException("cannot read " + file + ": " + e.getMessage(), e);
    }
    return texts;
  }

  private static String attribute(Path file, XMLStreamReader xml, String name) {
    String value = xml.getAttributeValue(null, name);
    if (value == null) {
      throw new PolysemeException(
          "%s, line %d: <%s> has no %s"
              .formatted(file, xml.getLocation().getLineNumber(), xml.getLocalName(), name));
    }
    return value;
  }

  private static LabelledText.Word instance(
      Path file, XMLStreamReader xml, TokenText sentence, Map<String, List<String>> keys)
      throws XMLStreamException {
    int line = xml.getLocation().getLineNumber();
    String id = attribute(file, xml, "id");
    String lemma = attribute(file, xml, "lemma").replace('_', ' ');
    String pos = attribute(file, xml, "pos");
    String token = xml.getElementText().strip();
    if (token.isEmpty()) {
      throw new PolysemeException("%s, line %d: the instance is empty".formatted(file, line));
    }
    int start = sentence.add(token);
    return new LabelledText.Word(
        id,
        new Span(start, sentence.length()),
        lemma,
        PartOfSpeech.parse(pos)
            .orElseThrow(
                () ->
                    new PolysemeException(
                        "%s, line %d: \"%s\" is no part of speech".formatted(file, line, pos))),
        keys.getOrDefault(id, List.of()));
  }

  private static Map<String, List<String>> keys(Path data) {
    String name = data.getFileName().toString();
    Path file = data.resolveSibling(name.substring(0, name.length() - DATA.length()) + KEYS);
    var keys = new HashMap<String, List<String>>();
    int number = 0;
    for (String line : read(file, "an instance and its sense keys a line").lines().toList()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String[] parts = line.strip().split("\\s+");
      if (parts.length < 2) {
        throw new PolysemeException(
            "%s, line %d: no sense key for \"%s\"".formatted(file, number, parts[0]));
      }
      keys.put(parts[0], List.of(Arrays.copyOfRange(parts, 1, parts.length)));
    }
    return keys;
  }

  // --- SemCor ---

  private static List<LabelledText> semCor(Path file) {
    String document = file.getFileName().toString();
    String content = read(file, "SGML of SemCor");
    var texts = new ArrayList<LabelledText>();
    var sentence = new TokenText();
    var words = new ArrayList<LabelledText.Word>();
    boolean within = false;
    int position = 0;
    String place = "";
    Matcher element = ELEMENT.matcher(content);
    while (element.find()) {
      boolean end = element.group(1).equals("/");
      switch (element.group(2)) {
        case "s" -> {
          if (end && within) {
            texts.add(new LabelledText(document, sentence.toString(), words));
          }
          within = !end;
          sentence = new TokenText();
          words.clear();
          position = 0;
          place = end ? "" : attributes(element.group(3)).getOrDefault("snum", "");
        }
        case "wf", "punc" -> {
          String token = element.group(4) == null ? "" : element.group(4).strip();
          if (within && !end && !token.isEmpty()) {
            int start = sentence.add(unescaped(token));
            Map<String, String> of = attributes(element.group(3));
            String id = "%s.s%s.t%d".formatted(document, place, position++);
            labelled(id, new Span(start, sentence.length()), of, words);
          }
        }
        default -> {} // contextfile, context, p
      }
    }
    if (texts.isEmpty() || within) {
      throw new PolysemeException(
          file + (within ? " ends within a sentence" : " has no sentences"));
    }
    return texts;
  }

  private static Map<String, String> attributes(String text) {
    var attributes = new HashMap<String, String>();
    Matcher matcher = ATTRIBUTE.matcher(text);
    while (matcher.find()) {
      attributes.put(
          matcher.group(1), matcher.group(2) == null ? matcher.group(3) : matcher.group(2));
    }
    return attributes;
  }

  private static String unescaped(String token) {
    return token.indexOf('&') < 0
        ? token
        : token
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&");
  }

  /** Adds the word if it has a sense; several are parted by semicolons. */
  private static void labelled(
      String id, Span span, Map<String, String> of, List<LabelledText.Word> words) {
    String lemma = of.getOrDefault("lemma", "");
    String lexical = of.getOrDefault("lexsn", "");
    if (lemma.isEmpty() || lexical.isEmpty() || of.getOrDefault("wnsn", "0").equals("0")) {
      return;
    }
    List<String> senses =
        Arrays.stream(lexical.split(";")).map(l -> lemma + "%" + l.strip()).toList();
    PartOfSpeech pos =
        switch (lexical.charAt(0)) {
          case '1' -> PartOfSpeech.NOUN;
          case '2' -> PartOfSpeech.VERB;
          case '3', '5' -> PartOfSpeech.ADJECTIVE;
          case '4' -> PartOfSpeech.ADVERB;
          default -> PartOfSpeech.OTHER;
        };
    if (pos != PartOfSpeech.OTHER) {
      words.add(new LabelledText.Word(id, span, lemma.replace('_', ' '), pos, senses));
    }
  }
}
