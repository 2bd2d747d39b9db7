package io.bactrian.postgres;

import io.bactrian.postgres.DatabaseProperties.Grant;
import io.bactrian.postgres.DatabaseProperties.SecurityLabel;
import io.bactrian.postgres.DatabaseProperties.Setting;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads {@link DatabaseProperties} from the system catalogs. */
final class DatabaseCatalog {
    /** Parameters whose stored value is a list of quoted names: variable_is_guc_list_quote() of pg_dump's dumputils.c. */
    private static final Set<String> LISTS_OF_NAMES = Set.of(
            "local_preload_libraries",
            "search_path",
            "session_preload_libraries",
            "shared_preload_libraries",
            "temp_tablespaces",
            "unix_socket_directories");

    /** Through JSON, columns that a server version does not have read as null. */
    private static final String PROPERTIES = """
            SELECT d.datname, pg_encoding_to_char(d.encoding) AS encoding,
                   CASE j->>'datlocprovider' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider,
                   d.datcollate, d.datctype, coalesce(j->>'datlocale', j->>'daticulocale') AS locale,
                   j->>'daticurules' AS icu_rules, j->>'datcollversion' AS collation_version,
                   pg_get_userbyid(d.datdba) AS owner, t.spcname, d.datconnlimit, d.datistemplate,
                   shobj_description(d.oid, 'pg_database') AS comment, d.datacl IS NULL AS default_grants
            FROM pg_catalog.pg_database d
            JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
            CROSS JOIN LATERAL to_jsonb(d) AS j
            WHERE d.datname = current_database()
            """;

    private static final String SETTINGS = """
            SELECT r.rolname, c.setting
            FROM pg_catalog.pg_db_role_setting s
            JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase AND d.datname = current_database()
            LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
            CROSS JOIN LATERAL unnest(s.setconfig) WITH ORDINALITY AS c(setting, position)
            ORDER BY s.setrole <> 0, r.rolname, c.position
            """;

    private static final String GRANTS = """
            SELECT r.rolname, a.privilege_type, a.is_grantable
            FROM pg_catalog.pg_database d
            CROSS JOIN LATERAL aclexplode(d.datacl) AS a
            LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
            WHERE d.datname = current_database()
            ORDER BY a.grantee <> 0, r.rolname, a.privilege_type
            """;

    private static final String SECURITY_LABELS = """
            SELECT l.provider, l.label
            FROM pg_catalog.pg_shseclabel l
            JOIN pg_catalog.pg_database d ON d.oid = l.objoid AND d.datname = current_database()
            WHERE l.classoid = 'pg_catalog.pg_database'::regclass
            ORDER BY l.provider
            """;

    private DatabaseCatalog() {}

    static DatabaseProperties read(Connection connection) throws SQLException {
        List<Setting> settings = Sql.rows(connection, SETTINGS, row -> setting(row.getString(1), row.getString(2)));
        List<Grant> grants =
                Sql.rows(connection, GRANTS, row -> new Grant(row.getString(1), row.getString(2), row.getBoolean(3)));
        List<SecurityLabel> labels =
                Sql.rows(connection, SECURITY_LABELS, row -> new SecurityLabel(row.getString(1), row.getString(2)));
        return Sql.rows(connection, PROPERTIES, row -> properties(row, settings, grants, labels))
                .get(0);
    }

    private static DatabaseProperties properties(
            ResultSet row, List<Setting> settings, List<Grant> grants, List<SecurityLabel> labels) throws SQLException {
        return new DatabaseProperties(
                row.getString("datname"),
                row.getString("encoding"),
                row.getString("provider"),
                row.getString("datcollate"),
                row.getString("datctype"),
                row.getString("locale"),
                row.getString("icu_rules"),
                row.getString("collation_version"),
                row.getString("owner"),
                row.getString("spcname"),
                row.getInt("datconnlimit"),
                row.getBoolean("datistemplate"),
                row.getString("comment"),
                settings,
                row.getBoolean("default_grants"),
                grants,
                labels);
    }

    private static Setting setting(String role, String nameAndValue) {
        int equals = nameAndValue.indexOf('=');
        String name = nameAndValue.substring(0, equals);
        String value = nameAndValue.substring(equals + 1);
        boolean list = LISTS_OF_NAMES.contains(name.toLowerCase(Locale.ROOT));
        return new Setting(role, name, list ? NameList.parse(value) : List.of(value));
    }
}
