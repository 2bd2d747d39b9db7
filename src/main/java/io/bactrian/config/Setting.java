package io.bactrian.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Every setting: its environment variable, its default and what it is for. {@code docs/configuration.md} is made from this list.
 * In {@code application.properties} and in routes the same name stands in lower case with dots: {@code BACKUP_LOG_FILE} is
 * {@code backup.log.file}.
 */
public enum Setting {
    DATABASE_URL("", "The database: a libpq connection URI, all of its forms (manual §34.1.1.2)", true),
    BACKUP_DATABASES(
            "",
            "Several databases: names separated by commas, on the server of DATABASE_URL, or a folder (with a `/` in it) that holds a `NAME.properties` for each; `docs/databases.md`"),
    BACKUP_DIR(
            "./backups",
            "The local store. A relative path counts from the folder of `application.properties` if it stands there, else from the working folder"),
    BACKUP_STORES(
            "",
            "Names of further stores that files in `routes/` add (`store-<name>.camel.yaml`), separated by commas; each gets a copy of every backup"),
    BACKUP_S3_BUCKET(
            "", "The bucket of the store `s3`. Credentials come from the usual AWS chain (environment, profile, role)"),
    BACKUP_S3_PREFIX("", "Where in the bucket the repository lies"),
    BACKUP_S3_REGION("", "The bucket's region; without it as the AWS chain finds it, or `us-east-1` with an endpoint"),
    BACKUP_S3_ENDPOINT("", "The address of a server that speaks S3 and is not Amazon's (MinIO, Garage, Ceph)"),
    BACKUP_S3_PATH_STYLE(
            "",
            "`on` or `off`: the bucket in the path instead of the host name; without it on where an endpoint is given"),
    BACKUP_S3_STORAGE_CLASS("", "Such as `STANDARD_IA`; without it the bucket's"),
    BACKUP_S3_SSE(
            "",
            "What the server is to encrypt with: `AES256`, `aws:kms` or `aws:kms:<key id>`; without it the bucket's"),
    BACKUP_S3_OBJECT_LOCK(
            "",
            "`governance:<time>` or `compliance:<time>`, such as `governance:30d`: nobody can delete an object before; the bucket must allow it"),
    BACKUP_S3_DELETE_PROFILE(
            "",
            "The AWS profile whose credentials delete, so that those of daily work cannot; `none`: this host never deletes"),
    BACKUP_S3_TIMEOUT("60s", "How long the server may be silent (`s`, `min`)"),
    BACKUP_S3_REPLICAS(
            "",
            "Further buckets, separated by commas: `name=s3://bucket/prefix?region=…&endpoint=…`, also `path-style`, `storage-class`, `sse`, `object-lock`, `delete-profile`"),
    BACKUP_KEYS_IN_STORES(
            "yes",
            "`yes`: further stores get the locked secret key too, so that one of them and the passphrase suffice to restore; `no`: only the certificate, and whoever restores from there brings the key along"),
    BACKUP_COMPRESSION("zstd", "`zstd`, `gzip` or `none`"),
    BACKUP_COMPRESSION_LEVEL("", "1 (fast) to 9 (small); without it 2 for zstd, 6 for gzip"),
    BACKUP_FORMAT("custom", "`custom` (`pg_dump -Fc`) or `plain` (SQL; with gzip also found as `full/<id>.sql.gz`)"),
    BACKUP_ENCRYPTION_KEY(
            "", "The passphrase that locks the repository's key. Without one nothing is encrypted or signed", true),
    BACKUP_ENCRYPTION_KEY_FILE("", "A file whose first line is the passphrase"),
    BACKUP_ENCRYPTION_FORMAT(
            "openpgp",
            "`openpgp` (RFC 9580, AES-256-GCM), `gpg` (opens with any GnuPG) or `aes-256-cbc` (opens with `openssl enc`)"),
    BACKUP_SIGNERS(
            "",
            "Fingerprints of the keys whose manifests are trusted, separated by commas; without it the key in the repository that the passphrase opens"),
    BACKUP_PROOF("counts", "`counts` (rows of every table), `content` (and a hash of them) or `off`"),
    BACKUP_LOCK_TIMEOUT("5min", "How long a dump waits for a table that somebody has locked (a PostgreSQL interval)"),
    PGDUMP_JOBS("", "Parallel workers of a restore; without it the number of processors"),
    BACKUP_PG_BIN_DIR(
            "", "The folder of PostgreSQL's programs; without it the best match for the server's version is found"),
    BACKUP_TEMP_DIR(
            "",
            "Where a restore unpacks large objects, single tables for a database that stays, and rows that pg_dump compressed itself (all other rows go straight from the backup into their tables); and where `pitr` recovers a copy of the cluster; without it the system's folder for temporary files"),
    BACKUP_RESTORE_OPTIONS(
            "",
            "Further session settings for the load of a restore (PGOPTIONS), such as `-c maintenance_work_mem=1GB`; they win over its own: `synchronous_commit=off`, `statement_timeout=0`, a `maintenance_work_mem` of at least 256 MB, `default_toast_compression=lz4` where the server has it and nobody has set another, and no parallel workers for one index where the jobs keep all processors busy"),
    BACKUP_MAX_AGE(
            "26h", "`status` is DEGRADED once the newest full backup is older (`h` or `d`), UNHEALTHY at twice that"),
    BACKUP_PITR(
            "auto",
            "Point-in-time recovery: `on`, `off`, or `auto`: on where the role may replicate and the server bounds what slots keep (`max_slot_wal_keep_size`)"),
    BACKUP_CLUSTER_URL(
            "",
            "The primary server that bases and WAL are taken from; without it that of DATABASE_URL. Needed where DATABASE_URL is a standby",
            true),
    BACKUP_SLOT_MAX_WAL(
            "16GB",
            "WAL that our replication slot may hold back on the server (`MB`, `GB` or `TB`, of 1024). Beyond it the slot is dropped and the chain ends, whatever the server allows"),
    BACKUP_WAL_RETRIES(
            "6",
            "How often an incremental makes up for a connection that was lost while it received WAL, with pauses of 1, 2, 4 … seconds, 60 at most"),
    BACKUP_WAL_STREAMING(
            "false",
            "`true`: the scheduler receives WAL all the time, and an incremental has only the rest to fetch; `docs/scheduler.md`"),
    BACKUP_WAL_STREAMING_PATIENCE(
            "5min", "How long WAL may not come before that is told (`s`, `min`); it is tried again all the while"),
    BACKUP_BASE_EVERY(
            "",
            "A full takes a new base only if none is younger (`h` or `d`, `7d` for instance); without it each full does"),
    BACKUP_TIMEZONE("Europe/Oslo", "The time zone of schedules, and of a time that is given without one"),
    BACKUP_SCHEDULER_ENABLED("false", "`true`: `scheduler start` may run here"),
    BACKUP_SCHEDULE_FULL(
            "0 2 * * *",
            "When the scheduler makes a full: five fields of cron (minute, hour, day of month, month, day of week), or `off`"),
    BACKUP_SCHEDULE_INCREMENTAL("0 */6 * * *", "Likewise an incremental"),
    BACKUP_SCHEDULE_CLEANUP("0 4 * * 0", "Likewise a cleanup"),
    BACKUP_SCHEDULE_INTEGRITY("0 5 * * *", "Likewise an integrity test of the newest full and what goes with it"),
    BACKUP_SCHEDULE_SUMMARY(
            "0 8 * * 1", "Likewise a summary of the week; it is sent where BACKUP_NOTIFY_ON has `summary`"),
    BACKUP_SCHEDULE_RETRIES("3", "How often a scheduled run that failed is made again, after 5, 10, 20 … minutes"),
    BACKUP_SCHEDULE_PARALLEL("1", "Of how many databases runs of one kind may be at work at once"),
    BACKUP_SLACK_WEBHOOK_URL("", "Slack's incoming webhook, for alerts", true),
    BACKUP_SMTP_URL(
            "",
            "The mail server for alerts: `smtp://user:password@host:587` (STARTTLS, unless the host is this machine or `?starttls=off` follows) or `smtps://…`",
            true),
    BACKUP_EMAIL_TO("", "Who gets alerts by mail; several are separated by commas"),
    BACKUP_EMAIL_FROM("", "The sender of such mail"),
    BACKUP_NOTIFY_CHANNELS(
            "",
            "Names of further channels that files in `routes/` add (`notify-<name>.camel.yaml`), separated by commas"),
    BACKUP_NOTIFY_ON(
            "failure,late,recovery",
            "What is told: `failure` (also stores behind and damage), `late`, `recovery`, `success`, `summary`"),
    BACKUP_NOTIFY_REMINDER("24h", "How long trouble that goes on is not told again (`h` or `d`)"),
    BACKUP_HEARTBEAT_URL(
            "",
            "Called after each full and incremental that succeeded: a dead man's switch elsewhere can miss it",
            true),
    BACKUP_MAX_WAL_AGE(
            "13h",
            "`status` is DEGRADED once the newest WAL of a chain that goes on is older (`h` or `d`): by default when two incrementals every six hours are missing"),
    BACKUP_RETENTION_DAYS(
            "30",
            "The recovery window that `cleanup` keeps: every moment in it that can be recovered stays so, and every full in it stays"),
    BACKUP_RETENTION_MIN_FULL("2", "The newest restorable fulls of each database that stay whatever their age"),
    BACKUP_RETENTION_DAILY(
            "0",
            "Of how many days, those with a full in it, the newest full stays whatever its age; days begin in BACKUP_TIMEZONE"),
    BACKUP_RETENTION_WEEKLY("0", "Likewise of how many weeks (from Monday)"),
    BACKUP_RETENTION_MONTHLY("0", "Likewise of how many months"),
    BACKUP_RETENTION_STORES(
            "",
            "What single stores keep instead: `days`, `min-full`, `daily`, `weekly`, `monthly`, as in `s3=days:90,monthly:12;oslo-2=days:7`. What is not named is as for all"),
    BACKUP_LOG_LEVEL("info", "`debug` adds how long each step of a route took"),
    BACKUP_LOG_FILE("backup.log", "JSON log lines, rotated at 10 MB; relative to BACKUP_DIR; `off` for none");

    private final String defaultValue;
    private final String description;
    private final boolean secret;

    Setting(String defaultValue, String description) {
        this(defaultValue, description, false);
    }

    Setting(String defaultValue, String description, boolean secret) {
        this.defaultValue = defaultValue;
        this.description = description;
        this.secret = secret;
    }

    /** The name in {@code application.properties} and routes. */
    public String property() {
        return name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    public String defaultValue() {
        return defaultValue;
    }

    public String description() {
        return description;
    }

    /** Whether the value may never be shown. */
    public boolean secret() {
        return secret;
    }

    public static Optional<Setting> named(String variable) {
        return Arrays.stream(values()).filter(s -> s.name().equals(variable)).findFirst();
    }
}
