package io.polyseme.cli;

import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.analogy.Analogies;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.analogy.AnalogyOptions;
import io.polyseme.analogy.ExpressionSyntaxException;
import io.polyseme.index.IndexCatalog;
import io.polyseme.index.OpenOptions;
import io.polyseme.index.VectorIndex;
import io.polyseme.search.FilterSyntax;
import io.polyseme.search.IndexSearch;
import io.polyseme.search.SpaceIndexes;
import io.polyseme.train.UnseenWords;
import io.polyseme.train.Vocabularies;
import io.polyseme.train.WordSpaces;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Expression;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Precision;
import io.polyseme.vector.Resolution;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.UnknownTermException;
import io.polyseme.vector.VectorSpace;
import io.polyseme.words.UnknownWords;
import io.polyseme.words.WordVectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that asks a word space or an index for what is nearest. */
abstract class Asked extends Command {
  private static final int TEXT_COLUMNS = 90;

  @Option(
      names = "--space",
      paramLabel = "SPACE",
      description = "A word space: en, zh, another name in the cache, or a file.")
  @Nullable String space;

  @Option(
      names = "--index",
      paramLabel = "INDEX",
      description =
          "An index: a name under indexes/, or a folder. Asked with the model it records.")
  @Nullable String index;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many answers (default: ${DEFAULT-VALUE}).")
  int top = 10;

  @Option(names = "--exact", description = "Compare with every vector.")
  boolean exact;

