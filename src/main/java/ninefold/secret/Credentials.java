package ninefold.secret;

import com.pulumi.core.Output;
import com.pulumi.random.Password;
import com.pulumi.random.PasswordArgs;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.CustomResourceOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import ninefold.description.Cluster;
import ninefold.description.Node;
import ninefold.pulumi.PulumiOutputs;

/** All that must stay secret: the authority, an identity for each node and service, passwords. */
public final class Credentials extends ComponentResource {
  /** The service whose identities etcd's members have. */
  public static final String ETCD = "etcd";

  /** The service whose identities etcd's clients have. */
  public static final String ETCD_CLIENT = "etcd-client";

  /** The service whose identities the repository and the database nodes have for backups. */
  public static final String PGBACKREST = "pgbackrest";

  /** The name of the passphrase of the repository. */
  public static final String BACKUP = "backup";

  private static final double PASSWORD_LENGTH = 32;

  private final Cluster cluster;
  private final CertificateAuthority authority;
  private final CertificateAuthority etcdAuthority;
  private final CertificateAuthority pgBackRestAuthority;
  private final Map<String, Identity> identities = new HashMap<>();
  private final Map<String, Output<String>> passwords = new HashMap<>();
  private final Map<String, Output<String>> verifiers = new HashMap<>();

  /**
   * Makes the authorities; identities and passwords are made as they are asked for.
   *
   * @param cluster the cluster
   * @param given what takes the place of what would be made
   */
  public Credentials(Cluster cluster, ExternalSecrets given, ComponentResourceOptions options) {
    super("ninefold:secret:Credentials", "credentials", options);
    this.cluster = cluster;
    var title = "Ninefold authority of " + cluster.name();
    this.authority = new CertificateAuthority("authority", title, cluster, given, this);
    // Whoever has a certificate of this one may change etcd; so it signs for those who are to.
    this.etcdAuthority =
        new CertificateAuthority(
            "etcd-authority", title + " for etcd", cluster, ExternalSecrets.NONE, this);
    // The repository and database nodes dial each other by address: only this CA keeps the other
    // keys of a node apart from pgBackRest's. Step `secrets` knows it by its title.
    this.pgBackRestAuthority =
        new CertificateAuthority(
            "pgbackrest-authority", title + " for pgBackRest", cluster, ExternalSecrets.NONE, this);
    given.backupPassphrase().ifPresent(passphrase -> passwords.put(BACKUP, passphrase));
  }

  /** The certificates of the authorities that are trusted, PEM; the one that signs first. */
  public Output<String> authority() {
    return authority.trusted();
  }

  /** The keys that sign, PEM, secret, by the authority's name: to be kept safe elsewhere. */
  public Output<Map<String, String>> authorityKeys() {
    return Output.tuple(authority.key(), etcdAuthority.key(), pgBackRestAuthority.key())
        .applyValue(
            keys ->
                Map.of(
                    "authority", keys.t1,
                    "etcd-authority", keys.t2,
                    "pgbackrest-authority", keys.t3));
  }

  /** A word for the authorities that are trusted: another word where those are others. */
  public String trustFingerprint() {
    return authority.trustFingerprint();
  }

  /** When each certificate ends, by the name of its node and service; RFC 3339. */
  public Output<Map<String, String>> expiryByName() {
    var all = new TreeMap<>(authority.expiryByName());
    all.putAll(etcdAuthority.expiryByName());
    all.putAll(pgBackRestAuthority.expiryByName());
    var names = List.copyOf(all.keySet());
    return Output.all(List.copyOf(all.values()))
        .applyValue(
            ends -> {
              Map<String, String> byName = new TreeMap<>();
              for (int i = 0; i < names.size(); i++) {
                byName.put(names.get(i), ends.get(i));
              }
              return byName;
            });
  }

  /** The identity of a service on a node with which it calls others, and with nothing else. */
  public Identity client(Node node, String service) {
    return identity(Subject.client(node, service));
  }

  /**
   * The identity of a service on a node that is called, and calls nobody with it.
   *
   * @param node the node
   * @param service the service; its certificate carries {@link Identity#called}
   * @param names further names that the certificate carries
   * @param addresses the addresses under which clients reach the service
   */
  public Identity server(Node node, String service, List<String> names, List<String> addresses) {
    return identity(Subject.called(node, service, Usage.SERVER, names, addresses));
  }

  /** The same of a service that is called, and calls others of its kind. */
  public Identity peer(Node node, String service, List<String> names, List<String> addresses) {
    return identity(Subject.called(node, service, Usage.PEER, names, addresses));
  }

  private Identity identity(Subject subject) {
    return identities.computeIfAbsent(
        subject.name(), name -> issuer(subject.service()).issue(subject));
  }

  private CertificateAuthority issuer(String service) {
    return switch (service) {
      case ETCD, ETCD_CLIENT -> etcdAuthority;
      case PGBACKREST -> pgBackRestAuthority;
      default -> authority;
    };
  }

  /** The password of that name; made once, of letters and digits. */
  public Output<String> password(String name) {
    return passwords.computeIfAbsent(name, this::make);
  }

  /** What PostgreSQL keeps of the password of that user, secret; derived once. */
  public Output<String> verifier(String user) {
    return verifiers.computeIfAbsent(
        user,
        name ->
            password(name)
                .applyValue(password -> ScramVerifier.of(cluster.name(), name, password)));
  }

  /**
   * The first generation has no keepers: a stack from before there were any keeps its passwords.
   */
  private Output<String> make(String name) {
    var args = PasswordArgs.builder().length(PASSWORD_LENGTH).special(false);
    var generation = cluster.passwordGeneration(name);
    if (generation > 1) {
      args.keepers(Map.of("generation", String.valueOf(generation)));
    }
    var password =
        new Password(
            name + "/password", args.build(), CustomResourceOptions.builder().parent(this).build());
    return PulumiOutputs.orEmpty(password.result()).asSecret();
  }
}
