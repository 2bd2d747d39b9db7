package io.bactrian.postgres;

import io.bactrian.Failure;
import java.nio.charset.Charset;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The one server that a run talks to, by JDBC and through PostgreSQL's programs alike. Of several hosts one is chosen at the
 * start and kept, so that a dump and its proof can never come from two different servers.
 */
public final class Server {
    /** Left out: given otherwise, settled by the choice of the host, or altering what a dump holds. */
    private static final Set<Keyword> NOT_FOR_PROGRAMS = Set.of(
            Keyword.SERVICE,
            Keyword.SERVICEFILE,
            Keyword.PASSWORD,
            Keyword.PASSFILE,
            Keyword.DBNAME,
            Keyword.TARGET_SESSION_ATTRS,
            Keyword.LOAD_BALANCE_HOSTS,
            Keyword.CLIENT_ENCODING);

    private final DatabaseUrl url;
    private final Host host;
    private final int majorVersion;

    private Server(DatabaseUrl url, Host host, int majorVersion) {
        this.url = url;
        this.host = host;
        this.majorVersion = majorVersion;
    }

    /**
     * Takes the first host, in the order of the URL, that answers and is of the kind that {@code target_session_attrs} asks
     * for. A host that refuses the user ends the search, as in libpq: more attempts could lock an account.
     *
     * @throws Failure a precondition, with what the last host said
     */
    public static Server choose(DatabaseUrl url) {
        return choose(url, url.database());
    }

    /** As {@link #choose(DatabaseUrl)}, asking in another database than the URL's, which may not exist. */
    public static Server choose(DatabaseUrl url, String database) {
        TargetSession wanted = url.parameter(Keyword.TARGET_SESSION_ATTRS)
                .map(TargetSession::of)
                .orElse(TargetSession.ANY);
        List<TargetSession> passes = wanted == TargetSession.PREFER_STANDBY
                ? List.of(TargetSession.STANDBY, TargetSession.ANY)
                : List.of(wanted);
        List<Host> hosts = new ArrayList<>(url.hosts());
        if (url.parameter(Keyword.LOAD_BALANCE_HOSTS).filter("random"::equals).isPresent()) {
            Collections.shuffle(hosts);
        }
        SQLException refusal = null;
        for (TargetSession pass : passes) {
            for (Host host : hosts) {
                try (Connection connection = JdbcConnections.open(url, host, database)) {
                    if (pass.accepts(connection)) {
                        return new Server(url, host, connection.getMetaData().getDatabaseMajorVersion());
                    }
                } catch (SQLException e) {
                    if (!Refusal.concernsOneHost(e)) {
                        throw explain(e, "connect to " + describe(url, host));
                    }
                    refusal = e;
                }
            }
        }
        if (refusal != null) {
            throw explain(refusal, "connect to " + url);
        }
        throw Failure.precondition(
                "None of the servers is " + wanted.text() + ": " + url,
                "Check target_session_attrs in DATABASE_URL, and whether a failover has moved the primary.");
    }

    /** Opens a connection to the database of the URL; the caller closes it. */
    public Connection connect() {
        return connect(url.database());
    }

    /** Opens a connection to another database of the same server; the caller closes it. */
    public Connection connect(String database) {
        try {
            return JdbcConnections.open(url, host, database);
        } catch (SQLException e) {
            throw explain(e, "connect to " + database + " at " + host);
        }
    }

    /**
     * Opens a connection that loads rows as one of {@code pg_restore}'s would; the caller closes it.
     *
     * @param options PGOPTIONS, after those of the URL
     */
    public Connection connectToLoad(String database, String options, SessionStyle style) {
        try {
            return JdbcConnections.openToLoad(url, host, database, options, style);
        } catch (SQLException e) {
            throw explain(e, "connect to " + database + " at " + host);
        }
    }

    /** Opens a connection of the replication protocol, which takes no SQL; the caller closes it. */
    Connection connectForReplication() throws SQLException {
        return JdbcConnections.openForReplication(url, host);
    }

