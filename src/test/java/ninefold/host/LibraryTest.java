package ninefold.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the functions that all steps share, {@code templates/host/scripts/lib.sh}, with the real
 * shell.
 */
class LibraryTest {
  private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private String owner;

  @BeforeEach
  void machineWithTheLibrary() throws IOException {
    Files.createDirectories(machine.resolve("run"));
    Files.createDirectories(machine.resolve("state/applied"));
    Files.writeString(
        machine.resolve("lib.sh"),
        Template.script("host/lib.sh")
            .replace("/var/lib/ninefold", machine + "/state")
            .replace("/run/ninefold.", machine + "/run/ninefold."));
    command("hostname", "echo machine1");
    command("journalctl", "echo 'the last words of its log'");
    owner = TestProcess.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").output();
  }

  @Test
  void file_isInstalledWithTextAndMode() throws IOException {
    var output = step("receive; place", bundle("one\ntwo\n", "0640"));

    assertThat(output).isEqualTo("placed " + file() + "\n");
    assertThat(file()).hasContent("one\ntwo");
    assertThat(mode()).isEqualTo("rw-r-----");
  }

  /** ssh starts a step before it sends the bundle, and may end in between. */
  @Test
  void truncatedBundle_changesNothing() throws IOException {
    step("receive; place", bundle("text\n", "0644"));

    for (var cut : List.of("", "=== %s ".formatted(file()), bundle("te", "0644") + "\n")) {
      var ended = runAsItIs("receive; place", cut);
      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.output()).contains("the bundle was cut off in transit; nothing was changed");
      assertThat(file()).hasContent("text");
    }
  }

  @Test
  void unchangedFile_isNotTouched() throws IOException {
    step("receive; place", bundle("text\n", "0644"));
    Files.setLastModifiedTime(file(), LONG_AGO);

    assertThat(step("receive; place", bundle("text\n", "0644"))).isEmpty();

    assertThat(Files.getLastModifiedTime(file())).isEqualTo(LONG_AGO);
  }

  @Test
  void fileChangedOnTheMachine_isCorrected() throws IOException {
    step("receive; place", bundle("text\n", "0644"));
    Files.writeString(file(), "changed by hand\n");
    step("receive; place", bundle("text\n", "0644"));
    assertThat(file()).hasContent("text");

    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rwxrwxrwx"));
    step("receive; place", bundle("text\n", "0644"));
    assertThat(mode()).isEqualTo("rw-r--r--");
  }

  @Test
  void emptyFile_isInstalledEmpty() {
    step("receive; place", "=== %s %s 0644\n".formatted(file(), owner));

    assertThat(file()).isEmptyFile();
  }

  @Test
  void header_isTheTextBeforeTheFirstFile() {
    assertThat(
            step(
                "receive; header scope; header change; cat \"$(staged %s)\"".formatted(file()),
                "scope trio\nchange 12 34\n" + bundle("change 56\n", "0644")))
        .isEqualTo("trio\n12 34\nchange 56\n");
  }

  @Test
  void everything_isPendingUntilRecorded() {
    var bundle = "scope trio\n" + bundle("text\n", "0644");

    assertThat(step("receive; pending etcd", bundle)).isEqualTo(file() + "\nheader\n");
    assertThat(step("receive; record etcd; pending etcd", bundle)).isEmpty();
    assertThat(step("receive; pending etcd", bundle)).isEmpty();
    assertThat(step("receive; pending patroni", bundle)).isNotEmpty();
  }

  @Test
  void onlyDifferences_arePending() {
    step("receive; record etcd", "scope trio\n" + bundle("text\n", "0644"));

    assertThat(step("receive; pending etcd", "scope other\n" + bundle("text\n", "0644")))
        .isEqualTo("header\n");
    assertThat(step("receive; pending etcd", "scope trio\n" + bundle("other\n", "0644")))
        .isEqualTo(file() + "\n");
    assertThat(step("receive; pending etcd", "scope trio\n"))
        .as("a file that left the bundle")
        .isEqualTo(file() + "\n");
  }

  @Test
  void filesOfAFailedStep_arePending_andRemovedWhenNoLongerInTheBundle() {
    var before = "scope trio\n" + bundle("before\n", "0644");
    var further = machine.resolve("etc/etcd/further.conf");
    step("receive; place; record etcd", before);
    run(
        "receive; place; false",
        "scope trio\n"
            + bundle("after\n", "0644")
            + "=== %s %s 0644\nfurther\n".formatted(further, owner));
    assertThat(file()).hasContent("after");

    assertThat(step("receive; place >/dev/null; pending etcd", before))
        .isEqualTo(file() + "\n" + further + "\n");
    assertThat(file()).hasContent("before");
    assertThat(further).doesNotExist();
    assertThat(step("receive; record etcd; pending etcd", before)).isEmpty();
  }

  @Test
  void filesOfAFailedStep_areForgotten() {
    run("receive; place; false", bundle("text\n", "0644"));
    assertThat(file()).exists();

    step("forget etcd", "");

    assertThat(file()).doesNotExist();
    assertThat(machine.resolve("state/tried/etcd")).doesNotExist();
  }

  @Test
  void unchangedRecord_isNotTouched() throws IOException {
    step("receive; record etcd", bundle("text\n", "0644"));
    var record = machine.resolve("state/applied/etcd");
    Files.setLastModifiedTime(record, LONG_AGO);

    step("receive; record etcd", bundle("text\n", "0644"));

    assertThat(Files.getLastModifiedTime(record)).isEqualTo(LONG_AGO);
  }

  @Test
  void fileNoLongerInTheBundle_isRemoved() {
    step("receive; place; record etcd", bundle("text\n", "0644"));

    step("receive; place; record etcd", "scope trio\n");

    assertThat(file()).doesNotExist();
  }

  @Test
  void forgottenFile_isRemoved_andTheOriginalRestored() throws IOException {
    var before = Files.writeString(machine.resolve("before"), "the distribution's\n");
    var bundle =
        bundle("text\n", "0644") + "=== %s %s 0600\nthe cluster's\n".formatted(before, owner);
    step("receive; place; record etcd", bundle);
    step("receive; place; record etcd", bundle.replace("the cluster's", "the cluster's next"));

    step("forget etcd", "");

    assertThat(file()).doesNotExist();
    assertThat(before).hasContent("the distribution's");
    assertThat(machine.resolve("state/applied/etcd")).doesNotExist();
    assertThat(step("forget etcd", "")).as("the second call does nothing").isEmpty();
  }

  /**
   * A step that fails after it has removed a file must not remove the original when it runs again.
   */
  @Test
  void restoredOriginal_survivesAFailedAndRepeatedStep() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "the distribution's\n");
    step("receive; place; record etcd", bundle("the cluster's\n", "0644"));

    for (int run = 0; run < 2; run++) {
      run("receive; place; false", "scope trio\n");
      assertThat(file()).hasContent("the distribution's");
    }
  }

  /** Applies only to machines that existed before the cluster and have a router. */
  @Test
  void routerAdvertisements_areUsed_ifAddressesOrRoutesComeFromThem() {
    var script =
        "receive; if uses_router_advertisements; then echo followed; else echo ignored; fi";
    command("ip", "case $* in *route*) echo 'default via fe80::1 dev eth0 proto ra';; esac");
    assertThat(step(script, "routers followed\n")).isEqualTo("followed\n");
    assertThat(step(script, "scope trio\n")).isEqualTo("ignored\n");

    command(
        "ip",
        "case $* in *address*) echo '2: eth0 inet6 2001:db8::9/64 scope global dynamic';; esac");
    assertThat(step(script, "routers followed\n")).isEqualTo("followed\n");

    command("ip", "");
    assertThat(step(script, "routers followed\n")).isEqualTo("ignored\n");
  }

  @Test
  void wait_endsWhenTheConditionHolds() {
    assertThat(
            step(
                "third() { echo x >>\"$state/tries\"; (($(wc -l <\"$state/tries\") >= 3)); }; "
                    + "wait_for 30 'etcd: it is healthy' 'its log' third; wc -l <\"$state/tries\"",
                ""))
        .isEqualTo("3\n");
  }

  @Test
  void failedWait_namesConditionAndPlace() {
    var ended =
        run(
            "sick() { echo 'member 2 is missing'; false; }; "
                + "wait_for 1 'etcd: it is healthy' 'journalctl -u etcd' sick",
            "");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .startsWith("machine1: etcd: it is healthy: not so after ")
        .contains("last answer: member 2 is missing")
        .contains("the last words of its log")
        .contains("look at: journalctl -u etcd");
  }

  @Test
  void wait_endsBeforeTheStepsTimeout() {
    var ended = run("NINEFOLD_DEADLINE=$EPOCHSECONDS; wait_for 600 'etcd: healthy' log false", "");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("not so after");
  }

  @Test
  void wait_endsWithTheCaller() {
    var ended =
        run("true & NINEFOLD_CALLER=$!; wait; wait_for 600 'etcd: it is healthy' log false", "");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .startsWith(
            "machine1: etcd: it is healthy: gave up, because the ssh session that started this step has ended");
  }

  @Test
  void failedUnit_isReportedWithItsLog() {
    command("systemctl", "exit 1");

    var ended = run("unit restart etcd", "");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .startsWith("machine1: could not restart etcd\n")
        .contains("the last words of its log")
        .contains("look at: journalctl -u etcd");
  }

  @Test
  void failedStep_leavesNoTemporaryFiles() throws IOException {
    assertThat(run("receive; false", bundle("text\n", "0644")).status()).isEqualTo(1);

    assertThat(machine.resolve("run")).isEmptyDirectory();
    assertThat(file()).doesNotExist();
  }

  /** The service continues with its old files, so a later step must find those. */
  @Test
  void refusedFiles_areReplacedByTheOldOnes_andNotRecorded() throws IOException {
    step("receive; place; record etcd", bundle("old\n", "0644"));
    command("systemctl", "echo \"$@\" >>" + machine + "/systemctl");

    var ended =
        run(
            "receive; place; NINEFOLD_DEADLINE=$EPOCHSECONDS; require_effect etcd false",
            bundle("new\n", "0600"));

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains("etcd: it does not run with its new settings; its old files are back");
    assertThat(file()).hasContent("old");
    assertThat(mode()).isEqualTo("rw-r--r--");
    assertThat(machine.resolve("systemctl")).content().contains("reload etcd");
    assertThat(step("receive; pending etcd", bundle("old\n", "0644"))).isEmpty();
    assertThat(step("receive; pending etcd", bundle("new\n", "0600"))).contains(file().toString());
  }

  /** The process has started with the refused version, and keeps it until it restarts. */
  @Test
  void refusedVersion_isPending_afterTheOldFilesAreBack() throws IOException {
    var held = "=== %s/state/versions/etcd %s 0644\netcd-server=%d\n=== end\n";
    var old = held.formatted(machine, owner, 1);
    step("receive; place; record etcd", old);
    command("systemctl", "");

    run(
        "receive; place; NINEFOLD_DEADLINE=$EPOCHSECONDS; require_effect etcd false",
        held.formatted(machine, owner, 2));

    assertThat(step("receive; pending etcd", old)).contains("state/versions/etcd");
  }

  @Test
  void filesRefusedAtTheFirstStart_stay() {
    var ended =
        run(
            "receive; place; NINEFOLD_DEADLINE=$EPOCHSECONDS; require_effect etcd false",
            bundle("new\n", "0644"));

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("etcd: it does not run with the settings of its files");
    assertThat(file()).hasContent("new");
  }

  /** Copies serve to show differing lines later. There are no copies of secrets. */
  @Test
  void copyOfAFileIsKept_butOnlyTheModeOfASecret() throws IOException {
    step("receive; place; record etcd", bundle("text\n", "0644"));
    var copy = machine.resolve("state/copies" + file());
    assertThat(copy).hasContent("text");

    step("receive; place; record etcd", bundle("secret\n", "0600"));

    assertThat(copy).doesNotExist();
    assertThat(machine.resolve("state/modes/etcd"))
        .content()
        .isEqualTo("%s %s 0600\n".formatted(file(), owner));
  }

  @Test
  void removedFile_leavesNoCopy() {
    step("receive; place; record etcd", bundle("text\n", "0644"));

    step("receive; forget etcd", "");

    assertThat(machine.resolve("state/copies" + file())).doesNotExist();
    assertThat(machine.resolve("state/modes/etcd")).doesNotExist();
  }

  private Path file() {
    return machine.resolve("etc/etcd/etcd.conf");
  }

  private String mode() throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file()));
  }

  private String bundle(String text, String mode) {
    return "=== %s %s %s\n%s".formatted(file(), owner, mode, text);
  }

  /** Runs a step of service etcd that succeeds, and returns its output. */
  private String step(String script, String input) {
    var ended = run(script, input);
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  /** Adds the line that ends a bundle. */
  private static String whole(String input) {
    return input + (input.isEmpty() || input.endsWith("\n") ? "" : "\n") + "=== end\n";
  }

  private TestProcess.Ended run(String script, String input) {
    return runAsItIs(script, whole(input));
  }

  private TestProcess.Ended runAsItIs(String script, String input) {
    var step =
        TestProcess.executable(
            machine.resolve("lib/etcd"),
            "#!/usr/bin/env bash\nsource %s/lib.sh\n%s\n".formatted(machine, script));
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", machine.resolve("bin") + ":" + System.getenv("PATH"));
    environment.put("LC_ALL", "C");
    return TestProcess.run(List.of(step.toString()), input, environment);
  }

  /** Replaces a command of the machine. */
  private void command(String name, String script) {
    TestProcess.executable(machine.resolve("bin").resolve(name), "#!/bin/sh\n" + script + "\n");
  }
}
