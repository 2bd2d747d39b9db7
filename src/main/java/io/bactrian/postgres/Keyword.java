package io.bactrian.postgres;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The connection parameters that libpq 18 knows, with the environment variable that gives each its default, as in
 * "Parameter Key Words" and "Environment Variables" of the PostgreSQL manual. A URL that names any other is refused, as
 * libpq refuses it.
 */
public enum Keyword {
    SERVICE("PGSERVICE"),
    SERVICEFILE("PGSERVICEFILE"),
    USER("PGUSER"),
    PASSWORD("PGPASSWORD"),
    PASSFILE("PGPASSFILE"),
    CHANNEL_BINDING("PGCHANNELBINDING"),
    CONNECT_TIMEOUT("PGCONNECT_TIMEOUT"),
    DBNAME("PGDATABASE"),
    HOST("PGHOST"),
    HOSTADDR("PGHOSTADDR"),
    PORT("PGPORT"),
    CLIENT_ENCODING("PGCLIENTENCODING"),
    OPTIONS("PGOPTIONS"),
    APPLICATION_NAME("PGAPPNAME"),
    FALLBACK_APPLICATION_NAME,
    KEEPALIVES,
    KEEPALIVES_IDLE,
    KEEPALIVES_INTERVAL,
    KEEPALIVES_COUNT,
    TCP_USER_TIMEOUT,
    SSLMODE("PGSSLMODE"),
    SSLNEGOTIATION("PGSSLNEGOTIATION"),
    SSLCOMPRESSION("PGSSLCOMPRESSION"),
    SSLCERT("PGSSLCERT"),
    SSLKEY("PGSSLKEY"),
    SSLCERTMODE("PGSSLCERTMODE"),
    SSLPASSWORD,
    SSLROOTCERT("PGSSLROOTCERT"),
    SSLCRL("PGSSLCRL"),
    SSLCRLDIR("PGSSLCRLDIR"),
    SSLSNI("PGSSLSNI"),
    SSLKEYLOGFILE,
    REQUIREPEER("PGREQUIREPEER"),
    REQUIRE_AUTH("PGREQUIREAUTH"),
    MIN_PROTOCOL_VERSION("PGMINPROTOCOLVERSION"),
    MAX_PROTOCOL_VERSION("PGMAXPROTOCOLVERSION"),
    SSL_MIN_PROTOCOL_VERSION("PGSSLMINPROTOCOLVERSION"),
    SSL_MAX_PROTOCOL_VERSION("PGSSLMAXPROTOCOLVERSION"),
    GSSENCMODE("PGGSSENCMODE"),
    KRBSRVNAME("PGKRBSRVNAME"),
    GSSLIB("PGGSSLIB"),
    GSSDELEGATION("PGGSSDELEGATION"),
    REPLICATION,
    TARGET_SESSION_ATTRS("PGTARGETSESSIONATTRS"),
    LOAD_BALANCE_HOSTS("PGLOADBALANCEHOSTS"),
    SCRAM_CLIENT_KEY,
    SCRAM_SERVER_KEY,
    OAUTH_ISSUER,
    OAUTH_CLIENT_ID,
    OAUTH_CLIENT_SECRET,
    OAUTH_SCOPE;

    private final Optional<String> variable;

    Keyword() {
        this.variable = Optional.empty();
    }

    Keyword(String variable) {
        this.variable = Optional.of(variable);
    }

    static Optional<Keyword> named(String name) {
        return Arrays.stream(values())
                .filter(keyword -> keyword.text().equals(name))
                .findFirst();
    }

    /** As written in a URL or a connection string. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The environment variable that libpq reads for it. */
    public Optional<String> variable() {
        return variable;
    }
}
