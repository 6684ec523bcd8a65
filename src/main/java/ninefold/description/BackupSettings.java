package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * Backups by pgBackRest.
 *
 * @param stanza the stanza; the cluster's name if empty
 * @param port the port of pgBackRest's TLS server
 * @param fullBackups how many full backups are kept
 * @param keepDeletedDays for how long a copy stays of what was deleted from the repository, days
 * @param full when a full backup is taken, as systemd's {@code OnCalendar}
 * @param differential when a differential backup is taken, as systemd's {@code OnCalendar}
 * @param archiveTimeout after how long a WAL segment is archived though not full, s
 */
public record BackupSettings(
    @Description("The stanza; the cluster's name if empty.")
        @Default("''")
        @Format(TextFormat.NAME_OR_NONE)
        String stanza,
    @Description("Port of pgBackRest's TLS server.") @Default("8432") @Min(1) @Max(65535) int port,
    @Description("Full backups that are kept.") @Default("3") @Min(1) @Max(9999) int fullBackups,
    @Description(
            "Days for which the repository keeps a copy of what was deleted from it, out of reach of"
                + " its own service. They need room: about one more full backup with its WAL for a"
                + " week. 0 keeps none.")
        @Default("7")
        @Min(0)
        @Max(365)
        int keepDeletedDays,
    @Description("When a full backup is taken, as systemd's OnCalendar.")
        @Default("'Sun 03:00'")
        @Format(TextFormat.CALENDAR)
        String full,
    @Description("When a differential backup is taken, as systemd's OnCalendar.")
        @Default("'Mon..Sat 03:00'")
        @Format(TextFormat.CALENDAR)
        String differential,
    @Description("Seconds after which a WAL segment is archived though not full.")
        @Default("60")
        @Min(0)
        @Max(86400)
        int archiveTimeout) {}
