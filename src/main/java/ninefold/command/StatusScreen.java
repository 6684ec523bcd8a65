package ninefold.command;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import ninefold.command.Palette.Tone;
import ninefold.command.TextTable.Cell;
import ninefold.verdict.ClusterOverview;
import ninefold.verdict.ClusterState;
import ninefold.verdict.Effect;
import ninefold.verdict.Finding;

/**
 * The screen of {@code status}: the verdict, the findings, then each part of the cluster.
 *
 * @param observation the observed cluster
 * @param palette its colours
 */
record StatusScreen(Observation observation, Palette palette) {

  List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add(verdict());
    lines.addAll(findings(observation.verdict().findings(), palette));
    if (observation.verdict().state() == ClusterState.UNKNOWN) {
      return lines;
    }
    var overview = observation.verdict().overview();
    lines.add("");
    lines.addAll(MembersTable.of(overview).lines(palette));
    mode(overview, lines);
    lines.add("");
    lines.add("  " + PathTable.summary(observation.cluster().network().virtualAddress(), overview));
    lines.addAll(PathTable.balancers(overview).lines(palette));
    lines.addAll(PathTable.pools(overview).lines(palette));
    lines.add("");
    lines.addAll(rest(overview).lines(palette));
    return lines;
  }

  private String verdict() {
    var verdict = observation.verdict();
    return palette.paint(
        tone(verdict.state()), observation.cluster().name() + ": " + verdict.line());
  }

  static Tone tone(ClusterState state) {
    return switch (state) {
      case HEALTHY -> Tone.GOOD;
      case DEGRADED -> Tone.WARN;
      case NO_WRITES, UNKNOWN -> Tone.BAD;
    };
  }

  /** The findings, the most serious first, each with the next step. */
  static List<String> findings(List<Finding> findings, Palette palette) {
    if (findings.isEmpty()) {
      return List.of();
    }
    var table = new TextTable(2);
    for (var finding : findings) {
      var mark = finding.check().effect() == Effect.NO_WRITES ? Tone.BAD : Tone.WARN;
      table.row(new Cell(finding.check().word(), mark), Cell.of(finding.what()));
      table.row(Cell.of(""), new Cell("next: " + finding.next(), Tone.FAINT));
    }
    var lines = new ArrayList<>(List.of(""));
    lines.addAll(table.lines(palette));
    return lines;
  }

  /** Adds a line for a pause and for a scheduled switchover. */
  private void mode(ClusterOverview overview, List<String> lines) {
    if (overview.paused()) {
      lines.add(
          "  " + palette.paint(Tone.WARN, "paused: if the leader fails, no replica takes over"));
    }
    overview
        .switchover()
        .ifPresent(
            it ->
                lines.add(
                    "  a switchover is scheduled for %s%s"
                        .formatted(
                            Palette.clean(it.at()),
                            it.to().map(to -> ", to " + Palette.clean(to)).orElse(""))));
  }

  private TextTable rest(ClusterOverview overview) {
    var drift = Drift.of(observation);
    var table = new TextTable(2);
    table.row(new Cell("etcd", Tone.FAINT), etcd(overview));
    table.row(new Cell("backups", Tone.FAINT), BackupLines.backups(overview.backups()));
    table.row(new Cell("recovery", Tone.FAINT), BackupLines.window(overview.backups()));
    table.row(new Cell("certificates", Tone.FAINT), certificates(overview));
    table.row(
        new Cell("drift", Tone.FAINT),
        new Cell(
            drift.isEmpty() ? drift.summary() : drift.summary() + " (--drift shows the lines)",
            drift.isEmpty() ? Tone.PLAIN : Tone.WARN));
    return table;
  }

  private static Cell etcd(ClusterOverview overview) {
    var members = overview.etcd().stream().map(StatusScreen::etcd).collect(joining(", "));
    var silent = overview.etcd().stream().anyMatch(it -> !it.answers());
    var largest =
        overview.etcd().stream()
            .filter(it -> it.size().isPresent() && it.quotaPercent().isPresent())
            .max(Comparator.comparingLong(it -> it.size().getAsLong()))
            .map(StatusScreen::share)
            .orElse("");
    return new Cell(members + largest, silent ? Tone.WARN : Tone.PLAIN);
  }

  private static String etcd(ClusterOverview.EtcdMember member) {
    if (!member.answers()) {
      return member.node() + " does not answer";
    }
    return member.node() + (member.leads() ? " (leader)" : "");
  }

  private static String share(ClusterOverview.EtcdMember member) {
    return "; %s, %d %% of the quota"
        .formatted(
            DisplayFormat.bytes(member.size().getAsLong()), member.quotaPercent().getAsInt());
  }

  private static Cell certificates(ClusterOverview overview) {
    return overview.certificates().stream()
        .min(Comparator.comparingLong(ClusterOverview.Certificate::daysLeft))
        .map(
            it ->
                Cell.of(
                    "the first expires in %d d: %s on %s"
                        .formatted(it.daysLeft(), it.service(), it.node())))
        .orElse(Cell.of("not known"));
  }
}
