package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import ninefold.TestProcess;
import ninefold.render.Template;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests an operator's commands: {@code templates/patroni/scripts/operate.sh}, with the real shell
 * on machine a, the leader; b is its synchronous standby, c an asynchronous replica. Files stand
 * for Patroni's members.
 */
class OperateStepTest {
  private static final String CURL =
      """
      #!/bin/bash
      cd MACHINE
      method=GET
      while (($#)); do
        case $1 in
          --request) method=$2; shift 2 ;;
          --data) body=$2; shift 2 ;;
          --config) cat "$2" >>configs; shift 2 ;;
          https://*) url=${1#https://}; shift ;;
          *) shift ;;
        esac
      done
      host=${url%%:*}
      [[ ! -e dead/$host ]] || exit 7
      echo "$method $host /${url#*/} ${body:-}" >>calls
      change() { jq "$2" "$1" >"$1.new.$$" && mv "$1.new.$$" "$1"; }
      case "$method /${url#*/}" in
        'GET /cluster') jq '{members: .}' members.json ;;
        'GET /patroni') cat "patroni/$host.json" ;;
        'GET /history') echo '[[1, 2, "why"]]' ;;
        'POST /reinitialize')
          [[ ! -e refuses ]] || { echo 'it is busy'; exit; }
          printf 'reinitialize started'
          change "patroni/$host.json" '.postmaster_start_time = "later"' ;;
        'PATCH /config')
          [[ $body == *pause* && ! -e refuses ]] || exit 0
          for file in patroni/*.json; do change "$file" ". + $body"; done ;;
      esac
      """;

  private static final String PATRONICTL =
      """
      #!/bin/bash
      cd MACHINE
      shift 2
      echo "patronictl $*" >>calls
      change() { jq "$2" "$1" >"$1.new.$$" && mv "$1.new.$$" "$1"; }
      case $1 in
        switchover)
          [[ ! -e refuses ]] || { echo 'Switchover failed, details: 412, no candidate'; exit; }
          change members.json "map(if .name == \\"$5\\" then .role = \\"leader\\" | .state = \\"running\\"
            elif .name == \\"$3\\" then .role = \\"sync_standby\\" | .state = \\"streaming\\" else . end)" ;;
        restart)
          [[ ! -e refuses ]] || { echo "Failed: restart for member $4, status code=503, (busy)"; exit; }
          change "patroni/$4.json" '.postmaster_start_time = "later"' ;;
      esac
      """;

  private static final String ETCDCTL =
      """
      #!/bin/bash
      cd MACHINE
      case $1 in
        get) cat locks 2>/dev/null || true ;;
        --command-timeout=*) echo "lock $3" >>calls; shift 3; exec "$@" ;;
      esac
      """;

  /** The root folder of a simulated machine. */
  @TempDir private Path machine;

  @BeforeEach
  void machineWithTheScripts() throws IOException {
    for (var folder : List.of("run", "patroni", "dead", "etc/patroni/config.d", "etc/ninefold")) {
      Files.createDirectories(machine.resolve(folder));
    }
    TestProcess.environment(
        machine, "CLUSTER_NAME=trio", "NODE=a", "PATRONI_ENDPOINT=a:8008", "POSTGRES_PORT=5432");
    Files.writeString(machine.resolve("etc/ninefold/patroni-etcd.env"), "");
    Files.writeString(
        machine.resolve("members.json"),
        """
        [{"name": "a", "role": "leader", "state": "running", "host": "a", "port": 5432, "api_url": "https://a:8008/patroni"},
         {"name": "b", "role": "sync_standby", "state": "streaming", "host": "b", "port": 5432, "api_url": "https://b:8008/patroni"},
         {"name": "c", "role": "replica", "state": "streaming", "host": "c", "port": 5432, "api_url": "https://c:8008/patroni"}]
        """);
    member("a", "\"role\": \"primary\", \"state\": \"running\"");
    member(
        "b", "\"role\": \"replica\", \"state\": \"running\", \"replication_state\": \"streaming\"");
    member(
        "c", "\"role\": \"replica\", \"state\": \"running\", \"replication_state\": \"streaming\"");
    script("lib.sh", Template.script("host/lib.sh"));
    script("patroni-api.sh", Template.script("patroni/patroni-api.sh"));
    script("operate", Template.script("patroni/operate"));
    command("curl", CURL);
    command("patronictl", PATRONICTL);
    command("etcdctl", ETCDCTL);
    command("hostname", "#!/bin/sh\necho a\n");
    command("journalctl", "#!/bin/sh\n");
    command(
        "runuser",
        "#!/bin/sh\necho \"$PGREQUIREPEER\" >>MACHINE/peers\necho \"${*%% sslmode*}\" >>MACHINE/calls\n[ -e MACHINE/refuses ] || echo t\n");
  }

