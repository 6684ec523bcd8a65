package ninefold;

import java.util.ArrayList;
import java.util.List;

/**
 * A bundle as a machine parses it.
 *
 * @param header the lines before the first file
 * @param files the files
 */
record ReceivedBundle(List<String> header, List<File> files) {
  private static final String MARK = "=== ";
  private static final String END = MARK + "end";

  /**
   * A file of the bundle.
   *
   * @param path its path on the machine
   * @param owner its user and group
   * @param mode its mode, as four octal digits
   * @param text its content
   */
  record File(String path, String owner, String mode, String text) {}

  static ReceivedBundle of(String text) {
    var header = new ArrayList<String>();
    var files = new ArrayList<File>();
    var lines = text.lines().toList();
    if (!lines.get(lines.size() - 1).equals(END)) {
      throw new AssertionError("truncated bundle: " + text);
    }
    for (var line : lines.subList(0, lines.size() - 1)) {
      if (line.startsWith(MARK)) {
        var words = line.substring(MARK.length()).split(" ", -1);
        files.add(new File(words[0], words[1], words[2], ""));
      } else if (files.isEmpty()) {
        header.add(line);
      } else {
        var last = files.size() - 1;
        var file = files.get(last);
        files.set(
            last, new File(file.path(), file.owner(), file.mode(), file.text() + line + "\n"));
      }
    }
    return new ReceivedBundle(header, files);
  }
}
