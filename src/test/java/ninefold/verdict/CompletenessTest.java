package ninefold.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import ninefold.Descriptions;
import ninefold.description.Cluster;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a machine could not collect is found: each section, and each part of one. */
class CompletenessTest {
  private static final Cluster CLUSTER = DescriptionReader.read(Descriptions.stack("containers"));

  /** Parts that no check needs. */
  private static final Set<String> OPTIONAL = Set.of("etcd.locks");

  /** All that a machine of the recording told, as {@code etcd1 etcd.members}. */
  static List<String> told() {
    Recording recording = Recording.of(CLUSTER);
    List<String> told = new ArrayList<>();
    for (String node : recording.nodes("*")) {
      recording
          .answer(node)
          .properties()
          .forEach(
              section -> {
                if (section.getValue().isContainerNode()) {
                  told.add(node + " " + section.getKey());
                }
                section
                    .getValue()
                    .properties()
                    .forEach(
                        part -> {
                          String path = section.getKey() + "." + part.getKey();
                          if (part.getValue().isContainerNode() && !OPTIONAL.contains(path)) {
                            told.add(node + " " + path);
                          }
                        });
              });
    }
    // On a replica nobody streams from it.
    told.removeIf(
        it -> it.endsWith(" postgresql.replicas") && !it.startsWith(recording.named("{leader} ")));
    return told;
  }

  @ParameterizedTest
  @MethodSource("told")
  void isMissedWhereItWasNotCollected(String part) {
    assertMissed(part + " = {\"error\": \"timeout\"}", part);
  }

  @ParameterizedTest
  @MethodSource("told")
  void isMissedWhereNothingIsSaidOfIt(String part) {
    assertMissed(part + " delete", part);
  }

  private static void assertMissed(String change, String part) {
    String node = part.split(" ", 2)[0];
    Verdict verdict = Recording.of(CLUSTER).change(change).verdict();

    assertThat(verdict.findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.node().orElse(node)).isEqualTo(node);
              assertThat(finding.what())
                  .contains(change.endsWith("delete") ? "nothing" : "timeout");
            });
  }
}
