package ninefold.secret;

import static java.util.Comparator.comparing;
import static java.util.function.Predicate.not;
import static java.util.stream.Collectors.joining;

import com.pulumi.core.Output;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.ComponentResourceOptions;
import com.pulumi.resources.CustomResourceOptions;
import com.pulumi.resources.Resource;
import com.pulumi.tls.CertRequest;
import com.pulumi.tls.CertRequestArgs;
import com.pulumi.tls.LocallySignedCert;
import com.pulumi.tls.LocallySignedCertArgs;
import com.pulumi.tls.PrivateKey;
import com.pulumi.tls.PrivateKeyArgs;
import com.pulumi.tls.SelfSignedCert;
import com.pulumi.tls.SelfSignedCertArgs;
import com.pulumi.tls.inputs.CertRequestSubjectArgs;
import com.pulumi.tls.inputs.SelfSignedCertSubjectArgs;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import ninefold.description.Certificates;
import ninefold.description.Cluster;
import ninefold.pulumi.PulumiOutputs;

/**
 * A CA of one cluster: the CA that signs, all CAs that are trusted, and the certificates. An
 * external CA replaces the one that the stack would create.
 */
final class CertificateAuthority extends ComponentResource {
  /** How long a CA that the stack creates is valid: ten years, in hours. */
  private static final double CA_HOURS = 10 * 365 * 24.0;

  private final String name;
  private final String title;
  private final Certificates certificates;
  private final ExternalSecrets external;
  private final Signer signer;
  private final Output<String> trusted;
  private final Map<String, Output<String>> expiries = new LinkedHashMap<>();

  /** The key and certificate that sign, and when the certificate expires. */
  private record Signer(Output<String> key, Output<String> certificate, Output<String> expiry) {}

  /**
   * Creates the CA, unless an external one replaces it.
   *
   * @param name the CA's name, with which the names of its resources begin
   * @param title the common name of its certificate
   * @param external the external CA, and other trusted CAs
   */
  CertificateAuthority(
      String name, String title, Cluster cluster, ExternalSecrets external, Resource parent) {
    super(
        "ninefold:secret:Authority",
        name,
        ComponentResourceOptions.builder().parent(parent).build());
    this.name = name;
    this.title = title;
    this.certificates = cluster.certificates();
    this.external = external;
    this.signer =
        external
            .ca()
            .map(CertificateAuthority::signer)
            .orElseGet(() -> createCa(certificates.ca()));
    this.trusted = trustedCas();
    expiries.put(name, signer.expiry());
    registerOutputs(Map.of("certificate", signer.certificate()));
  }

  /** The certificates of all trusted CAs, PEM. The first one signs. */
  Output<String> trusted() {
    return trusted;
  }

  /** A fingerprint of the set of trusted CAs. It changes whenever the set changes. */
  String trustFingerprint() {
    var texts =
        Stream.of(external.ca().map(ExternalCa::chain), external.additionalTrustedCas())
            .flatMap(Optional::stream)
            .map(text -> Integer.toHexString(text.hashCode()));
    var generations =
        IntStream.of(
                external.ca().isPresent() ? 0 : certificates.ca(),
                certificates.additionalTrustedCa().orElse(0))
            .filter(generation -> generation > 0)
            .mapToObj(String::valueOf);
    return Stream.concat(generations, texts).sorted().collect(joining("-"));
  }

  /** The private key that signs, PEM, secret. */
  Output<String> key() {
    return signer.key().asSecret();
  }

  /**
   * When each certificate expires, or its CA if that is earlier, in RFC 3339. The keys are the
   * names of the certificates.
   */
  Map<String, Output<String>> expiryByName() {
    return expiries;
  }

