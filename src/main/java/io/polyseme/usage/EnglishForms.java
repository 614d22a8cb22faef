package io.polyseme.usage;

import io.polyseme.sense.PartOfSpeech;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Inflects English words as others are inflected: plurals, verb forms, comparison; by rule, but for
 * the commonest irregular words. No library does this on the JVM that is still kept.
 */
final class EnglishForms {
  private record Irregular(String past, String participle) {}

  /** Base, past and participle; the latter two are one where there is but one. */
  private static final Map<String, Irregular> VERBS =
      read(
          """
          be was been,have had,do did done,say said,go went gone,get got,make made,know knew known,
          think thought,take took taken,see saw seen,come came come,give gave given,find found,
          tell told,become became become,show showed shown,leave left,feel felt,put put,bring brought,
          begin began begun,keep kept,hold held,write wrote written,stand stood,hear heard,let let,
          mean meant,set set,meet met,run ran run,pay paid,sit sat,speak spoke spoken,lie lay lain,
          lead led,read read,grow grew grown,lose lost,fall fell fallen,send sent,build built,
          draw drew drawn,break broke broken,spend spent,cut cut,rise rose risen,drive drove driven,
          buy bought,wear wore worn,choose chose chosen,throw threw thrown,catch caught,fight fought,
          teach taught,eat ate eaten,sell sold,win won,seek sought,strike struck,shake shook shaken,
          hit hit,hurt hurt,shoot shot,fly flew flown,ride rode ridden,swim swam swum,sing sang sung,
          sink sank sunk,drink drank drunk,steal stole stolen,hide hid hidden,bite bit bitten,
          blow blew blown,forget forgot forgotten,forgive forgave forgiven,wake woke woken,
          bear bore borne,beat beat beaten,bend bent,bind bound,cast cast,cling clung,creep crept,
          deal dealt,dig dug,feed fed,flee fled,freeze froze frozen,hang hung,lay laid,lend lent,
          light lit,ring rang rung,shine shone,shut shut,sleep slept,slide slid,spin spun,split split,
          spread spread,spring sprang sprung,stick stuck,swear swore sworn,sweep swept,swing swung,
          tear tore torn,weep wept,wind wound,understand understood,arise arose arisen,bet bet,
          bleed bled,breed bred,burst burst,cost cost,grind ground,kneel knelt,leap leapt,quit quit,
          rid rid,shed shed,shrink shrank shrunk,sting stung,stink stank stunk,stride strode stridden,
          string strung,strive strove striven,swell swelled swollen,thrust thrust,tread trod trodden,
          weave wove woven,withdraw withdrew withdrawn,overcome overcame overcome,undo undid undone,
          undergo underwent undergone,foresee foresaw foreseen,uphold upheld,withhold withheld,
          withstand withstood,mistake mistook mistaken,undertake undertook undertaken,fling flung
          """);

  private static final Map<String, String> PLURALS =
      Map.ofEntries(
          Map.entry("child", "children"),
          Map.entry("foot", "feet"),
          Map.entry("tooth", "teeth"),
          Map.entry("mouse", "mice"),
          Map.entry("louse", "lice"),
          Map.entry("goose", "geese"),
          Map.entry("ox", "oxen"),
          Map.entry("person", "people"),
          Map.entry("criterion", "criteria"),
          Map.entry("phenomenon", "phenomena"),
          Map.entry("quiz", "quizzes"));

  private static final Pattern UNCHANGED =
      Pattern.compile(
          ".*(sheep|fish|deer|series|species|craft|people|folk|cattle|police|[a-z]ings|news)");
  private static final Pattern MAN =
      Pattern.compile("(?!(hu|ger|ro|sha|otto|nor|cai|talis)man$).*man");
  private static final Pattern F =
      Pattern.compile("(.*(li|wi|kni|lea|shel|hal|wol|cal|el|sel|loa|thie|scar))fe?");

