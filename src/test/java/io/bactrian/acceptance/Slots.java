package io.bactrian.acceptance;

/** What a server allows to be held back for us. */
final class Slots {
    private Slots() {}

    /** Then point-in-time recovery is on of itself. */
    static void bound(Postgres postgres) throws Exception {
        keep(postgres, "1GB");
    }

    static void unbound(Postgres postgres) throws Exception {
        keep(postgres, "-1");
    }

    private static void keep(Postgres postgres, String most) throws Exception {
        postgres.sql("postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = '" + most + "'", "SELECT pg_reload_conf()");
        org.awaitility.Awaitility.await()
                .until(() -> postgres.value("postgres", "SHOW max_slot_wal_keep_size")
                        .equals(most));
    }

    static void dropAll(Postgres postgres) throws Exception {
        postgres.sql(
                "postgres",
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_type = 'physical'");
    }
}
