package ninefold.urn;

import static java.util.stream.Collectors.joining;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The difference between two lists of URNs, explained to a contributor.
 *
 * @param gone URNs that disappeared
 * @param come URNs that appeared
 */
record UrnChange(SortedSet<String> gone, SortedSet<String> come) {
  /** More are no help: a component that is renamed takes all its children along. */
  private static final int SHOWN = 20;

  private static final String REMEDY =
      """

      Pulumi identifies a resource only by its URN: its name, its type and the types of its parents. A resource whose URN changes is made as a new one, and then the old one is
      deleted: its `remove` runs on the living cluster.

      If it is the same resource under another name, type or parent, its options must say so:
          CustomResourceOptions.builder().aliases(Alias.builder().name("OLD/NAME").build())
          ComponentResourceOptions.builder().aliases(Alias.builder().type("OLD:TYPE:Token").build())
          … Alias.builder().parentUrn("urn:pulumi:…").build()
      The children of a component follow it without an alias of their own. A step has the number of
      its change beside it, STEP/change, which needs an alias too. An alias stays for as long as
      there may be a cluster that was built under the old URN.

      """;

  /** What a second list lacks of a first, and has beyond it. */
  static UrnChange between(Collection<String> before, Collection<String> after) {
    return new UrnChange(without(before, after), without(after, before));
  }

  /** The same but for what is meant to go and to come. */
  UrnChange without(UrnChange intended) {
    return new UrnChange(without(gone, intended.gone), without(come, intended.come));
  }

  private static SortedSet<String> without(Collection<String> all, Collection<String> some) {
    var rest = new TreeSet<>(all);
    rest.removeAll(some);
    return rest;
  }

  boolean isNone() {
    return gone.isEmpty() && come.isEmpty();
  }

  /** The URNs, what their change leads to, and what to do, where it is intended too. */
  String explained(String intended) {
    return this + REMEDY + intended;
  }

  @Override
  public String toString() {
    return list("gone", gone) + list("new", come);
  }

  /** A heading and what belongs to it, a line each; empty if that is nothing. */
  static String list(String heading, Collection<String> all) {
    var more = all.size() - SHOWN;
    var rest = more > 0 ? Stream.of("… and " + more + " more") : Stream.<String>empty();
    var lines = Stream.concat(all.stream().limit(SHOWN), rest);
    return all.isEmpty() ? "" : lines.collect(joining("\n    ", heading + ":\n    ", "\n"));
  }
}
