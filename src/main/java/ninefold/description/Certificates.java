package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;

/**
 * The cluster's certificates. An authority is rotated in three runs: trust the next one too; sign
 * by it and trust the old one too; trust it alone.
 *
 * @param authority the generation of the authority that signs
 * @param alsoTrusted the generation of a further authority that is trusted; 0 for none
 * @param keys the generation of the services' keys
 * @param days how long a service's certificate holds, d
 * @param renewDays how long before its end an {@code up} makes it anew, d
 */
public record Certificates(
    @Description("Generation of the authority that signs; another generation is another authority.")
        @Default("1")
        @Min(1)
        @Max(1000000)
        int authority,
    @Description("Generation of a further authority that is trusted meanwhile; 0 for none.")
        @Default("0")
        @Min(0)
        @Max(1000000)
        int alsoTrusted,
    @Description(
            "Generation of the services' keys; another generation makes them, and what is signed, anew.")
        @Default("1")
        @Min(1)
        @Max(1000000)
        int keys,
    @Description("Days that a service's certificate holds.") @Default("730") @Min(1) @Max(3650)
        int days,
    @Description("Days before its end from which pulumi up makes a certificate anew.")
        @Default("60")
        @Min(1)
        @Max(3650)
        int renewDays) {}
