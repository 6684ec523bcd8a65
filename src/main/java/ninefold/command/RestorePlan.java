package ninefold.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What {@code recover plan} reports.
 *
 * @param refused why the target can't be reached, if so
 * @param next what to do then
 * @param timeline the timeline whose history recovery follows
 * @param labels the backups to try, in order
 * @param ended when the first of them ended
 */
record RestorePlan(
    Optional<String> refused, String next, long timeline, List<String> labels, Instant ended) {

  /** Makes an immutable copy. */
  RestorePlan {
    labels = List.copyOf(labels);
  }

  static RestorePlan of(JsonNode json) {
    return new RestorePlan(
        Optional.of(json.path("refused").asText()).filter(it -> !it.isEmpty()),
        json.path("next").asText(),
        json.path("timeline").asLong(),
        RestoreState.texts(json.path("labels")),
        Instant.ofEpochSecond(json.path("ended").asLong()));
  }
}
