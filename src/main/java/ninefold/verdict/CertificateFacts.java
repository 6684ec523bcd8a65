package ninefold.verdict;

/**
 * Facts about a service's certificate.
 *
 * @param service the name of the service
 * @param path the path of the certificate
 * @param ends when it expires, epoch seconds
 * @param served whether the service serves this certificate; absent if no service serves it
 */
public record CertificateFacts(
    String service, String path, double ends, FactsSection<Boolean> served) {}
