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

/** Every section of the facts, and every part of one, is reported if it is missing. */
class CompletenessTest {
  private static final Cluster CLUSTER = DescriptionReader.read(Descriptions.stack("containers"));

  /** Parts that no check needs. */
  private static final Set<String> OPTIONAL = Set.of("etcd.locks");

  /** Every part that a machine of the recording reported, as in {@code etcd1 etcd.members}. */
  static List<String> parts() {
    Recording recording = Recording.of(CLUSTER);
    List<String> parts = new ArrayList<>();
    for (String node : recording.nodes("*")) {
      recording
          .answer(node)
          .properties()
          .forEach(
              section -> {
                if (section.getValue().isContainerNode()) {
                  parts.add(node + " " + section.getKey());
                }
                section
                    .getValue()
                    .properties()
                    .forEach(
                        part -> {
                          String path = section.getKey() + "." + part.getKey();
                          if (part.getValue().isContainerNode() && !OPTIONAL.contains(path)) {
                            parts.add(node + " " + path);
                          }
                        });
              });
    }
    // A replica has no replicas of its own.
    parts.removeIf(
        it -> it.endsWith(" postgresql.replicas") && !it.startsWith(recording.named("{leader} ")));
    return parts;
  }

  @ParameterizedTest
  @MethodSource("parts")
  void partThatCouldNotBeCollected_isReported(String part) {
    assertReported(part + " = {\"error\": \"timeout\"}", part);
  }

  @ParameterizedTest
  @MethodSource("parts")
  void absentPart_isReported(String part) {
    assertReported(part + " delete", part);
  }

  private static void assertReported(String change, String part) {
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
