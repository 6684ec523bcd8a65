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

/** The command on what the machines of a healthy cluster answered, and on changes of that. */
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
  void nineMachinesFitOnOneScreen() {
    var run = Run.of(site(), "status");

    assertThat(run.status()).isZero();
    assertThat(run.out().lines()).hasSizeLessThan(30).allMatch(line -> line.length() <= 100);
    Golden.matches("recorded-healthy.txt", run.out());
  }

  /** A replica is off, HAProxy's file was changed by hand, and a backup runs. */
  @Test
  void severalTroublesAreNamedAtOnce() throws IOException {
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

    var run = Run.of(site(), "status");

    assertThat(run.status()).isEqualTo(1);
    Golden.matches("recorded-degraded.txt", run.out());
    assertThat(Run.of(site(), "switchover", "--plan").err()).contains("a backup runs");
    assertThat(Run.of(site(), "restart", replica, "--plan").err())
        .contains("the Patroni of " + replica + " does not answer");
  }

  @Test
  void whereNobodyAnswersNothingIsKnown() {
    machines.clear();

    var run = Run.of(site(), "status");

    assertThat(run.status()).isEqualTo(3);
    assertThat(run.out()).startsWith("containers: unknown").contains("repository");
    assertThat(Run.of(site(), "switchover", "--yes").status()).isEqualTo(4);
  }

  @Test
  void aSwitchoverGoesToTheSynchronousStandby() {
    var site = site();

    assertThat(Run.of(site, "switchover", "--yes").status()).isZero();

    assertThat(site.operated)
        .containsExactly("%1$s: switchover %1$s %2$s".formatted(leader(), standby()));
    assertThat(Run.of(site(), "switchover", "--to", other(), "--plan").err())
        .contains("is no synchronous standby");
  }

  @Test
  void theLockOfAnotherChangeIsSeen() throws IOException {
    for (var etcd : List.of("etcd1", "etcd2", "etcd3")) {
      ((ObjectNode) machines.get(etcd).at("/etcd"))
          .set(
              "locks",
              new ObjectMapper().readTree("[{\"key\": \"/ninefold/containers/disruption/1\"}]"));
    }

    assertThat(Run.of(site(), "restart", "--plan").err()).contains("another change is at work");
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
    throw new AssertionError("nobody is " + role);
  }

  /** Machines that were taken out are silent. */
  private FakeClusterConnection site() {
    var answers = new LinkedHashMap<String, Answer>();
    for (var node : CLUSTER.nodes()) {
      var json = machines.get(node.name());
      answers.put(node.name(), json == null ? new Answer.Silent("no connection") : told(json));
    }
    return new FakeClusterConnection(Observation.of(CLUSTER, answers));
  }

  private static Answer told(ObjectNode json) {
    try {
      var facts = Facts.parse(json.toString());
      return new Answer.Told(facts, facts.at().minusMillis(100), facts.at().plusMillis(100));
    } catch (UnreadableFactsException e) {
      throw new AssertionError(e);
    }
  }
}
