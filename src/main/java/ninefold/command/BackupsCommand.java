package ninefold.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import ninefold.command.TextTable.Cell;
import ninefold.verdict.BackupFacts;
import ninefold.verdict.ClusterOverview;
import ninefold.verdict.ClusterOverview.Backups;
import ninefold.verdict.Facts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ninefold backups}. */
@Command(
    name = "backups",
    description =
        "Lists the backups, the oldest first: size, age, source, why each is kept, and to which"
            + " times the cluster can be restored.")
final class BackupsCommand implements Callable<Integer> {
  private static final double MILLIS = 1e3;

  private final RootCommand root;

  @Option(names = "--json", description = "Prints one JSON object, for programs.")
  private boolean json;

  BackupsCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    try (var connection = root.connect()) {
      var observation = connection.observe();
      var facts =
          observation.known(Facts::backups).entrySet().stream()
              .filter(it -> it.getValue().backups().known().isPresent())
              .findFirst();
      if (facts.isEmpty()) {
        var err = root.console().err();
        err.println("ninefold: the repository did not report its backups");
        err.println("  look at: ./ninefold status");
        err.flush();
        return ExitCode.FAILED;
      }
      print(observation, facts.get());
      return ExitCode.DONE;
    }
  }

  private void print(Observation observation, Map.Entry<String, BackupFacts> facts) {
    var overview = observation.verdict().overview().backups();
    var now = observation.facts(facts.getKey()).orElseThrow().at();
    if (json) {
      root.console().print(json(facts.getValue(), overview, now).toPrettyString());
      return;
    }
    root.console().print(table(facts.getValue(), now).lines(root.console().palette()));
    root.console().print("");
    var window = new TextTable(0).row(Cell.of("Recovery window"), BackupLines.window(overview));
    root.console().print(window.lines(root.console().palette()));
  }

  private static List<BackupFacts.Backup> sorted(BackupFacts facts) {
    return facts.backups().known().orElse(List.of()).stream()
        .sorted(Comparator.comparingDouble(BackupFacts.Backup::begin))
        .toList();
  }

  private static TextTable table(BackupFacts facts, Instant now) {
    var table =
        new TextTable(0)
            .head("backup", "type", "ended (UTC)", "age", "took", "data", "added", "from", "kept");
    for (var backup : sorted(facts)) {
      table.row(
          backup.label(),
          backup.type(),
          DisplayFormat.moment(ended(backup)),
          DisplayFormat.duration(Duration.between(ended(backup), now)),
          DisplayFormat.duration(took(backup)),
          DisplayFormat.bytes(backup.size()),
          DisplayFormat.bytes(backup.stored()),
          backup.source().map(it -> it.node() + " (" + it.role() + ")").orElse("-"),
          kept(backup, facts));
    }
    return table;
  }

  private static String kept(BackupFacts.Backup backup, BackupFacts facts) {
    var damaged = backup.error() ? "; contains damaged pages" : "";
    if (!backup.type().equals("full")) {
      return "with " + backup.label().replaceFirst("_.*", "") + damaged;
    }
    var reasons = backup.kept().isEmpty() ? "expires next" : String.join(", ", backup.kept());
    return reasons + (continuous(backup, facts) ? "" : "; only to its own end") + damaged;
  }

  private static boolean continuous(BackupFacts.Backup backup, BackupFacts facts) {
    return facts.continuousBackups().contains(backup);
  }

  private static Instant ended(BackupFacts.Backup backup) {
    return Instant.ofEpochMilli(Math.round(backup.end() * MILLIS));
  }

  private static Duration took(BackupFacts.Backup backup) {
    return Duration.ofMillis(Math.round((backup.end() - backup.begin()) * MILLIS));
  }

  private static ObjectNode json(BackupFacts facts, Optional<Backups> overview, Instant now) {
    var root = JsonNodeFactory.instance.objectNode();
    root.put("stanza", facts.stanza());
    root.put("at", now.toString());
    root.put("running", facts.running());
    var backups = root.putArray("backups");
    sorted(facts).forEach(backup -> json(backups, backup, facts, now));
    window(root, overview.flatMap(Backups::window));
    var gaps = root.putArray("gaps");
    overview.map(Backups::gaps).orElse(List.of()).forEach(gap -> gap(gaps, gap));
    return root;
  }

  private static void json(
      ArrayNode backups, BackupFacts.Backup backup, BackupFacts facts, Instant now) {
    var node = backups.addObject();
    node.put("label", backup.label());
    node.put("type", backup.type());
    node.put("ended", ended(backup).toString());
    node.put("ageSeconds", Duration.between(ended(backup), now).toSeconds());
    node.put("durationSeconds", took(backup).toSeconds());
    node.put("sizeBytes", backup.size());
    node.put("addedBytes", backup.stored());
    node.put("source", backup.source().map(BackupFacts.Source::node).orElse(null));
    node.put("sourceRole", backup.source().map(BackupFacts.Source::role).orElse(null));
    var kept = node.putArray("kept");
    backup.kept().forEach(kept::add);
    node.put("continuous", continuous(backup, facts));
    node.put("error", backup.error());
  }

  private static void window(ObjectNode root, Optional<ClusterOverview.Window> window) {
    if (window.isEmpty()) {
      root.putNull("window");
      return;
    }
    root.putObject("window")
        .put("from", window.get().from().toString())
        .put("until", window.get().until().map(Instant::toString).orElse(null))
        .put("segment", window.get().segment());
  }

  private static void gap(ArrayNode gaps, ClusterOverview.Gap gap) {
    gaps.addObject()
        .put("first", gap.first())
        .put("last", gap.last())
        .put("segments", gap.segments());
  }
}
