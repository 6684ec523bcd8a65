package ninefold.command;

import java.util.ArrayList;
import java.util.List;
import ninefold.command.Palette.Tone;

/** Lines whose columns stand one under the other; only the last column may be long. */
final class TextTable {
  private static final String GAP = "  ";

  private final String indent;
  private final List<List<Cell>> rows = new ArrayList<>();

  /** One whose lines begin with so many spaces. */
  TextTable(int indent) {
    this.indent = " ".repeat(indent);
  }

  /** A text and what it means. */
  record Cell(String text, Tone tone) {
    /** A text that means nothing special. */
    static Cell of(String text) {
      return new Cell(text, Tone.PLAIN);
    }
  }

  /** A line of plain texts. */
  TextTable row(String... texts) {
    return row(List.of(texts).stream().map(Cell::of).toList());
  }

  /** A line. */
  TextTable row(Cell... cells) {
    return row(List.of(cells));
  }

  /** A line of headings. */
  TextTable head(String... texts) {
    return row(List.of(texts).stream().map(it -> new Cell(it, Tone.FAINT)).toList());
  }

  private TextTable row(List<Cell> cells) {
    rows.add(cells);
    return this;
  }

  /** The lines. */
  List<String> lines(Palette palette) {
    return rows.stream().map(row -> line(row, palette)).toList();
  }

  private String line(List<Cell> row, Palette palette) {
    var line = new StringBuilder(indent);
    for (int i = 0; i < row.size(); i++) {
      var cell = row.get(i);
      line.append(palette.paint(cell.tone(), cell.text()));
      if (i < row.size() - 1) {
        line.append(" ".repeat(width(i) - cell.text().length())).append(GAP);
      }
    }
    return line.toString().stripTrailing();
  }

  private int width(int column) {
    return rows.stream()
        .filter(row -> column < row.size() - 1)
        .mapToInt(row -> row.get(column).text().length())
        .max()
        .orElse(0);
  }
}
