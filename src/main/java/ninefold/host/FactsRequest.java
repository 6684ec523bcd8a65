package ninefold.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.util.Map;
import java.util.TreeMap;
import ninefold.description.Cluster;
import ninefold.description.Node;

/** The file {@code facts.json}, which parametrizes the collection of facts on a node. */
final class FactsRequest {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private FactsRequest() {}

  static String of(Cluster cluster, Node node, HostRequirements requirements) {
    var watched = requirements.watched();
    var sections = new TreeMap<String, Object>(watched.sections());
    sections.put(
        "machine",
        Map.of("directories", requirements.dataDirectories(), "clock", cluster.time().manage()));
    sections.put("conformity", Map.of("units", watched.units()));
    sections.put("certificates", Map.of("files", watched.certificates()));
    var request = Map.of("cluster", cluster.name(), "node", node.name(), "sections", sections);
    try {
      return JSON.writeValueAsString(request) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write facts.json of " + node.name(), e);
    }
  }
}
