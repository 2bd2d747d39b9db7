package io.bactrian.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The configuration files of a temporary cluster, which lie apart from the data and whatever came with it. */
final class ClusterConfiguration {
    private static final Map<String, String> HARMLESS = Map.ofEntries(
            Map.entry("unix_socket_permissions", "0700"),
            Map.entry("logging_collector", "off"),
            Map.entry("log_destination", "stderr"),
            Map.entry("max_connections", "50"),
            // in the data directory: containers have little /dev/shm, and a killed server would leave it there for ever
            Map.entry("dynamic_shared_memory_type", "mmap"),
            Map.entry("fsync", "off"),
            Map.entry("synchronous_commit", "off"),
            Map.entry("full_page_writes", "off"),
            // as a hot standby it would have to allow as many connections as the server that the data came from
            Map.entry("hot_standby", "off"),
            Map.entry("archive_mode", "off"),
            Map.entry("primary_conninfo", ""),
            Map.entry("synchronous_standby_names", ""),
            Map.entry("shared_preload_libraries", ""),
            Map.entry("max_logical_replication_workers", "0"));

    /** For data that are to survive a power cut. */
    static final Map<String, String> DURABLE =
            Map.of("fsync", "on", "synchronous_commit", "on", "full_page_writes", "on");

    private static final String MANY = "1000";

    private ClusterConfiguration() {}

    /**
     * What recovery needs beside: limits no smaller than those of the server that wrote the WAL, and as little work as possible.
     *
     * @param origin of that server
     */
    static Map<String, String> forRecovery(ControlData origin, int major) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("max_connections", String.valueOf(Math.max(50, origin.setting("max_connections"))));
        // prepared transactions may be more than when the base was taken, if the server was restarted for that
        settings.put("max_prepared_transactions", String.valueOf(Math.max(256, origin.setting("max_prepared_xacts"))));
        settings.put("max_locks_per_transaction", String.valueOf(Math.max(64, origin.setting("max_locks_per_xact"))));
        settings.put("track_commit_timestamp", origin.tracksCommitTimestamps() ? "on" : "off");
        // a subscriber's WAL says how far each subscription got, and there must be room for that
        settings.put("max_replication_slots", MANY);
        if (major >= 18) {
            settings.put("max_active_replication_origins", MANY);
        }
        settings.put("autovacuum", "off");
        settings.put("min_wal_size", 2L * origin.segmentBytes() / (1024 * 1024) + "MB");
        settings.put("max_wal_size", "16GB");
        settings.put("wal_recycle", "off"); // what was replayed gives its room to the dump
        settings.put("checkpoint_timeout", "1h");
        settings.put("timezone", "UTC");
        settings.put("log_timezone", "UTC");
        if (major >= 17) {
            settings.put("event_triggers", "off");
        }
        return settings;
    }

    /**
     * Writes postgresql.conf, pg_hba.conf and pg_ident.conf beside the data.
     *
     * @param settings override the harmless ones
     * @return the path of postgresql.conf
     */
    static Path write(
            TemporaryDirectory directory, Account account, int port, boolean tcp, Map<String, String> settings)
            throws IOException {
        Path accessRules = write(directory, account, "pg_hba.conf", """
                local all,replication all trust
                host all,replication all 127.0.0.1/32 scram-sha-256
                """);
        Path userNames = write(directory, account, "pg_ident.conf", "");
        Map<String, String> all = new LinkedHashMap<>(HARMLESS);
        all.put("data_directory", directory.data().toString());
        all.put("hba_file", accessRules.toString());
        all.put("ident_file", userNames.toString());
        all.put("unix_socket_directories", directory.sockets().toString());
        all.put("listen_addresses", tcp ? "127.0.0.1" : "");
        all.put("port", String.valueOf(port));
        all.putAll(settings);
        String lines = all.entrySet().stream()
                .map(setting -> setting.getKey() + " = '" + setting.getValue().replace("'", "''") + "'\n")
                .collect(Collectors.joining());
        return write(directory, account, "postgresql.conf", lines);
    }

    private static Path write(TemporaryDirectory directory, Account account, String name, String text)
            throws IOException {
        Path file = Files.writeString(directory.file(name), text);
        account.own(file);
        return file;
    }
}
