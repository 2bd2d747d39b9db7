package io.bactrian.alert;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Optional;

/** What people are told about; the names are those of BACKUP_NOTIFY_ON. */
public enum Event {
    FAILURE("failure", "Failed"),
    /** A run that should have happened, or data that should have been stored. */
    LATE("late", "Late"),
    /** A store is behind. */
    AT_RISK("at-risk", "At risk"),
    INTEGRITY("integrity", "Damaged"),
    RECOVERY("recovery", "Recovered"),
    SUCCESS("success", "Done"),
    SUMMARY("summary", "Summary");

    private final String text;
    private final String title;

    Event(String text, String title) {
        this.text = text;
        this.title = title;
    }

    @JsonValue
    public String text() {
        return text;
    }

    public String title() {
        return title;
    }

    /** Whether it stands until something ends it: told once, then reminded of. */
    public boolean isTrouble() {
        return ordinal() <= INTEGRITY.ordinal();
    }

    /** The name under which it is asked for: at risk and integrity belong to failure. */
    public Event asked() {
        return this == AT_RISK || this == INTEGRITY ? FAILURE : this;
    }

    static Optional<Event> named(String text) {
        return Arrays.stream(values()).filter(event -> event.text.equals(text)).findFirst();
    }

    /** Those that BACKUP_NOTIFY_ON may name. */
    public static Optional<Event> askedFor(String text) {
        return named(text).filter(event -> event.asked() == event);
    }
}
