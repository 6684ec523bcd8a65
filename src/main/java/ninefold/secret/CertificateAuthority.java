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
 * A certificate authority of one cluster: a generation that signs, all that are trusted, and what
 * was signed. One that was given takes the place of those made here.
 */
final class CertificateAuthority extends ComponentResource {
  private static final double AUTHORITY_HOURS = 10 * 365 * 24.0;
  private final String name;
  private final String title;
  private final Certificates certificates;
  private final ExternalSecrets given;
  private final Signer signer;
  private final Output<String> trusted;
  private final Map<String, Output<String>> ends = new LinkedHashMap<>();

  /** What signs. */
  private record Signer(Output<String> key, Output<String> certificate, Output<String> end) {}

  /**
   * Makes it, unless it is given.
   *
   * @param name its name, which its resources' names begin with
   * @param title its name in certificates
   * @param given the one that is given, and others that are trusted
   */
  CertificateAuthority(
      String name, String title, Cluster cluster, ExternalSecrets given, Resource parent) {
    super(
        "ninefold:secret:Authority",
        name,
        ComponentResourceOptions.builder().parent(parent).build());
    this.name = name;
    this.title = title;
    this.certificates = cluster.certificates();
    this.given = given;
    this.signer =
        given
            .authority()
            .map(CertificateAuthority::signer)
            .orElseGet(() -> createCa(certificates.ca()));
    this.trusted = signerAndOthers();
    ends.put(name, signer.end());
    registerOutputs(Map.of("certificate", signer.certificate()));
  }

  /** All certificates that are trusted, the one that signs first. */
  Output<String> trusted() {
    return trusted;
  }

  /** A word for what is trusted: another word where that is another. */
  String trustFingerprint() {
    var texts =
        Stream.of(given.authority().map(ExternalCa::chain), given.alsoTrusted())
            .flatMap(Optional::stream)
            .map(text -> Integer.toHexString(text.hashCode()));
    var generations =
        IntStream.of(
                given.authority().isPresent() ? 0 : certificates.ca(),
                certificates.additionalTrustedCa().orElse(0))
            .filter(generation -> generation > 0)
            .mapToObj(String::valueOf);
    return Stream.concat(generations, texts).sorted().collect(joining("-"));
  }

  /** The key that signs, PEM, secret. */
  Output<String> key() {
    return signer.key().asSecret();
  }

  /**
   * When each certificate ends, or the authority that signed it if that is earlier, by its name;
   * RFC 3339.
   */
  Map<String, Output<String>> expiryByName() {
    return ends;
  }

  /**
   * A key and a certificate. Its common name is the node's and the service's, so that nothing else
   * can pass for that service where it calls. The usage stands in the names of its resources:
   * before there were usages, every certificate was good for both ends and named its node's
   * address, and a key that goes on would go on being worth that much.
   */
  Identity issue(Subject subject) {
    var identity = subject.name() + "/" + subject.usage().word();
    var own = key(generation(identity, certificates.keys()));
    var request =
        new CertRequest(
            identity + "/request",
            CertRequestArgs.builder()
                .privateKeyPem(own.privateKeyPem())
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
    ends.put(
        subject.name(), earlier(PulumiOutputs.orEmpty(signed.validityEndTime()), signer.end()));
    return new Identity(trusted, chain(PulumiOutputs.orEmpty(signed.certPem())), pkcs8(own));
  }

  /** What is signed is of no use once its authority has ended. */
  private static Output<String> earlier(Output<String> one, Output<String> other) {
    return Output.tuple(one, other)
        .applyValue(
            ends ->
                Stream.of(ends.t1, ends.t2)
                    .filter(not(String::isEmpty))
                    .min(comparing(OffsetDateTime::parse))
                    .orElse(""));
  }

  private Output<String> chain(Output<String> certificate) {
    return given
        .authority()
        .map(it -> certificate.applyValue(text -> text + it.intermediates()))
        .orElse(certificate);
  }

  private static Signer signer(ExternalCa given) {
    return new Signer(given.key(), Output.of(given.signer()), Output.of(given.end()));
  }

  /** Generations that are made are trusted beside one that is given too: that is the way back. */
  private Output<String> signerAndOthers() {
    var all = new ArrayList<Output<String>>();
    all.add(given.authority().map(it -> Output.of(it.chain())).orElse(signer.certificate()));
    certificates
        .additionalTrustedCa()
        .map(this::createCa)
        .ifPresent(
            other -> {
              all.add(other.certificate());
              ends.put(name + "/also-trusted", other.end());
            });
    given
        .alsoTrusted()
        .ifPresent(
            text -> {
              all.add(Output.of(text));
              ends.put(
                  name + "/additionalTrustedCas",
                  Output.of(ExternalCa.firstEnd("ninefold:additionalTrustedCas", text)));
            });
    return Output.all(all).applyValue(texts -> String.join("", texts));
  }

  private Signer createCa(int generation) {
    var own = generation(name, generation);
    var key = key(own);
    var certificate =
        new SelfSignedCert(
            own + "/certificate",
            SelfSignedCertArgs.builder()
                .privateKeyPem(key.privateKeyPem())
                .subjects(
                    SelfSignedCertSubjectArgs.builder()
                        .commonName(title + (generation == 1 ? "" : ", generation " + generation))
                        .build())
                .isCaCertificate(true)
                .validityPeriodHours(AUTHORITY_HOURS)
                .allowedUses("cert_signing", "crl_signing")
                .build(),
            child());
    return new Signer(
        PulumiOutputs.orEmpty(key.privateKeyPem()),
        PulumiOutputs.orEmpty(certificate.certPem()),
        PulumiOutputs.orEmpty(certificate.validityEndTime()));
  }

  /** The first generation has the name alone. */
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
