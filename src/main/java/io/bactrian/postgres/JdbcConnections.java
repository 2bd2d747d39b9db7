package io.bactrian.postgres;

import io.bactrian.Failure;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Opens JDBC connections that mean what libpq would mean by the same parameters. */
final class JdbcConnections {
    /** libpq would wait for ever; an unattended run must not. */
    static final int TIMEOUT_SECONDS = 30;

    private static final Map<Keyword, PGProperty> SAME_MEANING = Map.of(
            Keyword.SSLMODE, PGProperty.SSL_MODE,
            Keyword.SSLNEGOTIATION, PGProperty.SSL_NEGOTIATION,
            Keyword.SSLCERT, PGProperty.SSL_CERT,
            Keyword.SSLKEY, PGProperty.SSL_KEY,
            Keyword.CHANNEL_BINDING, PGProperty.CHANNEL_BINDING,
            Keyword.REQUIRE_AUTH, PGProperty.REQUIRE_AUTH,
            Keyword.GSSENCMODE, PGProperty.GSS_ENC_MODE,
            Keyword.KRBSRVNAME, PGProperty.KERBEROS_SERVER_NAME,
            Keyword.OPTIONS, PGProperty.OPTIONS);

    /**
     * What _doSetFixedOutputState() of pg_backup_archiver.c sets, as far as it matters to COPY. But no warnings: JDBC keeps them all
     * in memory, and reads none while it writes, so that both sides might wait for each other for ever.
     */
    private static final String AS_PG_RESTORE = """
            SELECT pg_catalog.set_config(name, value, false)
              FROM (VALUES ('search_path', ''), ('row_security', 'off'), ('xmloption', 'content'), ('lock_timeout', '0'),
                           ('client_min_messages', 'error'), ('TimeZone', ?), ('DateStyle', ?)) AS setting (name, value)""";

    private JdbcConnections() {}

    static Connection open(DatabaseUrl url, Host host, String database) throws SQLException {
        Connection connection = new Driver().connect(address(host, database), properties(url, host, database));
        try {
            outlastTimeouts(connection);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /**
     * One that loads rows as a session of pg_restore would.
     *
     * @param options PGOPTIONS, after those of the URL
     */
    static Connection openToLoad(DatabaseUrl url, Host host, String database, String options, SessionStyle style)
            throws SQLException {
        Properties properties = properties(url, host, database);
        PGProperty.OPTIONS.set(
                properties,
                url.parameter(Keyword.OPTIONS).map(given -> given + " ").orElse("") + options);
        Connection connection = new Driver().connect(address(host, database), properties);
        try (PreparedStatement setting = connection.prepareStatement(AS_PG_RESTORE)) {
            setting.setString(1, style.timeZone());
            setting.setString(2, style.dateStyle());
            setting.execute();
            outlastTimeouts(connection);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static String address(Host host, String database) {
        String server = host.isSocket() ? "localhost" : bracketed(host.address().orElse(host.name()));
        return "jdbc:postgresql://" + server + ":" + host.port() + "/"
                + URLEncoder.encode(database, StandardCharsets.UTF_8);
    }

    /**
     * One that speaks the replication protocol (manual §55.4), as pg_receivewal's: pg_hba.conf has lines of its own for it, and it
     * takes no SQL.
     */
    static Connection openForReplication(DatabaseUrl url, Host host) throws SQLException {
        Properties properties = properties(url, host, url.database());
        PGProperty.REPLICATION.set(properties, "true");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "13");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        return new Driver().connect(address(host, url.database()), properties);
    }

    /** As pg_dump does for its own sessions: limits made for applications must not end a backup that takes hours. */
    private static void outlastTimeouts(Connection connection) throws SQLException {
        Sql.execute(connection, """
                SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
                 WHERE name IN ('statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout',
                                'idle_session_timeout')""");
    }

    private static Properties properties(DatabaseUrl url, Host host, String database) {
        Properties properties = new Properties();
        SAME_MEANING.forEach(
                (keyword, property) -> url.parameter(keyword).ifPresent(value -> property.set(properties, value)));
        PGProperty.USER.set(properties, url.user());
        url.password(host, database).ifPresent(password -> PGProperty.PASSWORD.set(properties, password));
        PGProperty.APPLICATION_NAME.set(
                properties,
                url.parameter(Keyword.APPLICATION_NAME)
                        .or(() -> url.parameter(Keyword.FALLBACK_APPLICATION_NAME))
                        .orElse("bactrian"));
        PGProperty.TCP_KEEP_ALIVE.set(
                properties, !url.parameter(Keyword.KEEPALIVES).orElse("1").equals("0"));
        int timeout = Math.max(
                0,
                url.parameter(Keyword.CONNECT_TIMEOUT)
                        .map(seconds -> Integer.parseInt(seconds.strip()))
                        .orElse(TIMEOUT_SECONDS));
        PGProperty.CONNECT_TIMEOUT.set(properties, timeout);
        PGProperty.LOGIN_TIMEOUT.set(properties, timeout);
        if (host.isSocket()) {
            throughSocket(properties, host);
        } else {
            verifying(properties, url, host);
        }
        return properties;
    }

    private static void throughSocket(Properties properties, Host host) {
        PGProperty.SOCKET_FACTORY.set(properties, "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
        PGProperty.SOCKET_FACTORY_ARG.set(properties, host.socket());
        // libpq never encrypts a unix socket, whatever sslmode says; pgjdbc would insist
        PGProperty.SSL_MODE.set(properties, "disable");
        PGProperty.GSS_ENC_MODE.set(properties, "disable");
        PGProperty.SSL_NEGOTIATION.set(properties, "postgres");
    }

    private static void verifying(Properties properties, DatabaseUrl url, Host host) {
        String mode = url.parameter(Keyword.SSLMODE).orElse("prefer");
        if (mode.equals("verify-full")
                && host.address()
                        .filter(address -> !address.equals(host.name()))
                        .isPresent()) {
            throw Failure.usage(
                    "DATABASE_URL has hostaddr together with sslmode=verify-full, which JDBC cannot check",
                    "Leave out hostaddr, and give the address by DNS or /etc/hosts.");
        }
        url.parameter(Keyword.SSLROOTCERT).ifPresent(certificate -> {
            if (certificate.equals("system")) {
                PGProperty.SSL_FACTORY.set(properties, "org.postgresql.ssl.DefaultJavaSSLFactory");
                PGProperty.SSL_MODE.set(properties, "verify-full");
                return;
            }
            PGProperty.SSL_ROOT_CERT.set(properties, certificate);
            // with a root certificate at hand libpq checks the chain under "require" too
            if (mode.equals("require")) {
                PGProperty.SSL_MODE.set(properties, "verify-ca");
            }
        });
    }

    private static String bracketed(String address) {
        return address.indexOf(':') >= 0 ? "[" + address + "]" : address;
    }
}
