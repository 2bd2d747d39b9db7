package io.bactrian.postgres;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A comma-separated list of names as PostgreSQL stores it in a parameter, for instance {@code public, "Odd Name"}. */
final class NameList {
    private static final Pattern NAME = Pattern.compile("\"((?:[^\"]|\"\")*)\"|[^\\s,\"]+");

    private NameList() {}

    /** Case is kept, as SplitGUCList() of pg_dump does. An empty list is written as one empty name. */
    static List<String> parse(String value) {
        List<String> names =
                NAME.matcher(value).results().map(NameList::unquoted).toList();
        return names.isEmpty() ? List.of("") : names;
    }

    private static String unquoted(MatchResult name) {
        String quoted = name.group(1);
        return quoted == null ? name.group() : quoted.replace("\"\"", "\"");
    }
}
