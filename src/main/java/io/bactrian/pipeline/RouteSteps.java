package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.TryDefinition;

/** Everything that the route files define, as Camel read it: routes, their beginnings and their steps, nested ones too. */
record RouteSteps(List<OptionalIdentifiedDefinition<?>> all) {
    static RouteSteps of(ModelCamelContext camel) {
        List<OptionalIdentifiedDefinition<?>> found = new ArrayList<>();
        List<ProcessorDefinition<?>> configured = new ArrayList<>(); // Camel gives them to every route
        for (RouteConfigurationDefinition configuration : camel.getRouteConfigurationDefinitions()) {
            found.add(configuration);
            configured.addAll(configuration.getOnExceptions());
            configured.addAll(configuration.getOnCompletions());
        }
        addAll(configured, found);
        for (RouteDefinition route : camel.getRouteDefinitions()) {
            found.add(route);
            found.add(route.getInput());
            addAll(
                    route.getOutputs().stream()
                            .filter(step -> !configured.contains(step))
                            .toList(),
                    found);
        }
        return new RouteSteps(List.copyOf(found));
    }

    private static void addAll(
            List<? extends ProcessorDefinition<?>> steps, List<OptionalIdentifiedDefinition<?>> found) {
        for (ProcessorDefinition<?> step : steps) {
            found.add(step);
            addAll(nested(step), found);
        }
    }

    private static List<ProcessorDefinition<?>> nested(ProcessorDefinition<?> step) {
        List<ProcessorDefinition<?>> nested = new ArrayList<>(step.getOutputs());
        if (step instanceof TryDefinition guarded) {
            nested.addAll(guarded.getCatchClauses());
            Optional.ofNullable(guarded.getFinallyClause()).ifPresent(nested::add);
        }
        return nested.stream().distinct().toList();
    }

    <T> Stream<T> of(Class<T> type) {
        return all.stream().filter(type::isInstance).map(type::cast);
    }

    /** The endpoint that a step or beginning names; empty for all others. */
    static Optional<String> uri(OptionalIdentifiedDefinition<?> step) {
        if (step instanceof ToDynamicDefinition dynamic) {
            return Optional.of(dynamic.getUri());
        }
        return step instanceof EndpointRequiredDefinition endpoint
                ? Optional.ofNullable(endpoint.getEndpointUri())
                : Optional.empty();
    }

    /** The step that Camel's message shows between arrows. */
    Optional<OptionalIdentifiedDefinition<?>> shownIn(String message) {
        return all.stream()
                .filter(step -> message.contains(">>> " + step + " <<<"))
                .findFirst();
    }

    Optional<OptionalIdentifiedDefinition<?>> route(String id) {
        return of(RouteDefinition.class)
                .filter(route -> route.getId() != null && route.getId().equals(id))
                .<OptionalIdentifiedDefinition<?>>map(route -> route)
                .findFirst();
    }

    boolean holds(Path file) {
        return all.stream().anyMatch(step -> ("file:" + file).equals(step.getLocation()));
    }

    static Failure wrong(OptionalIdentifiedDefinition<?> step, String what, String hint) {
        return new Failure(ExitCode.USAGE, place(step) + ": " + what, hint);
    }

    /** File and line, as compilers write it. */
    static String place(OptionalIdentifiedDefinition<?> step) {
        return step.getLocation().replaceFirst("^file:", "") + ":" + step.getLineNumber();
    }
}