  /** Two-syllable verbs that are stressed on the last, of which the final consonant doubles too. */
  private static final Pattern STRESSED_AT_END =
      Pattern.compile(
          "(ad|com|o|per|sub|re|trans|e)mit|(de|in|re|pre|con|trans)fer|(in|re|oc|con)cur|de(ter|mur)"
              + "|begin|(for|be)get|(re|for)bid|regret|upset|offset|(un|out)wit|allot|abet|abut|rebut"
              + "|(con|pa)trol|(com|dis|ex|im|pro|re)pel|rebel|excel|equip|outrun|unzip|kidnap|quiz");

  private static final Pattern SHORT = Pattern.compile("([^aeiou]|qu)*[aeiou][^aeiouwxy]");
  private static final Pattern O =
      Pattern.compile("(.*(potat|tomat|her|ech|vet|torped|embarg)|(under|out)?g|(over|un)?d)o");

  private static final Map<String, String> COMPARATIVES =
      Map.of(
          "good", "better", "well", "better", "bad", "worse", "far", "farther", "little", "less");
  private static final Map<String, String> SUPERLATIVES =
      Map.of("good", "best", "well", "best", "bad", "worst", "far", "farthest", "little", "least");

  private static final Set<String> HELPERS =
      Set.of(
          "have", "has", "had", "having", "be", "been", "being", "is", "are", "was", "were", "am",
          "by", "get", "gets", "got");

  private static final Pattern BETWEEN =
      Pattern.compile("not|never|also|just|often|always|already|only|since|ever|.+ly");

  private static final Pattern THIRD = Pattern.compile("he|she|it");

  private static final Pattern ARTICLE = Pattern.compile("(?s)((?:.*\\W)?[Aa])n? ");
  private static final Pattern AFTER_AN =
      Pattern.compile(
          "(?i)(?!(eu|uni([^n]|$)|us[aeu]|one|once|ubi|uten|ur[aei]n|ewe))[aeiou].*"
              + "|(hour|honest|honou?r|heir).*");

  private EnglishForms() {}

  /** A text that ends in "a" or "an" and a space, with that of the two which a word wants. */
  static String withArticle(String before, String word) {
    Matcher article = ARTICLE.matcher(before);
    return article.matches()
        ? article.group(1) + (AFTER_AN.matcher(word).matches() ? "n " : " ")
        : before;
  }

  private static Map<String, Irregular> read(String table) {
    var verbs = new HashMap<String, Irregular>();
    for (String verb : table.strip().split(",\\s*")) {
      String[] forms = verb.split(" ");
      verbs.put(forms[0], new Irregular(forms[1], forms[forms.length - 1]));
    }
    return verbs;
  }

  /**
   * Puts a lemma into the form in which another word stands.
   *
   * @param form the other word as it is written
   * @param of its lemma, in lower case
   * @param before the text before it: of the forms that look alike it tells which is meant
   * @param lemma phrases with spaces: of a verb's the first word is inflected, of others' the last
   */
  static String like(
      String form, String of, @Nullable PartOfSpeech pos, String before, String lemma) {
    String lower = form.toLowerCase(Locale.ROOT);
    String inflected =
        pos == null
            ? lemma
            : switch (pos) {
              case NOUN -> lower.equals(of) ? lemma : last(lemma, plural(lastOf(lemma)));
              case VERB -> {
                int space = lemma.indexOf(' ');
                String verb = space < 0 ? lemma : lemma.substring(0, space);
                yield verb(lower, of, before, verb) + lemma.substring(verb.length());
              }
              case ADJECTIVE, ADVERB -> compared(lower, of, pos, lemma);
              case OTHER -> lemma;
            };
    return inCase(form, inflected);
  }

  private static String inCase(String form, String word) {
    if (form.length() > 1 && form.equals(form.toUpperCase(Locale.ROOT))) {
      return word.toUpperCase(Locale.ROOT);
    }
    if (!Character.isUpperCase(form.codePointAt(0))) {
      return word;
    }
    int first = word.codePointAt(0);
    return Character.toString(Character.toTitleCase(first))
        + word.substring(Character.charCount(first));
  }

  private static String lastOf(String phrase) {
    return phrase.substring(phrase.lastIndexOf(' ') + 1);
  }

  private static String last(String phrase, String word) {
    return phrase.substring(0, phrase.lastIndexOf(' ') + 1) + word;
  }

