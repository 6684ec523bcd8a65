package ninefold.command;

import java.util.ArrayList;
import java.util.List;
import ninefold.command.Palette.Tone;

/** A table with aligned columns. The last column is not padded, so it may be long. */
final class TextTable {
  private static final String GAP = "  ";

  private final String indent;
  private final List<List<Cell>> rows = new ArrayList<>();

  /** Creates a table that is indented by a number of spaces. */
  TextTable(int indent) {
    this.indent = " ".repeat(indent);
  }

  /** A text and its meaning. */
  record Cell(String text, Tone tone) {
    /** A cell without a special meaning. */
    static Cell of(String text) {
      return new Cell(text, Tone.PLAIN);
    }
  }

  /** Adds a row of plain texts. */
  TextTable row(String... texts) {
    return row(List.of(texts).stream().map(Cell::of).toList());
  }

  /** Adds a row. */
  TextTable row(Cell... cells) {
    return row(List.of(cells));
  }

  /** Adds a row of headings. */
  TextTable head(String... texts) {
    return row(List.of(texts).stream().map(it -> new Cell(it, Tone.FAINT)).toList());
  }

  private TextTable row(List<Cell> cells) {
    rows.add(cells);
    return this;
  }

  /** Formats the table. */
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
