package ninefold.secret;

import com.pulumi.core.Output;
import java.util.List;
import ninefold.description.Node;
import ninefold.render.TargetFile;

/**
 * A service's TLS identity: its private key, its certificate and the CAs that it trusts.
 *
 * @param authority the certificates of the trusted CAs, PEM
 * @param certificate the service's certificate, PEM, with intermediate CAs if there are any
 * @param key its private key, PEM, secret
 */
public record Identity(Output<String> authority, Output<String> certificate, Output<String> key) {

  /** The common name in the certificate of a service on a node: {@code NODE.SERVICE}. */
  public static String name(Node node, String service) {
    return node.name() + "." + service;
  }

  /**
   * The DNS name that only the certificate of this service on this node has: {@code SERVICE.NODE}.
   */
  public static String called(Node node, String service) {
    return service + "." + node.name();
  }

  /**
   * The three files {@code ca.crt}, {@code node.crt} and {@code node.key} in a directory. Root owns
   * the first two, so the service cannot change which CAs it trusts.
   *
   * @param owner user and group of the private key, such as {@code etcd:etcd}
   */
  public List<TargetFile> files(String directory, String owner) {
    return List.of(
        new TargetFile(directory + "/ca.crt", "root:root", "0644", authority),
        new TargetFile(directory + "/node.crt", "root:root", "0644", certificate),
        TargetFile.secret(directory + "/node.key", owner, key));
  }

  /** Certificate and private key in one text, as HAProxy reads them; secret. */
  public Output<String> pem() {
    return Output.tuple(certificate, key).applyValue(both -> both.t1 + both.t2);
  }
}
