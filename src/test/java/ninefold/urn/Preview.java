package ninefold.urn;

import static java.util.stream.Collectors.toCollection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The changes that the next {@code up} would make to the resources of a stack.
 *
 * @param steps one for each resource, except the default providers
 */
record Preview(List<Step> steps) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /**
   * The change of a resource.
   *
   * @param operation Pulumi's name of it: same, update, create, delete, replace and others
   * @param urn the resource's URN
   * @param reasons the inputs because of which the resource is replaced
   */
  record Step(String operation, String urn, List<String> reasons) {
    private static Step of(JsonNode step) {
      return new Step(
          step.path("op").asText(),
          step.path("urn").asText(),
          elements(step.path("replaceReasons")).map(JsonNode::asText).toList());
    }

    @Override
    public String toString() {
      return operation + " " + urn + " " + reasons;
    }
  }

  /** Runs {@code pulumi preview}. */
  static Preview of(TemporaryStack stack) throws IOException {
    var told = MAPPER.readTree(stack.pulumi("preview", "--json", "--show-sames"));
    return new Preview(elements(told.path("steps")).map(Step::of).toList());
  }

  /** Returns the resources with this operation. */
  SortedSet<String> urns(Predicate<Step> done) {
    return steps.stream().filter(done).map(Step::urn).collect(toCollection(TreeSet::new));
  }

  private static Stream<JsonNode> elements(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }
}
