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

/** Asks machines all at once, and waits for none of them beyond a limit. */
final class ParallelQueries {
  private ParallelQueries() {}

  /** A question to one machine. */
  interface Question<M, A> {
    A to(M machine) throws InterruptedException;
  }

  /**
   * The machines and their answers, in the machines' order.
   *
   * @param limit when a machine that has not answered is given up
   * @param late the answer of such a machine
   */
  static <M, A> Map<M, A> ask(
      List<M> machines, Question<M, A> question, Instant limit, Function<M, A> late) {
    var threads = Executors.newCachedThreadPool(ParallelQueries::daemon);
    try {
      var asked = new LinkedHashMap<M, Future<A>>();
      machines.forEach(it -> asked.put(it, threads.submit(() -> question.to(it))));
      var answers = new LinkedHashMap<M, A>();
      asked.forEach(
          (machine, answer) -> answers.put(machine, answer(machine, answer, limit, late)));
      return answers;
    } finally {
      threads.shutdownNow();
    }
  }

  /** A machine that hangs must not keep the program. */
  private static Thread daemon(Runnable task) {
    var thread = new Thread(task, "machine");
    thread.setDaemon(true);
    return thread;
  }

  private static <M, A> A answer(M machine, Future<A> answer, Instant limit, Function<M, A> late) {
    try {
      var left = Duration.between(Instant.now(), limit);
      return answer.get(Math.max(left.toMillis(), 0), MILLISECONDS);
    } catch (TimeoutException e) {
      return late.apply(machine);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** The failure of a program that is told to end while it asks. */
  static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while asking machines", e);
  }
}
