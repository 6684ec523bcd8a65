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
import java.util.Optional;
import ninefold.cluster.Node;

/** All that must stay secret: the authority, an identity for each node and service, passwords. */
public final class Credentials extends ComponentResource {
  private static final double PASSWORD_LENGTH = 32;

  private final String cluster;
  private final Authority authority;
  private final Map<String, Identity> identities = new HashMap<>();
  private final Map<String, Output<String>> passwords = new HashMap<>();
  private final Map<String, Output<String>> verifiers = new HashMap<>();

  /**
   * Makes the cluster's authority; identities and passwords are made as they are asked for.
   *
   * @param cluster the cluster's name
   * @param backupPassphrase the passphrase of the repository, if it was given
   */
  public Credentials(
      String cluster, Optional<Output<String>> backupPassphrase, ComponentResourceOptions options) {
    super("ninefold:secret:Credentials", "credentials", options);
    this.cluster = cluster;
    this.authority = new Authority(cluster, this);
    backupPassphrase.ifPresent(passphrase -> passwords.put("backup", passphrase.asSecret()));
  }

  /** The authority's certificate, PEM. */
  public Output<String> authority() {
    return authority.certificate();
  }

  /**
   * The identity of a service on a node; made once.
   *
   * @param node the node, whose name and address the certificate carries
   * @param service the service
   * @param addresses further addresses under which clients reach the service
   */
  public Identity identity(Node node, String service, List<String> addresses) {
    return identities.computeIfAbsent(
        node.name() + "/" + service, name -> authority.issue(name, node, addresses));
  }

  /** The password of that name; made once, of letters and digits. */
  public Output<String> password(String name) {
    return passwords.computeIfAbsent(name, this::make);
  }

  /** What PostgreSQL keeps of the password of that user, secret; derived once. */
  public Output<String> verifier(String user) {
    return verifiers.computeIfAbsent(
        user,
        name -> password(name).applyValue(password -> ScramVerifier.of(cluster, name, password)));
  }

  private Output<String> make(String name) {
    return new Password(
            name + "/password",
            PasswordArgs.builder().length(PASSWORD_LENGTH).special(false).build(),
            CustomResourceOptions.builder().parent(this).build())
        .result()
        .asSecret();
  }
}
