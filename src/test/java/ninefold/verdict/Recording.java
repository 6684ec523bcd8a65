package ninefold.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import ninefold.description.Cluster;
import ninefold.description.Node;

/** The recorded facts of a healthy cluster. A test changes them and evaluates them again. */
final class Recording {
  private static final Path FOLDER = Path.of("src/test/resources/verdict/healthy");
  private static final Duration ONE_WAY = Duration.ofMillis(100);
  static final ObjectMapper MAPPER = new ObjectMapper();

  private final Cluster cluster;
  private final Map<String, JsonNode> answers = new LinkedHashMap<>();
  private final Map<String, Double> asked = new TreeMap<>();
  private final Map<String, String> silent = new TreeMap<>();
  private final Map<String, String> names = new TreeMap<>();

  private Recording(Cluster cluster) {
    this.cluster = cluster;
  }

  /** The recorded answers of the description's nodes. */
  static Recording of(Cluster cluster) {
    Recording recording = new Recording(cluster);
    for (Node node : cluster.nodes()) {
      JsonNode answer = read(FOLDER.resolve(node.name() + ".json"));
      recording.answers.put(node.name(), answer);
      recording.asked.put(node.name(), answer.get("time").doubleValue());
    }
    recording.name();
    return recording;
  }

  private static JsonNode read(Path file) {
    try {
      return MAPPER.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Finds which machine has which part, so that tests need not name machines. */
  private void name() {
    JsonNode members = answers.get("postgres1").at("/patroni/members/members");
    String leader = first(members, member -> member.path("role").asText().equals("leader"));
    String sync = first(members, member -> member.path("role").asText().equals("sync_standby"));
    names.put("leader", leader);
    names.put("sync", sync);
    names.put(
        "other", first(members, it -> !List.of(leader, sync).contains(it.path("name").asText())));
    names.put("otherAddress", address(names.get("other")));
    names.put("holder", firstNode(it -> it.at("/keepalived/holds").asBoolean()));
    names.put(
        "spare", firstNode(it -> it.has("keepalived") && !it.at("/keepalived/holds").asBoolean()));
    names.put("etcd", firstNode(it -> it.has("etcd")));
    names.put("etcdId", answers.get(names.get("etcd")).at("/etcd/id").asText());
  }

  private String address(String node) {
    return cluster.nodes().stream()
        .filter(it -> it.name().equals(node))
        .map(Node::address)
        .findFirst()
        .orElseThrow();
  }

  private static String first(JsonNode members, Predicate<JsonNode> wanted) {
    return StreamSupport.stream(members.spliterator(), false)
        .filter(wanted)
        .map(member -> member.path("name").asText())
        .findFirst()
        .orElseThrow();
  }

  private String firstNode(Predicate<JsonNode> wanted) {
    return answers.entrySet().stream()
        .filter(entry -> wanted.test(entry.getValue()))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  /** Replaces {@code {leader}} and similar placeholders by machines' names. */
  String named(String text) {
    String named = text;
    for (Map.Entry<String, String> name : names.entrySet()) {
      named = named.replace("{" + name.getKey() + "}", name.getValue());
    }
    return named;
  }

  /** The facts of a machine, as JSON that can be changed. */
  ObjectNode answer(String node) {
    return (ObjectNode) answers.get(node);
  }

  /** The nodes that a pattern matches: a name, or a prefix with an asterisk. */
  List<String> nodes(String word) {
    List<String> nodes =
        answers.keySet().stream()
            .filter(
                name ->
                    word.endsWith("*")
                        ? name.startsWith(word.substring(0, word.length() - 1))
                        : name.equals(word))
            .toList();
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("no node is " + word);
    }
    return nodes;
  }

  /** Makes a machine not answer. */
  void silence(String node) {
    silent.put(node, "no connection in 5 s");
  }

  /** The leader's position in the WAL, bytes. */
  long lsn() {
    return answers.get(names.get("leader")).at("/postgresql/lsn").longValue();
  }

  /** Applies changes in the format of troubles.txt. */
  Recording change(String changes) {
    for (String change : named(changes).split(" ; ", -1)) {
      if (!change.isBlank()) {
        Mutation.parse(change.strip()).apply(this);
      }
    }
    return this;
  }

  /** The answers of the machines. */
  Map<String, Answer> answers() {
    Map<String, Answer> all = new TreeMap<>();
    answers.forEach(
        (node, json) -> {
          if (silent.containsKey(node)) {
            all.put(node, new Answer.Silent(silent.get(node)));
          } else {
            Instant middle = EpochSeconds.of(asked.get(node));
            all.put(
                node,
                new Answer.Received(parse(json), middle.minus(ONE_WAY), middle.plus(ONE_WAY)));
          }
        });
    return all;
  }

  private static Facts parse(JsonNode json) {
    try {
      return Facts.parse(json.toString());
    } catch (UnreadableFactsException e) {
      throw new AssertionError(e);
    }
  }

  /** Evaluates the answers. */
  Verdict verdict() {
    return Verdict.of(cluster, answers());
  }
}
