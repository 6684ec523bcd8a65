package ninefold.lab.hive;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hive.metastore.HiveMetaStoreClient;
import org.apache.hadoop.hive.metastore.api.Database;
import org.apache.hadoop.hive.metastore.api.FieldSchema;
import org.apache.hadoop.hive.metastore.api.Partition;
import org.apache.hadoop.hive.metastore.api.SerDeInfo;
import org.apache.hadoop.hive.metastore.api.StorageDescriptor;
import org.apache.hadoop.hive.metastore.api.Table;
import org.apache.thrift.TException;
import org.apache.thrift.transport.TTransportException;

/**
 * Makes and alters databases, tables and partitions through a Metastore, and commits transactions, from
 * several threads with a connection each, until its input says {@code stop}. Every change has a number
 * that stands in what it makes. It prints
 *
 * <ul>
 *   <li>{@code a NUMBER THREAD NANOS} for a change that was acknowledged,
 *   <li>{@code u NUMBER THREAD NANOS MESSAGE} for one that was answered by an error, not at all, or by an
 *       acknowledgment that is not true,
 *   <li>{@code p THREAD NANOS ok} or {@code p THREAD NANOS MESSAGE} for each thread after {@code probe}.
 * </ul>
 */
public final class ChangeMetastore {
  private static final int PARTITIONS = 3;
  private static final int ALTERATIONS = 2;
  private static final String UNMADE = "ALTER DATABASE was acknowledged, and not made";
  private static final String FORMAT = "org.apache.hadoop.mapred.Text";

  private final String prefix;
  private final Configuration configuration = new Configuration();
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicInteger probes = new AtomicInteger();
  private volatile boolean stopped;

  private ChangeMetastore(String uri, String run) {
    this.prefix = "r" + run + "_";
    configuration.set("metastore.thrift.uris", uri);
    configuration.set("metastore.client.socket.timeout", "120s");
  }

