package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.model.ModelCamelContext;

/** Finds file, line and reason in what Camel threw when it read or started the routes. */
final class RouteFailure {
    private static final String HINT = "`git diff routes/` shows what was changed.";
    private static final Pattern MARK =
            Pattern.compile("(?:^|\\n)([^\\n]*)\\n in file:([^\\n]+), line (\\d+), column \\d+");
    private static final Pattern DUPLICATE = Pattern.compile("Duplicate route ids detected: ([^ ]+)\\. ");
    private static final Pattern EMPTY = Pattern.compile("Resource is empty: file:(\\S+)");

    private RouteFailure() {}

    static Failure explain(Exception thrown, ModelCamelContext camel, RouteFiles files) {
        Failure known = Failures.of(thrown);
        if (known.exitCode() != ExitCode.FAILED) {
            return known;
        }
        String what = marked(thrown)
                .or(() -> twice(thrown, files))
                .or(() -> atStep(thrown, camel))
                .orElse("the routes do not start: " + firstLine(root(thrown)));
        return new Failure(ExitCode.USAGE, what, HINT, thrown);
    }

    /** The YAML reader marks where it stopped; the last mark is the narrowest. */
    private static Optional<String> marked(Throwable thrown) {
        String found = null;
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            String message = String.valueOf(t.getMessage());
            Matcher mark = MARK.matcher(message);
            for (int from = 0; mark.find(from); from = mark.end()) {
                found = mark.group(2) + ":" + mark.group(3) + ": " + mark.group(1);
            }
            Matcher empty = EMPTY.matcher(message);
            if (empty.find()) {
                found = empty.group(1) + ":1: the file is empty";
            }
        }
        return Optional.ofNullable(found);
    }

    private static Optional<String> twice(Throwable thrown, RouteFiles files) {
        Matcher duplicate = DUPLICATE.matcher(String.valueOf(root(thrown).getMessage()));
        return duplicate.find()
                ? Optional.of(files.places("id: " + duplicate.group(1)) + ": two routes of one id")
                : Optional.empty();
    }

    private static Optional<String> atStep(Throwable thrown, ModelCamelContext camel) {
        RouteSteps steps = RouteSteps.of(camel);
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            String message = String.valueOf(t.getMessage());
            String route = routeId(t);
            var step = steps.shownIn(message).or(() -> steps.route(route));
            if (step.isPresent()) {
                return Optional.of(RouteSteps.place(step.get()) + ": " + firstLine(root(thrown)));
            }
        }
        return Optional.empty();
    }

    private static String routeId(Throwable thrown) {
        if (thrown instanceof FailedToCreateRouteException failed) {
            return failed.getRouteId();
        }
        return thrown instanceof FailedToStartRouteException failed ? failed.getRouteId() : null;
    }

    private static Throwable root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static String firstLine(Throwable thrown) {
        return String.valueOf(thrown.getMessage()).lines().findFirst().orElse("");
    }
}