    /**
     * What PostgreSQL's programs need to reach a database here, for their environment: never for a command line, as it may
     * hold the password. Give them {@code --no-password} too: with none known they would ask.
     */
    public Map<String, String> environment(String database) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PGHOST", host.name());
        host.address().ifPresent(address -> variables.put("PGHOSTADDR", address));
        variables.put("PGPORT", String.valueOf(host.port()));
        variables.put("PGDATABASE", database);
        url.password(host, database).ifPresent(password -> variables.put("PGPASSWORD", password));
        url.parameters()
                .forEach((keyword, value) -> keyword.variable()
                        .filter(variable -> !NOT_FOR_PROGRAMS.contains(keyword))
                        .ifPresent(variable -> variables.put(variable, value)));
        variables.putIfAbsent("PGCONNECT_TIMEOUT", String.valueOf(JdbcConnections.TIMEOUT_SECONDS));
        refuseWhatTheLocaleCannotPass(variables);
        return Collections.unmodifiableMap(variables);
    }

    /** For a standby's {@code primary_conninfo}: as given, without the password. */
    public String connectionWithoutPassword() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("host", host.name());
        host.address().ifPresent(address -> parts.put("hostaddr", address));
        parts.put("port", String.valueOf(host.port()));
        parts.put("user", url.user());
        for (Keyword keyword :
                List.of(Keyword.SSLMODE, Keyword.SSLROOTCERT, Keyword.CHANNEL_BINDING, Keyword.GSSENCMODE)) {
            url.parameter(keyword).ifPresent(value -> parts.put(keyword.text(), value));
        }
        return parts.entrySet().stream()
                .map(part -> part.getKey() + "='"
                        + part.getValue().replace("\\", "\\\\").replace("'", "\\'") + "'")
                .collect(Collectors.joining(" "));
    }

    /** Makes a child's environment name this server only, whatever {@code PG…} variables we were started with. */
    public void enter(Map<String, String> childEnvironment, String database) {
        for (Keyword keyword : Keyword.values()) {
            keyword.variable().ifPresent(childEnvironment::remove);
        }
        childEnvironment.putAll(environment(database));
    }

    /**
     * A database as an argument ({@code --dbname}) of PostgreSQL's programs. They take a plain name that holds {@code =} or
     * looks like a URL for a whole connection string. Holds no secret.
     */
    public static String databaseArgument(String database) {
        return "dbname='" + database.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    public String database() {
        return url.database();
    }

    public String user() {
        return url.user();
    }

    /** 15 for any 15.x. */
    public int majorVersion() {
        return majorVersion;
    }

    /** Like {@code app at db.example.com:5432}; holds no secret. */
    public String description() {
        return describe(url, host);
    }

    /** Where it was reached, {@code db.example.com:5432}. */
    public String address() {
        return host.toString();
    }

    @Override
    public String toString() {
        return description();
    }

    /**
     * What a person is told when the server refused something.
     *
     * @param doing completes "Cannot …", such as {@code "connect to app at db:5432"}
     */
    public static Failure explain(SQLException e, String doing) {
        return Refusal.explain(e, doing);
    }

    private static String describe(DatabaseUrl url, Host host) {
        return url.database() + " at " + host;
    }

    private static void refuseWhatTheLocaleCannotPass(Map<String, String> variables) {
        // JDK 17 encodes a child's environment in the first, later ones in the second; what does not fit becomes "?"
        for (String property : List.of("file.encoding", "sun.jnu.encoding")) {
            Charset charset = Charset.forName(System.getProperty(property));
            variables.forEach((name, value) -> {
                if (!charset.newEncoder().canEncode(value)) {
                    throw Failure.precondition(
                            name + " has characters that the locale's encoding " + charset + " cannot pass to "
                                    + "PostgreSQL's programs",
                            "Set LC_ALL=C.UTF-8 and start again.");
                }
            });
        }
    }
}
