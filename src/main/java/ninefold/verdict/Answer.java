package ninefold.verdict;

import java.time.Instant;

/** What a machine said when it was asked for its facts, or why it said nothing. */
public sealed interface Answer {

  /**
   * The machine answered.
   *
   * @param facts what it said
   * @param asked when it was asked, by the asking machine's clock
   * @param answered when its answer had arrived, by the same clock
   */
  record Told(Facts facts, Instant asked, Instant answered) implements Answer {}

  /**
   * The machine gave no answer that could be read.
   *
   * @param reason one line that says why
   */
  record Silent(String reason) implements Answer {}
}
