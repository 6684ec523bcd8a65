package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.DurationRange;

/**
 * The cluster's certificates. A rotation of the CA takes three runs: trust the next CA as well;
 * sign with it and still trust the old one; trust only the new one.
 */
public record Certificates(
    @Description(
            "Generation of the CA that signs certificates. A different number is a different CA.")
        @Default("1")
        @Min(1)
        @Max(1000000)
        int ca,
    @Description("Generation of a second CA to trust while the CA is rotated.")
        @Min(1)
        @Max(1000000)
        Optional<Integer> additionalTrustedCa,
    @Description(
            "Generation of the services' keys. A different number creates new keys, and signs new"
                + " certificates for them.")
        @Default("1")
        @Min(1)
        @Max(1000000)
        int keys,
    @Description("How long a service's certificate is valid.")
        @Default("730d")
        @DurationRange(min = "1d", max = "3650d")
        Duration validity,
    @Description("How long before its expiry pulumi up renews a certificate.")
        @Default("60d")
        @DurationRange(min = "1d", max = "3650d")
        Duration renewBefore) {}
