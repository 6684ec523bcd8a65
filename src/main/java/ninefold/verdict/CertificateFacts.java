package ninefold.verdict;

/**
 * A service's certificate.
 *
 * @param service the service
 * @param path where the certificate lies
 * @param ends when it ends, epoch seconds
 * @param served whether the service serves the one on disk; absent where no service serves it
 */
public record CertificateFacts(
    String service, String path, double ends, FactsSection<Boolean> served) {}
