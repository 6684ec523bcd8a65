package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests how a member's step changes etcd's list of members: the scripts in {@code
 * templates/etcd/scripts}, with the real shell on machine e1 and an {@code etcdctl} that keeps the
 * list in a file.
 */
class EtcdStepTest {
  private static final Path TEMPLATES = Path.of("templates/etcd/scripts");

  private static final String ETCDCTL =
      """
      #!/bin/bash
      cd MACHINE
      echo "$*" >>calls
      case "$1 $2" in
        "member list") [[ -e members ]] && cat members ;;
        "member remove") sed -i "/^$3,/d" members ;;
        "member add")
          echo "id-$3, unstarted, , ${4#--peer-urls=}, , false" >>members
          printf 'Member added\\n\\nETCD_NAME="%s"\\nETCD_INITIAL_CLUSTER="those there"\\n' "$3"
          echo 'ETCD_INITIAL_CLUSTER_STATE="existing"' ;;
        "endpoint status") [[ -e members ]] && printf '"MemberID" : 1\\n"Leader" : 2\\n' ;;
        "alarm list") cat alarms 2>/dev/null ;;
        "endpoint health") [[ ! -e alarms ]] || exit 1; for url in ${ETCDCTL_ENDPOINTS//,/ }; do ! grep -qxF "$url" sick || exit 1; done ;;
        "get --print-value-only") cat "keys/${3##*/}" 2>/dev/null || true ;;
        "put "* | "lock "*)
          [[ ! -e alarms ]] || { echo 'etcdserver: mvcc: database space exceeded'; exit 1; }
          if [[ $1 == put ]]; then echo "$3" >"keys/${2##*/}"; else shift 2; exec "$@"; fi ;;
      esac
      """;

  private static final String SYSTEMCTL =
      """
      #!/bin/bash
      cd MACHINE
      case "$1" in
        is-active) cat active 2>/dev/null || echo inactive ;;
        start) echo start >>units; echo active >active; mkdir -p data/member/wal; touch data/member/wal/0.wal
               cp state/etcd.join joined-with 2>/dev/null
               [[ -e members ]] || mv born members
               sed -i 's/^id-e1, unstarted, ,/id-e1, started, e1,/; s/, , false$/, http:\\/\\/e1:2379, false/' members ;;
        --quiet) [[ "$*" != *' stop '* ]] || { echo stop >>units; rm -f active; } ;;
        disable | stop) echo stop >>units; rm -f active ;;
      esac
      true
      """;

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  private String owner;