  /**
   * Issues a certificate with a new key. Its common name contains the node and the service, so no
   * other key can pass for that service as a client.
   *
   * <p>The names of the resources contain the usage. Earlier versions issued every certificate for
   * both ends of a connection and with the node's address. A key that was kept would still be worth
   * that much, so the new names replace the keys.
   */
  Identity issue(Subject subject) {
    var identity = subject.name() + "/" + subject.usage().word();
    var serviceKey = key(generation(identity, certificates.keys()));
    var request =
        new CertRequest(
            identity + "/request",
            CertRequestArgs.builder()
                .privateKeyPem(serviceKey.privateKeyPem())
                .subjects(CertRequestSubjectArgs.builder().commonName(subject.commonName()).build())
                .dnsNames(subject.names())
                .ipAddresses(subject.addresses())
                .build(),
            child());
    var signed =
        new LocallySignedCert(
            identity + "/certificate",
            LocallySignedCertArgs.builder()
                .caPrivateKeyPem(signer.key())
                .caCertPem(signer.certificate())
                .certRequestPem(request.certRequestPem())
                .validityPeriodHours((double) certificates.validity().toHours())
                .earlyRenewalHours((double) certificates.renewBefore().toHours())
                .allowedUses(subject.usage().allowed())
                .build(),
            child());
    expiries.put(
        subject.name(), earlier(PulumiOutputs.orEmpty(signed.validityEndTime()), signer.expiry()));
    return new Identity(trusted, chain(PulumiOutputs.orEmpty(signed.certPem())), pkcs8(serviceKey));
  }

  /** A certificate is of no use after its CA has expired. */
  private static Output<String> earlier(Output<String> one, Output<String> other) {
    return Output.tuple(one, other)
        .applyValue(
            times ->
                Stream.of(times.t1, times.t2)
                    .filter(not(String::isEmpty))
                    .min(comparing(OffsetDateTime::parse))
                    .orElse(""));
  }

  private Output<String> chain(Output<String> certificate) {
    return external
        .ca()
        .map(ca -> certificate.applyValue(text -> text + ca.intermediates()))
        .orElse(certificate);
  }

  private static Signer signer(ExternalCa ca) {
    return new Signer(ca.key(), Output.of(ca.signer()), Output.of(ca.expiry()));
  }

  /** A generation can be trusted in addition to an external CA: that is the way back from it. */
  private Output<String> trustedCas() {
    var all = new ArrayList<Output<String>>();
    all.add(external.ca().map(ca -> Output.of(ca.chain())).orElse(signer.certificate()));
    certificates
        .additionalTrustedCa()
        .map(this::createCa)
        .ifPresent(
            other -> {
              all.add(other.certificate());
              expiries.put(name + "/also-trusted", other.expiry());
            });
    external
        .additionalTrustedCas()
        .ifPresent(
            text -> {
              all.add(Output.of(text));
              expiries.put(
                  name + "/additionalTrustedCas",
                  Output.of(ExternalCa.firstExpiry("ninefold:additionalTrustedCas", text)));
            });
    return Output.all(all).applyValue(texts -> String.join("", texts));
  }

  private Signer createCa(int generation) {
    var caName = generation(name, generation);
    var key = key(caName);
    var certificate =
        new SelfSignedCert(
            caName + "/certificate",
            SelfSignedCertArgs.builder()
                .privateKeyPem(key.privateKeyPem())
                .subjects(
                    SelfSignedCertSubjectArgs.builder()
                        .commonName(title + (generation == 1 ? "" : ", generation " + generation))
                        .build())
                .isCaCertificate(true)
                .validityPeriodHours(CA_HOURS)
                .allowedUses("cert_signing", "crl_signing")
                .build(),
            child());
    return new Signer(
        PulumiOutputs.orEmpty(key.privateKeyPem()),
        PulumiOutputs.orEmpty(certificate.certPem()),
        PulumiOutputs.orEmpty(certificate.validityEndTime()));
  }

  /** The first generation has no number in its name. */
  private static String generation(String name, int generation) {
    return generation == 1 ? name : name + "-" + generation;
  }

  private PrivateKey key(String name) {
    return new PrivateKey(
        name + "/key",
        PrivateKeyArgs.builder().algorithm("ECDSA").ecdsaCurve("P256").build(),
        child());
  }

  private static Output<String> pkcs8(PrivateKey key) {
    return PulumiOutputs.orEmpty(key.privateKeyPemPkcs8()).asSecret();
  }

  private CustomResourceOptions child() {
    return CustomResourceOptions.builder().parent(this).build();
  }
}
