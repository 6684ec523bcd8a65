package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import ninefold.Descriptions;
import ninefold.description.Cluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresqlParametersTest {
  @ParameterizedTest
  @CsvSource({"512MiB, 128MB, 384MB", "4GiB, 1024MB, 3072MB", "64GiB, 16384MB, 49152MB"})
  void cachesFollowTheMemory(String memory, String buffers, String cache) {
    assertThat(parameters(memory, ""))
        .containsEntry("shared_buffers", buffers)
        .containsEntry("effective_cache_size", cache)
        .containsEntry("max_connections", "100");
  }

  @Test
  void requiredParametersAreSet() {
    assertThat(parameters("4GiB", ""))
        .containsEntry("wal_level", "replica")
        .containsEntry("wal_log_hints", "on")
        .containsEntry("archive_mode", "on")
        .containsEntry("password_encryption", "scram-sha-256")
        .hasEntrySatisfying(
            "archive_command", command -> assertThat(command).endsWith("/pgbackrest-push trio %p"));
  }

  @Test
  void describedParametersOverride() {
    var parameters =
        parameters(
            "4GiB",
            """
            postgresql:
              maxConnections: 250
              parameters: {shared_buffers: 512MB, work_mem: 8MB, jit: off}
            """);

    assertThat(parameters)
        .containsEntry("max_connections", "250")
        .containsEntry("shared_buffers", "512MB")
        .containsEntry("work_mem", "8MB")
        .containsEntry("jit", "off")
        .containsEntry("effective_cache_size", "3072MB");
  }

  @Test
  void pgauditIsAddedToDescribedLibraries() {
    var audited =
        "postgresql: {audit: ddl, parameters: {shared_preload_libraries: 'auto_explain, pgaudit'}}";

    assertThat(preloaded(audited)).isEqualTo("auto_explain,pgaudit");
    assertThat(preloaded(audited.replace(", pgaudit", ""))).isEqualTo("auto_explain,pgaudit");
    assertThat(preloaded(audited.replace("audit: ddl, ", ""))).isEqualTo("auto_explain, pgaudit");
    assertThat(preloaded("postgresql: {audit: ddl}")).isEqualTo("pg_stat_statements,pgaudit");
  }

  @Test
  void abandonedSessionsEnd_unlessDescribedOtherwise() {
    assertThat(parameters("4GiB", ""))
        .containsEntry("idle_in_transaction_session_timeout", "10min")
        .containsEntry("client_connection_check_interval", "10s");
    assertThat(
            parameters(
                "4GiB", "postgresql: {parameters: {idle_in_transaction_session_timeout: 1h}}"))
        .containsEntry("idle_in_transaction_session_timeout", "1h");
  }

  private static String preloaded(String settings) {
    return parameters("4GiB", settings).get("shared_preload_libraries");
  }

  @ParameterizedTest
  @CsvSource({"fast, 5s", "normal, 10s", "wide, 30s"})
  void walSenderTimeoutFollowsFailover(String failover, String timeout) {
    assertThat(parameters("4GiB", "failover: " + failover))
        .containsEntry("wal_sender_timeout", timeout)
        .containsEntry("wal_receiver_timeout", timeout);
  }

  @ParameterizedTest
  @CsvSource({"2, 10", "3, 10", "4, 12", "8, 20"})
  void walSendersFollowTheNumberOfNodes(int nodes, String senders) {
    assertThat(PostgresqlParameters.of(databaseNodes(nodes, "{}")))
        .containsEntry("max_wal_senders", senders)
        .containsEntry("max_replication_slots", senders);
  }

  @Test
  void describedWalSendersOverride() {
    assertThat(PostgresqlParameters.of(databaseNodes(8, "{max_wal_senders: '40'}")))
        .containsEntry("max_wal_senders", "40")
        .containsEntry("max_replication_slots", "20");
  }

  @ParameterizedTest
  @CsvSource({"0, 10", "2, 10", "3, 11", "10, 18"})
  void walSendersFollowDescribedSlots(int slots, String senders) {
    var text = new StringBuilder("postgresql: {slots: [");
    for (int i = 0; i < slots; i++) {
      text.append("{name: s%d, type: physical}, ".formatted(i));
    }

    assertThat(parameters("4GiB", text + "]}"))
        .containsEntry("max_wal_senders", senders)
        .containsEntry("max_replication_slots", senders);
  }

  /** Patroni drops slots that are not listed, and the step replaces manual changes. */
  @Test
  void slotsAreInDynamicConfiguration() {
    var cluster =
        Descriptions.three(
            "4GiB",
            """
            databases: [{name: app, owner: app}]
            postgresql:
              parameters: {wal_level: logical}
              slots:
                - {name: changes, type: logical, database: app, plugin: pgoutput}
                - {name: '1', type: physical}
              ignoreSlots:
                - {name: theirs, type: physical}
                - {plugin: wal2json}
            """);

    assertThat(Patroni.dynamic(cluster))
        .contains(
            """
            slots:
              "changes":
                type: "logical"
                database: "app"
                plugin: "pgoutput"
              "1":
                type: "physical"
            ignore_slots:
              - name: "theirs"
                type: "physical"
              - plugin: "wal2json"
            postgresql:
            """);
    assertThat(Patroni.dynamic(Descriptions.three("4GiB", ""))).doesNotContain("slots:\n  ");
  }

  private static Cluster databaseNodes(int count, String parameters) {
    var nodes = new StringBuilder();
    for (int i = 1; i <= count; i++) {
      nodes.append("  - {name: p%1$d, address: 10.0.0.%1$d, roles: [postgres]}%n".formatted(i));
    }
    return Descriptions.cluster(
        """
        name: many
        network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.99}
        postgresql: {parameters: %s}
        machines: {kind: given}
        nodes:
          - {name: e1, address: 10.0.0.21, roles: [etcd, balancer]}
          - {name: e2, address: 10.0.0.22, roles: [etcd, balancer]}
          - {name: e3, address: 10.0.0.23, roles: [etcd]}
          - {name: r, address: 10.0.0.24, roles: [repository]}
        %s
        """
            .formatted(parameters, nodes));
  }

  private static Map<String, String> parameters(String memory, String more) {
    return PostgresqlParameters.of(Descriptions.three(memory, more));
  }
}
