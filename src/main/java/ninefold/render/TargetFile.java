package ninefold.render;

import com.pulumi.core.Output;
import java.util.Map;

/**
 * A file to place on a machine.
 *
 * @param path its absolute path
 * @param owner user and group, such as {@code etcd:etcd}
 * @param mode four octal digits, such as {@code 0600}
 * @param text its content
 */
public record TargetFile(String path, String owner, String mode, Output<String> text) {

  /** A file that everyone on the machine may read. */
  public static TargetFile worldReadable(String path, String text) {
    return new TargetFile(path, "root:root", "0644", Output.of(text));
  }

  /**
   * A configuration file that everyone on the machine may read, rendered from a template. It begins
   * with a comment that names the template.
   *
   * @param template its path under {@code templates/}
   * @param model the values that the template can read
   */
  public static TargetFile rendered(String path, String template, Map<String, ?> model) {
    return worldReadable(path, header(path, template) + Template.render(template, model));
  }

  /** A configuration file with the same comment, from a text that is not rendered. */
  public static TargetFile managed(String path, String template) {
    return worldReadable(path, header(path, template) + Template.text(template));
  }

  /**
   * A rendered file without that comment: its format has no comments, as JSON, or a new comment in
   * it would restart a service on existing clusters, as in a systemd unit.
   *
   * @param template its path under {@code templates/}
   * @param model the values that the template can read
   */
  public static TargetFile withoutHeader(String path, String template, Map<String, ?> model) {
    return worldReadable(path, Template.render(template, model));
  }

  /** etcd's step ignores a line with this beginning, so a new header restarts no member. */
  private static String header(String path, String template) {
    return (path.startsWith("/etc/apt/apt.conf.d/") ? "//" : "#")
        + " Managed by Ninefold, rendered from templates/"
        + template
        + ". Change the description instead of this file.\n";
  }

  /** A drop-in with the systemd sandboxing that all our services tolerate. */
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
