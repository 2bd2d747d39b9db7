package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Settings;
import io.bactrian.postgres.Guardian;
import io.bactrian.s3.S3Store;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.catalog.EndpointValidationResult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The conventions of {@code routes/}, read as a visual editor would read them: as plain YAML. */
class RoutesTest {
    private static final Path FOLDER = Path.of("routes");
    private static final String SUFFIX = ".camel.yaml";
    private static final int MOST_STEPS = 7;
    private static final Pattern CHANNEL = Pattern.compile("notify-(slack|mail)");
    private static final Pattern OPERATION_OF_A_STORE =
            Pattern.compile("store-([a-z0-9-]+-)?(put|get|list|delete|tidy)");

    private static final List<Node> NODES = new ArrayList<>();

    /** A route, beginning, step or branch: its kind, such as {@code to}, and what stands below. */
    private record Node(Path file, String kind, Map<?, ?> content) {
        String id() {
            return String.valueOf(content.get("id"));
        }

        List<?> steps() {
            return content.get("steps") instanceof List<?> steps ? steps : List.of();
        }

        Map<?, ?> parameters() {
            return content.get("parameters") instanceof Map<?, ?> parameters ? parameters : Map.of();
        }

        @Override
        public String toString() {
            return file.getFileName() + ": " + kind + " " + id();
        }
    }

