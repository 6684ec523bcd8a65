package ninefold.render;

import com.pulumi.core.Output;

/**
 * A file as it is to stand on a machine.
 *
 * @param path its absolute path
 * @param owner user and group, as in {@code etcd:etcd}
 * @param mode four octal digits, as in {@code 0600}
 * @param text its content
 */
public record TargetFile(String path, String owner, String mode, Output<String> text) {

  /** A file that everyone on the machine may read. */
  public static TargetFile worldReadable(String path, String text) {
    return new TargetFile(path, "root:root", "0644", Output.of(text));
  }

  /** What a unit of systemd may not do, as far as every service of the cluster bears it. */
  public static TargetFile hardening(String unit) {
    return worldReadable(
        "/etc/systemd/system/" + unit + ".d/ninefold-hardening.conf",
        Template.text("host/hardening.conf"));
  }

  /** A script that everyone on the machine may run. */
  public static TargetFile program(String path, String text) {
    return new TargetFile(path, "root:root", "0755", Output.of(text));
  }

  /** A file that only its owner may read. */
  public static TargetFile secret(String path, String owner, Output<String> text) {
    return new TargetFile(path, owner, "0600", text);
  }
}
