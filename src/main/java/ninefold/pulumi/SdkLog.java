package ninefold.pulumi;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The log of Pulumi's SDK.
 *
 * <p>While the SDK waits for resources, it keeps a whole processor core busy: it polls without a
 * pause, and logs a list of the remaining resources each time. Its log is the only place where we
 * can slow it down. The SDK also logs each message that it sends to the engine. The engine prints
 * those messages, so this class drops them.
 */
public final class SdkLog {
  // A strong reference: java.util.logging keeps only weak ones, and would forget the filter.
  private static final Logger SDK =
      Logger.getLogger("com.pulumi.deployment.internal.DeploymentImpl");

  private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(500);

  /**
   * The factor between a pause and the work before it. The logged list grows with the graph; with
   * this factor it takes about a tenth of the time.
   */
  private static final int PAUSE_FACTOR = 9;

  private static volatile long pauseEnded = System.nanoTime();

  private SdkLog() {}

  /**
   * Slows down the SDK. Call this within the program: the SDK sets the level of its log right
   * before it starts the program.
   */
  public static void takeOver() {
    takeOver(SDK);
  }

  /** Slows down whatever logs to this logger, which prints the same levels as before. */
  public static Logger takeOver(Logger log) {
    var shown = log.getLevel() == null ? Level.SEVERE : log.getLevel();
    log.setLevel(Level.FINEST);
    log.setFilter(
        message -> {
          pauseAt(message);
          return message.getLevel().intValue() >= shown.intValue() && !isShownElsewhere(message);
        });
    return log;
  }

  private static void pauseAt(LogRecord message) {
    if (message.getMessage().startsWith("Remaining tasks")) {
      long took = System.nanoTime() - pauseEnded;
      LockSupport.parkNanos(Math.max(SHORTEST_PAUSE, Math.min(PAUSE_FACTOR * took, LONGEST_PAUSE)));
      pauseEnded = System.nanoTime();
    }
  }

  private static boolean isShownElsewhere(LogRecord message) {
    return String.valueOf(message.getSourceClassName()).endsWith("EngineLogger");
  }
}
