package io.bactrian.pipeline;

import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Store;
import java.time.Clock;
import java.util.Map;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class LocalStoreContractTest extends StoreContract {
    private RoutesOfAStore routes;

    @BeforeEach
    void start() throws Exception {
        LocalStore local = new LocalStore(folder.resolve("repository"), Clock.systemUTC());
        routes =
                new RoutesOfAStore(Map.of("localStore", local), Map.of(), "store.camel.yaml", "store-local.camel.yaml");
    }

    @AfterEach
    void stop() {
        routes.close();
    }

    @Override
    Store store() {
        return Store.LOCAL;
    }

    @Override
    ProducerTemplate routes() {
        return routes.template();
    }
}
