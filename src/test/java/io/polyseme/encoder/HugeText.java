package io.polyseme.encoder;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.model.ModelStore;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Locale;
import java.util.Random;

/** What {@link HugeTextIT} runs in a Java process of its own, whose memory is small. */
final class HugeText {
  private HugeText() {}

  /**
   * @param arguments what is wanted ({@code words}, {@code chunks}, {@code late}), the kind of text
   *     ({@code english}, {@code spaceless}, {@code chinese}), and its length
   */
  public static void main(String[] arguments) throws Exception {
    EncodeRequest request =
        switch (arguments[0]) {
          case "words" -> EncodeRequest.ofWords();
          case "chunks" -> EncodeRequest.ofPassages(Passages.chunks(200).withOverlap(40));
          case "late" -> EncodeRequest.ofPassages(Passages.chunks(200).withOverlap(40).late());
          default -> throw new IllegalArgumentException(arguments[0]);
        };
    String model = arguments[1].equals("chinese") ? "bge-small-zh-v1.5" : "bge-small-en-v1.5";
    var places = new int[2];
    try (Encoder encoder =
        Encoder.open(ModelStore.standard().open(model, Progress.NONE, Cancel.create()))) {
      long start = System.nanoTime();
      EncodedStream whole =
          encoder.encodeStream(
              new Text(arguments[1], Integer.parseInt(arguments[2])),
              request.withSentence(true).withLayers(Layers.of(0)),
              part -> {
                if (part.span().start() < places[0]) {
                  throw new IllegalStateException("out of order: " + part.span());
                }
                places[0] = part.span().start();
                places[1] = part.span().end();
              },
              Cancel.create());
      long peak =
          ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getType() == MemoryType.HEAP)
              .map(MemoryPoolMXBean::getPeakUsage)
              .mapToLong(usage -> usage.getUsed())
              .sum();
      System.out.printf(
          Locale.ROOT,
          "characters %d tokens %d windows %d words %d passages %d last %d cuts %d warned %d"
              + " megabytes %d seconds %d%n",
          whole.characters(),
          whole.tokens(),
          whole.windows(),
          whole.words(),
          whole.passages(),
          places[1],
          whole.forcedCuts().size(),
          whole.warnings().stream().mapToInt(String::length).sum(),
          peak >> 20,
          (System.nanoTime() - start) / 1_000_000_000);
    }
  }

  /** Made up as it is read. */
  private static final class Text extends Reader {
    private static final String[] ENGLISH =
        ("the river bank of a city lends money while people walk along water and trees in green"
                + " fields. Nobody knew, of course, why it was unbelievable. They said: never!\n")
            .split("(?<= )");
    private static final String[] CHINESE = {"他在河边的银行里", "打电话给朋友们，", "没有人知道为什么。", "城市的人们", "沿着水走，"};

    private final String[] parts;
    private final Random random = new Random(1);
    private int left;
    private String part = "";
    private int at;

    Text(String kind, int length) {
      this.parts =
          switch (kind) {
            case "english" -> ENGLISH;
            case "chinese" -> CHINESE;
            case "spaceless" -> new String[] {"ab", "river", "x"};
            default -> throw new IllegalArgumentException(kind);
          };
      this.left = length;
    }

    @Override
    public int read(char[] to, int from, int length) {
      if (left == 0) {
        return -1;
      }
      int n = 0;
      while (n < length && left > 0) {
        if (at == part.length()) {
          part = parts[random.nextInt(parts.length)];
          at = 0;
        }
        to[from + n++] = part.charAt(at++);
        left--;
      }
      return n;
    }

    @Override
    public void close() {}
  }
}
