package io.bactrian.config;

import io.bactrian.Failure;
import java.util.Arrays;
import java.util.Locale;

/** Whether a full backup also carries what point-in-time recovery needs: a physical base, and the WAL after it. */
public enum PitrMode {
    /** Where the server allows it without a risk for its disk. */
    AUTO,
    /** Always; a server that does not allow it is an error. */
    ON,
    OFF;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static PitrMode named(String label) {
        return Arrays.stream(values())
                .filter(m -> m.label().equals(label))
                .findFirst()
                .orElseThrow(() -> Failure.usage(
                        "BACKUP_PITR: \"" + label + "\" is not a mode", "BACKUP_PITR is auto, on or off."));
    }
}