  private static String verb(String form, String of, String before, String verb) {
    String helper = lastButAdverbs(before);
    Irregular other = VERBS.getOrDefault(of, new Irregular(joined(of, "ed"), joined(of, "ed")));
    boolean participle = form.equals(other.participle);
    boolean past = form.equals(other.past) || form.equals("were") || form.endsWith("ed");
    if (form.equals(of)) {
      // He cut, has cut: the present would have an s, or a verb before it no have.
      participle &= HELPERS.contains(helper);
      past &= THIRD.matcher(helper).matches();
    } else if (form.endsWith("ing")) {
      return joined(verb, "ing");
    }
    if (!past && !participle) {
      return form.equals(of) || !form.endsWith("s") ? verb : thirdPerson(verb);
    }
    Irregular irregular = VERBS.get(verb);
    if (irregular == null) {
      return joined(verb, "ed");
    }
    boolean either = past && participle;
    return (either ? HELPERS.contains(helper) : participle) ? irregular.participle : irregular.past;
  }

  private static String lastButAdverbs(String before) {
    String[] words = before.strip().toLowerCase(Locale.ROOT).split("\\s+");
    int last = words.length - 1;
    while (last > 0 && BETWEEN.matcher(words[last]).matches()) {
      last--;
    }
    return words[last];
  }

  private static String thirdPerson(String verb) {
    return switch (verb) {
      case "be" -> "is";
      case "have" -> "has";
      default -> withS(verb);
    };
  }

  static String plural(String noun) {
    String irregular = PLURALS.get(noun);
    if (irregular != null) {
      return irregular;
    }
    if (UNCHANGED.matcher(noun).matches()) {
      return noun;
    }
    if (MAN.matcher(noun).matches()) {
      return noun.substring(0, noun.length() - 2) + "en";
    }
    if (noun.endsWith("sis")) {
      return noun.substring(0, noun.length() - 2) + "es";
    }
    Matcher f = F.matcher(noun);
    return f.matches() ? f.group(1) + "ves" : withS(noun);
  }

  private static String withS(String word) {
    if (word.matches(".*(s|x|z|ch|sh)") || O.matcher(word).matches()) {
      return word + "es";
    }
    return word.matches(".*[^aeiou]y") ? word.substring(0, word.length() - 1) + "ies" : word + "s";
  }

  /** With an ending that begins with a vowel. */
  private static String joined(String word, String ending) {
    int end = word.length() - 1;
    boolean e = ending.startsWith("e");
    if (word.endsWith("ie") && !e) {
      return word.substring(0, end - 1) + "y" + ending;
    }
    if (word.endsWith("e") && (e || !word.matches(".*(ee|oe|ye)|be|s[tw]?inge|tinge"))) {
      return word.substring(0, end) + ending;
    }
    if (word.matches(".*[^aeiou]y") && e) {
      return word.substring(0, end) + "i" + ending;
    }
    if (word.matches(".*[aeiou][aeiou]?c")) {
      return word + "k" + ending; // panicked
    }
    // Stop, stopped; refer, referred; but visit, visited.
    boolean doubles = SHORT.matcher(word).matches() || STRESSED_AT_END.matcher(word).matches();
    return word + (doubles ? word.substring(end) : "") + ending;
  }

  private static String compared(String form, String of, PartOfSpeech pos, String lemma) {
    boolean more = form.equals(COMPARATIVES.get(of)) || !form.equals(of) && form.endsWith("er");
    boolean most = form.equals(SUPERLATIVES.get(of)) || !form.equals(of) && form.endsWith("est");
    if (!more && !most) {
      return lemma;
    }
    String irregular = (most ? SUPERLATIVES : COMPARATIVES).get(lemma);
    if (irregular != null) {
      return irregular;
    }
    // A final e is silent: large has one syllable.
    int syllables = lemma.replaceAll("(?<=[^aeiouy])e$", "").split("[^aeiouy]+").length;
    int heard = lemma.matches("[aeiouy].*") ? syllables : syllables - 1;
    return heard == 1 || heard == 2 && lemma.endsWith("y") && pos == PartOfSpeech.ADJECTIVE
        ? joined(lemma, most ? "est" : "er")
        : (most ? "most " : "more ") + lemma;
  }
}
