package io.bactrian.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A {@code .pgpass} file: lines of {@code host:port:database:user:password}, as "The Password File" of the manual says. */
record PasswordFile(Path path) {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    /** The password of the first line that fits; like libpq, a file that others may read counts for nothing. */
    Optional<String> password(Host host, String database, String user) {
        if (!isPrivate()) {
            return Optional.empty();
        }
        // libpq names a unix socket in the default directory "localhost"
        String hostName = host.isSocket() && isDefault(host.name()) ? "localhost" : host.name();
        List<String> wanted = List.of(hostName, String.valueOf(host.port()), database, user);
        try {
            return Files.readAllLines(path).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(PasswordFile::fields)
                    .filter(fields -> fields.size() == 5 && fits(fields, wanted))
                    .map(fields -> fields.get(4))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private boolean isPrivate() {
        try {
            return Files.isRegularFile(path)
                    && Files.getPosixFilePermissions(path).stream().noneMatch(OTHERS::contains);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isDefault(String directory) {
        return directory.equals("/var/run/postgresql") || directory.equals("/tmp");
    }

    private static boolean fits(List<String> fields, List<String> wanted) {
        for (int i = 0; i < wanted.size(); i++) {
            if (!fields.get(i).equals("*") && !fields.get(i).equals(wanted.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Splits at colons; a backslash takes the colon or backslash after it literally. */
    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && i + 1 < line.length()) {
                field.append(line.charAt(++i));
            } else if (c == ':' && fields.size() < 4) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
