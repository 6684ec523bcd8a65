package ninefold.command;

import java.util.Optional;
import ninefold.command.Palette.Tone;
import ninefold.command.TextTable.Cell;
import ninefold.verdict.ClusterOverview;

/** The table of the database nodes on the status screen. */
final class MembersTable {
  private MembersTable() {}

  static TextTable of(ClusterOverview overview) {
    var table = new TextTable(2).head("member", "role", "state", "timeline", "lag", "sync", "");
    var leading = overview.members().stream().filter(it -> isLeader(it)).findFirst();
    overview.members().forEach(member -> table.row(row(member, leading)));
    return table;
  }

  private static Cell[] row(
      ClusterOverview.Member member, Optional<ClusterOverview.Member> leader) {
    var leaderTimeline =
        leader.filter(it -> it.timeline().isPresent()).map(ClusterOverview.Member::timeline);
    var differs = leaderTimeline.isPresent() && !leaderTimeline.get().equals(member.timeline());
    return new Cell[] {
      Cell.of(member.name()),
      new Cell(role(member.role()), isLeader(member) ? Tone.STRONG : Tone.PLAIN),
      new Cell(member.state(), isHealthy(member) ? Tone.PLAIN : Tone.BAD),
      new Cell(number(member), differs ? Tone.WARN : Tone.PLAIN),
      Cell.of(isLeader(member) ? "" : lag(member)),
      Cell.of(member.sync().orElse("")),
      new Cell(member.pendingRestart() ? "restart pending" : "", Tone.WARN)
    };
  }

  static boolean isLeader(ClusterOverview.Member member) {
    return member.role().equals("leader");
  }

  static boolean isHealthy(ClusterOverview.Member member) {
    return member.state().equals(isLeader(member) ? "running" : "streaming");
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
