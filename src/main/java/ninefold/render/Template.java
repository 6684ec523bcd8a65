package ninefold.render;

import freemarker.core.TemplateClassResolver;
import freemarker.ext.beans.ZeroArgumentNonVoidMethodPolicy;
import freemarker.template.Configuration;
import freemarker.template.DefaultObjectWrapperBuilder;
import freemarker.template.SimpleScalar;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The files under {@code templates/}, rendered by FreeMarker or unchanged. {@code
 * templates/SERVICE/} contains the files to place on machines, {@code templates/SERVICE/scripts/}
 * the scripts that run there.
 */
public final class Template {
  /** The ciphers of TLS 1.2 that all services accept, in OpenSSL's notation: {@code tlsCiphers}. */
  private static final String TLS_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20";

  private static final Configuration FREEMARKER = freemarker();

  /** What a script's file name may have in addition to its name on the machines. */
  private static final List<String> EXTENSIONS = List.of("", ".sh", ".py");

  private Template() {}

  /**
   * Renders a template.
   *
   * @param name its path under {@code templates/}, with {@code .ftl}
   * @param model the values that the template can read
   * @throws IllegalArgumentException if the template reads a value that the model does not have
   */
  public static String render(String name, Map<String, ?> model) {
    var text = new StringWriter();
    try {
      FREEMARKER.getTemplate(name).process(model, text);
    } catch (TemplateException e) {
      throw new IllegalArgumentException("templates/" + name + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("templates/" + name, e);
    }
    return text.toString();
  }

  /**
   * The unchanged text of a file under {@code templates/}.
   *
   * @throws IllegalArgumentException if there is no such file
   */
  public static String text(String name) {
    try (InputStream stream = Template.class.getResourceAsStream("/templates/" + name)) {
      if (stream == null) {
        throw new IllegalArgumentException("there is no file templates/" + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("templates/" + name, e);
    }
  }

  /**
   * The text of a script under {@code templates/SERVICE/scripts/}. Its file name there has an
   * extension for editors. On the machines only libraries, which other scripts read, have one.
   *
   * @param name the service and the script's name on the machines, such as {@code host/lib.sh} or
   *     {@code patroni/operate}
   * @throws IllegalArgumentException if there is no such script
   */
  public static String script(String name) {
    var path = name.replace("/", "/scripts/");
    return EXTENSIONS.stream()
        .map(extension -> path + extension)
        .filter(file -> Template.class.getResource("/templates/" + file) != null)
        .findFirst()
        .map(Template::text)
        .orElseThrow(() -> new IllegalArgumentException("there is no script templates/" + path));
  }

  private static Configuration freemarker() {
    var records = new DefaultObjectWrapperBuilder(Configuration.VERSION_2_3_34);
    // A record's components are read as ${node.address}.
    records.setRecordZeroArgumentNonVoidMethodPolicy(
        ZeroArgumentNonVoidMethodPolicy.PROPERTY_ONLY_UNLESS_BEAN_PROPERTY_READ_METHOD);
    var freemarker = new Configuration(Configuration.VERSION_2_3_34);
    freemarker.setObjectWrapper(records.build());
    freemarker.setClassForTemplateLoading(Template.class, "/templates");
    freemarker.setDefaultEncoding("UTF-8");
    freemarker.setSharedVariable("tlsCiphers", new SimpleScalar(TLS_CIPHERS));
    freemarker.setNumberFormat("computer");
    freemarker.setBooleanFormat("c");
    freemarker.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    freemarker.setLogTemplateExceptions(false);
    freemarker.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
    return freemarker;
  }
}
