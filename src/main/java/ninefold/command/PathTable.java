package ninefold.command;

import static java.util.stream.Collectors.joining;

import ninefold.command.Palette.Tone;
import ninefold.command.TextTable.Cell;
import ninefold.verdict.ClusterOverview;

/** The client's path on the status screen: virtual address, balancers with their servers, pools. */
final class PathTable {
  private PathTable() {}

  /** The balancer with the virtual address, and how long a write and a read through it took. */
  static String summary(String address, ClusterOverview overview) {
    var holders =
        overview.holders().isEmpty() ? "no balancer" : String.join(" and ", overview.holders());
    var write =
        overview
            .write()
            .map(it -> "a write took " + DisplayFormat.duration(it))
            .orElse("writes fail");
    var read =
        overview.read().map(it -> "a read " + DisplayFormat.duration(it)).orElse("reads fail");
    var from = overview.readFrom().map(node -> " from " + node).orElse("");
    return "%s on %s; %s, %s%s".formatted(address, holders, write, read, from);
  }

  static TextTable balancers(ClusterOverview overview) {
    var table = new TextTable(2).head("balancer", "address", "leader", "replicas", "sessions");
    overview.balancers().forEach(balancer -> table.row(row(balancer)));
    return table;
  }

  private static Cell[] row(ClusterOverview.Balancer balancer) {
    if (!balancer.answers()) {
      return new Cell[] {
        Cell.of(balancer.name()),
        Cell.of(balancer.holds() ? "holds" : "-"),
        new Cell("does not answer", Tone.BAD),
        Cell.of(""),
        Cell.of("")
      };
    }
    return new Cell[] {
      Cell.of(balancer.name()),
      new Cell(balancer.holds() ? "holds" : "-", balancer.holds() ? Tone.STRONG : Tone.PLAIN),
      servers(balancer, "leader"),
      servers(balancer, "replicas"),
      Cell.of("%d of %d".formatted(balancer.sessions(), balancer.limit()))
    };
  }

  /** The servers of a backend that receive clients. */
  private static Cell servers(ClusterOverview.Balancer balancer, String backend) {
    var up =
        balancer.servers().stream()
            .filter(it -> it.backend().equals(backend) && it.up())
            .map(it -> it.sessions() == 0 ? it.name() : it.name() + " (" + it.sessions() + ")")
            .collect(joining(", "));
    return up.isEmpty() ? new Cell("none up", Tone.BAD) : Cell.of(up);
  }

  static TextTable pools(ClusterOverview overview) {
    var table = new TextTable(2).head("pool", "answers", "waiting clients", "");
    overview
        .pools()
        .forEach(
            pool ->
                table.row(
                    Cell.of(pool.node()),
                    pool.answers() ? Cell.of("yes") : new Cell("no", Tone.BAD),
                    new Cell(
                        pool.answers() ? String.valueOf(pool.waiting()) : "?",
                        pool.waiting() > 0 ? Tone.WARN : Tone.PLAIN),
                    Cell.of(
                        pool.waiting() > 0
                            ? "the first for " + DisplayFormat.duration(pool.longest())
                            : "")));
    return table;
  }
}
