package io.bactrian.postgres;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.postgres.DatabaseProperties.Grant;
import io.bactrian.postgres.DatabaseProperties.SecurityLabel;
import io.bactrian.postgres.DatabaseProperties.Setting;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Makes one database like the one that {@link DatabaseProperties} describe. */
final class DatabaseBuilder {
    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final String DUPLICATE_DATABASE = "42P04";
    private static final int FIRST_SERVER_WITH_PROVIDERS = 15;
    private static final int FIRST_SERVER_WITH_ICU_RULES = 16;

    private static final String DEFAULT_TABLESPACE = "pg_default";

    private final Connection connection;
    private final String name;
    private final List<String> warnings = new ArrayList<>();

    DatabaseBuilder(Connection connection, String name) {
        this.connection = connection;
        this.name = name;
    }

    List<String> create(DatabaseProperties properties) throws SQLException {
        if (!exists("pg_roles WHERE rolname", properties.owner())) {
            throw Failure.precondition(
                    "The owner of the database, role \"" + properties.owner() + "\", does not exist on this server.",
                    "Create the role, or let the restore bring the backup's roles: restore … --globals");
        }
        try {
            Sql.execute(connection, creation(properties));
        } catch (SQLException refused) {
            throw explained(refused, properties);
        }
        warnIfSortedDifferently(properties);
        return List.copyOf(warnings);
    }

    List<String> apply(DatabaseProperties properties) throws SQLException {
        String database = Sql.identifier(connection, name);
        for (Setting setting : properties.settings()) {
            attempt("Setting " + setting.name() + forRole(setting.role()), assignment(setting, database));
        }
        if (!properties.defaultGrants()) {
            String owner = Sql.identifier(connection, properties.owner());
            attempt("Revoking the default privileges", "REVOKE ALL ON DATABASE " + database + " FROM PUBLIC, " + owner);
            for (Grant grant : properties.grants()) {
                attempt("Granting " + grant.privilege() + forRole(grant.role()), grant(grant, database));
            }
        }
        for (SecurityLabel label : properties.securityLabels()) {
            attempt("The security label of " + label.provider(), label(label, database));
        }
        if (properties.comment() != null) {
            attempt(
                    "The comment",
                    "COMMENT ON DATABASE " + database + " IS " + Sql.literal(connection, properties.comment()));
        }
        if (properties.connectionLimit() >= 0) {
            attempt(
                    "The connection limit",
                    "ALTER DATABASE " + database + " CONNECTION LIMIT " + properties.connectionLimit());
        }
        if (properties.template()) {
            attempt("Marking it as a template", "ALTER DATABASE " + database + " IS_TEMPLATE true");
        }
        return List.copyOf(warnings);
    }

    private String creation(DatabaseProperties properties) throws SQLException {
        StringBuilder sql = new StringBuilder("CREATE DATABASE ").append(Sql.identifier(connection, name));
        sql.append(" TEMPLATE template0 OWNER ").append(Sql.identifier(connection, properties.owner()));
        option(sql, "ENCODING", properties.encoding());
        option(sql, "LC_COLLATE", properties.collate());
        option(sql, "LC_CTYPE", properties.ctype());
        int server = connection.getMetaData().getDatabaseMajorVersion();
        if (server >= FIRST_SERVER_WITH_PROVIDERS
                || !properties.localeProvider().equals("libc")) {
            option(sql, "LOCALE_PROVIDER", properties.localeProvider());
        }
        option(sql, properties.localeProvider().equals("icu") ? "ICU_LOCALE" : "BUILTIN_LOCALE", properties.locale());
        if (server >= FIRST_SERVER_WITH_ICU_RULES) {
            option(sql, "ICU_RULES", properties.icuRules());
        }
        String tablespace = properties.tablespace();
        if (tablespace.equals(DEFAULT_TABLESPACE)) {
            return sql.toString(); // to name it takes a privilege on it, to use it does not
        }
        if (exists("pg_tablespace WHERE spcname", tablespace)) {
            sql.append(" TABLESPACE ").append(Sql.identifier(connection, tablespace));
        } else {
            warnings.add("Tablespace \"" + tablespace + "\" does not exist on this server; the default is used.");
        }
        return sql.toString();
    }

