package io.polyseme;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds what CONTRIBUTING.md says of the architecture. */
class ArchitectureTest {
  /** What each package may use of the others; every one may use the root package. */
  private static final Map<String, Set<String>> MAY_USE =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("vector", Set.of()),
              Map.entry("words", Set.of("vector")),
              Map.entry("analogy", Set.of("vector")),
              Map.entry("index", Set.of("vector")),
              Map.entry("cluster", Set.of("vector")),
              Map.entry("lexicon", Set.of()),
              Map.entry("corpus", Set.of()),
              Map.entry("document", Set.of()),
              Map.entry("model", Set.of()),
              Map.entry("encoder", Set.of("vector", "model", "encoder.graph")),
              Map.entry("encoder.graph", Set.of()),
              Map.entry(
                  "train", Set.of("vector", "words", "lexicon", "corpus", "model", "encoder")),
              Map.entry(
                  "train.transformer",
                  Set.of(
                      "vector", "train", "lexicon", "corpus", "model", "encoder", "encoder.graph")),
              Map.entry(
                  "search",
                  Set.of(
                      "vector",
                      "words",
                      "index",
                      "lexicon",
                      "corpus",
                      "document",
                      "model",
                      "encoder",
                      "train",
                      "sense")),
              Map.entry(
                  "sense", Set.of("vector", "lexicon", "corpus", "index", "model", "encoder")),
              Map.entry(
                  "usage",
                  Set.of(
                      "vector", "words", "index", "cluster", "lexicon", "corpus", "model",
                      "encoder", "train", "sense", "search")),
              Map.entry(
                  "collection",
                  Set.of(
                      "vector", "index", "cluster", "lexicon", "corpus", "model", "encoder",
                      "search")),
              Map.entry("predict", Set.of("vector", "corpus", "model", "encoder", "encoder.graph")),
              Map.entry("bulk", Set.of("vector", "corpus", "model", "encoder")),
              Map.entry("insight", Set.of("vector", "model", "encoder", "encoder.graph")),
              Map.entry(
                  "insight.heads",
                  Set.of("vector", "corpus", "model", "encoder", "encoder.graph", "insight")),
              Map.entry(
                  "insight.neurons",
                  Set.of("vector", "corpus", "lexicon", "model", "encoder", "encoder.graph")),
              Map.entry("relation", Set.of("vector", "model", "encoder")),
              Map.entry(
                  "evaluate",
                  Set.of(
                      "vector", "words", "analogy", "index", "cluster", "corpus", "model",
                      "encoder", "train", "sense", "usage", "search")),
              Map.entry(
                  "cli",
                  Set.of(
                      "vector",
                      "words",
                      "analogy",
                      "index",
                      "cluster",
                      "lexicon",
                      "corpus",
                      "document",
                      "model",
                      "encoder",
                      "encoder.graph",
                      "train",
                      "train.transformer",
                      "search",
                      "bulk",
                      "sense",
                      "usage",
                      "collection",
                      "insight",
                      "insight.heads",
                      "insight.neurons",
                      "relation",
                      "predict",
                      "evaluate"))));

  private static JavaClasses all;

  @BeforeAll
  static void read() {
    all =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.polyseme");
  }

  @Test
  void packagesDependInOneDirection() {
    Set<String> found = new TreeSet<>();
    all.forEach(c -> found.add(c.getPackageName()));
    found.remove("io.polyseme");
    Set<String> named = new TreeSet<>();
    MAY_USE.keySet().forEach(name -> named.add("io.polyseme." + name));
    assertTrue(named.containsAll(found), "packages that no rule names: " + found);
    MAY_USE.forEach(
        (name, others) -> {
          List<String> allowed = new ArrayList<>(List.of("io.polyseme", "io.polyseme." + name));
          others.forEach(other -> allowed.add("io.polyseme." + other));
          classes()
              .that(resideInAPackage("io.polyseme." + name))
              .should()
              .onlyDependOnClassesThat(
                  resideInAnyPackage(allowed.toArray(String[]::new))
                      .or(not(resideInAPackage("io.polyseme.."))))
              .check(all);
        });
  }

  @Test
  void wordVectorsNeedNeitherRuntimeNorTokenizersNorLucene() {
    noClasses()
        .that(
            resideInAnyPackage(
                "io.polyseme", "io.polyseme.vector", "io.polyseme.words", "io.polyseme.analogy"))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("ai..", "org.apache.lucene..", "com.google.protobuf.."))
        .check(all);
  }

  @Test
  void heavyLibrariesStayBehindTheirPackages() {
    Map<String, List<String>> homes =
        Map.ofEntries(
            Map.entry("ai.onnxruntime..", List.of("io.polyseme.encoder")),
            Map.entry("ai.djl.huggingface..", List.of("io.polyseme.encoder")),
            Map.entry("ai.djl..", List.of("io.polyseme.encoder", "io.polyseme.train.transformer")),
            Map.entry("ai.onnx..", List.of("io.polyseme.encoder.graph")),
            Map.entry("org.apache.lucene..", List.of("io.polyseme.index")),
            Map.entry("org.apache.parquet..", List.of("io.polyseme.bulk")),
            Map.entry("org.apache.tika..", List.of("io.polyseme.document")),
            Map.entry("org.apache.commons.csv..", List.of("io.polyseme.document")),
            Map.entry("org.commonmark..", List.of("io.polyseme.document")),
            Map.entry("org.snakeyaml..", List.of("io.polyseme.document")),
            Map.entry("com.github.luben..", List.of("io.polyseme.words", "io.polyseme.bulk")),
            Map.entry("picocli..", List.of("io.polyseme.cli")),
            Map.entry("net.sf.extjwnl..", List.of("io.polyseme.lexicon")),
            Map.entry("opennlp..", List.of("io.polyseme.lexicon")));
    homes.forEach(
        (library, home) ->
            noClasses()
                .that(not(resideInAnyPackage(home.toArray(String[]::new))))
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .check(all));
  }

  /** They free what PyTorch needs for the way back: see Network.scaled. */
  @Test
  void arraysThatAreTrainedThroughAreNotMultipliedWithNumbersOfJava() {
    for (String method : List.of("mul", "div", "pow")) {
      noClasses()
          .that(resideInAPackage("io.polyseme.train.transformer"))
          .should()
          .callMethod(NDArray.class, method, Number.class)
          .check(all);
    }
  }

  /** WiC's texts are largely WordNet's own examples: what tells same senses must not know them. */
  @Test
  void sameSensesAreToldWithoutInventories() {
    noClasses()
        .that(name("io.polyseme.sense.SameSense").or(name("io.polyseme.evaluate.SameSenseTrial")))
        .should()
        .transitivelyDependOnClassesThat(
            resideInAnyPackage("io.polyseme.lexicon", "io.polyseme.index")
                .or(assignableTo("io.polyseme.sense.SenseInventory"))
                .or(name("io.polyseme.sense.LabelledCorpus")))
        .check(all);
  }

  @Test
  void noPublicSignatureShowsAnothersTypes() {
    var shown = new ArrayList<String>();
    for (JavaClass type : all) {
      if (!isPublic(type)) {
        continue;
      }
      for (JavaCodeUnit unit : type.getCodeUnits()) {
        if (!unit.getModifiers().contains(JavaModifier.PUBLIC)) {
          continue;
        }
        var types = new ArrayList<>(unit.getRawParameterTypes());
        types.add(unit.getRawReturnType());
        for (JavaClass used : types) {
          String name = used.getBaseComponentType().getName();
          if (name.startsWith("ai.")
              || name.startsWith("org.apache.")
              || name.startsWith("com.google.")
              || name.startsWith("com.carrotsearch.")
              || name.startsWith("net.sf.")) {
            shown.add(unit.getFullName() + " shows " + name);
          }
        }
      }
    }
    assertTrue(shown.isEmpty(), String.join("\n", shown));
  }

  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(ArchitectureTest::isPublic).orElse(true);
  }

  @Test
  void everyPackageSaysWhatItIsAndIsNullMarked() throws Exception {
    Path sources = Path.of("src/main/java/io/polyseme");
    try (var folders = Files.walk(sources)) {
      for (Path folder : folders.filter(Files::isDirectory).toList()) {
        Path info = folder.resolve("package-info.java");
        assertTrue(Files.exists(info), info + " is missing");
        String text = Files.readString(info);
        assertTrue(text.startsWith("/**") && text.contains("@NullMarked"), info.toString());
      }
    }
  }
}
