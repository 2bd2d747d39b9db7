package io.bactrian.pipeline;

import io.bactrian.config.Spelling;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.spi.EndpointUriFactory;
import org.apache.camel.util.URISupport;

/**
 * Looks the routes over before they start, for mistakes that Camel would report without the line, or only in the middle of a
 * run: two steps of one id, an unknown bean, component or option of an endpoint, a {@code direct:} that leads nowhere.
 */
final class RouteCheck {
    private final ModelCamelContext camel;
    private final RouteSteps steps;

    private RouteCheck(ModelCamelContext camel, RouteSteps steps) {
        this.camel = camel;
        this.steps = steps;
    }

    /** @throws io.bactrian.Failure with exit code 2, naming file and line */
    static void check(ModelCamelContext camel, RouteSteps steps) {
        new RouteCheck(camel, steps).check();
    }

    private void check() {
        checkIds();
        checkBeans();
        for (OptionalIdentifiedDefinition<?> step : steps.all()) {
            RouteSteps.uri(step).ifPresent(uri -> checkEndpoint(step, uri));
        }
        checkCalls();
    }

    private void checkIds() {
        Map<String, OptionalIdentifiedDefinition<?>> known = new HashMap<>();
        for (OptionalIdentifiedDefinition<?> step : steps.all()) {
            OptionalIdentifiedDefinition<?> other = step.getId() == null ? null : known.put(step.getId(), step);
            if (other != null) {
                throw RouteSteps.wrong(
                        step,
                        "the id \"" + step.getId() + "\" is taken by " + RouteSteps.place(other),
                        "Give one of the two another id.");
            }
        }
    }

    private void checkBeans() {
        steps.of(ProcessDefinition.class).forEach(step -> checkBean(step, step.getRef()));
        steps.of(BeanDefinition.class).forEach(step -> checkBean(step, step.getRef()));
    }

    private void checkBean(OptionalIdentifiedDefinition<?> step, String name) {
        boolean plain = name != null && !name.contains(":") && !name.contains("{");
        if (plain && camel.getRegistry().lookupByName(name) == null) {
            Set<String> words = Set.copyOf(
                    camel.getRegistry().findByTypeWithName(Object.class).keySet());
            throw RouteSteps.wrong(
                    step,
                    "there is no bean \"" + name + "\"",
                    Spelling.suggestion(name, words).orElse("Known are " + String.join(", ", words) + "."));
        }
    }

    private void checkEndpoint(OptionalIdentifiedDefinition<?> step, String uri) {
        String scheme = uri.split("[:?]", 2)[0];
        if (scheme.contains("{")) {
            return;
        }
        EndpointUriFactory endpoint = camel.getCamelContextExtension().getEndpointUriFactory(scheme);
        if (endpoint == null) {
            throw RouteSteps.wrong(
                    step,
                    "there is no component \"" + scheme + "\"",
                    "Correct the name, or put the component's jars into the folder ext.");
        }
        Set<String> options = new TreeSet<>(endpoint.propertyNames());
        parameters(uri).forEach((option, value) -> {
            boolean known = options.contains(option)
                    || option.startsWith("{{") // several options in one property
                    || endpoint.isLenientProperties()
                    || endpoint.multiValuePrefixes().values().stream().anyMatch(option::startsWith);
            if (!known) {
                throw RouteSteps.wrong(
                        step,
                        "the component " + scheme + " has no parameter \"" + option + "\"",
                        Spelling.suggestion(option, options).orElse("It knows " + String.join(", ", options) + "."));
            }
            if (value.startsWith("#") && !value.startsWith("#class:")) {
                checkBean(step, value.substring(1).replaceFirst("^bean:", ""));
            }
        });
    }

    private static Map<String, String> parameters(String uri) {
        Map<String, String> parameters = new TreeMap<>();
        String query = URISupport.extractQuery(uri);
        try {
            if (query != null) {
                URISupport.parseQuery(query, true, true)
                        .forEach((name, value) -> parameters.put(name, String.valueOf(value)));
            }
        } catch (URISyntaxException e) {
            return Map.of(); // Camel names what is wrong with it
        }
        return parameters;
    }

    private void checkCalls() {
        Set<String> beginnings = new TreeSet<>();
        steps.of(FromDefinition.class).map(from -> plain(from.getEndpointUri())).forEach(beginnings::add);
        for (OptionalIdentifiedDefinition<?> step : steps.all()) {
            String uri = plain(RouteSteps.uri(step).orElse(""));
            boolean call = uri.startsWith("direct:") && !uri.contains("${") && !uri.contains("{{");
            if (call && !beginnings.contains(uri)) {
                throw RouteSteps.wrong(
                        step,
                        "no route begins with " + uri,
                        Spelling.suggestion(uri, beginnings)
                                .orElse("Bring the file of that route back, or leave this step out."));
            }
        }
    }

    private static String plain(String uri) {
        return URISupport.stripQuery(uri).replace("://", ":");
    }
}
