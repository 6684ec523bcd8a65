package ninefold.description.problem;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Describes values of a description in messages. */
public final class ProblemText {
  private static final int LONGEST = 60;

  private ProblemText() {}

  /** A value in words. */
  public static String describe(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "a mapping";
      case ARRAY -> "a list";
      case NULL, MISSING -> "no value";
      case STRING -> "the text " + quote(value.textValue());
      default -> value.asText();
    };
  }

  /** A text in quotes, on one line and shortened. */
  public static String quote(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "�");
    return "'" + (line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line) + "'";
  }

  /** The words that are allowed, preceded by the nearest one. */
  public static String didYouMean(String word, List<String> allowed) {
    String all = "allowed: " + String.join(", ", allowed);
    return nearest(word, allowed)
        .map(other -> "did you mean '" + other + "'? (" + all + ")")
        .orElse(all);
  }

  /** The allowed word that was probably meant. */
  public static Optional<String> nearest(String word, Collection<String> allowed) {
    return allowed.stream()
        .filter(other -> distance(word, other) <= tolerance(word))
        .min(Comparator.comparingInt(other -> distance(word, other)));
  }

  private static int tolerance(String word) {
    return word.length() < 4 ? 1 : Math.max(2, word.length() / 3);
  }

  /** The number of letters to change, add or remove to turn one word into the other. */
  static int distance(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }
}
