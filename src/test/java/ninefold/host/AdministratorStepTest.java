package ninefold.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code templates/host/scripts/administrator.sh}: the accepted keys during a rotation. */
final class AdministratorStepTest {
  private static final String FIRST = "ssh-ed25519 AAAAfirst";
  private static final String SECOND = "ssh-ed25519 AAAAsecond";
  private static final String COLLEAGUE =
      "from=\"10.0.0.1\" ssh-ed25519 AAAAcolleague of a colleague";

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private String user;

  @BeforeEach
  void machineAfterItsFirstBoot() throws IOException {
    for (var folder : List.of("run", "state/applied", "home/.ssh")) {
      Files.createDirectories(machine.resolve(folder));
    }
    TestProcess.script(machine, "lib.sh", Template.script("host/lib.sh"));
    TestProcess.script(machine, "administrator", Template.script("host/administrator"));
    user = TestProcess.run("id", "-un").output().strip();
    TestProcess.executable(
        machine.resolve("bin/getent"),
        "#!/bin/bash\necho '%s:x:0:0::%s:/bin/bash'\n".formatted(user, machine.resolve("home")));
    Files.write(keys(), List.of("# of cloud-init", FIRST));
  }

  @Test
  void rotation_takesThreeRuns_andKeepsForeignKeys() throws IOException {
    Files.write(keys(), List.of("# of cloud-init", FIRST, COLLEAGUE));

    step(FIRST, SECOND);
    assertThat(keys()).content().contains(FIRST, SECOND, COLLEAGUE);

    step(SECOND, FIRST);
    assertThat(keys()).content().contains(FIRST, SECOND, COLLEAGUE);

    step(SECOND);
    assertThat(Files.readAllLines(keys())).containsExactly("# of cloud-init", COLLEAGUE, SECOND);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys())))
        .isEqualTo("rw-------");
  }

  @Test
  void keyOfTheFirstBoot_isNotDuplicated() throws IOException {
    step(FIRST);

    assertThat(keys()).content().containsOnlyOnce(FIRST);
  }

  @Test
  void revertedRotation_keepsOnlyTheOldKey() throws IOException {
    step(FIRST, SECOND);

    step(FIRST);

    assertThat(keys()).content().contains(FIRST).doesNotContain(SECOND);
  }

  /** An interrupted step may have noted a key and not added it. */
  @Test
  void interruptedStep_isCompletedByTheNext() throws IOException {
    Files.write(machine.resolve("state/administrator-keys"), List.of(FIRST, SECOND));

    step(SECOND);

    assertThat(keys()).content().contains(SECOND).doesNotContain(FIRST);
  }

  @Test
  void unchanged_itDoesNothing() throws IOException {
    step(FIRST);
    Files.write(keys(), List.of(COLLEAGUE));

    assertThat(step(FIRST).output()).isEmpty();

    assertThat(keys()).content().doesNotContain(FIRST);
  }

  @Test
  void emptyListOfKeys_isRefused() throws IOException {
    assertThat(step().output())
        .contains("no key would be left to log in with; nothing was changed");
    assertThat(keys()).content().contains(FIRST);
  }

  private Path keys() {
    return machine.resolve("home/.ssh/authorized_keys");
  }

  private TestProcess.Ended step(String... authorized) {
    var listed =
        Stream.of(authorized).map(key -> "authorized " + key + "\n").collect(Collectors.joining());
    var ended =
        TestProcess.run(
            List.of(machine.resolve("lib/administrator").toString()),
            "administrator %s\n%s=== end\n".formatted(user, listed),
            Map.of("PATH", machine.resolve("bin") + ":" + System.getenv("PATH")));
    assertThat(ended.status()).as(ended.output()).isEqualTo(authorized.length == 0 ? 1 : 0);
    return ended;
  }
}
