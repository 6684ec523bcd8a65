package ninefold.service;

import java.util.LinkedHashMap;
import java.util.Map;
import ninefold.host.Template;

/** The scripts that a service's steps consist of. */
final class Scripts {
  private Scripts() {}

  /** The texts of the named scripts in a folder of {@code templates/}. */
  static Map<String, String> of(String folder, String... names) {
    var scripts = new LinkedHashMap<String, String>();
    for (var name : names) {
      scripts.put(name, Template.text(folder + "/" + name));
    }
    return scripts;
  }
}
