package io.polyseme.model;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What holds for all sizes of a model and is said on its page, not in its files.
 *
 * @param ids the repositories that belong to it
 */
record Family(
    Pattern ids, String language, Pooling pooling, String queryPrefix, String passagePrefix) {
  private static final List<Family> ALL =
      List.of(
          new Family(
              Pattern.compile("BAAI/bge-(small|base|large)-en(-v1\\.5)?"),
              "en",
              Pooling.CLS,
              "Represent this sentence for searching relevant passages: ",
              ""),
          new Family(
              Pattern.compile("BAAI/bge-(small|base|large)-zh(-v1\\.5)?"),
              "zh",
              Pooling.CLS,
              "为这个句子生成表示以用于检索相关文章：",
              ""),
          new Family(
              Pattern.compile("intfloat/e5-(small|base|large)(-v2)?"),
              "en",
              Pooling.MEAN,
              "query: ",
              "passage: "),
          new Family(
              Pattern.compile("intfloat/multilingual-e5-(small|base|large)"),
              "",
              Pooling.MEAN,
              "query: ",
              "passage: "));

  /** The family that a repository belongs to. */
  static Optional<Family> of(String id) {
    return ALL.stream().filter(family -> family.ids.matcher(id).matches()).findFirst();
  }
}
