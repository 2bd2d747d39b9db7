package io.bactrian.postgres;

import io.bactrian.Failure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** A pattern for tables as psql has them: names fold to lower case and have wildcards, both not within double quotes. */
public final class NamePattern {
    private final Pattern schema;
    private final Pattern name;
    private final String literalName;

    private NamePattern(Pattern schema, Pattern name, String literalName) {
        this.schema = schema;
        this.name = name;
        this.literalName = literalName;
    }

    /** @throws Failure of usage if it cannot be read */
    public static NamePattern parse(String pattern) {
        List<StringBuilder> regexes = new ArrayList<>(List.of(new StringBuilder()));
        StringBuilder literal = new StringBuilder();
        boolean quoted = false;
        for (int index = 0; index < pattern.length(); index++) {
            int character = pattern.codePointAt(index);
            StringBuilder regex = regexes.get(regexes.size() - 1);
            if (quoted && pattern.startsWith("\"\"", index)) {
                index++;
                regex.append('"');
                literal.append('"');
            } else if (character == '"') {
                quoted = !quoted;
            } else if (!quoted && character == '.') {
                regexes.add(new StringBuilder());
                literal.setLength(0);
            } else if (!quoted && (character == '*' || character == '?')) {
                regex.append(character == '*' ? ".*" : ".");
            } else {
                String meant = Character.toString(quoted ? character : Character.toLowerCase(character));
                regex.append(Pattern.quote(meant));
                literal.append(meant);
                index += Character.charCount(character) - 1;
            }
        }
        if (quoted || regexes.size() > 2 || regexes.stream().anyMatch(StringBuilder::isEmpty)) {
            throw Failure.usage(
                    "The table pattern " + pattern + " cannot be read.",
                    "Write a table as name, schema.name, \"Odd Name\" or with wildcards: sales.* or order?.");
        }
        List<Pattern> parts = regexes.stream()
                .map(regex -> Pattern.compile(regex.toString(), Pattern.DOTALL))
                .toList();
        Pattern anySchema = Pattern.compile(".*", Pattern.DOTALL);
        return new NamePattern(
                parts.size() == 2 ? parts.get(0) : anySchema, parts.get(parts.size() - 1), literal.toString());
    }

    boolean matches(TableName table) {
        return schema.matcher(table.schema()).matches()
                && name.matcher(table.name()).matches();
    }

    /** All of them, those that are written most alike first. */
    List<TableName> closest(List<TableName> tables) {
        String wanted = literalName.toLowerCase(Locale.ROOT);
        return tables.stream()
                .sorted(Comparator.comparingInt(
                        table -> edits(wanted, table.name().toLowerCase(Locale.ROOT))))
                .toList();
    }

    /** Levenshtein's distance. */
    private static int edits(String left, String right) {
        int[] previous = new int[right.length() + 1];
        for (int column = 0; column <= right.length(); column++) {
            previous[column] = column;
        }
        for (int row = 1; row <= left.length(); row++) {
            int[] current = new int[right.length() + 1];
            current[0] = row;
            for (int column = 1; column <= right.length(); column++) {
                int change = left.charAt(row - 1) == right.charAt(column - 1) ? 0 : 1;
                current[column] =
                        Math.min(previous[column - 1] + change, 1 + Math.min(previous[column], current[column - 1]));
            }
            previous = current;
        }
        return previous[right.length()];
    }
}
