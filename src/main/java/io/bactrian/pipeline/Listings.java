package io.bactrian.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;

/** The body of a route that listed several folders of a store, each a list of paths. */
final class Listings {
    private Listings() {}

    static List<String> of(Exchange exchange) {
        List<String> paths = new ArrayList<>();
        for (Object listing : exchange.getMessage().getBody(List.class)) {
            ((List<?>) listing).forEach(path -> paths.add(path.toString()));
        }
        return paths;
    }
}
