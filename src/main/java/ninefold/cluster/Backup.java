package ninefold.cluster;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;

/** Backups by pgBackRest. */
public record Backup(
    @Doc("pgBackRest's stanza. If left out, the cluster's name.") @Written(Form.NAME)
        Optional<String> stanza,
    @Doc("Port of pgBackRest's TLS server.") @Default("8432") @Min(1) @Max(65535) int port,
    @Doc("Number of full backups to keep.") @Default("3") @Min(1) @Max(9999) int fullBackups,
    @Doc(
            "How long the repository keeps a copy of files that were deleted from it, where"
                + " pgBackRest cannot reach them. For 7d, plan disk space for about one more full"
                + " backup with its WAL. 0d keeps no copies.")
        @Default("7d")
        @DurationRange(min = "0d", max = "365d")
        Duration keepDeleted,
    @Doc("When to take a full backup, in the format of systemd's OnCalendar.")
        @Default("'Sun 03:00'")
        @Written(Form.CALENDAR)
        String full,
    @Doc("When to take a differential backup, in the format of systemd's OnCalendar.")
        @Default("'Mon..Sat 03:00'")
        @Written(Form.CALENDAR)
        String differential,
    @Doc(
            "How long PostgreSQL waits before it archives a WAL segment that is not full"
                + " (archive_timeout). 0s turns this off.")
        @Default("60s")
        @DurationRange(min = "0s", max = "24h")
        Duration archiveTimeout) {}
