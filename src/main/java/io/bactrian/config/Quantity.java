package io.bactrian.config;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with a unit, as settings write them; empty if the text is none. */
final class Quantity {
    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,4})([hd])");
    private static final Pattern PATIENCE = Pattern.compile("([1-9][0-9]{0,3})(s|min)");
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,5})([MGT]B)");
    private static final Map<String, Integer> UNIT_BITS = Map.of("MB", 20, "GB", 30, "TB", 40);

    private Quantity() {}

    /** Hours or days, {@code 26h} or {@code 7d}. */
    static Optional<Duration> duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        return Optional.of(matcher.group(2).equals("h") ? Duration.ofHours(number) : Duration.ofDays(number));
    }

    /** Seconds or minutes, {@code 30s} or {@code 2min}. */
    static Optional<Duration> patience(String text) {
        Matcher matcher = PATIENCE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        return Optional.of(matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMinutes(number));
    }

    /** Bytes; units of 1024, as PostgreSQL reads them: {@code 512MB}, {@code 16GB}. */
    static Optional<Long> bytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        return matcher.matches()
                ? Optional.of(Long.parseLong(matcher.group(1)) << UNIT_BITS.get(matcher.group(2)))
                : Optional.empty();
    }

    /** @param least the smallest one that makes sense */
    static int count(Settings settings, Setting setting, int least) {
        String text = settings.get(setting);
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) < least) {
            throw settings.bad(setting, "is not a number of them", "A whole number from " + least + " to 999.");
        }
        return Integer.parseInt(text);
    }
}
