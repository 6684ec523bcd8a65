package ninefold.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Runs Hive's own client, which continuously creates and alters databases, tables and partitions,
 * and commits transactions. Each of its threads has its own connection to the Metastore.
 */
final class MetastoreClient implements AutoCloseable {
  static final int THREADS = 8;

  /** The number of different changes that each thread cycles through. */
  private static final int ROUND = 12;

  private static final Duration RECENT = Duration.ofSeconds(3);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(150);

  private final long run;
  private final int threads;
  private final WriteLog log = new WriteLog();
  private final Map<Integer, List<Long>> acknowledged = new TreeMap<>();
  private final Map<Integer, String> probes = new TreeMap<>();
  private final Process process;
  private final Thread listener;

  private MetastoreClient(long run, int threads, Process process) {
    this.run = run;
    this.threads = threads;
    this.process = process;
    this.listener = new Thread(this::listen, "metastore-client");
    listener.setDaemon(true);
    listener.start();
  }

  /** Starts the client, and returns once the Metastore acknowledges changes. */
  static MetastoreClient start(HiveDistribution hive, Metastore metastore) {
    return start(hive, metastore, THREADS);
  }

  /** Does the same with a given number of threads. */
  static MetastoreClient start(HiveDistribution hive, Metastore metastore, int threads) {
    long run = System.currentTimeMillis();
    var program =
        hive.program(
            Path.of("lab", "hive"),
            "ninefold.lab.hive.ChangeMetastore",
            metastore.uri(),
            String.valueOf(run),
            String.valueOf(threads));
    try {
      var errors = ProcessBuilder.Redirect.appendTo(Path.of("target/lab/client.log").toFile());
      var client = new MetastoreClient(run, threads, program.redirectError(errors).start());
      try {
        client.awaitFlow(Duration.ofSeconds(60));
        return client;
      } catch (AssertionError e) {
        client.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  WriteLog log() {
    return log;
  }

  /** Returns a query for the numbers of the changes that are present in a database. */
  String idsQuery() {
    return """
    SELECT substring(made FROM '[0-9]+$') FROM (
      SELECT "NAME" FROM "DBS" UNION ALL SELECT "TBL_NAME" FROM "TBLS"
      UNION ALL SELECT "PART_KEY_VAL" FROM "PARTITION_KEY_VALS"
      UNION ALL SELECT "PARAM_KEY" FROM "TABLE_PARAMS"
      UNION ALL SELECT "PARAM_KEY" FROM "PARTITION_PARAMS"
      UNION ALL SELECT "PARAM_KEY" FROM "DATABASE_PARAMS"
      UNION ALL SELECT "TXN_USER" FROM "TXNS" WHERE "TXN_STATE" = 'c') AS all_made (made)
    WHERE starts_with(made, 'r%d_')\
    """
        .formatted(run);
  }

  /** Waits until changes are acknowledged continuously; those from before the call do not count. */
  void awaitFlow(Duration limit) {
    long began = System.nanoTime();
    Eventually.holds(
        "the Metastore acknowledges changes",
        limit,
        () -> {
          long now = System.nanoTime();
          int recent = log.since(Math.max(began, now - RECENT.toNanos())).size();
          return recent >= threads
              ? Optional.empty()
              : Optional.of(
                  recent + " changes in the last " + RECENT.toSeconds() + " s; " + log.errors());
        });
  }

  /** Waits until every thread has made each kind of change. */
  void awaitMixture() {
    Eventually.holds(
        "changes of every kind are made",
        Duration.ofSeconds(60),
        () ->
            log.acknowledged() >= threads * ROUND
                ? Optional.empty()
                : Optional.of(log.acknowledged() + " changes; " + log.errors()));
  }

  /**
   * Returns the number of changes that the Metastore acknowledged without making them, as a later
   * call found.
   */
  int droppedChanges() {
    return log.errors().entrySet().stream()
        .filter(error -> error.getKey().contains("was acknowledged, and not made"))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /**
   * Waits until a fault has an effect: an error, or one thread without an acknowledgment for 1 s.
   * The Metastore hides a short fault: it retries a pending call after 2 s and keeps answering the
   * other threads.
   */
  void awaitDisturbance(long since, int errorsBefore) {
    var silence = Duration.ofSeconds(1);
    Eventually.holds(
        "the client notices the fault",
        Duration.ofSeconds(30),
        () ->
            log.unknown() > errorsBefore
                    || longestGapOfAThread(Set.of(), since, System.nanoTime()).compareTo(silence)
                        > 0
                ? Optional.empty()
                : Optional.of("changes continue without an error or a gap"));
  }

  /**
   * Sends a request to each thread of the Metastore that serves this client, repeatedly while one
   * answers with an error, until the limit.
   *
   * @return the last errors of the threads that do not recover, by thread
   */
  Map<Integer, String> stuckThreads(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    for (; ; ) {
      var failing = new TreeMap<>(probe());
      failing.values().removeIf("ok"::equals);
      if (failing.isEmpty() || System.nanoTime() > end) {
        return failing;
      }
    }
  }

  private synchronized Map<Integer, String> probe() {
    probes.clear();
    send("probe");
    long end = System.nanoTime() + ENDS_WITHIN.toNanos();
    while (probes.size() < threads) {
      long left = end - System.nanoTime();
      if (left <= 0 || !process.isAlive()) {
        throw new AssertionError("only these threads of the Metastore answer: " + probes.keySet());
      }
      try {
        wait(Math.max(1, left / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
    return Map.copyOf(probes);
  }

  /**
   * Returns the longest time that one thread, other than those excluded, went without an
   * acknowledged change.
   */
  synchronized Duration longestGapOfAThread(Set<Integer> excluded, long from, long to) {
    return IntStream.range(0, threads)
        .filter(thread -> !excluded.contains(thread))
        .mapToObj(
            thread ->
                WriteLog.longestGap(
                    acknowledged.getOrDefault(thread, List.of()).stream(), from, to))
        .max(Comparator.naturalOrder())
        .orElseThrow(() -> new AssertionError("every thread is stuck"));
  }

  /** Returns the time of the first acknowledgment, by {@link System#nanoTime}. */
  long first() {
    return log.since(0).stream().mapToLong(WriteLog.Acknowledgment::nanos).min().orElseThrow();
  }

  private void listen() {
    try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        handleLine(line.split(" ", 5));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void handleLine(String[] words) {
    switch (words[0]) {
      case "a" -> {
        log.acknowledged(Long.parseLong(words[1]), Long.parseLong(words[3]), "metastore");
        acknowledged
            .computeIfAbsent(Integer.valueOf(words[2]), thread -> new ArrayList<>())
            .add(Long.valueOf(words[3]));
      }
      case "u" -> log.unknown(Long.parseLong(words[1]), words.length > 4 ? brief(words[4]) : "");
      case "p" -> {
        var rest = new ArrayList<>(List.of(words)).subList(3, words.length);
        probes.put(Integer.valueOf(words[1]), String.join(" ", rest));
        notifyAll();
      }
      default -> log.unknown(0, "said: " + String.join(" ", words));
    }
  }

  /** Removes the names of objects from an error, so that equal errors are counted together. */
  private static String brief(String message) {
    var plain = message.replaceAll("r[0-9]{10,}_\\w+", "…");
    return plain.length() > 160 ? plain.substring(0, 160) : plain;
  }

  private void send(String word) {
    try {
      process.getOutputStream().write((word + "\n").getBytes(UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new LabFailure("the client of the Metastore has ended: " + e);
    }
  }

  /** Stops the client; no change is in flight when this returns. */
  @Override
  public void close() {
    try {
      if (process.isAlive()) {
        send("stop");
      }
      if (!process.waitFor(ENDS_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new LabFailure("the client of the Metastore did not stop");
      }
      listener.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