  @Test
  void switchover_endsWhenTheCandidateLeads() throws IOException {
    var ended = operate("switchover", "a", "b");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("asking Patroni to switch over from a to b", "b leads");
    assertThat(calls())
        .containsSubsequence(
            "lock /ninefold/trio/disruption",
            "-u postgres -- psql -XAtq -c CHECKPOINT host=a port=5432 user=rewind dbname=postgres"
                + " connect_timeout=5",
            "patronictl switchover --leader a --candidate b --force");
  }

  @Test
  void switchover_continuesWithoutACheckpoint() throws IOException {
    command("runuser", "#!/bin/sh\necho 'permission denied'; exit 1\n");

    var ended = operate("switchover", "a", "b");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output())
        .contains("no checkpoint on a before the switchover: permission denied", "b leads");
  }

  @Test
  void refusedSwitchover_failsWithPatronisReason() throws IOException {
    refuse();

    var ended = operate("switchover", "a", "b");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains("patroni: b leads: not so after", "412, no candidate")
        .contains("run the command again")
        .doesNotContain("pulumi up");
  }

  @Test
  void formerLeader_isNotSwitchedOver() throws IOException {
    var ended = operate("switchover", "b", "c");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("b is no longer the leader; nothing was changed");
    assertThat(calls()).noneMatch(call -> call.startsWith("patronictl"));
  }

  @Test
  void restart_goesMemberByMember() throws IOException {
    var ended = operate("restart", "c", "a");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output())
        .containsSubsequence(
            "restarting PostgreSQL on c",
            "c: streaming",
            "restarting PostgreSQL on a",
            "a: running");
    assertThat(calls())
        .containsSubsequence(
            "lock /ninefold/trio/disruption",
            "patronictl restart --force trio c",
            "patronictl restart --force trio a");
  }

  @Test
  void refusedRestart_fails_andStopsBeforeTheNextMember() throws IOException {
    refuse();

    var ended = operate("restart", "c", "a");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("c refuses to restart", "status code=503, (busy)");
    assertThat(calls()).noneMatch(call -> call.contains("trio a"));
  }

  @Test
  void replicaInArchiveRecovery_isBackInThatState() throws IOException {
    replaysTheArchive();

    var ended = operate("restart", "c");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("c: in archive recovery");
  }

  @Test
  void reinit_isNotFinishedInArchiveRecovery() throws IOException {
    replaysTheArchive();

    assertThat(operate(2, "reinit", "c").output())
        .contains("c streams again; the clone is still running");
  }

  private void replaysTheArchive() throws IOException {
    member(
        "c",
        "\"role\": \"replica\", \"state\": \"running\", \"replication_state\": \"in archive recovery\"");
    var members = machine.resolve("members.json");
    Files.writeString(
        members,
        Files.readString(members)
            .replace(
                "\"c\", \"role\": \"replica\", \"state\": \"streaming\"",
                "\"c\", \"role\": \"replica\", \"state\": \"in archive recovery\""));
  }

  @Test
  void reinit_endsWhenTheReplicaStreams() throws IOException {
    var ended = operate("reinit", "c");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(calls())
        .containsSubsequence(
            "lock /ninefold/trio/disruption", "POST c /reinitialize {\"force\": true}");
  }

  @Test
  void leader_isNotReinitialized() throws IOException {
    var ended = operate("reinit", "a");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("a is the leader now; nothing was changed");
    assertThat(calls()).noneMatch(call -> call.contains("/reinitialize"));
  }

  @Test
  void refusedReinit_isReported() throws IOException {
    refuse();

    var ended = operate("reinit", "c");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("patroni: c refuses", "it is busy");
  }

  @Test
  void pauseAndResume_endWhenEveryMemberReportsThem() throws IOException {
    assertThat(operate("pause").output()).contains("the cluster is paused");
    assertThat(Files.readString(machine.resolve("patroni/c.json"))).contains("\"pause\": true");

    assertThat(operate("resume").output()).contains("the cluster is no longer paused");
    assertThat(Files.readString(machine.resolve("patroni/c.json"))).contains("\"pause\": null");
  }

  @Test
  void unnoticedPause_fails() throws IOException {
    refuse();

    var ended = operate("pause");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("not yet, or no answer: a:8008 b:8008 c:8008");
  }

  @Test
  void reload_takesNoLock_andEndsWhenPostgresqlHasRead() throws IOException {
    var ended = operate("reload");

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(calls()).contains("POST a /reload ").noneMatch(call -> call.startsWith("lock"));
    assertThat(Files.readAllLines(machine.resolve("peers")))
        .as("the required user of PostgreSQL's socket")
        .containsOnly("postgres");

    refuse();
    assertThat(operate("reload").status()).isEqualTo(1);
  }

  /** Every user of the machine can read a command line. */
  @Test
  void changeSendsThePassword_outsideTheCommandLine_andReadingDoesNot() throws IOException {
    Files.writeString(
        machine.resolve("etc/patroni/config.d/15-authentication.yml"),
        "restapi:\n  authentication:\n    username: ninefold\n    password: \"12e3\"\n");

    assertThat(operate("history").status()).isZero();
    assertThat(machine.resolve("configs")).doesNotExist();

    assertThat(operate("reload").status()).isZero();
    assertThat(Files.readAllLines(machine.resolve("configs")))
        .isNotEmpty()
        .containsOnly("user = \"ninefold:12e3\"");
    assertThat(calls()).noneMatch(call -> call.contains("12e3"));
  }

  @Test
  void heldLock_preventsAChange() throws IOException {
    Files.writeString(machine.resolve("locks"), "/ninefold/trio/disruption/694d\n\n");

    var ended = operate("restart", "c");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output())
        .contains("another change holds the cluster's lock (/ninefold/trio/disruption/694d)");
    assertThat(machine.resolve("calls")).doesNotExist();
  }

  @Test
  void unansweringMember_isReported_andKeepsItsData() throws IOException {
    Files.createFile(machine.resolve("dead/c"));

    var ended = operate("reinit", "c");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.output()).contains("the member c does not answer; nothing was changed");
    assertThat(calls()).noneMatch(call -> call.contains("/reinitialize"));
  }

  @Test
  void unknownMember_isReported() {
    assertThat(operate("restart", "x").output())
        .contains("patroni: it has no member x; nothing was changed");
  }

  @Test
  void history_isThatOfPatroni() {
    assertThat(operate("history").output()).isEqualTo("[[1, 2, \"why\"]]\n");
  }

  private void member(String name, String json) throws IOException {
    Files.writeString(
        machine.resolve("patroni/" + name + ".json"),
        "{" + json + ", \"pause\": false, \"postmaster_start_time\": \"first\"}\n");
  }

  private void refuse() throws IOException {
    Files.createFile(machine.resolve("refuses"));
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(machine.resolve("calls"));
  }

  /** Runs a command with waits of at most two seconds. */
  private TestProcess.Ended operate(String... words) {
    return operate(refuses() ? 2 : 60, words);
  }

  private TestProcess.Ended operate(int limit, String... words) {
    var command = new ArrayList<>(List.of(machine.resolve("lib/operate").toString()));
    command.addAll(List.of(words));
    return TestProcess.run(
        command,
        "",
        Map.of(
            "PATH",
            machine.resolve("bin") + ":" + System.getenv("PATH"),
            "NINEFOLD_AGAIN",
            "run the command again",
            "NINEFOLD_DEADLINE",
            String.valueOf(Instant.now().getEpochSecond() + limit)));
  }

  private boolean refuses() {
    return Files.exists(machine.resolve("refuses"));
  }

  /** Writes a script with its paths below the temporary folder. */
  private void script(String name, String text) {
    TestProcess.script(machine, name, text, "/etc/ninefold", "/etc/patroni");
  }

  /** Replaces a command of the machine. */
  private void command(String name, String text) {
    TestProcess.executable(
        machine.resolve("bin").resolve(name), text.replace("MACHINE", machine.toString()));
  }
}
