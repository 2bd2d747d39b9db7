package io.bactrian.repository;

import io.bactrian.postgres.Lsn;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Where recovery is to stop, as one of the server's settings (PostgreSQL manual, "Recovery Target"). It is inclusive: what was
 * committed at that very time, or ends at that very place, is recovered.
 *
 * @param setting {@code recovery_target_time} or {@code recovery_target_lsn}
 */
public record RecoveryTarget(String setting, String value) {
    /** Of all forms of ISO 8601 the setting refuses the one with {@code T} and {@code Z}. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd HH:mm:ss.SSSSSS'+00'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    static RecoveryTarget time(Instant time) {
        return new RecoveryTarget("recovery_target_time", TIME.format(time));
    }

    static RecoveryTarget lsn(Lsn lsn) {
        return new RecoveryTarget("recovery_target_lsn", lsn.text());
    }
}