  /**
   * Runs until told to stop.
   *
   * @param arguments the Metastore's URI, the run's name, the number of threads
   */
  public static void main(String[] arguments) throws Exception {
    var program = new ChangeMetastore(arguments[0], arguments[1]);
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
      int number = i;
      threads.add(new Thread(() -> program.work(number), "changes-" + i));
    }
    threads.forEach(Thread::start);
    program.listen();
    for (var thread : threads) {
      thread.join();
    }
    // Hadoop leaves threads of its own behind.
    System.exit(0);
  }

  private void listen() throws IOException {
    try (var input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (var line = input.readLine(); line != null; line = input.readLine()) {
        switch (line) {
          case "probe" -> probes.incrementAndGet();
          case "stop" -> {
            stopped = true;
            return;
          }
          default -> throw new IllegalArgumentException("unknown word: " + line);
        }
      }
    }
    stopped = true;
  }

  private void work(int thread) {
    var probed = new AtomicInteger();
    while (!stopped) {
      try (var worker = new Worker(thread, probed)) {
        worker.run();
      } catch (TException e) {
        say("u 0 %d %d connect: %s".formatted(thread, System.nanoTime(), brief(e)));
        pause();
      }
    }
  }

  /** A change that a Metastore is asked for. */
  private interface Change {
    void make(long number) throws TException;
  }

  /** One connection to the Metastore, on which one thread of the Metastore's answers. */
  private final class Worker implements AutoCloseable {
    private final int thread;
    private final HiveMetaStoreClient client;
    private final AtomicInteger probed;
    private boolean broken;

    /** {@code probed} outlives a connection: a probe is answered by the next one. */
    Worker(int thread, AtomicInteger probed) throws TException {
      this.thread = thread;
      this.probed = probed;
      this.client = new HiveMetaStoreClient(configuration);
    }

    void run() {
      while (!stopped && !broken) {
        round();
      }
    }

    /** A database, a table in it, partitions of that, changes to each, and a transaction. */
    private void round() {
      var database = new StringBuilder(prefix);
      if (!change(number -> client.createDatabase(database(name(database, "d", number))))) {
        return;
      }
      change(number -> alter(database.toString(), number));
      var table = new StringBuilder(prefix);
      if (!change(
          number -> client.createTable(table(database.toString(), name(table, "t", number))))) {
        return;
      }
      for (int i = 0; i < PARTITIONS && goesOn(); i++) {
        var partition = new AtomicReference<Partition>();
        if (change(
            number -> partition.set(client.add_partition(partition(database, table, number))))) {
          change(number -> alter(partition.get(), number));
        }
      }
      for (int i = 0; i < ALTERATIONS && goesOn(); i++) {
        change(number -> alter(database.toString(), table.toString(), number));
      }
      if (goesOn()) {
        change(number -> client.commitTxn(client.openTxn(prefix + "x" + number)));
      }
    }

    private boolean goesOn() {
      return !stopped && !broken;
    }

    /** Read back: the Metastore acknowledges this one change even if its connection broke meanwhile. */
    private void alter(String name, long number) throws TException {
      var database = client.getDatabase(name);
      database.putToParameters(prefix + "k" + number, "x");
      client.alterDatabase(name, database);
      if (!client.getDatabase(name).getParameters().containsKey(prefix + "k" + number)) {
        throw new IllegalStateException(UNMADE);
      }
    }

    private void alter(Partition partition, long number) throws TException {
      partition.putToParameters(prefix + "k" + number, "x");
      client.alter_partition(partition.getDbName(), partition.getTableName(), partition);
    }

    // Hive 3 knows no other way to ask for a table.
    @SuppressWarnings("deprecation")
    private void alter(String database, String name, long number) throws TException {
      var table = client.getTable(database, name);
      table.putToParameters(prefix + "k" + number, "x");
      client.alter_table(database, name, table);
    }

    private boolean change(Change change) {
      probe();
      long number = numbers.incrementAndGet();
      try {
        change.make(number);
        say("a %d %d %d".formatted(number, thread, System.nanoTime()));
        return true;
      } catch (TException | RuntimeException e) {
        say("u %d %d %d %s".formatted(number, thread, System.nanoTime(), brief(e)));
        broken = e instanceof TTransportException;
        pause();
        return false;
      }
    }

    private void probe() {
      int asked = probes.get();
      if (probed.getAndSet(asked) == asked) {
        return;
      }
      try {
        client.getDatabase("default");
        // The transaction handler has pools of its own.
        client.showTxns();
        say("p %d %d ok".formatted(thread, System.nanoTime()));
      } catch (TException | RuntimeException e) {
        say("p %d %d %s".formatted(thread, System.nanoTime(), brief(e)));
      }
    }

    @Override
    public void close() {
      client.close();
    }
  }

  private static String name(StringBuilder name, String kind, long number) {
    return name.append(kind).append(number).toString();
  }

  private static Database database(String name) {
    var database = new Database();
    database.setName(name);
    return database;
  }

  private static Table table(String database, String name) {
    var table = new Table();
    table.setDbName(database);
    table.setTableName(name);
    table.setTableType("EXTERNAL_TABLE");
    table.putToParameters("EXTERNAL", "TRUE");
    table.setSd(storage());
    table.setPartitionKeys(List.of(new FieldSchema("p", "string", "")));
    return table;
  }

  private Partition partition(CharSequence database, CharSequence table, long number) {
    var partition = new Partition();
    partition.setDbName(database.toString());
    partition.setTableName(table.toString());
    partition.setValues(List.of(prefix + "p" + number));
    partition.setSd(storage());
    partition.setParameters(new HashMap<>());
    return partition;
  }

  private static StorageDescriptor storage() {
    var storage = new StorageDescriptor();
    storage.setCols(List.of(new FieldSchema("c", "string", "")));
    storage.setInputFormat(FORMAT + "InputFormat");
    storage.setOutputFormat("org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat");
    storage.setSerdeInfo(
        new SerDeInfo(
            "s", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", new HashMap<>()));
    storage.setParameters(new HashMap<>());
    storage.setSortCols(List.of());
    storage.setBucketCols(List.of());
    return storage;
  }

  /** An error on one line. */
  private static String brief(Exception e) {
    return (e.getClass().getSimpleName() + ": " + e.getMessage()).replaceAll("\\s+", " ");
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
