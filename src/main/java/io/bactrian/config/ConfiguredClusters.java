package io.bactrian.config;

import io.bactrian.Failure;
import io.bactrian.postgres.DatabaseUrl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which of several databases share a chain: those of one repository whose cluster is reached at the same hosts and ports. Where the same
 * cluster is reached by two names, it is taken for two, and what is done once for each is done twice, which does no harm.
 */
public final class ConfiguredClusters {
    private ConfiguredClusters() {}

    /** In the order of the databases. */
    public static List<List<Settings>> of(List<Settings> databases) {
        Map<List<Object>, List<Settings>> clusters = new LinkedHashMap<>();
        databases.forEach(database -> clusters.computeIfAbsent(place(database), place -> new ArrayList<>())
                .add(database));
        return List.copyOf(clusters.values());
    }

    private static List<Object> place(Settings settings) {
        try {
            return List.of(
                    settings.directory(),
                    DatabaseUrl.parse(settings.clusterUrl(), settings.environment())
                            .hosts());
        } catch (Failure bad) {
            return List.of(settings.directory(), settings.name()); // whoever connects will say what is wrong
        }
    }
}
