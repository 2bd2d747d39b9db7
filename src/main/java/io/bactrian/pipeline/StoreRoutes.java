package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.repository.Store;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.NoErrorHandlerDefinition;

/** The routes {@code store-<kind>-<operation>}, whoever wrote them. */
final class StoreRoutes {
    private static final List<String> OPERATIONS = List.of("put", "get", "list", "delete");
    private static final Pattern ROUTE = Pattern.compile("store-.+");

    private StoreRoutes() {}

    /** @throws Failure of configuration if a store that settings name has no routes */
    static void check(ModelCamelContext camel, List<Store> stores) {
        for (Store store : stores) {
            for (String operation : OPERATIONS) {
                String route = "store-" + store.kind() + "-" + operation;
                if (camel.getRouteDefinition(route) == null) {
                    throw new Failure(
                            ExitCode.USAGE,
                            "there is no route " + route + " for the store " + store.name(),
                            "A store is reached by routes/store-" + store.kind()
                                    + ".camel.yaml; docs/stores.md says how.");
                }
            }
        }
    }

    /** Whoever calls a store knows whether to try again, to ask another one, or to fail; its own routes do not. */
    static void leaveErrorsToCallers(ModelCamelContext camel) {
        for (RouteDefinition route : camel.getRouteDefinitions()) {
            boolean itsOwnErrors = route.getRouteConfigurationId() != null || route.getErrorHandler() != null;
            if (ROUTE.matcher(route.getId()).matches() && !itsOwnErrors) {
                route.setErrorHandlerFactory(new NoErrorHandlerDefinition());
            }
        }
    }
}