    private void option(StringBuilder sql, String option, String value) throws SQLException {
        if (value != null) {
            sql.append(' ').append(option).append(" = ").append(Sql.literal(connection, value));
        }
    }

    private String assignment(Setting setting, String database) throws SQLException {
        List<String> values = new ArrayList<>();
        for (String value : setting.values()) {
            values.add(Sql.literal(connection, value));
        }
        String subject = setting.role() == null
                ? "DATABASE " + database
                : "ROLE " + Sql.identifier(connection, setting.role()) + " IN DATABASE " + database;
        return "ALTER " + subject + " SET " + Sql.identifier(connection, setting.name()) + " TO "
                + String.join(", ", values);
    }

    private String grant(Grant grant, String database) throws SQLException {
        String role = grant.role() == null ? "PUBLIC" : Sql.identifier(connection, grant.role());
        return "GRANT " + grant.privilege() + " ON DATABASE " + database + " TO " + role
                + (grant.grantable() ? " WITH GRANT OPTION" : "");
    }

    private String label(SecurityLabel label, String database) throws SQLException {
        return "SECURITY LABEL FOR " + Sql.identifier(connection, label.provider()) + " ON DATABASE " + database
                + " IS " + Sql.literal(connection, label.label());
    }

    private void attempt(String what, String sql) {
        try {
            Sql.execute(connection, sql);
        } catch (SQLException refused) {
            warnings.add(what + " was not possible: " + Sql.reason(refused) + ".");
        }
    }

    private static String forRole(String role) {
        return role == null ? "" : " for role \"" + role + "\"";
    }

    private boolean exists(String place, String object) throws SQLException {
        return Sql.isTrue(
                connection, "EXISTS (SELECT FROM pg_catalog." + place + " = " + Sql.literal(connection, object) + ")");
    }

    /** Indexes are built anew and are right; but the order of rows, and what a range holds, may differ from the original. */
    private void warnIfSortedDifferently(DatabaseProperties properties) throws SQLException {
        if (properties.collationVersion() == null) {
            return;
        }
        String query = "SELECT to_jsonb(d)->>'datcollversion' FROM pg_catalog.pg_database d WHERE d.datname = "
                + Sql.literal(connection, name);
        String version = Sql.rows(connection, query, row -> row.getString(1)).get(0);
        if (version != null && !version.equals(properties.collationVersion())) {
            warnings.add("Text may sort differently: this server's collation version is " + version
                    + ", the original's was " + properties.collationVersion() + ".");
        }
    }

    private Failure explained(SQLException refused, DatabaseProperties properties) throws SQLException {
        String state = refused.getSQLState();
        String hint;
        if (DUPLICATE_DATABASE.equals(state)) {
            hint = "Choose another name, or replace the database with --replace.";
        } else if (INSUFFICIENT_PRIVILEGE.equals(state)) {
            String me = Sql.identifier(connection, connection.getMetaData().getUserName());
            hint = "As a superuser: ALTER ROLE " + me + " CREATEDB; GRANT "
                    + Sql.identifier(connection, properties.owner()) + " TO " + me + ";";
        } else {
            hint = "The database needs encoding " + properties.encoding() + ", locale provider "
                    + properties.localeProvider() + ", LC_COLLATE " + properties.collate() + " and LC_CTYPE "
                    + properties.ctype() + " on the server; install the locale there (on Debian: dpkg-reconfigure"
                    + " locales), or restore to a server that has it.";
        }
        return new Failure(
                ExitCode.PRECONDITION,
                "Database \"" + name + "\" could not be created: " + Sql.reason(refused) + ".",
                hint,
                refused);
    }
}
