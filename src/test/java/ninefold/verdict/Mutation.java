package ninefold.verdict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One change of the facts: {@code NODE PATH = VALUE}, {@code NODE PATH += ITEM}, {@code NODE PATH
 * delete} or {@code NODE silent}.
 *
 * <p>A path consists of keys separated by dots; a key that contains a dot is quoted. After the key
 * of a list, {@code [key=value,key=value]} selects the items with these values, and {@code [*]} all
 * items. A value is JSON, {@code now+SECONDS} (by the machine's clock), or {@code lsn+BYTES} (from
 * the leader's position).
 */
record Mutation(String node, String path, String verb, String value) {
  private static final Pattern LINE =
      Pattern.compile("(\\S+) (?:(silent)|(\\S+) (?:(delete)|(\\+?=) (.*)))");
  private static final Pattern STEP =
      Pattern.compile("(\"[^\"]+\"|[A-Za-z_]+)(?:\\[([^\\]]*)\\])?(?:\\.|$)");
  private static final Pattern RELATIVE = Pattern.compile("(now|lsn)([-+][0-9.]+)?");

  static Mutation parse(String text) {
    Matcher parts = LINE.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("not a change: " + text);
    }
    if (parts.group(2) != null) {
      return new Mutation(parts.group(1), "", "silent", "");
    }
    boolean delete = parts.group(4) != null;
    return new Mutation(
        parts.group(1),
        parts.group(3),
        delete ? "delete" : parts.group(5),
        delete ? "" : parts.group(6));
  }

  void apply(Recording recording) {
    for (String name : recording.nodes(node)) {
      if (verb.equals("silent")) {
        recording.silence(name);
      } else {
        change(recording, name);
      }
    }
  }

  private void change(Recording recording, String name) {
    List<Step> steps = steps();
    List<JsonNode> places = new ArrayList<>(List.of(recording.answer(name)));
    for (Step step : steps.subList(0, steps.size() - 1)) {
      places = places.stream().flatMap(it -> step.into(it).stream()).toList();
    }
    Step last = steps.get(steps.size() - 1);
    if (places.isEmpty()) {
      throw new IllegalArgumentException(name + " has no " + path);
    }
    for (JsonNode place : places) {
      set((ObjectNode) place, last, recording, name);
    }
  }

  private void set(ObjectNode place, Step last, Recording recording, String name) {
    if (verb.equals("+=")) {
      ((ArrayNode) place.get(last.key())).add(json(recording, name));
    } else if (!last.choice().isEmpty()) {
      ArrayNode list = (ArrayNode) place.get(last.key());
      List<JsonNode> chosen = last.into(place);
      if (chosen.isEmpty() || !verb.equals("delete")) {
        throw new IllegalArgumentException("cannot change " + path);
      }
      list.removeIf(chosen::contains);
    } else if (verb.equals("delete")) {
      place.remove(last.key());
    } else {
      place.set(last.key(), json(recording, name));
    }
  }

  private JsonNode json(Recording recording, String name) {
    Matcher relative = RELATIVE.matcher(value);
    if (!relative.matches()) {
      try {
        return Recording.MAPPER.readTree(value);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("not JSON: " + value, e);
      }
    }
    String more = relative.group(2) == null ? "0" : relative.group(2);
    return relative.group(1).equals("lsn")
        ? LongNode.valueOf(recording.lsn() + Long.parseLong(more))
        : DoubleNode.valueOf(
            recording.answer(name).get("time").doubleValue() + Double.parseDouble(more));
  }

  private List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    Matcher matcher = STEP.matcher(path);
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      String key = matcher.group(1).replace("\"", "");
      steps.add(new Step(key, matcher.group(2) == null ? "" : matcher.group(2)));
      end = matcher.end();
    }
    if (end != path.length()) {
      throw new IllegalArgumentException("not a path: " + path);
    }
    return steps;
  }

  /** A key, and the selection of items if its value is a list. */
  private record Step(String key, String choice) {
    List<JsonNode> into(JsonNode place) {
      JsonNode value = place.path(key);
      if (choice.isEmpty()) {
        return value.isMissingNode() ? List.of() : List.of(value);
      }
      List<JsonNode> chosen = new ArrayList<>();
      value.forEach(
          item -> {
            if (chooses(item)) {
              chosen.add(item);
            }
          });
      return chosen;
    }

    private boolean chooses(JsonNode item) {
      return choice.equals("*")
          || List.of(choice.split(",", -1)).stream()
              .map(pair -> pair.split("=", 2))
              .allMatch(pair -> item.path(pair[0]).asText().equals(pair[1]));
    }
  }
}
