package ninefold.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;

/**
 * A restore of the whole cluster that is under way, as the cluster notes it in etcd.
 *
 * @param id its name, of lower-case letters and digits
 * @param target where recovery ends, in the notation of {@link ninefold.description.RecoveryTarget}
 * @param timeline the timeline whose history recovery follows; before the restore, the cluster was
 *     on it
 * @param labels the backups to restore; the first one from which recovery reaches the target
 * @param node the node that is restored first, and leads afterwards
 * @param former the node that led before, or else the same as {@code node}
 * @param nodes the database nodes that take part
 * @param stage the stage that was begun last
 */
record RestoreState(
    String id,
    String target,
    long timeline,
    List<String> labels,
    String node,
    String former,
    List<String> nodes,
    Stage stage) {

  /** The stages, in order. */
  enum Stage {
    /** Disconnects clients on all nodes. */
    STOP_CLIENTS,
    /** Stops PostgreSQL: first on the replicas, then on the leader. */
    STOP_DATABASES,
    /** Restores the data of one node. */
    RESTORE,
    /** Starts that node under Patroni. */
    LEAD,
    /** Takes a backup. */
    BACKUP,
    /** Restores the other nodes from that backup. */
    REPLICAS,
    /** Lets clients connect. */
    START_CLIENTS;

    /** The name in the cluster's note. */
    String word() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    static Stage of(String word) {
      return valueOf(word.toUpperCase(java.util.Locale.ROOT).replace('-', '_'));
    }
  }

  /** Makes immutable copies. */
  RestoreState {
    labels = List.copyOf(labels);
    nodes = List.copyOf(nodes);
  }

  /** The nodes other than {@link #node}. */
  List<String> others() {
    return nodes.stream().filter(it -> !it.equals(node)).toList();
  }

  RestoreState at(Stage other) {
    return new RestoreState(id, target, timeline, labels, node, former, nodes, other);
  }

  /** Whether the old data of a node may have been replaced already. */
  boolean touched() {
    return stage.compareTo(Stage.RESTORE) >= 0;
  }

  /** The note. It has no quotation mark that a shell interprets within single quotes. */
  String json() {
    var json = new ObjectMapper().createObjectNode();
    json.put("id", id).put("target", target).put("timeline", timeline);
    labels.forEach(json.putArray("labels")::add);
    json.put("node", node).put("former", former);
    nodes.forEach(json.putArray("nodes")::add);
    return json.put("stage", stage.word()).toString();
  }

  /**
   * Reads the note.
   *
   * @throws JsonProcessingException if it is none
   */
  static RestoreState parse(String text) throws JsonProcessingException {
    var json = new ObjectMapper().readTree(text);
    return new RestoreState(
        json.path("id").asText(),
        json.path("target").asText(),
        json.path("timeline").asLong(),
        texts(json.path("labels")),
        json.path("node").asText(),
        json.path("former").asText(),
        texts(json.path("nodes")),
        Stage.of(json.path("stage").asText()));
  }

  static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    array.forEach(it -> texts.add(it.asText()));
    return texts;
  }
}
