package ninefold.lab;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * An application that writes continuously through the virtual address, over several connections. It
 * records which writes were acknowledged, which definitely failed, and which have an unknown
 * outcome.
 */
final class WritingClient implements AutoCloseable {
  /**
   * The total writes per second that must be reached before and after a fault. It is low because
   * suites share their machine; a benchmark sets a higher rate.
   */
  static final int USUAL_RATE = Integer.getInteger("writes.rate", 100);

  /** A rate that still shows a gap of 0.1 s and puts little load on a busy machine. */
  static final int LOW_RATE = 50;

  static final String TABLE = "lab_writes";

  static final int CONNECTIONS = 10;

  /** The attempted rate, as a multiple of the required one. */
  private static final double OVERSHOOT = 1.3;

  private static final long BACK_OFF_MILLIS = 50;
  private static final Duration FLOW_SEEN_FOR = Duration.ofSeconds(2);

  /**
   * SQL states with which PostgreSQL refuses a statement before it executes anything: read-only,
   * starting or stopping.
   */
  private static final Set<String> REFUSED = Set.of("25006", "57P03");

  private volatile StackOutputs outputs;
  private final int rate;
  private final long intervalNanos;
  private final long run = System.currentTimeMillis();
  private final WriteLog log = new WriteLog();
  private final AtomicLong nextId = new AtomicLong();
  private final List<Thread> writers = new ArrayList<>();
  private final long started;
  private volatile long stopped;

  private WritingClient(StackOutputs outputs, int rate) {
    this.outputs = outputs;
    this.rate = rate;
    this.intervalNanos = (long) (1e9 * CONNECTIONS / (rate * OVERSHOOT));
    createTable();
    this.started = System.nanoTime();
    for (int i = 0; i < CONNECTIONS; i++) {
      writers.add(new Thread(this::write, "writer-" + i));
    }
  }

  /** Starts writing, and returns once the rate is reached. */
  static WritingClient start(StackOutputs outputs, int rate) {
    var client = new WritingClient(outputs, rate);
    client.writers.forEach(Thread::start);
    try {
      client.awaitFlow(Duration.ofSeconds(60));
      return client;
    } catch (AssertionError e) {
      client.close();
      throw e;
    }
  }

  /** Uses these outputs for new connections from now on; open sessions continue. */
  void continueWith(StackOutputs newer) {
    outputs = newer;
  }

  /** Returns the number that marks this client's rows in {@link #TABLE}. */
  long run() {
    return run;
  }

  WriteLog log() {
    return log;
  }

  /** Returns the longest time between two acknowledged writes, from the first one to the end. */
  Duration longestGap() {
    var first = log.since(started - 1).stream().mapToLong(WriteLog.Acknowledgment::nanos).min();
    return log.longestGap(first.orElse(started), stopped == 0 ? System.nanoTime() : stopped);
  }

  /** Waits until the rate is reached; writes from before the call do not count. */
  void awaitFlow(Duration limit) {
    long began = System.nanoTime();
    Eventually.holds("writes flow", limit, () -> slowness(recent(began)));
  }

  /** Waits until the rate is reached on a node other than the one with this address. */
  void awaitFlowAwayFrom(String address, Duration limit) {
    long began = System.nanoTime();
    Eventually.holds(
        "writes flow on another node than " + address,
        limit,
        () ->
            recent(began).stream().anyMatch(write -> write.server().equals(address))
                ? Optional.of("that node still takes writes")
                : slowness(recent(began)));
  }

  /** Waits until a fault has an effect: an error, or no acknowledgment for 1 s. */
  void awaitDisturbance(long since, int errorsBefore, Duration limit) {
    Eventually.holds(
        "the client notices the fault",
        limit,
        () ->
            errors() > errorsBefore
                    || log.longestGap(since, System.nanoTime()).compareTo(Duration.ofSeconds(1)) > 0
                ? Optional.empty()
                : Optional.of("writes continue without an error or a gap"));
  }

  /** Continues writing for a while, to see whether something happens. */
  void keepWriting(Duration time) {
    Eventually.pause(time.toMillis());
  }

  /** Returns the number of writes so far that failed or have an unknown outcome. */
  int errors() {
    return log.failed() + log.unknown();
  }

  /** Stops writing; no write is in flight when this returns. */
  @Override
  public void close() {
    if (stopped == 0) {
      stopped = System.nanoTime();
    }
    for (var writer : writers) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  /** Returns the latest acknowledgments, without those from before a time. */
  private List<WriteLog.Acknowledgment> recent(long began) {
    long now = System.nanoTime();
    return log.since(now - Math.min(now - began, FLOW_SEEN_FOR.toNanos()));
  }

  private Optional<String> slowness(List<WriteLog.Acknowledgment> recent) {
    return recent.size() >= rate * FLOW_SEEN_FOR.toSeconds()
        ? Optional.empty()
        : Optional.of(
            "%d writes in the last %d s; errors: %s"
                .formatted(recent.size(), FLOW_SEEN_FOR.toSeconds(), log.errors()));
  }

  private void createTable() {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS "
              + TABLE
              + " (run bigint, id bigint, at timestamptz NOT NULL DEFAULT now(),"
              + " PRIMARY KEY (run, id))");
    } catch (SQLException e) {
      throw new LabFailure("cannot create a table through " + outputs.readWrite() + ": " + e);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(
        outputs.jdbcUrl(outputs.readWrite()), outputs.jdbcProperties());
  }

  private void write() {
    long next = System.nanoTime();
    while (stopped == 0) {
      try (var connection = connect();
          var insert = connection.prepareStatement(insert())) {
        while (stopped == 0) {
          next = Math.max(next + intervalNanos, System.nanoTime() - intervalNanos);
          LockSupport.parkNanos(next - System.nanoTime());
          if (!write(insert)) {
            break;
          }
        }
      } catch (SQLException e) {
        log.failed(nextId.incrementAndGet(), "connect: " + brief(e));
      }
      if (stopped == 0) {
        Eventually.pause(BACK_OFF_MILLIS);
      }
    }
  }

  private String insert() {
    return "INSERT INTO "
        + TABLE
        + " (run, id) VALUES ("
        + run
        + ", ?) RETURNING host(inet_server_addr())";
  }

  /** Writes one row, and returns whether the connection can still be used. */
  private boolean write(PreparedStatement insert) {
    long id = nextId.incrementAndGet();
    try {
      insert.setLong(1, id);
      try (var answer = insert.executeQuery()) {
        long now = System.nanoTime();
        answer.next();
        // A commit that did not wait for its replica comes with a warning, so it does not count as
        // acknowledged.
        if (insert.getWarnings() == null) {
          log.acknowledged(id, now, answer.getString(1));
        } else {
          log.unknown(id, brief(insert.getWarnings()));
          insert.clearWarnings();
        }
        return true;
      }
    } catch (SQLException e) {
      if (REFUSED.contains(String.valueOf(e.getSQLState()))) {
        log.failed(id, brief(e));
      } else {
        log.unknown(id, brief(e));
      }
      return false;
    }
  }

  private static String brief(SQLException e) {
    return e.getSQLState() + " " + String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
