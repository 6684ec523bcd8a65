package ninefold.render;

import com.pulumi.core.Output;
import java.util.Map;

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

  /**
   * A configuration file that everyone on the machine may read, rendered from a template. It begins
   * with a comment that names the template.
   *
   * @param template its path under {@code templates/}
   * @param model what the template may use
   */
  public static TargetFile rendered(String path, String template, Map<String, ?> model) {
    return worldReadable(path, header(path, template) + Template.render(template, model));
  }

  /** The same from a text that is no template. */
  public static TargetFile managed(String path, String template) {
    return worldReadable(path, header(path, template) + Template.text(template));
  }

  /**
   * A rendered file without that comment: where the format knows none, as JSON, and where it would
   * restart a service, as in a unit of systemd.
   *
   * @param template its path under {@code templates/}
   * @param model what the template may use
   */
  public static TargetFile withoutHeader(String path, String template, Map<String, ?> model) {
    return worldReadable(path, Template.render(template, model));
  }

  /** The step of etcd knows this line by its beginning: a change of it restarts no member. */
  private static String header(String path, String template) {
    return (path.startsWith("/etc/apt/apt.conf.d/") ? "//" : "#")
        + " Managed by Ninefold, rendered from templates/"
        + template
        + ". Change the description instead of this file.\n";
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
