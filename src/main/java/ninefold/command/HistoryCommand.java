package ninefold.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.concurrent.Callable;
import ninefold.ssh.CommandOutcome;
import picocli.CommandLine.Command;

/** {@code ninefold history}. */
@Command(
    name = "history",
    description = "Lists the changes of the leader that Patroni has recorded, the oldest first.")
final class HistoryCommand implements Callable<Integer> {
  private final RootCommand root;

  HistoryCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    try (var connection = root.connect()) {
      var outcome = connection.history();
      if (outcome instanceof CommandOutcome.Ended ended && ended.status() == 0) {
        root.console().print(table(ended.output()).lines(root.console().palette()));
        return ExitCode.DONE;
      }
      return failed(reason(outcome));
    } catch (JsonProcessingException e) {
      return failed("the answer of Patroni cannot be read: " + e.getOriginalMessage());
    }
  }

  private int failed(String reason) {
    var err = root.console().err();
    err.println("ninefold: no database node returned Patroni's history: " + Palette.clean(reason));
    err.println("  look at: ./ninefold status");
    err.flush();
    return ExitCode.FAILED;
  }

  private static String reason(CommandOutcome outcome) {
    return outcome instanceof CommandOutcome.Unreached unreached
        ? unreached.reason()
        : ((CommandOutcome.Ended) outcome).errors().strip();
  }

  /** Formats Patroni's history: each entry is timeline, LSN, reason, time and new leader. */
  static TextTable table(String json) throws JsonProcessingException {
    var table = new TextTable(0).head("timeline", "end LSN", "time", "new leader", "reason");
    for (JsonNode change : new ObjectMapper().readTree(json)) {
      table.row(
          change.path(0).asText(),
          lsn(change.path(1).asLong()),
          change.path(3).asText("?"),
          change.path(4).asText("?"),
          change.path(2).asText());
    }
    return table;
  }

  /** Formats an LSN as PostgreSQL does. */
  private static String lsn(long bytes) {
    return "%X/%X".formatted(bytes >>> 32, bytes & 0xFFFFFFFFL);
  }
}
