package ninefold.verdict;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.Optional;

/**
 * A part of a machine's facts, which can be collected or not independently of the others.
 *
 * @param <T> what the part holds
 */
@JsonDeserialize(using = FactsSectionReader.class)
public sealed interface FactsSection<T> {

  /** The part was collected. */
  record Present<T>(T value) implements FactsSection<T> {}

  /**
   * The part could not be collected, or could not be read here.
   *
   * @param reason one line that says why
   */
  record Failed<T>(String reason) implements FactsSection<T> {}

  /** The machine said nothing about the part: its service was not set up there. */
  record Absent<T>() implements FactsSection<T> {}

  /** What the part holds, if it was collected. */
  default Optional<T> known() {
    return this instanceof Present<T> present ? Optional.of(present.value()) : Optional.empty();
  }
}
