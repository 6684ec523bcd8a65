package ninefold.command;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import ninefold.description.Cluster;
import ninefold.verdict.Answer;
import ninefold.verdict.Facts;
import ninefold.verdict.FactsSection;
import ninefold.verdict.Verdict;

/**
 * What was seen of a cluster at one time.
 *
 * @param cluster its description
 * @param answers what each machine said, by node
 * @param verdict what follows from that
 */
record Observation(Cluster cluster, Map<String, Answer> answers, Verdict verdict) {

  /** Keeps a copy that cannot be changed. */
  Observation {
    answers = Collections.unmodifiableMap(new LinkedHashMap<>(answers));
  }

  /** Judges what the machines said. */
  static Observation of(Cluster cluster, Map<String, Answer> answers) {
    return new Observation(cluster, answers, Verdict.of(cluster, answers));
  }

  /** What a machine told, if it answered. */
  Optional<Facts> facts(String node) {
    return answers.get(node) instanceof Answer.Told told
        ? Optional.of(told.facts())
        : Optional.empty();
  }

  /** What those who answered told of one part, by node. */
  <T> Map<String, T> known(Function<Facts, FactsSection<T>> part) {
    var known = new LinkedHashMap<String, T>();
    told()
        .forEach(
            entry ->
                part.apply(entry.getValue())
                    .known()
                    .ifPresent(it -> known.put(entry.getKey(), it)));
    return known;
  }

  /** The database nodes whose Patroni answered, in the description's order. */
  Set<String> patronis() {
    var answering = new LinkedHashSet<String>();
    known(Facts::patroni)
        .forEach((node, patroni) -> patroni.own().known().ifPresent(own -> answering.add(node)));
    return answering;
  }

  private Stream<Map.Entry<String, Facts>> told() {
    return answers.keySet().stream()
        .filter(node -> facts(node).isPresent())
        .map(node -> Map.entry(node, facts(node).orElseThrow()));
  }
}
