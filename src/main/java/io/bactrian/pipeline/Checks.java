package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.CheckResult.Outcome;
import io.bactrian.postgres.Blindspot;
import io.bactrian.postgres.Blindspots;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.postgres.Server;
import io.bactrian.postgres.Tools;
import io.bactrian.repository.LocalStore;
import io.bactrian.repository.Store;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;

/** The steps of {@code bactrian check}: each adds its findings to the body and never fails itself. */
public final class Checks {
    private static final int OLDEST_SERVER = 13;

    private static final String STORES = "storesToCheck";

    private final Settings settings;
    private final LocalStore store;
    private final Keys keys;

    Checks(Settings settings, LocalStore store, Keys keys) {
        this.settings = settings;
        this.store = store;
        this.keys = keys;
    }

    /** The first one: that this runs at all means that settings and routes are in order. */
    public void configuration(Exchange exchange) {
        CheckResult.add(
                exchange,
                "configuration",
                () -> List.of(CheckResult.ok("configuration", settings.home().toString()), encryption()));
    }

    private CheckResult encryption() {
        return settings.passphrase().isPresent()
                ? CheckResult.ok("encryption", settings.encryption().label())
                : new CheckResult(
                        Outcome.WARN,
                        "encryption",
                        "backups are neither encrypted nor signed",
                        "Set BACKUP_ENCRYPTION_KEY_FILE to a file with a passphrase.");
    }

    public void keys(Exchange exchange) {
        CheckResult.add(exchange, "keys", () -> {
            if (keys.ring().isEmpty()) {
                return List.of(CheckResult.ok("keys", "none yet; the first encrypted backup makes them"));
            }
            keys.unlocked();
            return List.of(CheckResult.ok("keys", keys.fingerprint()));
        });
    }

    public void server(Exchange exchange) {
        CheckResult.add(exchange, "server", () -> {
            Server server = Server.choose(DatabaseUrl.parse(settings.databaseUrl(), settings.environment()));
            try (Connection connection = server.connect()) {
                List<CheckResult> found = new ArrayList<>();
                found.add(version(connection, server));
                found.add(programs(server));
                found.addAll(privileges(connection));
                return found;
            }
        });
    }

    private static CheckResult version(Connection connection, Server server) throws Exception {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.current_setting('server_version')")) {
            row.next();
            String finding = server.description() + ", PostgreSQL " + row.getString(1);
            return server.majorVersion() >= OLDEST_SERVER
                    ? CheckResult.ok("server", finding)
                    : new CheckResult(
                            Outcome.FAIL, "server", finding, "Servers from " + OLDEST_SERVER + " are supported.");
        }
    }

    private CheckResult programs(Server server) {
        try {
            Tools tools = Tools.locate(settings.programs(), server.majorVersion());
            return CheckResult.ok("programs", tools.version() + " in " + tools.directory());
        } catch (Failure failure) {
            return CheckResult.failed("programs", failure);
        }
    }

    private static List<CheckResult> privileges(Connection connection) throws Exception {
        List<Blindspot> blindspots = Blindspots.find(connection);
        if (blindspots.isEmpty()) {
            return List.of(CheckResult.ok("privileges", "this role can read everything"));
        }
        return blindspots.stream()
                .map(b -> new CheckResult(
                        b.severity() == Blindspot.Severity.REFUSE ? Outcome.FAIL : Outcome.WARN,
                        "privileges",
                        b.message(),
                        b.hint()))
                .toList();
    }

    /** All that there are, for {@link #nextStore}. */
    public void stores(Exchange exchange) {
        List<Store> all = new ArrayList<>(List.of(Store.LOCAL));
        all.addAll(settings.furtherStores());
        exchange.setProperty(STORES, List.copyOf(all));
    }

    @SuppressWarnings("unchecked")
    public void nextStore(Exchange exchange) {
        List<Store> left = exchange.getProperty(STORES, List.class);
        exchange.setProperty(Store.PROPERTY, left.get(0));
        exchange.setProperty(STORES, left.subList(1, left.size()));
    }

    /** The body is the probe as it came back. */
    public void probeRead(Exchange exchange) throws IOException {
        try (InputStream probe = exchange.getMessage().getBody(InputStream.class)) {
            if (probe == null || !new String(probe.readAllBytes(), StandardCharsets.UTF_8).equals("probe")) {
                throw Failure.integrity(
                        "what was written to the store " + store(exchange).name() + " did not come back",
                        "Look at its routes in routes/store-" + store(exchange).kind() + ".camel.yaml.");
            }
        }
    }

    /** The body is the listing with the probe. */
    public void probeListed(Exchange exchange) {
        String path = exchange.getProperty("probe", String.class);
        if (!exchange.getMessage().getBody(List.class).contains(path)) {
            throw Failure.integrity(
                    "what was written to the store " + store(exchange).name() + " is not in its listing",
                    "Look at its routes in routes/store-" + store(exchange).kind() + ".camel.yaml.");
        }
    }

    /** After a probe was written, read, found and deleted. */
    public void storeWorks(Exchange exchange) {
        Store which = store(exchange);
        CheckResult.add(
                exchange,
                subject(which),
                () -> List.of(CheckResult.ok(
                        subject(which),
                        which.equals(Store.LOCAL)
                                ? store.root() + ", "
                                        + Sizes.text(
                                                Files.getFileStore(store.root()).getUsableSpace()) + " free"
                                : "a probe was written, read, found and deleted")));
    }

    /** After the probe failed; the exchange carries the exception. */
    public void storeFailed(Exchange exchange) {
        Failure failure = Failures.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        String subject = subject(store(exchange));
        CheckResult.add(exchange, subject, () -> List.of(CheckResult.failed(subject, failure)));
    }

    private static Store store(Exchange exchange) {
        return exchange.getProperty(Store.PROPERTY, Store.class);
    }

    private static String subject(Store store) {
        return "store " + store.name();
    }
}
