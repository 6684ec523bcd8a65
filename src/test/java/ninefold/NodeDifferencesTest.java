package ninefold;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whether a mistake in a further node's file is found, and what is no mistake is not. */
class NodeDifferencesTest {
  private static final NodeDifferences COMPARISON;

  static {
    var nodes = Descriptions.three("4GiB", "").nodes();
    COMPARISON = new NodeDifferences(nodes.get(0), nodes.get(1));
  }

  private static List<String> between(String first, String other) {
    return COMPARISON.of(Map.of("file", first), Map.of("file", other));
  }

  @Test
  void ownAddressAndListsOfAllNodes_areTheSame() {
    assertThat(
            between(
                "listen 10.0.0.1\nallow 10.0.0.1\nallow 10.0.0.2\nall 10.0.0.1 10.0.0.2 10.0.0.3\n",
                "listen 10.0.0.2\nallow 10.0.0.1\nallow 10.0.0.2\nall 10.0.0.1 10.0.0.2 10.0.0.3\n"))
        .isEmpty();
  }

  @Test
  void firstNodesAddressOnAFurtherNode_isReported() {
    assertThat(between("listen 10.0.0.1\n", "listen 10.0.0.1\n"))
        .containsExactly("  file", "    - listen 10.0.0.2", "    + listen 10.0.0.1");
  }

  @Test
  void nodeThatAListLacks_isReported() {
    assertThat(between("all 10.0.0.1 10.0.0.2\n", "all 10.0.0.2\n"))
        .containsExactly("  file", "    - all 10.0.0.2 10.0.0.1", "    + all 10.0.0.2");
  }

  @Test
  void orderOfOtherLines_isReported() {
    assertThat(between("[one]\n[two]\n", "[two]\n[one]\n"))
        .containsExactly("  file", "    (the order of the lines)");
  }

  @Test
  void fileOfOneNode_isReported() {
    assertThat(COMPARISON.of(Map.of("file", "text"), Map.of()))
        .containsExactly("  file: only a has this file");
  }
}