  @Option(
      names = "--hnsw",
      description = "Search the HNSW graph; for a word space it is built once.")
  boolean hnsw;

  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description =
          "Only answers whose fields are so: pos=n, \"year >= 2019 and not type = draft\"; may be"
              + " given again.")
  List<String> filters = new ArrayList<>();

  @Option(
      names = "--match",
      paramLabel = "REGEX",
      description = "Only answers whose label matches as a whole.")
  @Nullable String match;

  @Option(
      names = "--first",
      paramLabel = "N",
      description = "Only answers among the first N words of a word space, mostly the commonest.")
  @Nullable Integer first;

  @Option(
      names = "--only",
      paramLabel = "FILE",
      description = "Only answers that stand in this file, one a line.")
  @Nullable Path only;

  @Option(
      names = "--unknown",
      split = ",",
      paramLabel = "WHAT",
      description =
          "What to do about a word that a space does not have: error, or one or more of fold (other"
              + " case, spaces or underscores), subwords (fastText's n-grams), spelling (the nearest),"
              + " encoder (by the model a space was distilled from), skip (left out of a sum), with"
              + " commas between (default: fold).")
  List<String> unknown = List.of("fold");

  private final Set<String> notes = new LinkedHashSet<>();

  /** Open spaces by name, so that many questions open each but once. */
  private final Map<String, Opened> opened = new TreeMap<>();

  /** A space that can be asked. */
  record Opened(
      String kind, String name, VectorSpace space, TermResolver resolver, AutoCloseable also) {}

  Asked(Terminal terminal) {
    super(terminal);
  }

  static IndexCatalog catalog() {
    return new IndexCatalog(Path.of("indexes"));
  }

  /** The name of the default word space for a text. */
  static String spaceFor(String text) {
    return io.polyseme.model.ModelStore.defaultFor(text).contains("-zh-") ? "zh" : "en";
  }

  /** What the options name, or else the default space for the script of the question. */
  Opened open(String question) {
    if (space != null && index != null) {
      throw wrongUse("--space and --index cannot both be asked");
    }
    if (exact && hnsw) {
      throw wrongUse("--exact and --hnsw contradict each other");
    }
    if (top < 1) {
      throw wrongUse("--top must be at least 1, and is " + top);
    }
    String name = index != null ? index : space != null ? space : spaceFor(question);
    return opened.computeIfAbsent(name, index != null ? this::openIndex : this::openSpace);
  }

  /** Words of what the options name, asked for answers from another word space. */
  Opened open(String question, String among) {
    Opened asked = open(question);
    Opened answers = opened.computeIfAbsent(among, this::openSpace);
    int from = asked.space.info().dimension();
    int to = answers.space.info().dimension();
    if (from != to) {
      throw new PolysemeException(
          "%s has %d dimensions and %s %d: they cannot be compared; map one into the other with"
                  .formatted(asked.name, from, among, to)
              + " polyseme words align");
    }
    return new Opened(answers.kind, among, answers.space, asked.resolver, answers.also);
  }

  private Opened openIndex(String name) {
    VectorIndex found = catalog().open(name, OpenOptions.DEFAULT.withName(name));
    Bars bars = bars();
    var search = new IndexSearch(found, models(), encoderOptions(), bars);
    return new Opened("index", name, found, search, search);
  }

  private Opened openSpace(String name) {
    try (Bars bars = bars()) {
      WordSpaces spaces = spaces();
      WordVectors words = spaces.open(name, bars, terminal.cancel());
      try {
        VectorSpace asked =
            hnsw ? SpaceIndexes.open(words, spaces.file(name), bars, terminal.cancel()) : words;
        TermResolver resolver = words.resolver(unknownWords());
        UnseenWords unseen =
            unknown.contains("encoder")
                ? new UnseenWords(words, resolver, models(), encoderOptions(), Progress.NONE)
                : null;
        AutoCloseable all =
            () -> {
              if (unseen != null) {
                unseen.close();
              }
              asked.close();
              words.close();
            };
        return new Opened("space", name, asked, unseen == null ? resolver : unseen, all);
      } catch (RuntimeException e) {
        words.close();
        throw e;
      }
    }
  }

  /** Answers one line. */
  interface Line {
    void answer(String line);
  }

  /**
   * Answers each line of standard input on its own. One that has an unknown word, or is no
   * expression, is told of, and the command fails at its end.
   */
  void eachLine(String command, String what, List<String> given, Line answers) throws IOException {
    if (!given.isEmpty()) {
      throw wrongUse(
          "--lines reads from standard input, and \"%s\" is given".formatted(given.getFirst()));
    }
    long number = 0;
    long failed = 0;
    try (BufferedReader reader = input(what)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        terminal.cancel().check();
        if (terminal.out().checkError()) {
          return; // whoever read the output has seen enough
        }
        if (line.isBlank()) {
          continue;
        }
        try {
          if (!json) {
            print(Table.printable(line.strip()));
          }
          answers.answer(line.strip());
        } catch (UnknownTermException | ExpressionSyntaxException e) {
          failed++;
          if (json) {
            print(new Answers(command, line.strip()).warn(List.of(e.getMessage())).toString());
          }
          terminal
              .err()
              .println("polyseme: line " + number + ": " + Table.printable(e.getMessage()));
        }
      }
    } catch (CharacterCodingException e) {
      throw notUtf8(e);
    }
    if (failed > 0) {
      throw new PolysemeException("%d of %d lines could not be answered".formatted(failed, number));
    }
  }

  /** Wrong use of options that mean nothing here, rather than silence on them. */
  void refuse(String... options) {
    for (String option : options) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw wrongUse(option + " means nothing for this question");
      }
    }
  }

  /** As this resolver, and keeps what stood in for words that were not found. */
  TermResolver noting(TermResolver resolver) {
    return term -> {
      Resolution found = resolver.resolution(term);
      if (!found.note().isEmpty()) {
        notes.add(found.note());
      }
      return found.vector();
    };
  }

  /** What stood in for words that were not found, as {@link #noting} came by it. */
  List<String> notes() {
    return List.copyOf(notes);
  }

  Precision precision() {
    return exact ? Precision.EXACT : hnsw ? Precision.approximate(0) : Precision.AUTO;
  }

  private UnknownWords unknownWords() {
    var steps = new ArrayList<UnknownWords.Step>();
    for (String step : unknown) {
      switch (step) {
        case "fold" -> steps.add(UnknownWords.Step.FOLD);
        case "subwords" -> steps.add(UnknownWords.Step.SUBWORDS);
        case "spelling" -> steps.add(UnknownWords.Step.SPELLING);
        case "encoder", "skip" -> {}
        case "error" -> {
          if (unknown.size() > 1) {
            throw wrongUse("--unknown error goes with nothing else");
          }
        }
        default ->
            throw wrongUse(
                "--unknown is error, fold, subwords, spelling, encoder or skip, and not \"%s\""
                    .formatted(step));
      }
    }
    return new UnknownWords(steps);
  }

  /** What options such as {@code --filter pos=noun} let through: all of them. */
  static Filter filter(Command command, List<String> filters) {
    Filter filter = Filter.ALL;
    for (String part : filters) {
      try {
        filter = filter.and(FilterSyntax.parse(part));
      } catch (IllegalArgumentException e) {
        throw command.wrongUse("--filter: " + e.getMessage());
      }
    }
    return filter;
  }

  Filter filter() {
    Filter filter = filter(this, filters);
    if (match != null) {
      try {
        filter = filter.and(Filter.labels(Pattern.compile(match)));
      } catch (PatternSyntaxException e) {
        throw wrongUse("--match is no regular expression: " + e.getMessage());
      }
    }
    if (first != null) {
      if (first < 1 || index != null || hnsw) {
        throw wrongUse(
            first < 1
                ? "--first must be at least 1, and is " + first
                : "--first is for the exact search of a word space: an index knows no order");
      }
      filter = filter.and(new Filter.Range(WordVectors.RANK, 1, first));
    }
    if (only != null) {
      filter = filter.and(new Filter.In(Filter.LABEL, Set.copyOf(Vocabularies.file(only))));
    }
    return filter;
  }

  Answer ask(Opened opened, Expression expression, AnalogyMethod method, boolean keepInputs) {
    return Analogies.ask(
        opened.space,
        opened.resolver,
        expression,
        new AnalogyOptions(
            top, method, keepInputs, unknown.contains("skip"), precision(), filter()));
  }

  /** Prints an answer for a program or for a person. */
  void show(String command, String question, Opened opened, Answer answer) {
    if (json) {
      var answers = new Answers(command, question).of(opened.kind, opened.name);
      answer.hits().forEach(answers::hit);
      answers.warn(answer.warnings());
      print(answers.toString());
      return;
    }
    warn(answer.warnings());
    if (answer.hits().isEmpty()) {
      print("nothing was found");
    }
    var table = new Table();
    for (Hit hit : answer.hits()) {
      String text = hit.fields().getOrDefault("text", "");
      String lemmas = hit.fields().getOrDefault("lemmas", hit.fields().getOrDefault("word", ""));
      table.row(
          Integer.toString(hit.rank()),
          String.format(Locale.ROOT, "%.3f", hit.score()),
          Table.printable(lemmas.isEmpty() ? hit.label() : lemmas),
          Table.shortened(text, TEXT_COLUMNS));
    }
    print(table.lines());
  }

  @Override
  public Integer call() throws java.io.IOException {
    try {
      return super.call();
    } finally {
      for (Opened o : opened.values()) {
        try {
          o.also.close();
        } catch (RuntimeException e) {
          throw e;
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
