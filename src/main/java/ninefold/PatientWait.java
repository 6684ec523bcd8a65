package ninefold;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Gives back the processor core that Pulumi's SDK takes while it waits: it asks without a pause
 * whether every resource is done, and each time it logs that some remain. The log is the one place
 * where it can be made to pause.
 */
final class PatientWait {
  // Java keeps loggers only as long as somebody else does.
  private static final Logger SDK =
      Logger.getLogger("com.pulumi.deployment.internal.DeploymentImpl");

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private PatientWait() {}

  /** To be called within the program, because the SDK sets its log's level before it starts it. */
  static void begin() {
    var shown = SDK.getLevel() == null ? Level.SEVERE : SDK.getLevel();
    SDK.setLevel(Level.FINEST);
    SDK.setFilter(message -> pauseAt(message) && message.getLevel().intValue() >= shown.intValue());
  }

  private static boolean pauseAt(LogRecord message) {
    if (message.getMessage().startsWith("Remaining tasks")) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }
}
