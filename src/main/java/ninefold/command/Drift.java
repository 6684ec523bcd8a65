package ninefold.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import ninefold.verdict.ConformityFacts;
import ninefold.verdict.Facts;
import ninefold.verdict.FactsSection;

/**
 * The files that differ from what the stack wrote.
 *
 * @param files the differing files of each node that reported; empty if no file differs
 * @param unknown the nodes that reported nothing about their files
 */
record Drift(Map<String, List<ConformityFacts.Differing>> files, List<String> unknown) {
  /** The number of files that the summary names. */
  private static final int NAMED_FILES = 1;

  /** Makes an immutable copy. */
  Drift {
    unknown = List.copyOf(unknown);
  }

  static Drift of(Observation observation) {
    var files = observation.known(Drift::files);
    var unknown = new ArrayList<>(observation.answers().keySet());
    unknown.removeAll(files.keySet());
    return new Drift(files, unknown);
  }

  private static FactsSection<List<ConformityFacts.Differing>> files(Facts facts) {
    return facts.conformity() instanceof FactsSection.Present<ConformityFacts> present
        ? present.value().files()
        : new FactsSection.Absent<>();
  }

  /** Names the first differing file and the number of the others, in one line. */
  String summary() {
    var places = new ArrayList<String>();
    files.forEach(
        (node, differing) ->
            differing.forEach(it -> places.add("%s %s".formatted(node, it.path()))));
    var named = String.join(", ", places.subList(0, Math.min(NAMED_FILES, places.size())));
    var more = places.size() > NAMED_FILES ? " and " + (places.size() - NAMED_FILES) + " more" : "";
    var found = places.isEmpty() ? "none" : named + more;
    return unknown.isEmpty() ? found : found + "; not known: " + String.join(", ", unknown);
  }

  boolean isEmpty() {
    return files.values().stream().allMatch(List::isEmpty);
  }

  /** Lists each file with its differing lines. */
  List<String> lines(Palette palette) {
    var lines = new ArrayList<String>();
    files.forEach(
        (node, differing) ->
            differing.forEach(
                file -> {
                  lines.add(
                      palette.paint(
                          Palette.Tone.STRONG,
                          "%s: %s (%s)".formatted(node, file.path(), file.problem())));
                  file.lines().forEach(line -> lines.add(palette.paint(tone(line), "  " + line)));
                }));
    if (lines.isEmpty()) {
      lines.add("no file differs from what the stack wrote");
    }
    unknown.forEach(node -> lines.add(palette.paint(Palette.Tone.WARN, node + ": not known")));
    return lines;
  }

  private static Palette.Tone tone(String line) {
    if (line.startsWith("-")) {
      return Palette.Tone.BAD;
    }
    return line.startsWith("+") ? Palette.Tone.GOOD : Palette.Tone.PLAIN;
  }
}
