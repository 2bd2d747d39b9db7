package io.bactrian.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether a server and this role allow point-in-time recovery: what a physical base and the WAL after it need.
 *
 * @param role that asks, quoted as SQL needs it
 * @param database where it asks: functions, and the rights on them, belong to databases
 * @param standby whether the server is in recovery
 * @param mayReplicate whether the role may open replication connections and use slots
 * @param maySwitchWal whether it may finish a WAL segment, which ends a cut
 * @param walLevel {@code wal_level}
 * @param walSenders {@code max_wal_senders}
 * @param slots {@code max_replication_slots}
 * @param slotKeepBytes how much WAL a slot can hold back on the server ({@code max_slot_wal_keep_size}); empty: without bound
 */
public record PitrReadiness(
        String role,
        String database,
        boolean standby,
        boolean mayReplicate,
        boolean maySwitchWal,
        String walLevel,
        int walSenders,
        int slots,
        Optional<Long> slotKeepBytes) {

    private static final long MEGABYTE = 1024L * 1024;

    /** A reason against, and what to do about it. */
    public record Obstacle(String what, String hint) {}

    public static PitrReadiness read(Connection connection) throws SQLException {
        return Sql.rows(connection, """
                        SELECT pg_catalog.quote_ident(current_user), pg_catalog.current_database(), pg_catalog.pg_is_in_recovery(),
                               (SELECT rolreplication OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
                               pg_catalog.has_function_privilege('pg_catalog.pg_switch_wal()', 'EXECUTE'),
                               pg_catalog.current_setting('wal_level'),
                               pg_catalog.current_setting('max_wal_senders')::int,
                               pg_catalog.current_setting('max_replication_slots')::int,
                               (SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'max_slot_wal_keep_size')
                        """, row -> {
                    long keep = row.getLong(9);
                    return new PitrReadiness(
                            row.getString(1),
                            row.getString(2),
                            row.getBoolean(3),
                            row.getBoolean(4),
                            row.getBoolean(5),
                            row.getString(6),
                            row.getInt(7),
                            row.getInt(8),
                            keep < 0 ? Optional.empty() : Optional.of(keep * MEGABYTE));
                })
                .get(0);
    }

    /** What makes it impossible; empty if nothing does. */
    public List<Obstacle> obstacles() {
        List<Obstacle> found = new ArrayList<>();
        if (standby) {
            found.add(new Obstacle(
                    "the server is a standby, where no WAL can be cut off",
                    "Set BACKUP_CLUSTER_URL to the primary; the dump goes on coming from the standby."));
        }
        if (!mayReplicate) {
            found.add(new Obstacle(
                    "the role " + role + " may not replicate",
                    "ALTER ROLE " + role + " REPLICATION; (sql/backup-role.sql does all of it)."));
        }
        if (!maySwitchWal) {
            found.add(new Obstacle(
                    "the role " + role + " may not finish a WAL segment in the database " + database,
                    "There: GRANT EXECUTE ON FUNCTION pg_switch_wal() TO " + role
                            + "; (sql/backup-role.sql does all of it)."));
        }
        if (walLevel.equals("minimal")) {
            found.add(new Obstacle(
                    "wal_level is minimal, so the WAL does not hold all changes",
                    "ALTER SYSTEM SET wal_level = replica; then restart the server."));
        }
        if (walSenders == 0) {
            found.add(new Obstacle(
                    "max_wal_senders is 0", "ALTER SYSTEM SET max_wal_senders = 10; then restart the server."));
        }
        if (slots == 0) {
            found.add(new Obstacle(
                    "max_replication_slots is 0",
                    "ALTER SYSTEM SET max_replication_slots = 10; then restart the server."));
        }
        return List.copyOf(found);
    }

    /** What makes it a risk for the server's disk. */
    public Optional<Obstacle> unbounded() {
        return slotKeepBytes.isPresent()
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        "the server does not bound how much WAL a slot holds back (max_slot_wal_keep_size is -1),"
                                + " so a slot that nobody reads could fill its disk",
                        "ALTER SYSTEM SET max_slot_wal_keep_size = '16GB'; SELECT pg_reload_conf();"
                                + " or set BACKUP_PITR=on to accept BACKUP_SLOT_MAX_WAL as the only bound."));
    }
}
