package ninefold.ssh;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Queries machines in parallel, and waits for none of them beyond a deadline. */
final class ParallelQueries {
  private ParallelQueries() {}

  /** A query to one machine. */
  interface Query<M, A> {
    A run(M machine) throws InterruptedException;
  }

  /**
   * Queries the machines. Returns their answers in the order of the machines.
   *
   * @param deadline until when to wait for answers
   * @param late supplies the answer of a machine that has not answered by then
   */
  static <M, A> Map<M, A> ask(
      List<M> machines, Query<M, A> query, Instant deadline, Function<M, A> late) {
    var threads = Executors.newCachedThreadPool(ParallelQueries::daemon);
    try {
      var futures = new LinkedHashMap<M, Future<A>>();
      machines.forEach(machine -> futures.put(machine, threads.submit(() -> query.run(machine))));
      var answers = new LinkedHashMap<M, A>();
      futures.forEach(
          (machine, future) -> answers.put(machine, answer(machine, future, deadline, late)));
      return answers;
    } finally {
      threads.shutdownNow();
    }
  }

  /** A daemon thread, so that a machine that hangs cannot keep the JVM alive. */
  private static Thread daemon(Runnable task) {
    var thread = new Thread(task, "machine");
    thread.setDaemon(true);
    return thread;
  }

  private static <M, A> A answer(
      M machine, Future<A> future, Instant deadline, Function<M, A> late) {
    try {
      var left = Duration.between(Instant.now(), deadline);
      return future.get(Math.max(left.toMillis(), 0), MILLISECONDS);
    } catch (TimeoutException e) {
      return late.apply(machine);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** The failure after an interrupt while queries run. Restores the thread's interrupt status. */
  static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for machines", e);
  }
}
