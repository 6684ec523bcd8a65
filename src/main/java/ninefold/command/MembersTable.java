package ninefold.command;

import java.util.Optional;
import ninefold.command.Palette.Tone;
import ninefold.command.TextTable.Cell;
import ninefold.verdict.ClusterOverview;

/** The table of the database nodes on the status screen. */
final class MembersTable {
  private MembersTable() {}

  static TextTable of(ClusterOverview picture) {
    var table = new TextTable(2).head("member", "role", "state", "timeline", "lag", "sync", "");
    var leading = picture.members().stream().filter(it -> leads(it)).findFirst();
    picture.members().forEach(member -> table.row(row(member, leading)));
    return table;
  }

  private static Cell[] row(
      ClusterOverview.Member member, Optional<ClusterOverview.Member> leader) {
    var behind =
        leader.filter(it -> it.timeline().isPresent()).map(ClusterOverview.Member::timeline);
    var apart = behind.isPresent() && !behind.get().equals(member.timeline());
    return new Cell[] {
      Cell.of(member.name()),
      new Cell(role(member.role()), leads(member) ? Tone.STRONG : Tone.PLAIN),
      new Cell(member.state(), well(member) ? Tone.PLAIN : Tone.BAD),
      new Cell(number(member), apart ? Tone.WARN : Tone.PLAIN),
      Cell.of(leads(member) ? "" : lag(member)),
      Cell.of(member.sync().orElse("")),
      new Cell(member.pendingRestart() ? "restart pending" : "", Tone.WARN)
    };
  }

  static boolean leads(ClusterOverview.Member member) {
    return member.role().equals("leader");
  }

  static boolean well(ClusterOverview.Member member) {
    return member.state().equals(leads(member) ? "running" : "streaming");
  }

  /** Patroni's role without underscores, as in {@code sync standby}. */
  private static String role(String word) {
    return word.replace('_', ' ');
  }

  private static String number(ClusterOverview.Member member) {
    return member.timeline().isPresent() ? String.valueOf(member.timeline().getAsLong()) : "?";
  }

  private static String lag(ClusterOverview.Member member) {
    return member.lag().isPresent() ? DisplayFormat.bytes(member.lag().getAsLong()) : "?";
  }
}
