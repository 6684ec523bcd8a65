package ninefold.urn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import ninefold.Descriptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that no resource changes its URN unnoticed. */
class UrnListsTest {
  private static final String INTENDED =
      "Then regenerate the lists, also if you add or remove a resource on purpose:\n    "
          + UrnLists.COMMAND;

  static List<String> stacks() {
    return Descriptions.stacks();
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void urnsMatchTheList(String stack) throws IOException {
    var change = UrnChange.between(UrnLists.stored(stack), UrnLists.declared(stack));

    assertThat(change.isNone())
        .withFailMessage(
            () ->
                "the URNs of the stack %s are not those in %s\n%s"
                    .formatted(stack, UrnLists.file(stack), change.explained(INTENDED)))
        .isTrue();
  }

  @Test
  void everyListBelongsToAStack() throws IOException {
    try (var files = Files.list(UrnLists.FOLDER)) {
      assertThat(files)
          .as("delete the list of a stack that no longer exists")
          .containsExactlyInAnyOrderElementsOf(stacks().stream().map(UrnLists::file).toList());
    }
  }
}
