package ninefold.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ninefold.Descriptions;
import ninefold.description.Cluster;
import ninefold.description.reader.DescriptionReader;
import ninefold.verdict.Answer;
import ninefold.verdict.Facts;
import ninefold.verdict.UnreadableFactsException;
import org.junit.jupiter.api.Test;

/** Commands with the recorded facts of a healthy cluster, and with changes of them. */
class RecordedClusterTest {
  private static final Path ANSWERS = Path.of("src/test/resources/verdict/healthy");
  private static final Cluster CLUSTER = DescriptionReader.read(Descriptions.stack("containers"));

  private final Map<String, ObjectNode> machines = new LinkedHashMap<>();

  RecordedClusterTest() throws IOException {
    for (var node : CLUSTER.nodes()) {
      var text = Files.readString(ANSWERS.resolve(node.name() + ".json"));
      machines.put(node.name(), (ObjectNode) new ObjectMapper().readTree(text));
    }
  }

  @Test
  void nineMachines_fitOnOneScreen() {
    var run = Run.of(connection(), "status");

    assertThat(run.status()).isZero();
    assertThat(run.out().lines()).hasSizeLessThan(30).allMatch(line -> line.length() <= 100);
    Golden.matches("recorded-healthy.txt", run.out());
  }

  /** A replica is off, HAProxy's file was changed by hand, and a backup is running. */
  @Test
  void severalProblems_areReportedTogether() throws IOException {
    var replica = other();
    machines.remove(replica);
    ((ObjectNode) machines.get("haproxy1").at("/conformity"))
        .set(
            "files",
            new ObjectMapper()
                .readTree(
                    """
                    [{"path": "/etc/haproxy/haproxy.cfg", "problem": "changed",
                      "lines": ["-  maxconn 1000", "+  maxconn 100"]}]
                    """));
    ((ObjectNode) machines.get("repository").at("/backups")).put("running", true);

    var run = Run.of(connection(), "status");

    assertThat(run.status()).isEqualTo(1);
    Golden.matches("recorded-degraded.txt", run.out());
    assertThat(Run.of(connection(), "switchover", "--plan").err()).contains("a backup is running");
    assertThat(Run.of(connection(), "restart", replica, "--plan").err())
        .contains("Patroni on " + replica + " does not answer");
  }

  @Test
  void clusterWithoutAnswers_isUnknown() {
    machines.clear();

    var run = Run.of(connection(), "status");

    assertThat(run.status()).isEqualTo(3);
    assertThat(run.out()).startsWith("containers: unknown").contains("repository");
    assertThat(Run.of(connection(), "switchover", "--yes").status()).isEqualTo(4);
  }

  @Test
  void switchover_choosesTheSynchronousReplica() {
    var connection = connection();

    assertThat(Run.of(connection, "switchover", "--yes").status()).isZero();

    assertThat(connection.operated)
        .containsExactly("%1$s: switchover %1$s %2$s".formatted(leader(), standby()));
    assertThat(Run.of(connection(), "switchover", "--to", other(), "--plan").err())
        .contains("is not a synchronous replica");
  }

  @Test
  void lockOfAnotherChange_isNoticed() throws IOException {
    for (var etcd : List.of("etcd1", "etcd2", "etcd3")) {
      ((ObjectNode) machines.get(etcd).at("/etcd"))
          .set(
              "locks",
              new ObjectMapper().readTree("[{\"key\": \"/ninefold/containers/disruption/1\"}]"));
    }

    assertThat(Run.of(connection(), "restart", "--plan").err())
        .contains("another change is running");
  }

  private String leader() {
    return member("leader");
  }

  private String standby() {
    return member("sync_standby");
  }

  private String other() {
    return member("replica");
  }

  private String member(String role) {
    for (JsonNode member : machines.get("postgres1").at("/patroni/members/members")) {
      if (member.path("role").asText().equals(role)) {
        return member.path("name").asText();
      }
    }
    throw new AssertionError("no member is " + role);
  }

  /** Machines without facts do not answer. */
  private FakeClusterConnection connection() {
    var answers = new LinkedHashMap<String, Answer>();
    for (var node : CLUSTER.nodes()) {
      var json = machines.get(node.name());
      answers.put(node.name(), json == null ? new Answer.Silent("no connection") : answer(json));
    }
    return new FakeClusterConnection(Observation.of(CLUSTER, answers));
  }

  private static Answer answer(ObjectNode json) {
    try {
      var facts = Facts.parse(json.toString());
      return new Answer.Received(facts, facts.at().minusMillis(100), facts.at().plusMillis(100));
    } catch (UnreadableFactsException e) {
      throw new AssertionError(e);
    }
  }
}
