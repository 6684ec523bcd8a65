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

/** The cluster's secrets: its CAs, an identity for each node and service, and passwords. */
public final class Credentials extends ComponentResource {
  /** The service name in the identities of etcd's members. */
  public static final String ETCD = "etcd";

  /** The service name in the identities of etcd's clients. */
  public static final String ETCD_CLIENT = "etcd-client";

  /** The service name in pgBackRest's identities, on the repository and the database nodes. */
  public static final String PGBACKREST = "pgbackrest";

  /** The name of the repository's passphrase. */
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
   * Creates the CAs. Identities and passwords are created when they are first requested.
   *
   * @param cluster the cluster
   * @param external secrets that replace generated ones
   */
  public Credentials(Cluster cluster, ExternalSecrets external, ComponentResourceOptions options) {
    super("ninefold:secret:Credentials", "credentials", options);
    this.cluster = cluster;
    var title = "Ninefold authority of " + cluster.name();
    this.authority = new CertificateAuthority("authority", title, cluster, external, this);
    // Every certificate of this CA grants full access to etcd. It signs only for etcd's members
    // and clients.
    this.etcdAuthority =
        new CertificateAuthority(
            "etcd-authority", title + " for etcd", cluster, ExternalSecrets.NONE, this);
    // pgBackRest connects by address, which the certificates of a node's other services contain
    // too. With a CA of its own, they are of no use there. Step `secrets` knows it by its title.
    this.pgBackRestAuthority =
        new CertificateAuthority(
            "pgbackrest-authority", title + " for pgBackRest", cluster, ExternalSecrets.NONE, this);
    external.backupPassphrase().ifPresent(passphrase -> passwords.put(BACKUP, passphrase));
  }

  /** The certificates of the trusted CAs, PEM. The first one signs. */
  public Output<String> ca() {
    return authority.trusted();
  }

  /**
   * The private keys of the CAs, PEM, secret, by the CA's name: a user must keep a copy of them.
   */
  public Output<Map<String, String>> authorityKeys() {
    return Output.tuple(authority.key(), etcdAuthority.key(), pgBackRestAuthority.key())
        .applyValue(
            keys ->
                Map.of(
                    "authority", keys.t1,
                    "etcd-authority", keys.t2,
                    "pgbackrest-authority", keys.t3));
  }

  /** A fingerprint of the set of trusted CAs. It changes whenever the set changes. */
  public String trustFingerprint() {
    return authority.trustFingerprint();
  }

  /** When each certificate expires, in RFC 3339, by {@code NODE/SERVICE} or the CA's name. */
  public Output<Map<String, String>> expiryByName() {
    var all = new TreeMap<>(authority.expiryByName());
    all.putAll(etcdAuthority.expiryByName());
    all.putAll(pgBackRestAuthority.expiryByName());
    var names = List.copyOf(all.keySet());
    return Output.all(List.copyOf(all.values()))
        .applyValue(
            expiries -> {
              Map<String, String> byName = new TreeMap<>();
              for (int i = 0; i < names.size(); i++) {
                byName.put(names.get(i), expiries.get(i));
              }
              return byName;
            });
  }

  /** The identity of a service on a node for use as a TLS client only. */
  public Identity client(Node node, String service) {
    return identity(Subject.client(node, service));
  }

  /**
   * The identity of a service on a node for use as a TLS server only.
   *
   * @param node the node
   * @param service the service; {@link Identity#called} is a name in its certificate
   * @param names further DNS names for the certificate
   * @param addresses the IP addresses under which clients reach the service
   */
  public Identity server(Node node, String service, List<String> names, List<String> addresses) {
    return identity(Subject.called(node, service, Usage.SERVER, names, addresses));
  }

  /** An identity as of {@link #server}, for a member that is also a TLS client of other members. */
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

  /** The password of that name: 32 letters and digits, generated once. */
  public Output<String> password(String name) {
    return passwords.computeIfAbsent(name, this::generate);
  }

  /** The SCRAM verifier of a user's password, which PostgreSQL stores; secret. */
  public Output<String> verifier(String user) {
    return verifiers.computeIfAbsent(
        user,
        name ->
            password(name)
                .applyValue(password -> ScramVerifier.of(cluster.name(), name, password)));
  }

  /** The first generation has no keepers, because stacks of earlier versions have none either. */
  private Output<String> generate(String name) {
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
