package ninefold.description;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The point at which recovery ends.
 *
 * <p>Its notation is one word: {@code latest}, a time such as {@code 2030-01-31T02:15:00Z}, {@code
 * lsn:16/B374D848}, {@code xid:1234}, {@code name:before-import}, or {@code set:20300131-030000F}.
 */
public sealed interface RecoveryTarget {
  /** The format of a time in the options of pgBackRest: microseconds and an offset. */
  DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSSxxx");

  /** A short description of the notation, for messages. */
  String NOTATION =
      "latest, a time with its offset such as 2030-01-31T02:15:00Z, lsn:16/B374D848, xid:1234,"
          + " name:RESTORE_POINT, or set:BACKUP_LABEL";

  /** The options of {@code pgbackrest restore} that make recovery end here. */
  List<String> options();

  /** The end of the archived WAL. */
  record Latest() implements RecoveryTarget {
    @Override
    public List<String> options() {
      return List.of("--type=default");
    }

    @Override
    public String toString() {
      return "latest";
    }
  }

  /**
   * A time: recovery ends before the first commit after it.
   *
   * @param at the time
   */
  record Time(OffsetDateTime at) implements RecoveryTarget {
    @Override
    public List<String> options() {
      return List.of("--type=time", "--target=" + TIME.format(at));
    }

    @Override
    public String toString() {
      return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(at);
    }
  }

  /**
   * A position in the WAL.
   *
   * @param position the position, in PostgreSQL's notation
   */
  record Lsn(String position) implements RecoveryTarget {
    @Override
    public List<String> options() {
      return List.of("--type=lsn", "--target=" + position);
    }

    @Override
    public String toString() {
      return "lsn:" + position;
    }
  }

  /**
   * The commit of a transaction.
   *
   * @param id the transaction's ID
   */
  record Transaction(long id) implements RecoveryTarget {
    @Override
    public List<String> options() {
      return List.of("--type=xid", "--target=" + id);
    }

    @Override
    public String toString() {
      return "xid:" + id;
    }
  }

  /**
   * A restore point that {@code pg_create_restore_point} created.
   *
   * @param name its name
   */
  record RestorePoint(String name) implements RecoveryTarget {
    @Override
    public List<String> options() {
      return List.of("--type=name", "--target=" + name);
    }

    @Override
    public String toString() {
      return "name:" + name;
    }
  }

  /**
   * The end of a backup.
   *
   * @param label the backup's label
   */
  record BackupSet(String label) implements RecoveryTarget {
    @Override
    public List<String> options() {
      return List.of("--set=" + label, "--type=immediate");
    }

    @Override
    public String toString() {
      return "set:" + label;
    }
  }

  /**
   * Parses a target.
   *
   * @throws IllegalArgumentException if the text is none; the message contains the notation
   */
  static RecoveryTarget parse(String text) {
    var kind = text.contains(":") ? text.substring(0, text.indexOf(':')) : text;
    var value = text.substring(Math.min(text.length(), kind.length() + 1));
    return switch (kind) {
      case "latest" -> latest(text);
      case "lsn" -> new Lsn(matching(Notation.LSN, value, text));
      case "xid" -> new Transaction(Long.parseLong(matching(Notation.XID, value, text)));
      case "name" -> new RestorePoint(matching(Notation.NAME, value, text));
      case "set" -> new BackupSet(matching(Notation.LABEL, value, text));
      default -> time(text);
    };
  }

  private static RecoveryTarget latest(String text) {
    if (!text.equals("latest")) {
      throw unreadable(text);
    }
    return new Latest();
  }

  private static RecoveryTarget time(String text) {
    try {
      return new Time(OffsetDateTime.parse(text, Notation.TIME));
    } catch (DateTimeException e) {
      throw unreadable(text);
    }
  }

  private static String matching(Pattern pattern, String value, String text) {
    if (!pattern.matcher(value).matches()) {
      throw unreadable(text);
    }
    return value;
  }

  private static IllegalArgumentException unreadable(String text) {
    return new IllegalArgumentException("'%s' is not one of: %s".formatted(text, NOTATION));
  }

  /** The parts of the notation. The patterns permit no character that a shell interprets. */
  final class Notation {
    private static final Pattern LSN = Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");
    private static final Pattern XID = Pattern.compile("[1-9][0-9]{0,9}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
    private static final Pattern LABEL =
        Pattern.compile("[0-9]{8}-[0-9]{6}F(_[0-9]{8}-[0-9]{6}[DI])?");

    /** Accepts a blank instead of T, and offsets such as Z, +02 and +02:00. */
    private static final DateTimeFormatter TIME =
        new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendPattern("['T'][' ']")
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[XXX][X]")
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private Notation() {}
  }
}
