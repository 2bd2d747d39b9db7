package io.bactrian;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Edits a copy of {@code routes/} as a person with an editor would. */
public record RouteEdit(Path routes) {
    /** Takes the step with this id out, with all that is nested in it. */
    public RouteEdit drop(String file, String id) throws IOException {
        return exchange(file, id, "");
    }

    /** Puts other steps in the place of the one with this id; they are indented as it was. */
    public RouteEdit exchange(String file, String id, String steps) throws IOException {
        Step old = find(file, id);
        List<String> lines = new ArrayList<>(old.lines().subList(0, old.first()));
        steps.lines().map(line -> " ".repeat(old.indent()) + line).forEach(lines::add);
        lines.addAll(old.lines().subList(old.next(), old.lines().size()));
        return write(file, lines);
    }

    /** Puts further steps after the one with this id. */
    public RouteEdit add(String file, String id, String steps) throws IOException {
        Step step = find(file, id);
        String same = String.join(
                "\n",
                step.lines().subList(step.first(), step.next()).stream()
                        .map(line -> line.substring(step.indent()))
                        .toList());
        return exchange(file, id, same + "\n" + steps);
    }

    /** Replaces text; fails where there is none to replace. */
    public RouteEdit replace(String file, String text, String by) throws IOException {
        String before = Files.readString(routes.resolve(file));
        if (!before.contains(text)) {
            throw new AssertionError(file + " does not hold " + text);
        }
        Files.writeString(routes.resolve(file), before.replace(text, by));
        return this;
    }

    private RouteEdit write(String file, List<String> lines) throws IOException {
        Files.write(routes.resolve(file), lines);
        return this;
    }

    /** From its first line to the one after its last. */
    private record Step(List<String> lines, int first, int next, int indent) {}

    private Step find(String file, String id) throws IOException {
        List<String> lines = Files.readAllLines(routes.resolve(file));
        int first = 0;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals("id: " + id)
                    && lines.get(i - 1).strip().startsWith("- ")) {
                first = i - 1;
            }
        }
        if (first == 0) {
            throw new AssertionError(file + " has no step " + id);
        }
        int indent = indent(lines.get(first));
        int next = first + 1;
        while (next < lines.size() && indent(lines.get(next)) > indent) {
            next++;
        }
        return new Step(lines, first, next, indent);
    }

    private static int indent(String line) {
        return line.length() - line.stripLeading().length();
    }
}
