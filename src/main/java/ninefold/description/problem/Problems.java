package ninefold.description.problem;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Collects the problems of a description. A path that was refused once is not refused again. */
public final class Problems {
  private final List<Problem> problems = new ArrayList<>();
  private final Set<String> paths = new HashSet<>();
  private final Set<String> guesses = new HashSet<>();

  /** Adds a problem, unless an earlier stage already refused the path. */
  public void add(String path, String found, String remedy) {
    if (!paths.contains(path)) {
      problems.add(new Problem(path, found, remedy));
    }
  }

  /** Ends a stage: later stages skip the paths that it refused. */
  public void endStage() {
    problems.forEach(problem -> paths.add(problem.path()));
  }

  /** Records that the value at a path is now a guess at what was meant. */
  public void guessed(String path) {
    guesses.add(path.replaceAll("\\d+", ""));
  }

  /** Whether no value below these paths is a guess; {@code nodes[].name} stands for every node. */
  public boolean hasNoGuess(List<String> prefixes) {
    return guesses.stream().noneMatch(path -> prefixes.stream().anyMatch(path::startsWith));
  }

  /** Whether there is no problem. */
  public boolean isEmpty() {
    return problems.isEmpty();
  }

  /** The problems in the order of the file. */
  public List<Problem> inOrder(SourceLines lines) {
    return problems.stream()
        .sorted(Comparator.comparingInt(problem -> lines.of(problem.path())))
        .toList();
  }
}
