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
 * The facts of a cluster at one time, and their evaluation.
 *
 * @param cluster the description
 * @param answers the answer of each machine, by node
 * @param verdict the evaluation of the answers
 */
record Observation(Cluster cluster, Map<String, Answer> answers, Verdict verdict) {

  /** Makes an immutable copy. */
  Observation {
    answers = Collections.unmodifiableMap(new LinkedHashMap<>(answers));
  }

  /** Evaluates the answers of the machines. */
  static Observation of(Cluster cluster, Map<String, Answer> answers) {
    return new Observation(cluster, answers, Verdict.of(cluster, answers));
  }

  /** The facts of a machine, if it answered. */
  Optional<Facts> facts(String node) {
    return answers.get(node) instanceof Answer.Received received
        ? Optional.of(received.facts())
        : Optional.empty();
  }

  /** One section of the facts, by node; without nodes that did not report it. */
  <T> Map<String, T> known(Function<Facts, FactsSection<T>> part) {
    var known = new LinkedHashMap<String, T>();
    received()
        .forEach(
            entry ->
                part.apply(entry.getValue())
                    .known()
                    .ifPresent(it -> known.put(entry.getKey(), it)));
    return known;
  }

  /** The database nodes on which Patroni answers, in the description's order. */
  Set<String> nodesWithPatroni() {
    var answering = new LinkedHashSet<String>();
    known(Facts::patroni)
        .forEach((node, patroni) -> patroni.own().known().ifPresent(own -> answering.add(node)));
    return answering;
  }

  private Stream<Map.Entry<String, Facts>> received() {
    return answers.keySet().stream()
        .filter(node -> facts(node).isPresent())
        .map(node -> Map.entry(node, facts(node).orElseThrow()));
  }
}
