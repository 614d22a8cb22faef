package io.polyseme.usage;

import io.polyseme.sense.PartOfSpeech;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Inflects English words as others are inflected: plurals, verb forms, comparison; by rule, but for
 * the commonest irregular verbs and nouns.
 */
final class EnglishForms {
  private record Irregular(String past, String participle) {}

  private static final Map<String, Irregular> VERBS = new HashMap<>();

  private static final Map<String, String> PLURALS =
      Map.ofEntries(
          Map.entry("man", "men"),
          Map.entry("woman", "women"),
          Map.entry("child", "children"),
          Map.entry("foot", "feet"),
          Map.entry("tooth", "teeth"),
          Map.entry("mouse", "mice"),
          Map.entry("goose", "geese"),
          Map.entry("person", "people"),
          Map.entry("life", "lives"),
          Map.entry("wife", "wives"),
          Map.entry("knife", "knives"),
          Map.entry("leaf", "leaves"),
          Map.entry("shelf", "shelves"),
          Map.entry("half", "halves"),
          Map.entry("wolf", "wolves"),
          Map.entry("sheep", "sheep"),
          Map.entry("fish", "fish"),
          Map.entry("series", "series"),
          Map.entry("species", "species"));

  static {
    String irregular =
        "be was been,have had had,do did done,say said said,go went gone,get got got,make made made,"
            + "know knew known,think thought thought,take took taken,see saw seen,come came come,"
            + "give gave given,find found found,tell told told,become became become,show showed shown,"
            + "leave left left,feel felt felt,put put put,bring brought brought,begin began begun,"
            + "keep kept kept,hold held held,write wrote written,stand stood stood,hear heard heard,"
            + "let let let,mean meant meant,set set set,meet met met,run ran run,pay paid paid,"
            + "sit sat sat,speak spoke spoken,lie lay lain,lead led led,read read read,grow grew grown,"
            + "lose lost lost,fall fell fallen,send sent sent,build built built,draw drew drawn,"
            + "break broke broken,spend spent spent,cut cut cut,rise rose risen,drive drove driven,"
            + "buy bought bought,wear wore worn,choose chose chosen,throw threw thrown,"
            + "catch caught caught,fight fought fought,teach taught taught,eat ate eaten,"
            + "sell sold sold,win won won,seek sought sought,strike struck struck,shake shook shaken,"
            + "hit hit hit,hurt hurt hurt,shoot shot shot,fly flew flown,ride rode ridden,"
            + "swim swam swum,sing sang sung,sink sank sunk,drink drank drunk,steal stole stolen,"
            + "hide hid hidden,bite bit bitten,blow blew blown,forget forgot forgotten,"
            + "wake woke woken,bear bore borne,beat beat beaten,bend bent bent,bind bound bound,"
            + "cast cast cast,cling clung clung,creep crept crept,deal dealt dealt,dig dug dug,"
            + "feed fed fed,flee fled fled,freeze froze frozen,hang hung hung,lay laid laid,"
            + "lend lent lent,light lit lit,ring rang rung,shine shone shone,shut shut shut,"
            + "sleep slept slept,slide slid slid,spin spun spun,split split split,spread spread spread,"
            + "spring sprang sprung,stick stuck stuck,swear swore sworn,sweep swept swept,"
            + "swing swung swung,tear tore torn,weep wept wept,wind wound wound,understand understood"
            + " understood";
    for (String verb : irregular.split(",")) {
      String[] forms = verb.split(" ");
      VERBS.put(forms[0], new Irregular(forms[1], forms[2]));
    }
  }

  private EnglishForms() {}

  /**
   * Puts a lemma into the form in which another word stands.
   *
   * @param form the other word as it is written
   * @param of its lemma
   * @param before the word before it, in lower case; empty for none
   */
  static String like(
      String form, String of, @Nullable PartOfSpeech pos, String before, String lemma) {
    String lower = form.toLowerCase(Locale.ROOT);
    String inflected =
        pos == null || lower.equals(of) ? lemma : inflected(lower, of, pos, before, lemma);
    boolean capital = Character.isUpperCase(form.codePointAt(0));
    return capital
        ? Character.toString(Character.toTitleCase(inflected.codePointAt(0)))
            + inflected.substring(Character.charCount(inflected.codePointAt(0)))
        : inflected;
  }

  private static String inflected(
      String form, String of, PartOfSpeech pos, String before, String lemma) {
    return switch (pos) {
      case NOUN -> last(lemma, EnglishForms::plural);
      case VERB -> {
        // Of a phrase the first word is the verb.
        int space = lemma.indexOf(' ');
        String verb = space < 0 ? lemma : lemma.substring(0, space);
        String rest = space < 0 ? "" : lemma.substring(space);
        yield verb(form, of, before, verb) + rest;
      }
      case ADJECTIVE, ADVERB ->
          form.endsWith("est") ? "most " + lemma : form.endsWith("er") ? "more " + lemma : lemma;
      case OTHER -> lemma;
    };
  }

  private interface Inflection {
    String of(String word);
  }

  private static String last(String phrase, Inflection inflection) {
    int space = phrase.lastIndexOf(' ');
    return phrase.substring(0, space + 1) + inflection.of(phrase.substring(space + 1));
  }

  private static String verb(String form, String of, String before, String verb) {
    if (form.endsWith("ing")) {
      return joined(verb, "ing");
    }
    Irregular other = VERBS.get(of);
    boolean past = other != null ? form.equals(other.past) : form.endsWith("ed");
    boolean participle = other != null && form.equals(other.participle);
    if (!past && !participle) {
      return form.endsWith("s") ? plural(verb) : verb;
    }
    Irregular irregular = VERBS.get(verb);
    if (irregular == null) {
      return joined(verb, "ed");
    }
    boolean done = past && participle || other == null ? HELPERS.contains(before) : participle;
    return done ? irregular.participle : irregular.past;
  }

  private static final java.util.Set<String> HELPERS =
      java.util.Set.of(
          "have", "has", "had", "having", "be", "been", "being", "is", "are", "was", "were", "by");

  /** The plural of a noun, which is also how a verb's third person is written. */
  private static String plural(String word) {
    String irregular = PLURALS.get(word);
    if (irregular != null) {
      return irregular;
    }
    if (word.matches(".*(s|x|z|ch|sh)")) {
      return word + "es";
    }
    return word.matches(".*[^aeiou]y") ? word.substring(0, word.length() - 1) + "ies" : word + "s";
  }

  private static String joined(String verb, String ending) {
    if (verb.endsWith("ie") && ending.equals("ing")) {
      return verb.substring(0, verb.length() - 2) + "ying";
    }
    if (verb.endsWith("e") && !verb.endsWith("ee")) {
      return verb.substring(0, verb.length() - 1) + ending;
    }
    if (verb.matches(".*[^aeiou]y") && ending.equals("ed")) {
      return verb.substring(0, verb.length() - 1) + "ied";
    }
    // A short word of one vowel between consonants doubles the last: stop, stopped.
    boolean doubles = verb.matches("[^aeiou]*[aeiou][^aeiouwxy]");
    return verb + (doubles ? verb.substring(verb.length() - 1) : "") + ending;
  }
}
