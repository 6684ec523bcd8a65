package ninefold.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import ninefold.description.Role;

/**
 * Checks that Patroni's settings in etcd are those that the stack wrote. Patroni stores a pause
 * there too; {@link Check#PAUSED} reports it.
 */
final class ConfigurationChecks {
  private ConfigurationChecks() {}

  static void run(ClusterFacts clusterFacts, Findings findings) {
    Optional<JsonNode> described = first(clusterFacts, PatroniFacts::described);
    Optional<JsonNode> stored = first(clusterFacts, PatroniFacts::configuration);
    if (described.isEmpty() || stored.isEmpty()) {
      return;
    }
    SortedSet<String> keys = new TreeSet<>();
    differing(described.get(), stored.get(), "", keys);
    keys.remove("pause");
    if (!keys.isEmpty()) {
      findings.add(
          Check.CONFIGURATION_DIFFERS,
          "Patroni's settings in etcd differ from the description: " + FindingText.list(keys) + ".",
          "pulumi up writes them again if the description has changed; otherwise"
              + " docs/operations/changing-a-setting.md, Drift");
    }
  }

  private static Optional<JsonNode> first(
      ClusterFacts clusterFacts, Function<PatroniFacts, FactsSection<JsonNode>> part) {
    return clusterFacts
        .answeringNodes(Role.POSTGRES)
        .flatMap(node -> clusterFacts.of(node, Facts::patroni, part).stream())
        .findFirst();
  }

  private static void differing(JsonNode one, JsonNode other, String path, SortedSet<String> keys) {
    if (one.isObject() && other.isObject()) {
      TreeSet<String> names = new TreeSet<>();
      one.fieldNames().forEachRemaining(names::add);
      other.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        String at = path.isEmpty() ? name : path + "." + name;
        differing(one.path(name), other.path(name), at, keys);
      }
    } else if (!same(one, other)) {
      keys.add(path);
    }
  }

  /** Patroni treats a key without a value as absent. */
  private static boolean same(JsonNode one, JsonNode other) {
    if (isNothing(one) || isNothing(other)) {
      return isNothing(one) && isNothing(other);
    }
    if (one.isNumber() && other.isNumber()) {
      return one.decimalValue().compareTo(other.decimalValue()) == 0;
    }
    return one.equals(other);
  }

  private static boolean isNothing(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }
}
