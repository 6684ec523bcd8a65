package ninefold.render;

import freemarker.core.TemplateClassResolver;
import freemarker.ext.beans.ZeroArgumentNonVoidMethodPolicy;
import freemarker.template.Configuration;
import freemarker.template.DefaultObjectWrapperBuilder;
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
 * The texts under {@code templates/}: rendered by FreeMarker, or taken as they are. {@code
 * templates/SERVICE/} has the files that are placed on machines, {@code templates/SERVICE/scripts/}
 * the scripts that act there.
 */
public final class Template {
  private static final Configuration FREEMARKER = freemarker();

  /** What a script's name ends with under {@code templates/}, beside its name on machines. */
  private static final List<String> EXTENSIONS = List.of("", ".sh", ".py");

  private Template() {}

  /**
   * Renders a template.
   *
   * @param name its path under {@code templates/}, with {@code .ftl}
   * @param model what the template may use
   * @throws IllegalArgumentException if the template asks for what the model lacks
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

  /** The text of a file under {@code templates/}, as it is. */
  public static String text(String name) {
    try (InputStream stream = Template.class.getResourceAsStream("/templates/" + name)) {
      if (stream == null) {
        throw new IllegalArgumentException("there is no templates/" + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("templates/" + name, e);
    }
  }

  /**
   * The text of a script under {@code templates/SERVICE/scripts/}, where its name has an extension
   * that editors know. On machines it has none, unless it is a library that others read.
   *
   * @param name the service and the script's name on machines, as in {@code host/lib.sh} or {@code
   *     patroni/operate}
   */
  public static String script(String name) {
    var path = name.replace("/", "/scripts/");
    return EXTENSIONS.stream()
        .map(extension -> path + extension)
        .filter(it -> Template.class.getResource("/templates/" + it) != null)
        .findFirst()
        .map(Template::text)
        .orElseThrow(() -> new IllegalArgumentException("there is no script " + name));
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
    freemarker.setNumberFormat("computer");
    freemarker.setBooleanFormat("c");
    freemarker.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    freemarker.setLogTemplateExceptions(false);
    freemarker.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
    return freemarker;
  }
}