    @BeforeAll
    static void read_all_files() throws IOException {
        NODES.clear();
        for (Path file : files()) {
            for (Object entry : (List<?>) load(file)) {
                collect(file, (Map<?, ?>) entry);
            }
        }
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    private static Object load(Path file) throws IOException {
        return new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    }

    private static void collect(Path file, Map<?, ?> entry) {
        entry.forEach((kind, value) -> {
            assertThat(value).as("%s in %s, in its long form", kind, file).isInstanceOf(Map.class);
            Node node = new Node(file, kind.toString(), (Map<?, ?>) value);
            NODES.add(node);
            if (node.content().get("from") instanceof Map<?, ?> from) {
                collect(file, Map.of("from", from));
            }
            for (String list : List.of("steps", "onException", "onCompletion")) {
                if (node.content().get(list) instanceof List<?> steps) {
                    steps.forEach(step -> collect(file, (Map<?, ?>) step));
                }
            }
            for (String branches : List.of("when", "doCatch")) {
                if (node.content().get(branches) instanceof List<?> some) {
                    some.forEach(branch -> collect(file, Map.of(branches, branch)));
                }
            }
            for (String branch : List.of("otherwise", "doFinally")) {
                if (node.content().get(branch) instanceof Map<?, ?> one) {
                    collect(file, Map.of(branch, one));
                }
            }
        });
    }

    @Test
    void a_file_is_named_after_its_route_or_the_beginning_of_the_names_of_all_its_routes() throws IOException {
        assertThat(files()).allSatisfy(file -> assertThat(file.toString()).endsWith(SUFFIX));
        assertThat(NODES)
                .filteredOn(node -> node.kind().equals("route"))
                .isNotEmpty()
                .allSatisfy(route -> {
                    String name = route.file().getFileName().toString().replace(SUFFIX, "");
                    assertThat(route.id()).matches(Pattern.quote(name) + "(-.+)?");
                });
    }

    @Test
    void a_route_is_called_by_its_id_or_a_trigger() {
        assertThat(NODES).filteredOn(node -> node.kind().equals("route")).allSatisfy(route -> {
            Map<?, ?> from = (Map<?, ?>) route.content().get("from");
            if (route.id().startsWith("schedule-") && from.get("uri").equals("quartz")) {
                return;
            }
            assertThat(from.get("uri")).isEqualTo("direct");
            assertThat(from.get("parameters")).isEqualTo(Map.of("name", route.id()));
        });
    }

    @Test
    void everything_has_an_id_and_a_description() {
        assertThat(NODES)
                .filteredOn(node -> !node.kind().equals("routeConfiguration")) // with an id it would not be everyone's
                .allSatisfy(node -> {
                    assertThat(node.content().get("id")).isInstanceOf(String.class);
                    assertThat(node.content().get("description")).isInstanceOf(String.class);
                });
        assertThat(NODES)
                .filteredOn(node -> !node.kind().equals("routeConfiguration"))
                .extracting(Node::id)
                .doesNotHaveDuplicates();
    }

    @Test
    void a_route_has_at_most_seven_steps_a_level() {
        assertThat(NODES)
                .allSatisfy(node -> assertThat(node.steps()).as(node.toString()).hasSizeLessThanOrEqualTo(MOST_STEPS));
    }

    @Test
    void every_call_arrives_and_every_route_is_called() throws IOException {
        Set<String> beginnings = directs("from"::equals);
        Set<String> calls = directs(kind -> !kind.equals("from"));

        assertThat(beginnings).containsAll(calls);
        calls.addAll(calledByCommands());
        calls.addAll(calledBySchedules());
        beginnings.removeIf(OPERATION_OF_A_STORE.asMatchPredicate().or(CHANNEL.asMatchPredicate()));
        assertThat(calls).containsAll(beginnings);
    }

    /** The property {@code activity} names the route that a schedule calls. */
    private static Set<String> calledBySchedules() {
        return NODES.stream()
                .filter(node -> "activity".equals(node.content().get("name")))
                .map(node -> (Map<?, ?>) node.content().get("constant"))
                .map(constant -> String.valueOf(constant.get("expression")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> directs(java.util.function.Predicate<String> kinds) {
        Set<String> names = new TreeSet<>();
        NODES.stream()
                .filter(node -> kinds.test(node.kind())
                        && "direct".equals(node.content().get("uri")))
                .forEach(node -> names.add(String.valueOf(node.parameters().get("name"))));
        names.removeIf(name -> name.contains("${"));
        return names;
    }

    private static Set<String> calledByCommands() throws IOException {
        Set<String> words = new TreeSet<>();
        Matcher lease = Pattern.compile("\"direct:([a-z-]+)\"")
                .matcher(Files.readString(Path.of("src/main/java/io/bactrian/pipeline/HoldLease.java")));
        while (lease.find()) {
            words.add(lease.group(1));
        }
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/io/bactrian/cli"))) {
            for (Path source : sources.toList()) {
                Matcher word = Pattern.compile("\"([a-z-]+)\"").matcher(Files.readString(source));
                while (word.find()) {
                    words.add(word.group(1));
                }
            }
        }
        return words;
    }

    @Test
    void every_bean_a_route_names_is_wired_and_every_wired_bean_is_named_by_a_route() {
        Set<String> used = new TreeSet<>();
        for (Node node : NODES) {
            for (String key : List.of("ref", "aggregationStrategy")) {
                used.add(String.valueOf(node.content().get(key)));
            }
            node.parameters().values().forEach(value -> used.add(String.valueOf(value)));
            if (node.content().get("json") instanceof Map<?, ?> json) {
                used.add(String.valueOf(json.get("objectMapper")));
            }
        }
        Set<String> named = new TreeSet<>();
        NODES.stream()
                .filter(node -> node.content().get("method") instanceof Map<?, ?>)
                .forEach(node -> named.add(
                        ((Map<?, ?>) node.content().get("method")).get("ref").toString()));
        NODES.stream()
                .filter(node -> node.content().containsKey("ref"))
                .forEach(node -> named.add(node.content().get("ref").toString()));
        used.stream()
                .filter(value -> value.startsWith("#") && !value.startsWith("#class:") && !value.contains("${"))
                .forEach(value -> named.add(value.substring(1)));
        if (used.contains("json")) {
            named.add("json");
        }
        try (Guardian guardian = new Guardian()) {
            Settings settings = Settings.read(Path.of("").toAbsolutePath(), Map.of());
            Clock clock = Clock.systemUTC();
            Unattended unattended = new Unattended("", null, new Places(1), Set.of(), () -> false);
            S3Store s3 = new S3Store(List.of(), clock);
            assertThat(Wiring.beans(settings, new Keys(settings, clock), s3, guardian, clock, false, unattended)
                            .keySet())
                    .containsExactlyInAnyOrderElementsOf(named);
        }
    }

    @Test
    void no_route_holds_a_secret() throws IOException {
        for (Path file : files()) {
            assertThat(Files.readString(file))
                    .as(file.toString())
                    .doesNotContainIgnoringCase("DATABASE_URL", "DATABASE.URL")
                    .doesNotContainIgnoringCase("encryption.key", "ENCRYPTION_KEY", "PGPASSWORD");
        }
    }

    @Test
    void endpoints_and_their_options_are_in_the_catalog_of_camel() {
        DefaultCamelCatalog catalog = new DefaultCamelCatalog();
        assertThat(NODES).filteredOn(node -> node.content().containsKey("uri")).allSatisfy(node -> {
            String uri = node.content().get("uri").toString();
            assertThat(uri).as("options stand in `parameters`").doesNotContain("?");
            EndpointValidationResult result = catalog.validateEndpointProperties(uri(uri, node.parameters()));
            assertThat(result.isSuccess())
                    .as(node + "\n" + result.summaryErrorMessage(true))
                    .isTrue();
        });
    }

    private static String uri(String uri, Map<?, ?> parameters) {
        if (uri.equals("direct")) {
            return "direct:" + parameters.get("name");
        }
        return uri.replaceAll("\\{\\{[^:}]+:([^}]*)}}", "$1") + "?"
                + String.join(
                        "&",
                        parameters.entrySet().stream()
                                .map(p -> p.getKey() + "="
                                        + URLEncoder.encode(String.valueOf(p.getValue()), StandardCharsets.UTF_8))
                                .toList());
    }

    /** A visual editor writes an expression as {@code simple: expression: …}; shorter forms would change when it saves. */
    @Test
    void expressions_stand_in_their_long_form() {
        assertThat(NODES).allSatisfy(node -> {
            for (String language : List.of("simple", "constant", "expression")) {
                Object value = node.content().get(language);
                if (value != null) {
                    assertThat(value).as(node.toString()).isInstanceOf(Map.class);
                }
            }
        });
    }
}
