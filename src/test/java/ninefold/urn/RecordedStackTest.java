package ninefold.urn;

import static java.util.stream.Collectors.toUnmodifiableSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tests what the next {@code up} would do to an existing cluster: a preview of the {@link
 * RecordedStack} by Pulumi's engine and the real providers, which connect to no machine.
 */
class RecordedStackTest {
  /**
   * URNs of resources that are new since the stack was recorded. The next {@code up} creates each
   * on every existing cluster: a step runs there for the first time.
   */
  private static final Set<String> INTENDED_CREATIONS =
      with(
          identities(
              List.of(
                  "postgres%s/patroni/peer",
                  "postgres%s/postgresql/peer",
                  "postgres%s/pgbackrest/peer",
                  "postgres%s/pgbouncer/client",
                  "postgres%s/pool/server",
                  "haproxy%s/haproxy/client",
                  "haproxy%s/statistics/server",
                  "repository/pgbackrest/peer")),
          identities(List.of("etcd%s/etcd/peer", "postgres%s/etcd-client/client")),
          "urn:pulumi:containers::ninefold::ninefold:cluster:PostgresCluster"
              + "$ninefold:secret:Credentials$ninefold:secret:Authority::pgbackrest-authority",
          "urn:pulumi:containers::ninefold::ninefold:cluster:PostgresCluster"
              + "$ninefold:secret:Credentials$ninefold:secret:Authority"
              + "$tls:index/privateKey:PrivateKey::pgbackrest-authority/key",
          "urn:pulumi:containers::ninefold::ninefold:cluster:PostgresCluster"
              + "$ninefold:secret:Credentials$ninefold:secret:Authority"
              + "$tls:index/selfSignedCert:SelfSignedCert::pgbackrest-authority/certificate",
          "urn:pulumi:containers::ninefold::ninefold:cluster:PostgresCluster"
              + "$command:local:Command::verdict",
          "urn:pulumi:containers::ninefold::ninefold:cluster:PostgresCluster"
              + "$ninefold:secret:Credentials$random:index/password:Password::probe/password",
          "urn:pulumi:containers::ninefold::ninefold:cluster:PostgresCluster"
              + "$ninefold:secret:Credentials$random:index/password:Password::patroni/password",
          "urn:pulumi:containers::ninefold::ninefold:cluster:PostgresCluster"
              + "$ninefold:host:Host$command:remote:Command::postgres1/members",
          "urn:pulumi:containers::ninefold::ninefold:cluster:PostgresCluster"
              + "$ninefold:host:Host$random:index/id:Id::postgres1/members/change");

  /**
   * URNs of resources that were removed since the stack was recorded. The next {@code up} deletes
   * each on every existing cluster: a step's {@code remove} runs there, after all other steps.
   */
  private static final Set<String> INTENDED_DELETIONS =
      with(
          identities(
              List.of(
                  "postgres%s/patroni",
                  "postgres%s/postgresql",
                  "postgres%s/pgbackrest",
                  "postgres%s/pgbouncer",
                  "haproxy%s/haproxy",
                  "repository/pgbackrest")),
          identities(List.of("etcd%s/etcd", "postgres%s/etcd-client")));

  /** The resources of an identity's certificate; {@code %s} is the number of a node. */
  private static Set<String> identities(List<String> names) {
    return names.stream()
        .flatMap(
            name ->
                IntStream.rangeClosed(
                        1, !name.contains("%s") ? 1 : name.startsWith("haproxy") ? 2 : 3)
                    .mapToObj(name::formatted))
        .flatMap(
            name ->
                Stream.of(
                    "tls:index/privateKey:PrivateKey::" + name + "/key",
                    "tls:index/certRequest:CertRequest::" + name + "/request",
                    "tls:index/locallySignedCert:LocallySignedCert::" + name + "/certificate"))
        .map(
            resource ->
                "urn:pulumi:containers::ninefold::ninefold:cluster:PostgresCluster"
                    + "$ninefold:secret:Credentials$ninefold:secret:Authority$"
                    + resource)
        .collect(toUnmodifiableSet());
  }

  private static Set<String> with(Set<String> first, Set<String> second, String... more) {
    return Stream.of(first, second, Set.of(more)).flatMap(Set::stream).collect(toUnmodifiableSet());
  }

  private static final String REPLACED =
      """

      A new key, certificate or password replaces the one in use. If a step is replaced, the old step's `remove`
      runs after the new one's `create` and removes what that has just set up. Keep those inputs as they were. If
      a new key or certificate is intended, give it a new name, as the generations of a CA have.""";

  private static Preview preview;

  @BeforeAll
  static void runPreview() throws IOException {
    try (var stack = RecordedStack.restored()) {
      preview = Preview.of(stack);
    }
  }

  @Test
  void onlyIntendedResourcesAreCreatedOrDeleted() {
    var change = change().without(intended());

    assertThat(change.isNone())
        .withFailMessage(
            () ->
                "the next `up` creates or deletes resources of every existing cluster\n"
                    + change.explained(
                        "If you add or remove a resource on purpose, add its URN to"
                            + " INTENDED_CREATIONS or INTENDED_DELETIONS in this test; their"
                            + " comments describe the effect."))
        .isTrue();
  }

  @Test
  void intendedListsHaveNoStaleEntries() {
    var entries = intended().without(change());

    assertThat(entries.isNone())
        .withFailMessage(
            () -> "entries of INTENDED_CREATIONS and INTENDED_DELETIONS to be removed\n" + entries)
        .isTrue();
  }

  /** A changed template leads to updates; any other operation would create a resource. */
  @Test
  void noResourceIsReplaced() {
    var allowed = Set.of("same", "update", "create", "delete");
    var others =
        preview.steps().stream()
            .filter(step -> !allowed.contains(step.operation()) && !isNumberOfAChange(step))
            .map(Object::toString)
            .sorted()
            .toList();

    assertThat(others.isEmpty())
        .withFailMessage(
            () ->
                "the next `up` replaces resources of every existing cluster\n"
                    + UrnChange.list("for these inputs", others)
                    + REPLACED)
        .isTrue();
  }

  /** Otherwise the lists would guard URNs that no engine ever sees. */
  @Test
  void engineAndListsHaveTheSameUrns() {
    var declared = preview.urns(step -> !step.operation().equals("delete"));

    assertThat(declared).containsExactlyElementsOf(UrnLists.declared(RecordedStack.NAME));
  }

  /** A step whose text changes gets a new number, which no machine sees. */
  private static boolean isNumberOfAChange(Preview.Step step) {
    return step.urn().contains("$random:index/id:Id::") && step.urn().endsWith("/change");
  }

  private static UrnChange change() {
    return new UrnChange(urns("delete"), urns("create"));
  }

  private static SortedSet<String> urns(String operation) {
    return preview.urns(step -> step.operation().equals(operation));
  }

  private static UrnChange intended() {
    return new UrnChange(new TreeSet<>(INTENDED_DELETIONS), new TreeSet<>(INTENDED_CREATIONS));
  }
}