  /** The owners of accepted certificates. */
  private String certificates = "";

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    for (var folder :
        List.of("run", "state/applied", "keys", "etc/systemd/system", "etc/ninefold/tls/etcd")) {
      Files.createDirectories(machine.resolve(folder));
    }
    Files.createFile(machine.resolve("sick"));
    script("lib.sh", Template.script("host/lib.sh"));
    // No service is held at a version.
    script("packages", "#!/bin/sh\n");
    try (var files = Files.list(TEMPLATES)) {
      for (var file : files.filter(it -> it.getFileName().toString().startsWith("etcd")).toList()) {
        var name = file.getFileName().toString();
        script(
            name.equals("etcd-members.sh") ? name : name.replaceFirst("[.].*", ""),
            Files.readString(file));
      }
    }
    command("etcdctl", ETCDCTL);
    command("systemctl", SYSTEMCTL);
    // Simulates whether a port accepts connections.
    command(
        "timeout",
        "#!/bin/bash\n[[ $* != */dev/tcp/* ]] || exec test -e MACHINE/members\nexec /usr/bin/timeout \"$@\"\n");
    command("hostname", "#!/bin/sh\necho e1\n");
    command("journalctl", "#!/bin/sh\n");
    command(
        "install",
        """
        #!/bin/bash
        echo "$*" >>MACHINE/installed
        words=()
        while (($#)); do case $1 in -o | -g) shift 2 ;; *) words+=("$1"); shift ;; esac; done
        exec /usr/bin/install "${words[@]}"
        """);
    owner = TestProcess.run("bash", "-c", "printf %s \"$(id -un):$(id -gn)\"").output();
  }

  @Test
  void newMembers_startTogether() throws IOException {
    members("e1", "e2", "e3");
    Files.move(machine.resolve("members"), machine.resolve("born"));

    step(100, "e1", "e2", "e3");

    assertThat(units()).containsExactly("start");
    assertThat(machine.resolve("joined-with")).doesNotExist();
    assertThat(calls()).noneMatch(call -> call.startsWith("lock") || call.startsWith("member add"));
  }

  /** A disk that is mounted there belongs to root at first. */
  @Test
  void parentFolderOfTheData_belongsToEtcd() throws IOException {
    members("e2", "e3", "e4");

    step(100, "e1", "e2", "e3", "e4");

    assertThat(Files.readAllLines(machine.resolve("installed")))
        .containsSubsequence(
            "-d -o etcd -g etcd -m 0700 " + machine,
            // Calls from within the data folder.
            "-d -o etcd -g etcd -m 0700 .");
  }

  /** An attacker with etcd's user owns the parent folder of its data. */
  @Test
  void linkInPlaceOfTheData_isNotFollowed() throws IOException {
    members("e2", "e3", "e4");
    var victim = Files.createDirectories(machine.resolve("victim"));
    var file = Files.createDirectories(victim.resolve("member")).resolve("file");
    Files.writeString(file, "another's\n");
    Files.createSymbolicLink(machine.resolve("data"), victim);

    var ended = run(bundle(100, "e1", "e2", "e3", "e4"), 60);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains("e1: etcd: " + machine.resolve("data") + " leads to " + victim)
        .contains("remove the link");
    assertThat(file).hasContent("another's");
    assertThat(machine.resolve("installed"))
        .content()
        .doesNotContain("0700 .\n", machine.resolve("data").toString());
    assertThat(machine.resolve("units")).doesNotExist();
  }

  @Test
  void addedMember_joinsUnderTheLock() throws IOException {
    members("e2", "e3", "e4");

    assertThat(step(100, "e1", "e2", "e3", "e4", "e5")).contains("joined the etcd cluster");

    assertThat(machine.resolve("joined-with"))
        .hasContent(
            "ETCD_INITIAL_CLUSTER=\"those there\"\nETCD_INITIAL_CLUSTER_STATE=\"existing\"");
    assertThat(machine.resolve("state/etcd.join")).doesNotExist();
    assertThat(calls()).anyMatch(call -> call.startsWith("lock /ninefold/trio/disruption"));
    assertThat(listed()).contains("e1");
  }

  @Test
  void interruptedMember_joinsAgain() throws IOException {
    members("e2", "e3");
    Files.writeString(
        machine.resolve("members"),
        Files.readString(machine.resolve("members"))
            + "id-old, unstarted, , http://e1:2380, , false\n");

    step(100, "e1", "e2", "e3");

    assertThat(calls()).contains("member remove id-old");
    assertThat(listed()).containsExactlyInAnyOrder("e1", "e2", "e3");
  }

  /** It was started as a member of a new cluster, and refused. */
  @Test
  void memberThatFailedToStart_joinsAgain() throws IOException {
    members("e1", "e2", "e3");
    Files.createDirectories(machine.resolve("data/member/snap"));
    Files.writeString(machine.resolve("keys/e1"), "100 e1");

    assertThat(step(100, "e1", "e2", "e3")).contains("joined the etcd cluster");

    assertThat(machine.resolve("data/member/snap")).doesNotExist();
  }

  /** A member that cannot read the list of members must not found a new cluster. */
  @Test
  void existingMembersWithoutQuorum_preventANewCluster() throws IOException {
    members("e2", "e3");
    command(
        "etcdctl",
        ETCDCTL.replace(
            "\"member list\") [[ -e members ]] && cat members", "\"member list\") false"));

    var ended = run(bundle(100, "e1", "e2", "e3"), 1);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("the existing members have a quorum: not so");
    assertThat(machine.resolve("units")).doesNotExist();
  }

  @Test
  void dataOfARemovedMember_isMovedAside() throws IOException {
    members("e2", "e3");
    Files.createDirectories(machine.resolve("data/member/wal"));
    Files.createFile(machine.resolve("data/member/wal/old.wal"));

    assertThat(step(100, "e1", "e2", "e3")).contains("moved the data of a former member to");

    assertThat(machine.resolve("data/member/wal/old.wal")).doesNotExist();
    try (var files = Files.list(machine)) {
      assertThat(files.filter(it -> it.getFileName().toString().startsWith("data."))).hasSize(1);
    }
    assertThat(listed()).contains("e1");
  }

  @Test
  void remainingMembers_removeUndescribedOnes_withoutARestart() throws IOException {
    living("e1", "e2", "e3", "e4", "e5");

    assertThat(step(100, "e1", "e2", "e3"))
        .contains("removed e4 from the etcd cluster", "removed e5 from the etcd cluster");

    assertThat(listed()).containsExactlyInAnyOrder("e1", "e2", "e3");
    assertThat(units()).containsExactly("start");
  }

  @Test
  void unansweringDescribedMember_preventsRemovals() throws IOException {
    living("e1", "e2", "e4");
    Files.writeString(machine.resolve("sick"), "http://e3:2379\n");

    var ended = run(bundle(100, "e1", "e2", "e3"), 1);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains("every described member has joined, before e4 is removed: not so");
    assertThat(listed()).containsExactlyInAnyOrder("e1", "e2", "e4");
  }

  @Test
  void onlyAChangeThatTheProcessReads_restartsIt() throws IOException {
    living("e1", "e2", "e3");

    step(100, "e1", "e2", "e3", "e4", "e5");
    assertThat(units()).containsExactly("start");

    members("e1", "e2", "e3", "e4", "e5");
    assertThat(step(150, "e1", "e2", "e3", "e4", "e5")).contains("restarted etcd");
    assertThat(units()).containsExactly("start", "stop", "start");
  }

  /**
   * A full etcd grants no leases and reports no member as healthy, so even a larger quota has to
   * wait.
   */
  @Test
  void fullEtcd_refusesAChangeAtOnce_untilTheAlarmIsDisarmed() throws IOException {
    living("e1", "e2", "e3");
    isFull();

    assertRefusedAtOnce(run(bundle(150, "e1", "e2", "e3"), 10));
    assertThat(units()).containsExactly("start");

    Files.delete(machine.resolve("alarms"));
    assertThat(step(150, "e1", "e2", "e3")).contains("restarted etcd");
  }

  @Test
  void fullEtcd_refusesAStepWithoutAChange() throws IOException {
    living("e1", "e2", "e3");
    isFull();

    assertRefusedAtOnce(run(bundle(100, "e1", "e2", "e3"), 10));
  }

  @Test
  void fullEtcd_addsAndStartsNoMember() throws IOException {
    members("e2", "e3");
    isFull();

    assertRefusedAtOnce(run(bundle(100, "e1", "e2", "e3"), 10));
    assertThat(listed()).containsExactly("e2", "e3");

    Files.createDirectories(machine.resolve("data/member/wal"));
    Files.createFile(machine.resolve("data/member/wal/0.wal"));
    assertRefusedAtOnce(run(bundle(100, "e1", "e2", "e3"), 10));
    assertThat(machine.resolve("units")).doesNotExist();
  }

  /** A certificate is valid for years, and etcd does not check its name. */
  @Test
  void certificateOfAnUndescribedOwner_isRefused_afterItsMemberIsRemoved() throws IOException {
    var first = certificate("e1/etcd");
    var fourth = certificate("e4/etcd");
    var client = certificate("p4/etcd-client");
    certificates = first + fourth + client;
    living("e1", "e2", "e4");
    assertThat(refused()).isEmpty();

    certificates = first;
    command("ss", "#!/bin/sh\necho \"$*\" >>MACHINE/ended\n");
    Files.writeString(machine.resolve("sick"), "http://e2:2379\n");
    assertThat(run(bundle(100, "e1", "e2", "e3"), 1).status()).isEqualTo(1);
    assertThat(refused()).as("while its member is still in the cluster").isEmpty();

    Files.writeString(machine.resolve("sick"), "");
    step(100, "e1", "e2");
    assertThat(listed()).containsExactlyInAnyOrder("e1", "e2");
    assertThat(refused()).containsExactlyInAnyOrder(serial(fourth), serial(client));
    assertThat(Files.readAllLines(machine.resolve("ended")))
        .containsExactly(
            "-K -Htn state established sport = :2379 and not dst 10.0.0.1 and not dst 10.0.0.2",
            "-K -Htn state established sport = :2380 and not dst 10.0.0.1 and not dst 10.0.0.2");
    assertThat(units()).as("etcd reads the list at each handshake").containsExactly("start");
  }

  /** The owner's machine may not have the new certificate yet. */
  @Test
  void renewedCertificate_isRefusedOnlyWithItsOwner() throws IOException {
    var old = certificate("p1/etcd-client");
    certificates = certificate("e1/etcd") + old;
    living("e1", "e2", "e3");
    var fresh = certificate("p1/etcd-client");
    certificates = certificate("e1/etcd") + fresh;
    step(100, "e1", "e2", "e3");
    assertThat(refused()).isEmpty();

    certificates = certificate("e1/etcd");
    step(100, "e1", "e2", "e3");
    assertThat(refused()).containsExactlyInAnyOrder(serial(old), serial(fresh));
  }

  @Test
  void certificateOfAnOwnerDescribedAgain_isAccepted() throws IOException {
    var first = certificate("e1/etcd");
    var client = certificate("p1/etcd-client");
    certificates = first + client;
    living("e1", "e2", "e3");
    certificates = first;
    step(100, "e1", "e2", "e3");
    assertThat(refused()).containsExactly(serial(client));

    certificates = first + client;
    step(100, "e1", "e2", "e3");
    assertThat(refused()).isEmpty();
  }

  @Test
  void joiningMember_refusesTheSameCertificates() throws IOException {
    var gone = serial(certificate("p4/etcd-client"));
    Files.writeString(
        machine.resolve("keys/etcd-certificates"), gone.toLowerCase(Locale.ROOT) + " -\n");
    certificates = certificate("e1/etcd");
    members("e2", "e3");

    step(100, "e1", "e2", "e3");

    assertThat(refused()).containsExactly(gone);
    assertThat(Files.readString(machine.resolve("keys/etcd-certificates")))
        .contains(" -\n", " e1/etcd\n");
  }

  /** Without the list, etcd accepts no connection. */
  @Test
  void revocationList_existsBeforeEtcdStarts() throws IOException {
    members("e1", "e2", "e3");
    Files.move(machine.resolve("members"), machine.resolve("born"));
    command(
        "systemctl",
        SYSTEMCTL.replace(
            "start) ", "start) test -s etc/ninefold/tls/etcd/refused.crl || exit 1; "));

    step(100, "e1", "e2", "e3");
  }

  /** A certificate after a line with its owner. */
  private String certificate(String identity) {
    return identity
        + "\n"
        + TestProcess.run(
                "bash",
                "-c",
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x"
                    + " -keyout /dev/null 2>/dev/null")
            .output();
  }

  private static String serial(String certificate) {
    return TestProcess.run(
            List.of("openssl", "x509", "-noout", "-serial"),
            certificate.substring(certificate.indexOf("-----")),
            Map.of())
        .output()
        .strip()
        .replaceFirst("^serial=0*", "");
  }

  /** The serial numbers that openssl finds in the list. */
  private List<String> refused() {
    var openssl =
        TestProcess.run(
            "openssl",
            "crl",
            "-inform",
            "DER",
            "-noout",
            "-text",
            "-in",
            machine.resolve("etc/ninefold/tls/etcd/refused.crl").toString());
    assertThat(openssl.status()).as(openssl.output()).isZero();
    return Pattern.compile("Serial Number: 0*(\\S+)")
        .matcher(openssl.output())
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  private void isFull() throws IOException {
    Files.writeString(machine.resolve("alarms"), "memberID:1 alarm:NOSPACE\n");
  }

  private static void assertRefusedAtOnce(TestProcess.Ended ended) {
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains("e1: etcd: its data is at etcd.quota", "alarm:NOSPACE", "docs/operations/etcd.md")
        .doesNotContain("not so after");
  }

  /** A new cluster would not know the last leader, so any database node could become the leader. */
  @Test
  void lostDataOfAllMembers_preventsANewCluster() throws IOException {
    living("e1", "e2", "e3");
    lose(true);

    var ended = run(bundle(100, "e1", "e2", "e3"), 1);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains("its data is gone, and no member answers; nothing was founded")
        .contains("docs/operations/etcd.md", "etcd.generation");
    assertThat(units()).containsExactly("start");
  }

  @Test
  void raisedGeneration_createsANewCluster_once() throws IOException {
    living("e1", "e2", "e3");
    lose(true);
    var raised = bundle(100, "e1", "e2", "e3").replace("generation 1", "generation 2");

    var ended = run(raised, 60);

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(units()).containsExactly("start", "start");

    lose(true);
    assertThat(run(raised, 1).output()).contains("nothing was founded");
  }

  @Test
  void memberThatLostItsData_joinsTheOthers() throws IOException {
    living("e1", "e2", "e3");
    lose(false);

    assertThat(step(100, "e1", "e2", "e3")).contains("joined the etcd cluster");
    assertThat(listed()).containsExactlyInAnyOrder("e1", "e2", "e3");
  }

  /** Deletes the data of this machine's member, or of all members. */
  private void lose(boolean all) throws IOException {
    Files.delete(machine.resolve("data/member/wal/0.wal"));
    Files.deleteIfExists(machine.resolve("active"));
    if (all) {
      Files.move(machine.resolve("members"), machine.resolve("born"));
    }
  }

  /** While the whole cluster is destroyed, no member may be left to answer. */
  @Test
  void removal_asksNoMember() throws IOException {
    living("e1", "e2", "e3");
    Files.delete(machine.resolve("calls"));

    var ended =
        TestProcess.run(
            List.of(machine.resolve("lib/etcd").toString(), "remove"), "", environment(60));

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(machine.resolve("calls")).doesNotExist();
    assertThat(machine.resolve("active")).doesNotExist();
    assertThat(machine.resolve("data/member")).exists();
  }

  /** Makes this machine a running member of a cluster with these members. */
  private void living(String... members) throws IOException {
    members(members);
    Files.createDirectories(machine.resolve("data/member/wal"));
    Files.createFile(machine.resolve("data/member/wal/0.wal"));
    step(100, members);
  }

  private void members(String... names) throws IOException {
    Files.write(
        machine.resolve("members"),
        Stream.of(names)
            .map("id-%1$s, started, %1$s, http://%1$s:2380, http://%1$s:2379, false"::formatted)
            .toList());
  }

  private List<String> listed() throws IOException {
    return Files.readAllLines(machine.resolve("members")).stream()
        .map(line -> line.split(", ", -1)[2])
        .toList();
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(machine.resolve("calls"));
  }

  private List<String> units() throws IOException {
    return Files.readAllLines(machine.resolve("units"));
  }

  private String step(int heartbeat, String... members) {
    var ended = run(bundle(heartbeat, members), 60);
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  private String bundle(int heartbeat, String... members) {
    return """
        scope trio
        born at e1
        generation 1
        secrets none
        callers 10.0.0.1 10.0.0.2
        change %2$d %3$s
        === %1$s/etc/default/etcd %5$s 0644
        ETCD_NAME=e1
        ETCD_ADVERTISE_CLIENT_URLS=http://e1:2379
        ETCD_INITIAL_ADVERTISE_PEER_URLS=http://e1:2380
        ETCD_HEARTBEAT_INTERVAL=%2$d
        === %1$s/etc/ninefold/etcd-members.env %5$s 0644
        ETCD_INITIAL_CLUSTER=%3$s
        === %1$s/etc/ninefold/etcd.env %5$s 0644
        ETCDCTL_ENDPOINTS=%4$s
        === %1$s/etc/ninefold/etcd-certificates.pem %5$s 0644
        %6$s=== %1$s/etc/systemd/system/etcd.service.d/ninefold.conf %5$s 0644
        [Service]
        === end
        """
        .formatted(
            machine,
            heartbeat,
            joined("%1$s=http://%1$s:2380", members),
            joined("http://%1$s:2379", members),
            owner,
            certificates);
  }

  private static String joined(String form, String... members) {
    return String.join(",", Stream.of(members).map(form::formatted).toList());
  }

  private TestProcess.Ended run(String bundle, int limit) {
    return TestProcess.run(
        List.of(machine.resolve("lib/etcd").toString()), bundle, environment(limit));
  }

  private Map<String, String> environment(int limit) {
    return Map.of(
        "PATH",
        machine.resolve("bin") + ":" + System.getenv("PATH"),
        "LC_ALL",
        "C",
        "NINEFOLD_DEADLINE",
        String.valueOf(Instant.now().getEpochSecond() + limit));
  }

  /** Writes a script with its paths below the temporary folder. */
  private void script(String name, String text) {
    TestProcess.script(
        machine,
        name,
        text.replace("/var/lib/etcd/ninefold", machine + "/data"),
        "/etc/ninefold",
        "/etc/default",
        "/etc/systemd");
  }

  /** Replaces a command of the machine. */
  private void command(String name, String text) {
    TestProcess.executable(
        machine.resolve("bin").resolve(name), text.replace("MACHINE", machine.toString()));
  }
}
