package ninefold.description.problem;

import java.util.HashMap;
import java.util.Map;

/** The line of each path of a description in its file. */
public final class SourceLines {
  private final Map<String, Integer> lines = new HashMap<>();

  /** Records the line of a path; the first one counts. */
  public void put(String path, int line) {
    lines.putIfAbsent(path, line);
  }

  /** The line of the path, or of what contains it if the key is missing; 0 if unknown. */
  public int of(String path) {
    String at = path;
    while (!at.isEmpty() && !lines.containsKey(at)) {
      at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
    }
    return lines.getOrDefault(at, 0);
  }
}
