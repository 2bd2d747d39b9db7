package io.bactrian.postgres;

import static io.bactrian.postgres.Blindspot.Severity.REFUSE;
import static io.bactrian.postgres.Blindspot.Severity.WARN;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What the connected role cannot read, known before the dump and not half way through it. Each rule follows what
 * {@code pg_dump} does with the object in question.
 */
public final class Blindspots {
    private static final int NAMED = 5;

    /** pg_dump locks tables, copies their rows and reads sequences; of extensions, the tables registered as configuration. */
    private static final String UNREADABLE_RELATIONS = """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't'
              AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
              AND (NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                     WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
                   OR EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE c.oid = ANY (e.extconfig)))
              AND NOT (has_schema_privilege(n.oid, 'USAGE') AND CASE c.relkind
                    WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT')
                    ELSE has_table_privilege(c.oid, 'SELECT') END)
            ORDER BY 1
            """;

    /** Partitions are copied one by one, so that a policy counts only on the table that holds the rows. */
    private static final String ROW_SECURITY = """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND row_security_active(c.oid)
            ORDER BY 1
            """;

    private static final String UNREADABLE_LARGE_OBJECTS = """
            SELECT l.oid::text, quote_ident(pg_get_userbyid(l.lomowner))
            FROM pg_catalog.pg_largeobject_metadata l
            WHERE NOT current_setting('lo_compat_privileges')::boolean
              AND NOT pg_has_role(l.lomowner, 'USAGE')
              AND NOT EXISTS (SELECT FROM aclexplode(l.lomacl) a
                WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))
            ORDER BY l.oid
            """;

    private static final String SUBSCRIPTIONS = """
            SELECT quote_ident(s.subname)
            FROM pg_catalog.pg_subscription s
            JOIN pg_catalog.pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
            ORDER BY 1
            """;

    /** The view hides the options, where the password of the remote server is, from everyone but those named here. */
    private static final String HIDDEN_USER_MAPPINGS = """
            SELECT format('%s on server %I', CASE u.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(u.usename) END, u.srvname)
            FROM pg_catalog.pg_user_mappings u
            JOIN pg_catalog.pg_foreign_server s ON s.oid = u.srvid
            WHERE u.umoptions IS NULL AND NOT CASE u.umuser
                WHEN 0 THEN pg_has_role(s.srvowner, 'USAGE')
                ELSE u.usename = current_user
                     AND (pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')) END
            ORDER BY 1
            """;

    private static final String UNLOGGED_ON_STANDBY = """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND pg_is_in_recovery()
            ORDER BY 1
            """;

    private final Connection connection;
    private final List<Blindspot> found = new ArrayList<>();

    private Blindspots(Connection connection) {
        this.connection = connection;
    }

    /** Looks at the connection's database. Works on servers from 13. */
    public static List<Blindspot> find(Connection connection) throws SQLException {
        Blindspots blindspots = new Blindspots(connection);
        blindspots.look();
        return List.copyOf(blindspots.found);
    }

    /** Whether {@code pg_dumpall} can read pg_authid; if not, it needs {@code --no-role-passwords}. */
    public static boolean canReadRolePasswords(Connection connection) throws SQLException {
        return Sql.isTrue(connection, "has_table_privilege('pg_catalog.pg_authid', 'SELECT')");
    }

    private void look() throws SQLException {
        String role = Sql.identifier(connection, role());
        add(
                REFUSE,
                UNREADABLE_RELATIONS,
                names -> "Role " + role + " may not read " + names + ".",
                "As a superuser: GRANT pg_read_all_data TO " + role
                        + "; (before server 14: USAGE on the schemas, SELECT on the tables and sequences)");
        add(
                REFUSE,
                ROW_SECURITY,
                names -> "Row-level security hides rows of " + names + " from role " + role + ".",
                "As a superuser: ALTER ROLE " + role + " BYPASSRLS;");
        largeObjects(role);
        if (!Sql.isTrue(connection, "rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user")) {
            add(
                    WARN,
                    SUBSCRIPTIONS,
                    names -> "Not in the backup, since only a superuser can read them: subscriptions " + names + ".",
                    "Keep their CREATE SUBSCRIPTION statements elsewhere, or back up as a superuser.");
            add(
                    WARN,
                    HIDDEN_USER_MAPPINGS,
                    names -> "In the backup without their options, which role " + role
                            + " cannot see: user mappings of " + names + ".",
                    "Set the options again after a restore, or back up as a superuser.");
        }
        if (!canReadRolePasswords(connection)) {
            found.add(new Blindspot(
                    WARN,
                    "Roles are in the backup without their passwords, which role " + role + " may not read.",
                    "Set passwords again after restoring roles; or, as a superuser: GRANT SELECT ON pg_authid TO "
                            + role + ";"));
        }
        add(
                WARN,
                UNLOGGED_ON_STANDBY,
                names -> "Not in the backup, since a standby does not have them: rows of the unlogged tables " + names
                        + ".",
                "Back up from the primary if these rows matter.");
    }

    private void largeObjects(String role) throws SQLException {
        List<LargeObject> unreadable = Sql.rows(
                connection, UNREADABLE_LARGE_OBJECTS, row -> new LargeObject(row.getString(1), row.getString(2)));
        if (!unreadable.isEmpty()) {
            List<String> owners =
                    unreadable.stream().map(LargeObject::owner).distinct().toList();
            found.add(new Blindspot(
                    REFUSE,
                    "Role " + role + " may not read large objects "
                            + some(unreadable.stream().map(LargeObject::oid).toList()) + ", owned by " + some(owners)
                            + ".",
                    "As a superuser: GRANT " + some(owners) + " TO " + role
                            + "; or, for each: GRANT SELECT ON LARGE OBJECT … TO " + role + ";"));
        }
    }

    private void add(Blindspot.Severity severity, String query, UnaryOperator<String> message, String hint)
            throws SQLException {
        List<String> names = Sql.rows(connection, query, row -> row.getString(1));
        if (!names.isEmpty()) {
            found.add(new Blindspot(severity, message.apply(some(names)), hint));
        }
    }

    private String role() throws SQLException {
        return Sql.rows(connection, "SELECT current_user", row -> row.getString(1))
                .get(0);
    }

    private static String some(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
        return names.size() <= NAMED ? first : first + " and " + (names.size() - NAMED) + " more";
    }

    private record LargeObject(String oid, String owner) {}
}
