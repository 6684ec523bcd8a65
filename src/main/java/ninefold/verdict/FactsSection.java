package ninefold.verdict;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.Optional;

/**
 * A section of a machine's facts. One that could not be collected does not affect the others.
 *
 * @param <T> the content of the section
 */
@JsonDeserialize(using = FactsSectionReader.class)
public sealed interface FactsSection<T> {

  /** The section was collected. */
  record Present<T>(T value) implements FactsSection<T> {}

  /**
   * The section could not be collected or parsed.
   *
   * @param reason the reason, in one line
   */
  record Failed<T>(String reason) implements FactsSection<T> {}

  /** The machine did not report the section, because the service is not set up there. */
  record Absent<T>() implements FactsSection<T> {}

  /** The content, if the section was collected. */
  default Optional<T> known() {
    return this instanceof Present<T> present ? Optional.of(present.value()) : Optional.empty();
  }
}
