package ninefold.command;

import java.util.Optional;
import ninefold.command.Palette.Tone;
import ninefold.command.Table.Cell;
import ninefold.verdict.Picture;

/** The database nodes, one a line. */
final class MembersTable {
  private MembersTable() {}

  static Table of(Picture picture) {
    var table = new Table(2).head("member", "role", "state", "timeline", "lag", "sync", "");
    var leading = picture.members().stream().filter(it -> leads(it)).findFirst();
    picture.members().forEach(member -> table.row(row(member, leading)));
    return table;
  }

  private static Cell[] row(Picture.Member member, Optional<Picture.Member> leader) {
    var behind = leader.filter(it -> it.timeline().isPresent()).map(Picture.Member::timeline);
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

  static boolean leads(Picture.Member member) {
    return member.role().equals("leader");
  }

  static boolean well(Picture.Member member) {
    return member.state().equals(leads(member) ? "running" : "streaming");
  }

  /** Patroni writes {@code sync_standby}. */
  private static String role(String word) {
    return word.replace('_', ' ');
  }

  private static String number(Picture.Member member) {
    return member.timeline().isPresent() ? String.valueOf(member.timeline().getAsLong()) : "?";
  }

  private static String lag(Picture.Member member) {
    return member.lag().isPresent() ? Figures.bytes(member.lag().getAsLong()) : "?";
  }
}
