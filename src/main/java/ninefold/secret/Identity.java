package ninefold.secret;

import com.pulumi.core.Output;
import java.util.List;
import ninefold.description.Node;
import ninefold.render.TargetFile;

/**
 * Who a service is to others: a key and the certificate that vouches for it.
 *
 * @param authority the certificates of the authorities that are trusted, PEM
 * @param certificate the service's certificate, PEM
 * @param key its private key, PEM, secret
 */
public record Identity(Output<String> authority, Output<String> certificate, Output<String> key) {

  /** The common name of a service's certificate on a node. */
  public static String name(Node node, String service) {
    return node.name() + "." + service;
  }

  /** The name under which callers know a service on a node; no other service's has it. */
  public static String called(Node node, String service) {
    return service + "." + node.name();
  }

  /**
   * Its three files in a directory: {@code ca.crt}, {@code node.crt} and {@code node.key}. Whom the
   * service trusts, it can't change itself.
   */
  public List<TargetFile> files(String directory, String owner) {
    return List.of(
        new TargetFile(directory + "/ca.crt", "root:root", "0644", authority),
        new TargetFile(directory + "/node.crt", "root:root", "0644", certificate),
        TargetFile.secret(directory + "/node.key", owner, key));
  }

  /** Certificate and key in one text, as HAProxy reads them; secret. */
  public Output<String> pem() {
    return Output.tuple(certificate, key).applyValue(both -> both.t1 + both.t2);
  }
}
