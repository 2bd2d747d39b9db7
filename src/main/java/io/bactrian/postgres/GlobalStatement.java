package io.bactrian.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One step of a globals script and what it is about.
 *
 * @param subjects the roles or tablespaces it creates or changes
 * @param creation whether it creates its one subject
 */
record GlobalStatement(String sql, List<GlobalObject> subjects, boolean creation) {
    record GlobalObject(Kind kind, String name) {
        @Override
        public String toString() {
            return kind.name().toLowerCase(Locale.ROOT) + " \"" + name + "\"";
        }
    }

    enum Kind {
        ROLE,
        TABLESPACE
    }

    private static final String NAME = "(?:\"(?:[^\"]|\"\")+\"|[^\\s;\"]+)";
    private static final String ROLE = "(?<role>" + NAME + ")";
    private static final String MEMBER = "(?<member>" + NAME + ")";
    private static final String OBJECT = "(?:ROLE " + ROLE + "|TABLESPACE (?<tablespace>" + NAME + "))";
    private static final Pattern CREATION = pattern("CREATE " + OBJECT + "(?:\\s.*)?");
    private static final Pattern ATTRIBUTES =
            pattern("(?<head>ALTER " + OBJECT + " WITH)(?<words>(?: [A-Z]+)+)(?<rest>.*)");
    private static final Pattern IN_DATABASE = pattern("ALTER ROLE " + NAME + " IN DATABASE .*");
    private static final List<Pattern> CHANGES = List.of(
            pattern("ALTER " + OBJECT + "\\s.*"),
            pattern("COMMENT ON " + OBJECT + "\\s.*"),
            pattern("SECURITY LABEL FOR " + NAME + " ON " + OBJECT + "\\s.*"),
            pattern("(?:GRANT|REVOKE) [A-Z ]+ ON " + OBJECT + " (?:TO|FROM) .*"),
            pattern("GRANT [A-Z, ]+ ON PARAMETER \\S+ TO " + ROLE + "(?:\\s.*)?"),
            pattern("GRANT " + ROLE + " TO " + MEMBER + "(?:\\s.*)?"));

    /** The steps of the script in order. A role and its attributes are one step: it has both or does not exist. */
    static List<GlobalStatement> of(List<String> statements) {
        List<GlobalStatement> steps = new ArrayList<>();
        for (String sql : statements) {
            GlobalStatement last = steps.isEmpty() ? null : steps.get(steps.size() - 1);
            if (last != null && last.creation() && last.subjects().equals(subjects(ATTRIBUTES, sql))) {
                steps.set(
                        steps.size() - 1, new GlobalStatement(last.sql() + "; " + modest(sql), last.subjects(), true));
            } else {
                step(sql).ifPresent(steps::add);
            }
        }
        return List.copyOf(steps);
    }

    GlobalObject subject() {
        return subjects.get(0);
    }

    boolean isAbout(Kind kind) {
        return subject().kind() == kind;
    }

    /** The first words and the subjects; the rest of the statement may hold a password. */
    @Override
    public String toString() {
        String verb = sql.substring(0, sql.indexOf(' '));
        return subjects.stream().map(GlobalObject::toString).collect(Collectors.joining(" to ", verb + " ", ""));
    }

    private static Optional<GlobalStatement> step(String sql) {
        List<GlobalObject> created = subjects(CREATION, sql);
        if (!created.isEmpty()) {
            return Optional.of(new GlobalStatement(sql, created, true));
        }
        if (IN_DATABASE.matcher(sql).matches()) {
            return Optional.empty();
        }
        return CHANGES.stream()
                .map(pattern -> subjects(pattern, sql))
                .filter(subjects -> !subjects.isEmpty())
                .findFirst()
                .map(subjects -> new GlobalStatement(sql, subjects, false));
    }

    /** Without the attributes that a new role lacks anyway: only a role that has them may name them. */
    private static String modest(String sql) {
        Matcher attributes = ATTRIBUTES.matcher(sql);
        if (!attributes.matches()) {
            throw new IllegalArgumentException("not a role's attributes");
        }
        String words = attributes
                .group("words")
                .replaceAll(" NO(?:SUPERUSER|CREATEROLE|CREATEDB|REPLICATION|BYPASSRLS)\\b", "");
        return attributes.group("head") + words + attributes.group("rest");
    }

    private static List<GlobalObject> subjects(Pattern pattern, String sql) {
        Matcher matcher = pattern.matcher(sql);
        if (!matcher.matches()) {
            return List.of();
        }
        return Stream.of("role", "member", "tablespace")
                .filter(group -> pattern.pattern().contains("(?<" + group + ">"))
                .filter(group -> matcher.group(group) != null)
                .map(group -> new GlobalObject(
                        group.equals("tablespace") ? Kind.TABLESPACE : Kind.ROLE, unquoted(matcher.group(group))))
                .toList();
    }

    private static String unquoted(String name) {
        return name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }

    private static Pattern pattern(String regex) {
        return Pattern.compile(regex, Pattern.DOTALL);
    }
}
