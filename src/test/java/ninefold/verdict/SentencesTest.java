package ninefold.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import ninefold.Descriptions;
import ninefold.description.Cluster;
import ninefold.description.reader.DescriptionReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts of findings, with their figures. */
class SentencesTest {
  private static final Cluster CLUSTER = DescriptionReader.read(Descriptions.stack("containers"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {leader} postgresql.replicas[name={other}].replayed = lsn-20971520 | {other} is 20 MiB behind the leader {leader}; the limit is 16 MiB.
          postgres* patroni.members.members[name={leader}].timeline = 12 ; postgres* patroni.members.members[name={sync}].timeline = 12 ; postgres* patroni.members.members[name={other}].timeline = 11 | {other} is on timeline 11, but the leader {leader} is on 12.
          {other} postgresql.settings.work_mem.value = "4096" | {other}: work_mem is 4096kB instead of 1310kB.
          {other} postgresql.settings.shared_buffers.value = "1024" | {other}: shared_buffers is 1024 times 8kB instead of 128MB.
          {other} postgresql.settings.max_connections.pending = true | PostgreSQL on {other} must be restarted to apply max_connections.
          postgres* patroni.configuration.ttl = 20 ; postgres* patroni.configuration.postgresql.use_slots = false | Patroni's settings in etcd differ from the description: postgresql.use_slots and ttl.
          {leader} postgresql.waiting = {"segments": 1} ; {leader} postgresql.waiting.oldest = now-240 | 1 segment waits to be archived on {leader}, the oldest for 4 min; the limit is 180 s.
          {leader} postgresql.waiting = {"segments": 7} ; {leader} postgresql.waiting.oldest = now-200 | 7 segments wait to be archived on {leader}, the oldest for 3.3 min; the limit is 180 s.
          {leader} pgbouncer.pools = [{"database": "app", "user": "me", "waiting": 1, "longest": 9.25}] | {leader}: 1 client of user me waits for a connection to database app, the first for 9.3 s; the limit is 5 s.
          {leader} pgbouncer.pools = [{"database": "app", "user": "me", "waiting": 4, "longest": 90}] | {leader}: 4 clients of user me wait for a connection to database app, the first for 90 s; the limit is 5 s.
          {etcd} certificates = [{"service": "etcd", "path": "/x", "ends": 0, "served": true}] ; {etcd} certificates[*].ends = now+216000 | {etcd}: 1 certificate expires within 30 days, the first (etcd) in 2.5 days.
          {etcd} time = now+2.5 | The clock of {etcd} is 2.5 s ahead of the others; the limit is 500 ms.
          {etcd} time = now-2.5 | The clock of {etcd} is 2.5 s behind the others; the limit is 500 ms.
          {spare} haproxy.frontends[port=5000] delete | {spare}: HAProxy reports nothing about port 5000.
          {spare} haproxy.servers[name={other}].port = 6433 | {spare}: backend leader has {other} at 192.168.100.2:6433 instead of 192.168.100.2:6432; backend replicas has {other} at 192.168.100.2:6433 instead of 192.168.100.2:6432.
          repository backups.backups[*].first = "000000010000000000000002" ; repository backups.backups[*].last = "000000010000000000000003" ; repository backups.archive = [{"timeline": 1, "ranges": [["0000000000000002", "0000000000000004"], ["0000000000000006", "0000000000000009"]]}] | 1 segment is missing in the archive since the newest backup: 000000010000000000000005.
          repository backups.backups[*].first = "000000010000000000000002" ; repository backups.backups[*].last = "000000010000000000000003" ; repository backups.archive = [{"timeline": 1, "ranges": [["0000000000000002", "0000000000000004"], ["0000000000000007", "0000000000000009"]]}] | 2 segments are missing in the archive since the newest backup: 000000010000000000000005 to 000000010000000000000006.
          etcd1 silent ; etcd2 silent ; etcd3 etcd.leader = "0" | etcd has no leader, so Patroni cannot elect one: 1 of 3 members answer, 2 are needed.
          """)
  void finding_containsItsFigures(String changes, String sentence) {
    Recording recording = Recording.of(CLUSTER);

    Verdict verdict = recording.change(changes).verdict();

    assertThat(verdict.findings()).extracting(Finding::what).contains(recording.named(sentence));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0             | 0 bytes
          1023          | 1023 bytes
          1536          | 1.5 KiB
          16777216      | 16 MiB
          -1073741824   | -1 GiB
          1125899906842624 | 1024 TiB
          """)
  void size_isFormatted(long bytes, String text) {
    assertThat(FindingText.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0.25    | 0.3 s
          119     | 119 s
          120     | 2 min
          7199    | 120 min
          7200    | 2 h
          93600   | 26 h
          172800  | 2 d
          """)
  void duration_isFormatted(double seconds, String text) {
    assertThat(FindingText.duration(seconds)).isEqualTo(text);
  }
}
