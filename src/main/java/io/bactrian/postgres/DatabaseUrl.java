package io.bactrian.postgres;

import io.bactrian.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which database is meant: a libpq connection URI with its gaps filled as libpq fills them, from a service file, the
 * {@code PG…} environment variables and the defaults.
 *
 * @param hosts where to try, in this order
 * @param parameters every further parameter that was given, decoded; it may hold the password, so it is never shown
 */
public record DatabaseUrl(List<Host> hosts, Map<Keyword, String> parameters) {
    private static final int DEFAULT_PORT = 5432;
    private static final Map<Keyword, Set<String>> CHOICES = Map.of(
            Keyword.SSLMODE, Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
            Keyword.SSLNEGOTIATION, Set.of("postgres", "direct"),
            Keyword.CHANNEL_BINDING, Set.of("disable", "prefer", "require"),
            Keyword.GSSENCMODE, Set.of("disable", "prefer", "require"),
            Keyword.LOAD_BALANCE_HOSTS, Set.of("disable", "random"),
            Keyword.TARGET_SESSION_ATTRS, TargetSession.TEXTS);

    public DatabaseUrl {
        hosts = List.copyOf(hosts);
        parameters = Map.copyOf(parameters);
    }

    /**
     * @param url the value of {@code DATABASE_URL}, which may be null or empty
     * @param environment the environment variables that fill what the URL leaves out
     * @throws Failure wrong usage; it never quotes the URL
     */
    public static DatabaseUrl parse(String url, Map<String, String> environment) {
        if (url == null || url.isBlank()) {
            throw Failure.usage("DATABASE_URL is not set", ConnectionUri.HINT);
        }
        if (url.indexOf('\uFFFD') >= 0) {
            throw ConnectionUri.malformed(
                    "it holds characters that this locale cannot read; percent-encode them as UTF-8");
        }
        Map<Keyword, String> parameters = new EnumMap<>(Keyword.class);
        parameters.putAll(ConnectionUri.parse(url));
        fill(parameters, environment);
        refuseWhatCannotBeHonoured(parameters);
        List<Host> hosts = hosts(parameters);
        parameters.keySet().removeAll(Set.of(Keyword.HOST, Keyword.HOSTADDR, Keyword.PORT));
        return new DatabaseUrl(hosts, parameters);
    }

    /** The URI that names another database on the same server. */
    public static String withDatabase(String url, String database) {
        return ConnectionUri.withDatabase(url, database);
    }

    public String user() {
        return parameters.get(Keyword.USER);
    }

    public String database() {
        return parameters.get(Keyword.DBNAME);
    }

    Optional<String> parameter(Keyword keyword) {
        return Optional.ofNullable(parameters.get(keyword));
    }

    /** The password given, or else what the password file holds for this host. */
    Optional<String> password(Host host, String database) {
        return parameter(Keyword.PASSWORD)
                .or(() -> new PasswordFile(Path.of(parameters.get(Keyword.PASSFILE))).password(host, database, user()));
    }

    @Override
    public String toString() {
        return database() + " at "
                + String.join(", ", hosts.stream().map(Host::toString).toList());
    }

    private static void fill(Map<Keyword, String> parameters, Map<String, String> environment) {
        Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")));
        String service = parameters.getOrDefault(Keyword.SERVICE, environment.get("PGSERVICE"));
        if (service != null) {
            Optional<Path> global =
                    Optional.ofNullable(environment.get("PGSYSCONFDIR")).map(Path::of);
            Path own = Path.of(environment.getOrDefault(
                    "PGSERVICEFILE", home.resolve(".pg_service.conf").toString()));
            List<Path> files = Stream.concat(
                            Stream.of(own), global.map(path -> path.resolve("pg_service.conf")).stream())
                    .toList();
            new ServiceFile(files).parameters(service).forEach(parameters::putIfAbsent);
        }
        for (Keyword keyword : Keyword.values()) {
            keyword.variable()
                    .map(environment::get)
                    .filter(value -> !value.isEmpty())
                    .ifPresent(value -> parameters.putIfAbsent(keyword, value));
        }
        parameters.values().removeIf(String::isEmpty);
        parameters.putIfAbsent(Keyword.USER, System.getProperty("user.name"));
        parameters.putIfAbsent(Keyword.DBNAME, parameters.get(Keyword.USER));
        parameters.putIfAbsent(Keyword.PASSFILE, home.resolve(".pgpass").toString());
    }

