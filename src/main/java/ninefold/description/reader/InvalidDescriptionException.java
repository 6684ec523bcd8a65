package ninefold.description.reader;

import java.util.List;
import java.util.stream.Collectors;
import ninefold.description.problem.Problem;
import ninefold.description.problem.SourceLines;
import ninefold.error.UserErrorException;

/** A description that is not valid, with all its problems. */
public final class InvalidDescriptionException extends UserErrorException {
  private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  InvalidDescriptionException(String file, List<Problem> problems, SourceLines lines) {
    super(
        problems.stream()
            .map(problem -> "  " + problem + place(lines.of(problem.path())))
            .collect(Collectors.joining("\n", heading(file, problems.size()), "")));
    this.problems = List.copyOf(problems);
  }

  /** All problems, in the order of the file. */
  public List<Problem> problems() {
    return problems;
  }

  private static String heading(String file, int count) {
    return "%s: %s; nothing was touched:%n"
        .formatted(file, count == 1 ? "1 problem" : count + " problems");
  }

  private static String place(int line) {
    return line == 0 ? "" : " (line " + line + ")";
  }
}
