package ninefold.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.TestProcess;
import ninefold.render.Template;

/**
 * A simulated machine on which tests run {@code templates/patroni/scripts/patroni.sh}.
 *
 * @param folder its root folder
 */
record PatroniMachine(Path folder) {
  private static final List<String> SCRIPTS =
      List.of("patroni/patroni", "patroni/patroni-api.sh", "patroni/load-softdog", "host/lib.sh");

  /** Creates the machine with the step's scripts, and PostgreSQL's data in {@code data/17/main}. */
  static PatroniMachine create(Path folder) throws IOException {
    var machine = new PatroniMachine(folder);
    for (var created : List.of("run", "state/applied", "etc/ninefold")) {
      Files.createDirectories(folder.resolve(created));
    }
    Files.writeString(folder.resolve("etc/ninefold/patroni-etcd.env"), "");
    TestProcess.environment(
        folder,
        "NODE=a",
        "PATRONI_ENDPOINT=a:8008",
        "PATRONI_NAMESPACE=db",
        "POSTGRES_PORT=5432",
        "POSTGRES_DATA=" + machine.data(),
        "STANZA=trio");
    for (var script : SCRIPTS) {
      TestProcess.script(
          folder,
          script.substring(script.indexOf('/') + 1),
          Template.script(script),
          "/etc/patroni/",
          "/etc/pgbackrest/",
          "/etc/ninefold/",
          "/var/lib/postgresql");
    }
    machine.command("hostname", "echo machine1");
    machine.command("sync", "");
    return machine;
  }

  /** The path of PostgreSQL's data, which does not exist yet. */
  Path data() {
    return folder.resolve("data/17/main");
  }

  /** Replaces a command of the machine. In its text, {@code MACHINE} is the root folder. */
  void command(String name, String text) {
    TestProcess.executable(
        folder.resolve("bin").resolve(name),
        "#!/bin/bash\n" + text.replace("MACHINE", folder.toString()) + "\n");
  }

  /**
   * Runs the step.
   *
   * @param header lines of the bundle's header, in addition to those that never differ
   * @param files the bundle's files
   */
  TestProcess.Ended step(String header, String files) {
    return run(
        """
        scope trio
        members a:8008
        unit one
        born at a
        disk /var/lib/postgresql
        %s
        %s
        === end
        """
            .formatted(header.strip(), files.strip()));
  }

  /** Runs the step's script with these words, and with an input. */
  TestProcess.Ended run(String input, String... words) {
    var script = folder.resolve("lib/patroni").toString();
    return TestProcess.run(
        Stream.concat(Stream.of(script), Arrays.stream(words)).toList(),
        input,
        Map.of("PATH", folder.resolve("bin") + ":" + System.getenv("PATH")));
  }
}
