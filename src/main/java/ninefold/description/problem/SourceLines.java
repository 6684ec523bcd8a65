package ninefold.description.problem;

import java.util.HashMap;
import java.util.Map;

/** On which line of its file each path of a description stands. */
public final class SourceLines {
  private final Map<String, Integer> lines = new HashMap<>();

  /** Records the line of a path; the first one counts. */
  public void put(String path, int line) {
    lines.putIfAbsent(path, line);
  }

  /** The line of the path, or of what it lies in: a missing key has no line of its own; else 0. */
  public int of(String path) {
    String at = path;
    while (!at.isEmpty() && !lines.containsKey(at)) {
      at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
    }
    return lines.getOrDefault(at, 0);
  }
}
