package io.bactrian.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What makes a database the one it is beside its content, and what {@code pg_dump} without {@code -C} leaves out. Part of the
 * manifest; every component that does not apply is null.
 *
 * @param localeProvider {@code libc}, {@code icu} (servers from 15) or {@code builtin} (from 17)
 * @param locale the locale of the ICU or builtin provider
 * @param collationVersion as the provider reported it when the database was made; null before server 15
 * @param connectionLimit -1 for none
 * @param settings of {@code ALTER DATABASE … SET} and {@code ALTER ROLE … IN DATABASE … SET}; custom ones may be confidential
 * @param defaultGrants whether the privileges were never changed; then {@code grants} is empty
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DatabaseProperties(
        String name,
        String encoding,
        String localeProvider,
        String collate,
        String ctype,
        String locale,
        String icuRules,
        String collationVersion,
        String owner,
        String tablespace,
        int connectionLimit,
        boolean template,
        String comment,
        List<Setting> settings,
        boolean defaultGrants,
        List<Grant> grants,
        List<SecurityLabel> securityLabels) {

    public DatabaseProperties {
        settings = List.copyOf(settings);
        grants = List.copyOf(grants);
        securityLabels = List.copyOf(securityLabels);
    }

    /**
     * One configuration parameter for the database.
     *
     * @param role the role it is limited to, or null for every session
     * @param values each to be written as one string literal; more than one only for lists of names, such as search_path
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Setting(String role, String name, List<String> values) {
        public Setting {
            values = List.copyOf(values);
        }
    }

    /**
     * One privilege on the database.
     *
     * @param role null for PUBLIC
     * @param privilege {@code CONNECT}, {@code CREATE} or {@code TEMPORARY}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Grant(String role, String privilege, boolean grantable) {
        public Grant {
            if (!privilege.matches("[A-Z ]+")) {
                throw new IllegalArgumentException("not a privilege");
            }
        }
    }

    public record SecurityLabel(String provider, String label) {}

    /** The same under another owner, without grants to roles that may not exist. */
    public DatabaseProperties ownedBy(String role) {
        return new DatabaseProperties(
                name,
                encoding,
                localeProvider,
                collate,
                ctype,
                locale,
                icuRules,
                collationVersion,
                role,
                tablespace,
                connectionLimit,
                template,
                comment,
                settings.stream().filter(setting -> setting.role() == null).toList(),
                true,
                List.of(),
                securityLabels);
    }

    /** Reads those of the database the connection is in. Works on servers from 13. */
    public static DatabaseProperties read(Connection connection) throws SQLException {
        return DatabaseCatalog.read(connection);
    }

    /**
     * Creates an empty database with this encoding, locale and owner from template0. The tablespace is used if the server has it.
     *
     * @param maintenance a connection in another database, in auto-commit mode
     * @return what is different from the original, as sentences for the user
     * @throws io.bactrian.Failure where the owner, the locale or a privilege is missing, or the database exists
     */
    public List<String> create(Connection maintenance, String newName) throws SQLException {
        return new DatabaseBuilder(maintenance, newName).create(this);
    }

    /**
     * Applies settings, grants, comment, security labels and connection limit, once the content is loaded. A property that
     * the server refuses costs a warning and not the loaded database.
     *
     * @param maintenance a connection in auto-commit mode
     * @return what could not be applied and why; never a setting's value
     */
    public List<String> apply(Connection maintenance, String databaseName) throws SQLException {
        return new DatabaseBuilder(maintenance, databaseName).apply(this);
    }
}
