package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.evaluate.AnalogyQuestions.Answer;
import io.polyseme.evaluate.AnalogyQuestions.Question;
import io.polyseme.vector.Method;
import io.polyseme.vector.VectorSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many analogy questions against every word of a vocabulary. Both 3CosAdd and 3CosMul are functions
 * of the cosines of a candidate with a, b and c alone, so a block of candidates is compared once
 * with each different word of the questions, and every question is then scored from this table.
 */
final class AnalogyScan {
  /** Candidates that are looked at together: the block's vectors stay in the second-level cache. */
  private static final int BLOCK = 256;

  /** 3CosMul's guard against division by zero, as {@link Method#COS_MUL} says. */
  private static final float EPSILON = 0.001f;

  private final VectorSpace space;
  private final List<String> vocabulary;
  private final Method method;
  private final int dimension;

  /** The different words of the questions: unit vectors, and the candidates that they rule out. */
  private final List<float[]> words = new ArrayList<>();

  private final List<int[]> candidates = new ArrayList<>();

  /** a, b and c of each question that counts, as numbers of words. */
  private final List<int[]> questions = new ArrayList<>();

  private AnalogyScan(VectorSpace space, List<String> vocabulary, Method method) {
    this.space = space;
    this.vocabulary = vocabulary;
    this.method = method;
    this.dimension = space.info().dimension();
  }

  /** What becomes of each question, by section. */
  static List<List<Answer>> answers(
      AnalogyQuestions set,
      VectorSpace space,
      List<String> vocabulary,
      AnalogyOptions options,
      Progress progress,
      Cancel cancel) {
    Spelling spelling = options.spelling();
    Map<String, Integer> rows = new HashMap<>();
    Map<String, int[]> rowsOfKey = new HashMap<>();
    for (int row = 0; row < vocabulary.size(); row++) {
      String label = vocabulary.get(row);
      if (rows.putIfAbsent(label, row) == null) {
        int it = row;
        rowsOfKey.merge(spelling.key(label), new int[] {it}, (old, _) -> append(old, it));
      }
    }
    var scan = new AnalogyScan(space, vocabulary, options.method());
    Map<String, Optional<Integer>> numbers = new HashMap<>();
    var counted = new ArrayList<Question>();
    var answers = new ArrayList<List<Answer>>();
    for (AnalogyQuestions.Section section : set.sections()) {
      var ofSection = new ArrayList<Answer>();
      for (Question question : section.questions()) {
        var abc = new int[3];
        boolean known = true;
        int place = 0;
        for (String word : List.of(question.a(), question.b(), question.c(), question.d())) {
          Optional<Integer> number =
              numbers.computeIfAbsent(
                  word,
                  w -> {
                    Integer row = rows.getOrDefault(w, rows.get(spelling.key(w)));
                    return row == null ? Optional.empty() : scan.add(row, rowsOfKey, spelling);
                  });
          known &= number.isPresent();
          if (known && place < 3) {
            abc[place++] = number.orElseThrow();
          }
        }
        ofSection.add(known ? Answer.WRONG : Answer.SKIPPED);
        if (known) {
          scan.questions.add(abc);
          counted.add(question);
        }
      }
      answers.add(ofSection);
    }
    int[] best = scan.best(options.threads(), progress, cancel);
    int at = 0;
    for (List<Answer> ofSection : answers) {
      for (int i = 0; i < ofSection.size(); i++) {
        if (ofSection.get(i) == Answer.WRONG) {
          String right = spelling.key(counted.get(at).d());
          if (best[at] >= 0 && spelling.key(vocabulary.get(best[at])).equals(right)) {
            ofSection.set(i, Answer.RIGHT);
          }
          at++;
        }
      }
    }
    return answers;
  }

  private static int[] append(int[] rows, int row) {
    int[] longer = Arrays.copyOf(rows, rows.length + 1);
    longer[rows.length] = row;
    return longer;
  }

  /** The number of a word of the questions; none where its vector has no direction. */
  private Optional<Integer> add(int row, Map<String, int[]> rowsOfKey, Spelling spelling) {
    return Directions.unit(vector(row))
        .map(
            unit -> {
              words.add(unit);
              candidates.add(rowsOfKey.get(spelling.key(vocabulary.get(row))));
              return words.size() - 1;
            });
  }

  private float[] vector(int row) {
    String label = vocabulary.get(row);
    return space
        .vector(label)
        .orElseThrow(
            () ->
                new PolysemeException(
                    "\"%s\" is in the vocabulary but not in %s"
                        .formatted(label, space.info().name())));
  }

