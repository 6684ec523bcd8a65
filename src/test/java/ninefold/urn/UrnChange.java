package ninefold.urn;

import static java.util.stream.Collectors.joining;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The difference between two lists of URNs, with an explanation for contributors.
 *
 * @param removed URNs that disappeared
 * @param added URNs that appeared
 */
record UrnChange(SortedSet<String> removed, SortedSet<String> added) {
  /** More would not help: a renamed component changes the URNs of all its children. */
  private static final int SHOWN = 20;

  private static final String REMEDY =
      """

      Pulumi identifies a resource only by its URN: its name, its type and the types of its parents. If a URN
      changes, Pulumi creates a new resource and then deletes the old one: its `remove` runs on existing clusters.

      If it is the same resource with a new name, type or parent, add an alias to its options:
          CustomResourceOptions.builder().aliases(Alias.builder().name("OLD/NAME").build())
          ComponentResourceOptions.builder().aliases(Alias.builder().type("OLD:TYPE:Token").build())
          … Alias.builder().parentUrn("urn:pulumi:…").build()
      The children of a component need no alias of their own. The resource STEP/change beside a step needs an
      alias too. Keep an alias as long as a cluster with the old URN may exist.

      """;

  /** Returns the difference between an earlier and a later list. */
  static UrnChange between(Collection<String> before, Collection<String> after) {
    return new UrnChange(without(before, after), without(after, before));
  }

  /** Returns the difference without the intended changes. */
  UrnChange without(UrnChange intended) {
    return new UrnChange(without(removed, intended.removed), without(added, intended.added));
  }

  private static SortedSet<String> without(Collection<String> all, Collection<String> excluded) {
    var rest = new TreeSet<>(all);
    rest.removeAll(excluded);
    return rest;
  }

  boolean isNone() {
    return removed.isEmpty() && added.isEmpty();
  }

  /** Returns the URNs, the effect of their change, and what to do, also if it is intended. */
  String explained(String intended) {
    return this + REMEDY + intended;
  }

  @Override
  public String toString() {
    return list("removed", removed) + list("added", added);
  }

  /** Returns a heading and its URNs, one a line; an empty text if there are none. */
  static String list(String heading, Collection<String> all) {
    var more = all.size() - SHOWN;
    var rest = more > 0 ? Stream.of("… and " + more + " more") : Stream.<String>empty();
    var lines = Stream.concat(all.stream().limit(SHOWN), rest);
    return all.isEmpty() ? "" : lines.collect(joining("\n    ", heading + ":\n    ", "\n"));
  }
}
