package ninefold.verdict;

import java.time.Instant;

/** The answer of a machine to a request for its facts, or the reason why there is none. */
public sealed interface Answer {

  /**
   * The machine answered.
   *
   * @param facts its facts
   * @param asked when the request was sent, by the local clock
   * @param answered when the answer was complete, by the local clock
   */
  record Received(Facts facts, Instant asked, Instant answered) implements Answer {}

  /**
   * The machine did not answer, or its answer could not be read.
   *
   * @param reason the reason, in one line
   */
  record Silent(String reason) implements Answer {}
}
