package io.bactrian.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** The SFTP store as {@code docs/stores.md} gives it, to the letter. */
public final class SftpPage {
    private static final String INDENT = "    ";

    private SftpPage() {}

    private static String section() throws IOException {
        String page = Files.readString(Path.of("docs/stores.md"));
        String from = page.substring(page.indexOf("## An SFTP server"));
        return from.substring(0, from.indexOf("\n## "));
    }

    /** The route file. */
    public static String routes() throws IOException {
        String section = section();
        return section.substring(section.indexOf(INDENT + "- route:"))
                .lines()
                .takeWhile(line -> line.startsWith(INDENT))
                .map(line -> line.substring(INDENT.length()) + "\n")
                .collect(Collectors.joining());
    }

    /** The properties, with those of a server here in place of the ones that differ from place to place. */
    public static Map<String, String> properties(SftpServer server, Path work) throws IOException {
        Map<String, String> here = Map.of(
                "sftp.server", server.address() + "/backups",
                "sftp.key", server.clientKey().toString(),
                "sftp.hosts", server.knownHosts().toString(),
                "sftp.work", work.toString());
        return section()
                .lines()
                .filter(line -> line.startsWith(INDENT + "sftp."))
                .map(line -> line.strip().split(" = ", 2))
                .collect(Collectors.toMap(name -> name[0], value -> here.getOrDefault(value[0], value[1])));
    }
}