    private static void refuseWhatCannotBeHonoured(Map<Keyword, String> parameters) {
        CHOICES.forEach((keyword, choices) -> {
            String value = parameters.get(keyword);
            if (value != null && !choices.contains(value)) {
                throw ConnectionUri.malformed(keyword.text() + " is none of "
                        + String.join(", ", choices.stream().sorted().toList()));
            }
        });
        String timeout = parameters.get(Keyword.CONNECT_TIMEOUT);
        if (timeout != null && !timeout.strip().matches("-?\\d{1,9}")) {
            throw ConnectionUri.malformed("connect_timeout is not a whole number of seconds");
        }
        if (parameters.containsKey(Keyword.SSLPASSWORD)) {
            throw Failure.usage(
                    "DATABASE_URL has sslpassword, which PostgreSQL's programs take on their command line only",
                    "Use a client key without a passphrase, readable by its owner only (chmod 600).");
        }
        if (parameters.containsKey(Keyword.REPLICATION)) {
            throw ConnectionUri.malformed("replication connections are opened where they are needed; leave it out");
        }
    }

    private static List<Host> hosts(Map<Keyword, String> parameters) {
        List<String> addresses = list(parameters.get(Keyword.HOSTADDR));
        List<String> names = parameters.containsKey(Keyword.HOST) ? list(parameters.get(Keyword.HOST)) : addresses;
        if (names.isEmpty()) {
            names = List.of("");
        }
        if (!addresses.isEmpty() && addresses.size() != names.size()) {
            throw ConnectionUri.malformed("the numbers of hosts and of hostaddr differ");
        }
        List<String> ports = list(parameters.getOrDefault(Keyword.PORT, ""));
        if (ports.size() > 1 && ports.size() != names.size()) {
            throw ConnectionUri.malformed("the numbers of hosts and of ports differ");
        }
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int port = port(ports.isEmpty() ? "" : ports.get(ports.size() == 1 ? 0 : i));
            String name = names.get(i);
            Optional<String> address = addresses.isEmpty()
                    ? Optional.empty()
                    : Optional.of(addresses.get(i)).filter(a -> !a.isEmpty());
            if (name.isEmpty()) {
                name = address.orElseGet(() -> defaultSocketDirectory(port));
            }
            if (name.startsWith("@")) {
                throw ConnectionUri.malformed("sockets of the abstract namespace are not supported; name a directory");
            }
            hosts.add(new Host(name, address, port));
        }
        return Collections.unmodifiableList(hosts);
    }

    private static List<String> list(String commaSeparated) {
        return commaSeparated == null ? List.of() : Arrays.asList(commaSeparated.split(",", -1));
    }

    private static int port(String text) {
        if (text.isBlank()) {
            return DEFAULT_PORT;
        }
        if (!text.strip().matches("\\d{1,5}")
                || Integer.parseInt(text.strip()) < 1
                || Integer.parseInt(text.strip()) > 65535) {
            throw ConnectionUri.malformed("a port is not a number from 1 to 65535");
        }
        return Integer.parseInt(text.strip());
    }

    /** What libpq was built with: Debian and Red Hat use the first, the sources the second. */
    private static String defaultSocketDirectory(int port) {
        List<String> directories = List.of("/var/run/postgresql", "/tmp");
        return directories.stream()
                .filter(directory ->
                        Files.exists(Path.of(Host.of(directory, port).socket())))
                .findFirst()
                .orElse(Files.isDirectory(Path.of(directories.get(0))) ? directories.get(0) : directories.get(1));
    }
}
