package ninefold.command;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Work that goes on beside the caller, on a thread that keeps no program from its end.
 *
 * @param <T> its result
 */
final class BackgroundTask<T> {
  private final FutureTask<T> task;

  private BackgroundTask(FutureTask<T> task) {
    this.task = task;
  }

  /** Starts it. */
  static <T> BackgroundTask<T> start(Supplier<T> work) {
    var task = new FutureTask<>(work::get);
    var thread = new Thread(task, "background");
    thread.setDaemon(true);
    thread.start();
    return new BackgroundTask<>(task);
  }

  /** Waits for the result; throws what the work threw. */
  T result() {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
