package ninefold.description.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import ninefold.Descriptions;
import ninefold.description.Cluster;
import ninefold.description.reader.DescriptionReader;
import ninefold.service.PostgresqlParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The catalogue, compared with the recorded behaviour of Patroni and PostgreSQL. */
class ParameterCatalogueTest {
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final ParameterCatalogue CATALOGUE = ParameterCatalogue.packaged();

  private static List<List<String>> table(String file) {
    try {
      return Files.readAllLines(RESOURCES.resolve(file)).stream()
          .filter(line -> !line.startsWith("#"))
          .map(line -> List.of(line.split("\t", -1)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<String> refusal(String name, String value, int version) {
    return CATALOGUE.refused(name, value, version).map(it -> it.found() + "; " + it.remedy());
  }

  static List<List<String>> outcomes() {
    return table("patroni-parameter-values.tsv");
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void accepts_exactlyTheValuesThatReachPostgresqlUnchanged(List<String> outcome) {
    boolean reaches = outcome.get(2).equals("kept") && outcome.get(3).equals("accepts");

    Optional<String> refused = refusal(outcome.get(0), outcome.get(1), 17);

    assertThat(refused.isEmpty()).as("%s: %s", outcome, refused).isEqualTo(reaches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          work_mem | 64mb | '64mb' has the unit mb, which the parameter does not accept; write 64MB; \
          allowed: 64 to 2147483647 in units of kB, or with a unit: TB, GB, MB, kB, B
          work_mem | 64MiB | '64MiB' has the unit MiB, which the parameter does not accept; write 64MB
          work_mem | 4 gigs | '4 gigs' has the unit gigs, which the parameter does not accept; write 4GB
          work_mem | 4 hands | '4 hands' has the unit hands, which the parameter does not accept; allowed
          idle_session_timeout | 10m | '10m' has the unit m, which the parameter does not accept; \
          write 10min; allowed: 0 to 2147483647 in units of ms, or with a unit: d, h, min, s, ms, us
          checkpoint_timeout | 10MB | '10MB' has the unit MB, which the parameter does not accept; allowed
          shared_buffers | a lot | 'a lot' is not a number; \
          allowed: 16 to 1073741823 in units of 8kB, or with a unit
          random_page_cost | 1,1 | '1,1' is not a number; allowed: 0 or more
          autovacuum_vacuum_cost_limit | 99999 | '99999' is out of range; allowed: -1 to 10000
          max_worker_processes | 8MB | '8MB' has a unit, but the parameter has none; allowed: 2 to 262143
          max_parallel_workers | 2.5 | '2.5' is not a whole number; allowed: 0 to 1024
          max_wal_senders | 2 | '2' is less than Patroni accepts: Patroni would use 10 instead; allowed: 3 to 262143
          wal_keep_size | 15MB | '15MB' is less than Patroni accepts: Patroni would use 128MB instead
          idle_session_timeout | 400us | '400us' is less than half of the unit, ms, and would be rounded to 0
          jit | maybe | 'maybe' is not allowed; allowed: on, off, true, false, yes, no, 1, 0
          log_statement | dll | 'dll' is not allowed; did you mean 'ddl'? (allowed: none, ddl, mod, all)
          shared_bufers | 2GB | PostgreSQL 17 has no parameter shared_bufers; did you mean 'shared_buffers'?
          gremlins | 2 | PostgreSQL 17 has no parameter gremlins; correct the name, or remove it
          io_method | worker | PostgreSQL 17 has no parameter io_method; \
          remove it: it was added in PostgreSQL 18
          old_snapshot_threshold | 60min | PostgreSQL 17 has no parameter old_snapshot_threshold; \
          remove it: it was removed in PostgreSQL 17
          """)
  void message_containsTheProblemAndTheAllowedValues(String name, String value, String message) {
    assertThat(refusal(name, value, 17)).hasValueSatisfying(it -> assertThat(it).contains(message));
  }

  @ParameterizedTest
  @CsvSource({
    "15, promote_trigger_file, x, false",
    "15, vacuum_defer_cleanup_age, 5, true",
    "16, vacuum_defer_cleanup_age, 5, false",
    "16, old_snapshot_threshold, 60min, true",
    "15, allow_alter_system, off, false",
    "17, allow_alter_system, off, true",
    "17, log_connections, 'receipt,setup_durations', false",
    "18, log_connections, 'receipt,setup_durations', true",
    "17, maintenance_work_mem, 512kB, false",
    "18, maintenance_work_mem, 512kB, true",
    "17, io_combine_limit, 512kB, false",
    "18, io_combine_limit, 512kB, true",
    "18, io_method, io_uring, true",
    "17, plperl.use_strict, maybe, true",
  })
  void parameters_dependOnTheVersion(int version, String name, String value, boolean accepted) {
    assertThat(refusal(name, value, version).isEmpty()).isEqualTo(accepted);
  }

  @Test
  void defaultsOfPostgresql_areAccepted() {
    List<List<String>> known =
        table("postgresql-17-settings.tsv").stream()
            .filter(it -> CATALOGUE.names(17).contains(it.get(0).toLowerCase(Locale.ROOT)))
            // The default is 0, which is less than Patroni's minimum.
            .filter(it -> !it.get(0).equals("wal_keep_size"))
            .toList();

    assertThat(known).hasSizeGreaterThan(300);
    assertThat(known)
        .allSatisfy(
            it ->
                assertThat(refusal(it.get(0).toLowerCase(Locale.ROOT), it.get(6), 17))
                    .as("%s", it)
                    .isEmpty());
  }

  static List<ParameterRule> numbers() {
    return IntStream.rangeClosed(15, 18)
        .boxed()
        .flatMap(it -> CATALOGUE.names(it).stream().map(name -> CATALOGUE.rule(name, it)))
        .flatMap(Optional::stream)
        .filter(it -> Double.isFinite(it.min()))
        .distinct()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void rangesAreInclusive(ParameterRule rule) {
    double step = rule.type() == ParameterRule.Type.INTEGER ? 1 : 0.001;
    double min = rule.min();

    assertThat(rule.checkValue(plain(min))).isEmpty();
    assertThat(rule.checkValue(plain(min - step))).isPresent();
    if (Double.isFinite(rule.max())) {
      assertThat(rule.checkValue(plain(rule.max()))).isEmpty();
      assertThat(rule.checkValue(plain(rule.max() + step))).isPresent();
    }
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  static Stream<Cluster> clusters() {
    Stream<Cluster> ours =
        Stream.concat(
                Descriptions.stacks().stream().map(Descriptions::stack),
                Stream.of(RESOURCES.resolve("descriptions/every.yaml")))
            .map(DescriptionReader::read);
    Stream<Cluster> sizes =
        Stream.of("512MiB", "1GiB", "16GiB", "1024GiB", "16384GiB")
            .flatMap(
                memory ->
                    Stream.of("fast", "normal", "wide")
                        .map(word -> Descriptions.three(memory, "failover: " + word)));
    Stream<Cluster> others =
        Stream.of(
            Descriptions.three("1GiB", "postgresql: {maxConnections: 25}\npooling: {poolSize: 5}"),
            Descriptions.three("64GiB", "postgresql: {maxConnections: 10000, audit: ddl}"),
            Descriptions.three("1GiB", "backup: {archiveTimeout: 1h}"));
    return Stream.of(ours, sizes, others).flatMap(it -> it);
  }

  @ParameterizedTest
  @MethodSource("clusters")
  void derivedParameters_areAcceptedInEveryVersion(Cluster cluster) {
    PostgresqlParameters.of(cluster)
        .forEach(
            (name, value) ->
                assertThat(IntStream.rangeClosed(15, 18).mapToObj(it -> refusal(name, value, it)))
                    .as("%s: %s", name, value)
                    .allMatch(Optional::isEmpty));
  }
}
