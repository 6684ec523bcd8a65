package ninefold.command;

import java.util.Optional;
import ninefold.command.Palette.Tone;
import ninefold.command.TextTable.Cell;
import ninefold.verdict.ClusterOverview.Backup;
import ninefold.verdict.ClusterOverview.Backups;
import ninefold.verdict.ClusterOverview.Window;

/** The lines of the status screen for the backups and the recovery window. */
final class BackupLines {
  private BackupLines() {}

  static Cell backups(Optional<Backups> backups) {
    if (backups.isEmpty()) {
      return new Cell("not known: the repository does not answer", Tone.WARN);
    }
    var all = backups.get();
    if (all.newest().isEmpty()) {
      return new Cell("none" + (all.running() ? "; a backup is running" : ""), Tone.BAD);
    }
    return Cell.of(
        "%d, the newest %s%s%s"
            .formatted(
                all.count(),
                newest(all.newest().get()),
                all.running() ? "; a backup is running" : "",
                waiting(all)));
  }

  private static String newest(Backup backup) {
    return "%s %s, %s ago, %s%s"
        .formatted(
            backup.type(),
            backup.label(),
            DisplayFormat.duration(backup.age()),
            DisplayFormat.bytes(backup.size()),
            backup.error() ? ", contains damaged pages" : "");
  }

  private static String waiting(Backups all) {
    if (all.waiting().isEmpty()) {
      return "";
    }
    var segments = all.waiting().getAsLong();
    return segments == 0 ? "" : "; WAL segments waiting to be archived: " + segments;
  }

  static Cell window(Optional<Backups> backups) {
    var window = backups.flatMap(Backups::window);
    var gaps = backups.map(all -> all.gaps().size()).orElse(0);
    var missing = gaps == 0 ? "" : "; gaps in the WAL archive: " + gaps;
    return window
        .map(it -> new Cell(window(it) + missing, gaps == 0 ? Tone.PLAIN : Tone.WARN))
        .orElse(new Cell("no known time to restore to" + missing, Tone.BAD));
  }

  private static String window(Window window) {
    var until = window.until().map(DisplayFormat::moment).orElse("segment " + window.segment());
    return "any time from %s to %s (UTC)".formatted(DisplayFormat.moment(window.from()), until);
  }
}
