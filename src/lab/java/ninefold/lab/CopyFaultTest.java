package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Copies beside the cluster whose command is interrupted, or whose target is hard to find. */
@Tag("backups-long")
final class CopyFaultTest extends ChangeSuite {
  private static final int DONE = 0;
  private static final int FAILED = 1;
  private static final String COPY = "/var/lib/postgresql/ninefold-copy";
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final Duration BACKUP_WITHIN = Duration.ofMinutes(2);

  private final LiveCluster cluster = new LiveCluster(LAB, StackOutputs.of(LAB));

  @BeforeEach
  void awaitHealthyCluster() {
    cluster.awaitHealthy();
  }

  @AfterEach
  void removeCopies() {
    OperatorCommand.run("copy", "--remove").ended(DONE);
  }

  @Test
  void killedCommand_doesNotEndTheRestore() {
    var node = cluster.replicas().get(0);
    var command =
        new ProcessBuilder("./ninefold", "copy", "--to", "latest", "--node", node)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    command.environment().put("NINEFOLD_PULUMI", Lab.COMMAND + " containers pulumi");
    killAfter(command, "restoring backup");

    Eventually.holds(
        "the copy is ready",
        READY_WITHIN,
        () -> {
          var progress = LAB.ssh(node, "cat " + COPY + "/progress");
          return progress.contains("+ the copy is ready")
              ? Optional.empty()
              : Optional.of(progress);
        });

    assertThat(LAB.ssh(node, "systemctl is-active ninefold-copy")).isEqualTo("active");
  }

  /** pgBackRest cannot tell that the newest backup is later than the transaction. */
  @Test
  void transactionBeforeTheNewestBackup_isFoundInAnOlderOne() {
    var leader = cluster.leader();
    cluster.sql(leader, "postgres", "CREATE TABLE ninefold.before_backup (id int)");
    try {
      var transaction =
          cluster.sql(
              leader,
              "postgres",
              "WITH added AS (INSERT INTO ninefold.before_backup VALUES (1) RETURNING id)"
                  + " SELECT pg_current_xact_id() FROM added");
      cluster.sql(leader, "postgres", "INSERT INTO ninefold.before_backup VALUES (2)");
      LAB.ssh("repository", BACKUP_WITHIN, "systemctl start pgbackrest-backup@full");

      var output =
          OperatorCommand.run("copy", "--to", "xid:" + transaction, "--node", leader)
              .ended(DONE)
              .output();

      assertThat(output).contains("does not lead to the target: trying an older one");
      assertThat(
              LAB.ssh(
                  leader,
                  "cd /; runuser -u postgres -- psql -XAtq -h "
                      + COPY
                      + " -p 5499 -d postgres -c 'SELECT id FROM ninefold.before_backup'"))
          .isEqualTo("1");
    } finally {
      cluster.sql(leader, "postgres", "DROP TABLE ninefold.before_backup");
    }
  }

  @Test
  void transactionThatDoesNotExist_failsAndLeavesNothing() {
    var node = cluster.replicas().get(0);

    var output =
        OperatorCommand.run("copy", "--to", "xid:4000000000", "--node", node).ended(FAILED);

    assertThat(output.output()).contains("recovery ended before configured recovery target");
    assertThat(LAB.ssh(node, "ls -d " + COPY + " 2>/dev/null || true")).isEmpty();
  }

  /** Ends the command by a signal that it cannot handle, once it has printed this text. */
  private static void killAfter(ProcessBuilder command, String text) {
    try {
      var process = command.start();
      try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.contains(text)) {
            process.destroyForcibly();
            return;
          }
        }
      }
      throw new AssertionError("the command has ended without: " + text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