  /** The best candidate of each question; -1 where there is none. */
  private int[] best(int threads, Progress progress, Cancel cancel) {
    int blocks = (vocabulary.size() + BLOCK - 1) / BLOCK;
    var next = new AtomicInteger();
    var done = new AtomicInteger();
    ExecutorService workers =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("polyseme-evaluate-", 0).factory());
    try {
      var running = new ArrayList<Future<Worker>>();
      for (int i = 0; i < threads; i++) {
        running.add(
            workers.submit(
                () -> {
                  var worker = new Worker();
                  int block;
                  while ((block = next.getAndIncrement()) < blocks) {
                    cancel.check();
                    worker.compare(block * BLOCK);
                    synchronized (done) {
                      progress.update("answering analogies", done.incrementAndGet(), blocks);
                    }
                  }
                  return worker;
                }));
      }
      Worker all = new Worker();
      for (Future<Worker> worker : running) {
        all.merge(worker.get());
      }
      return all.rows;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new PolysemeException("the analogies could not be scored: " + e.getCause(), e);
    } finally {
      workers.shutdownNow();
      // Whoever closes the space next must not pull it from under a worker.
      workers.close();
    }
  }

  /** One thread's share: the best of the candidates that it has seen. */
  private final class Worker {
    final float[] scores = new float[questions.size()];
    final int[] rows = new int[questions.size()];
    private final float[] block = new float[dimension * BLOCK];
    private final float[][] table = new float[words.size()][BLOCK];
    private final float[] score = new float[BLOCK];

    Worker() {
      Arrays.fill(scores, Float.NEGATIVE_INFINITY);
      Arrays.fill(rows, -1);
    }

    /** Looks at the candidates from this one on, as many as make a block. */
    void compare(int from) {
      int count = Math.min(BLOCK, vocabulary.size() - from);
      load(from, count);
      for (int word = 0; word < table.length; word++) {
        cosines(words.get(word), table[word]);
      }
      for (int q = 0; q < rows.length; q++) {
        int[] abc = questions.get(q);
        combine(table[abc[0]], table[abc[1]], table[abc[2]]);
        for (int word : abc) {
          for (int row : candidates.get(word)) {
            if (row >= from && row < from + count) {
              score[row - from] = Float.NEGATIVE_INFINITY;
            }
          }
        }
        for (int i = 0; i < count; i++) {
          if (score[i] >= scores[q]) {
            offer(q, score[i], from + i);
          }
        }
      }
    }

    /** Transposes the block, so that the inner loop below runs along candidates. */
    private void load(int from, int count) {
      Arrays.fill(block, 0);
      for (int i = 0; i < count; i++) {
        float[] unit = Directions.unit(vector(from + i)).orElse(null);
        for (int j = 0; unit != null && j < dimension; j++) {
          block[j * BLOCK + i] = unit[j];
        }
      }
    }

    /** Sums along candidates, four dimensions at a time: a loop that the JIT makes SIMD code of. */
    private void cosines(float[] word, float[] into) {
      Arrays.fill(into, 0);
      int j = 0;
      for (; j + 4 <= dimension; j += 4) {
        int at = j * BLOCK;
        float w0 = word[j];
        float w1 = word[j + 1];
        float w2 = word[j + 2];
        float w3 = word[j + 3];
        for (int i = 0; i < BLOCK; i++) {
          into[i] +=
              w0 * block[at + i]
                  + w1 * block[at + BLOCK + i]
                  + w2 * block[at + 2 * BLOCK + i]
                  + w3 * block[at + 3 * BLOCK + i];
        }
      }
      for (; j < dimension; j++) {
        for (int i = 0; i < BLOCK; i++) {
          into[i] += word[j] * block[j * BLOCK + i];
        }
      }
    }

    private void combine(float[] a, float[] b, float[] c) {
      switch (method) {
        case COS_ADD -> {
          for (int i = 0; i < BLOCK; i++) {
            score[i] = b[i] - a[i] + c[i];
          }
        }
        case COS_MUL -> {
          for (int i = 0; i < BLOCK; i++) {
            score[i] = (1 + b[i]) * (1 + c[i]) / (4 * ((1 + a[i]) / 2 + EPSILON));
          }
        }
      }
    }

    /** Keeps the better one; of equals the one whose label comes first, as answers are ordered. */
    private void offer(int question, float score, int row) {
      int old = rows[question];
      if (score > scores[question]
          || score == scores[question]
              && score > Float.NEGATIVE_INFINITY
              && (old < 0 || vocabulary.get(row).compareTo(vocabulary.get(old)) < 0)) {
        scores[question] = score;
        rows[question] = row;
      }
    }

    void merge(Worker other) {
      for (int q = 0; q < rows.length; q++) {
        if (other.rows[q] >= 0) {
          offer(q, other.scores[q], other.rows[q]);
        }
      }
    }
  }
}
