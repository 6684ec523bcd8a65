package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.DurationRange;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** Backups by pgBackRest. */
public record BackupSettings(
    @Description("pgBackRest's stanza. If left out, the cluster's name.") @Format(TextFormat.NAME)
        Optional<String> stanza,
    @Description("Port of pgBackRest's TLS server.") @Default("8432") @Min(1) @Max(65535) int port,
    @Description("Number of full backups to keep.") @Default("3") @Min(1) @Max(9999)
        int fullBackups,
    @Description(
            "How far back the cluster can be restored at least. Full backups are kept as long as a"
                + " restore to a time within this duration needs them, also beyond fullBackups. 0d"
                + " keeps full backups only by number.")
        @Default("0d")
        @DurationRange(min = "0d", max = "3650d")
        Duration keepFor,
    @Description(
            "Number of differential backups to keep. If left out, each stays as long as its full"
                + " backup.")
        @Min(1)
        @Max(9999)
        Optional<Integer> differentialBackups,
    @Description(
            "Number of months whose first full backup is kept. After fullBackups and keepFor no"
                + " longer keep it, it can be restored to the time at which it was taken, but not"
                + " to a later one.")
        @Default("0")
        @Min(0)
        @Max(999)
        int monthlyBackups,
    @Description("Number of years whose first full backup is kept, as for monthlyBackups.")
        @Default("0")
        @Min(0)
        @Max(99)
        int yearlyBackups,
    @Description(
            "How long the repository keeps a copy of files that were deleted from it, where"
                + " pgBackRest cannot reach them. For 7d, plan disk space for about one more full"
                + " backup with its WAL. 0d keeps no copies.")
        @Default("7d")
        @DurationRange(min = "0d", max = "365d")
        Duration keepDeleted,
    @Description("When to take a full backup, in the format of systemd's OnCalendar.")
        @Default("'Sun 03:00'")
        @Format(TextFormat.CALENDAR)
        String full,
    @Description("When to take a differential backup, in the format of systemd's OnCalendar.")
        @Default("'Mon..Sat 03:00'")
        @Format(TextFormat.CALENDAR)
        String differential,
    @Description(
            "When to take an incremental backup, in the format of systemd's OnCalendar. If left"
                + " out, none is taken.")
        @Format(TextFormat.CALENDAR)
        Optional<String> incremental,
    @Description(
            "How long PostgreSQL waits before it archives a WAL segment that is not full"
                + " (archive_timeout). 0s turns this off.")
        @Default("60s")
        @DurationRange(min = "0s", max = "24h")
        Duration archiveTimeout,
    @Description(
            "How much WAL may wait on a database node to be archived. If left out, a fifth of the"
                + " file system with PostgreSQL's data, and at least 1GiB.")
        Optional<Size> archiveQueue,
    @Description("What happens when more WAL waits to be archived than archiveQueue permits.")
        @Default("drop")
        FullArchiveQueue fullArchiveQueue) {}
