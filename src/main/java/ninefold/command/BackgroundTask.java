package ninefold.command;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Work on a daemon thread, which does not keep the JVM alive.
 *
 * @param <T> the type of the result
 */
final class BackgroundTask<T> {
  private final FutureTask<T> task;

  private BackgroundTask(FutureTask<T> task) {
    this.task = task;
  }

  /** Starts the work. */
  static <T> BackgroundTask<T> start(Supplier<T> work) {
    var task = new FutureTask<>(work::get);
    var thread = new Thread(task, "background");
    thread.setDaemon(true);
    thread.start();
    return new BackgroundTask<>(task);
  }

  /** Waits for the result. Rethrows a runtime exception of the work. */
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
